"""Write the lots of an order and their references, before anything is sent."""

from typing import Any

from giftline import bootstrap

plan_order = bootstrap.plan_order()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    order_id = event["order_id"]
    return {"lots": [{"order_id": order_id, "lot": lot} for lot in plan_order(order_id)]}
