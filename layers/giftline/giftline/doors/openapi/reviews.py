"""The operators' calls on what is in review, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from giftline.accounts.model import Ability
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import (
    AMOUNT,
    ANYTHING,
    COUNT,
    FLAG,
    MOMENT,
    REFNO,
    TEXT,
    by_name,
    listed,
    maybe,
    one_of,
    record,
    ref,
    text,
    whole,
)
from giftline.doors.reviews import MAX_WHO, MAX_WHY
from giftline.orders.lot import LotState
from giftline.orders.model import OrderStatus
from giftline.orders.reviewing import Way

_LOT: Final[Mapping[str, Schema]] = {
    "lot": COUNT,
    "state": one_of(LotState),
    "supplier": TEXT,
    "reference": TEXT,
    "supplierOrderId": maybe(TEXT),
    "reason": TEXT,
    "cards": record({"ordered": COUNT, "received": COUNT}),
    "withheld": FLAG,
    "value": AMOUNT,
    "slots": maybe(by_name(COUNT)),
    "history": listed(ANYTHING),
}
_COUNTED: Final = record({"cards": COUNT, "amount": AMOUNT})
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Reviews": record(
        {
            "reviews": listed(
                record(
                    {
                        "orderId": TEXT,
                        "tenant": TEXT,
                        "refno": TEXT,
                        "status": one_of(OrderStatus),
                        "currency": TEXT,
                        "ordered": _COUNTED,
                        "delivered": _COUNTED,
                        "closedAt": maybe(MOMENT),
                        "watchedUntil": maybe(MOMENT),
                        "lots": listed(record(_LOT)),
                    },
                    {"hint": TEXT},
                )
            )
        }
    ),
    "ReviewedLot": record(
        {"orderId": TEXT, "lot": COUNT, "next": TEXT},
        {name: schema for name, schema in _LOT.items() if name != "lot"},
        description="The lot as the act left it; of an order as a whole, lot 0 alone.",
    ),
}
_ACT: Final = record(
    {"act": one_of(Way), "why": text(MAX_WHY)}, {"who": maybe(text(MAX_WHO))}, additionalProperties=False
)

REVIEWS: Final = Door(
    "Reviews",
    "What needs a person, in all tenants: for those who run the installation.",
    "reviews_api",
    HOUSE,
    (
        Operation(
            "GET",
            "/v1/reviews",
            "list_reviews",
            "What is in review",
            {200: Answer("Every order that needs a person.", ref("Reviews"))},
            refuses=(401, 403),
            abilities=(Ability.REVIEWS,),
        ),
        Operation(
            "POST",
            "/v1/reviews/{order_id}/{lot}",
            "resolve_review",
            "Act on a lot",
            {200: Answer("The lot as the act left it.", ref("ReviewedLot"))},
            refuses=(400, 401, 403, 404, 409, 413),
            abilities=(Ability.REVIEWS,),
            parameters=(
                Parameter("order_id", REFNO, "", "path"),
                Parameter("lot", whole(0, 999_999_999), "Its number; 0 for the order as a whole.", "path"),
            ),
            body=Body(_ACT, {"act": "give_up", "why": "the supplier says that it never sold them"}),
        ),
    ),
    SCHEMAS,
)
