"""Count, export, and say what became of an order."""

from typing import Any

from giftline import bootstrap

close_order = bootstrap.close_order()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    parked = {lot["lot"]: lot["parked"] for lot in event["lots"] if "parked" in lot}
    return {"status": close_order(event["order_id"], parked).value}
