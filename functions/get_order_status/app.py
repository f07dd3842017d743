"""Ask the supplier about one lot, if it is time to."""

from typing import Any

from giftline import bootstrap

get_order_status = bootstrap.get_order_status()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return get_order_status(event["order_id"], event["lot"]).as_state()
