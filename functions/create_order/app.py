"""Buy one lot: intent, one POST, and what it proved."""

from typing import Any

from giftline import bootstrap

create_order = bootstrap.create_order()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return create_order(event["order_id"], event["lot"]).as_state()
