"""Count, export, and say what became of an order."""

from typing import Any

from giftline import bootstrap

close_order = bootstrap.close_order()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    parked = {lot["lot"]: lot["parked"] for lot in event["lots"] if "parked" in lot}
    closed = close_order(event["order_id"], parked)
    return {"status": closed.status.value, "next": "plan" if closed.planned else "end"}
