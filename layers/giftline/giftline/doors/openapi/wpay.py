"""The Wpay document's calls, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giftline.accounts.model import Ability
from giftline.delivery.file_progress import FileState
from giftline.doors.file_answers import STOPPED
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import (
    AMOUNT,
    ANYTHING,
    COUNT,
    FLAG,
    IDENTIFIER,
    MOMENT,
    REFNO,
    TEXT,
    WHOLE,
    by_name,
    listed,
    maybe,
    one_of,
    record,
    ref,
    whole,
)
from giftline.doors.wpay_parameters import DEFAULT_LIMIT, MAX_LIMIT
from giftline.doors.wpay_requests import OrderBody
from giftline.orders.lot import LotState
from giftline.orders.model import OrderStatus

EXAMPLE: Final = {
    "payments": [{"code": "svc", "amount": 25}],
    "products": [{"sku": "WWQ651BHNWSH", "price": 5, "qty": 5, "currency": "036"}],
    "refno": "openapi-example",
    "syncOnly": False,
}
NAME: Final = {"type": "string", "minLength": 1}
"""Of a dropped file: one that is refused may have a name that is no refno."""
REFNO_OF_PATH: Final = Parameter("refno", NAME, "As the order was placed under it, or the file dropped.", "path")
ORDER_ID_OF_PATH: Final = Parameter("order_id", IDENTIFIER, "As the order's answer named it.", "path")

_CANCEL: Final = record({"allowed": FLAG, "allowedWithIn": WHOLE})
_CURRENCY: Final = record({"code": TEXT, "numericCode": TEXT, "symbol": TEXT})
_CARDS: Final = record({"ordered": COUNT, "received": COUNT})
_LOT: Final = record(
    {
        "lot": COUNT,
        "state": one_of(LotState),
        "cards": _CARDS,
        "nextQuestionAt": maybe(MOMENT),
        "reason": TEXT,
    }
)
_ORDER_PROGRESS: Final = record(
    {
        "cards": _CARDS,
        "amount": record({"ordered": AMOUNT, "delivered": AMOUNT, "currency": TEXT}),
        "lots": listed(_LOT),
    },
)
FILE: Final = record(
    {
        "refno": TEXT,
        "state": one_of((*FileState, STOPPED)),
        "bytes": record({"size": COUNT, "read": COUNT}),
        "rows": COUNT,
        "problems": COUNT,
        "droppedAt": MOMENT,
        "at": MOMENT,
        "orderId": maybe(IDENTIFIER),
    },
    {"report": record({"url": TEXT, "expiresInMinutes": COUNT}, description="Of every wrong cell.")},
)
_FILE_PROGRESS: Final = record({"file": ref("File")}, description="Of a dropped file that is not an order yet.")
_CARD: Final = record(
    {
        "sku": TEXT,
        "productName": TEXT,
        "labels": by_name(TEXT),
        "cardNumber": TEXT,
        "cardPin": maybe(TEXT),
        "activationCode": maybe(TEXT),
        "barcode": maybe(TEXT),
        "activationUrl": maybe(TEXT),
        "formats": listed(record({"key": TEXT, "value": TEXT})),
        "amount": AMOUNT,
        "validity": maybe(TEXT),
        "issuanceDate": maybe(TEXT),
        "cardId": maybe(WHOLE),
        "recipientDetails": ANYTHING,
        "theme": TEXT,
    }
)
_TAKEN: Final[Mapping[str, Schema]] = {
    "status": one_of(OrderStatus),
    "orderId": IDENTIFIER,
    "refno": REFNO,
    "cancel": _CANCEL,
    "currency": _CURRENCY,
    "payments": listed(record({"code": TEXT})),
}
_STANDS: Final[Mapping[str, Schema]] = {
    "status": one_of(OrderStatus),
    "statusLabel": TEXT,
    "orderId": maybe(IDENTIFIER),
    "refno": REFNO,
    "cancel": _CANCEL,
}
_PAGE: Final[Mapping[str, Schema]] = {
    "products": by_name(ANYTHING),
    "cards": listed(_CARD),
    "currency": _CURRENCY,
    "deliveryMode": TEXT,
    "delivery": ANYTHING,
    "total_cards": COUNT,
}
_BALANCE: Final[Mapping[str, Schema]] = {"balance": AMOUNT, "outstandingBalance": AMOUNT, "currency": _CURRENCY}
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Order": record(_TAKEN),
    "OrderWithCards": record({**_TAKEN, **_PAGE}),
    "OrderStands": record(_STANDS),
    "File": FILE,
    "OrderState": record(
        {
            **_STANDS,
            "refno": TEXT,
            "progress": {"anyOf": [_ORDER_PROGRESS, _FILE_PROGRESS]},
        },
        {
            "results": record(
                {"files": by_name(TEXT), "expiresInMinutes": COUNT},
                description="Links to the files, for a token that may see cards.",
            ),
            "cardsRemovedAt": {**MOMENT, "description": "Where the tenant's time for the cards was over."},
        },
    ),
    "Cards": record(_PAGE),
    "WpayBalance": record({**_BALANCE, "balances": listed(record(_BALANCE))}),
}


def order_body() -> Mapping[str, Any]:
    """As the door reads it, without the references of pydantic's own."""
    schema = OrderBody.model_json_schema()
    body: dict[str, Any] = inlined(schema, schema.get("$defs", {}))
    return body


def inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The same schema with what it refers to in its place."""
    if isinstance(schema, list):
        return [inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if name := schema.get("$ref", "").rpartition("/")[2]:
        return inlined(definitions[name], definitions)
    return {key: inlined(value, definitions) for key, value in schema.items() if key not in ("$defs", "title")}


ORDERS: Final = (
    Operation(
        "POST",
        "/v1/partner/giftcards/orders",
        "place_order",
        "Order gift cards",
        {
            201: Answer("Where the call waits (`syncOnly`) and the cards came in time.", ref("OrderWithCards")),
            202: Answer("The order is taken. The same request again is the same order.", ref("Order")),
        },
        refuses=(400, 401, 403, 409, 410, 413),
        description="With `syncOnly` for a token that may see cards; 409 and 410 where it was taken back meanwhile.",
        abilities=(Ability.ORDERS_STORE,),
        body=Body(order_body(), EXAMPLE),
    ),
    Operation(
        "GET",
        "/v1/partner/giftcards/order/{refno}/status",
        "order_status",
        "How far an order is",
        {200: Answer("Its status, and what of it is bought.", ref("OrderState"))},
        refuses=(401, 403, 404),
        abilities=(Ability.ORDERS_GET,),
        parameters=(REFNO_OF_PATH,),
    ),
    Operation(
        "GET",
        "/v1/partner/giftcards/order/{order_id}/cards",
        "order_cards",
        "The cards of an order",
        {
            200: Answer("The first page.", ref("Cards")),
            201: Answer("A later page, as the document has it.", ref("Cards")),
        },
        refuses=(400, 401, 403, 404, 409, 410),
        abilities=(Ability.CARDS_GET,),
        parameters=(
            ORDER_ID_OF_PATH,
            Parameter("offset", COUNT, "A multiple of limit; 0 where it is left out."),
            Parameter("limit", whole(1, MAX_LIMIT), f"{DEFAULT_LIMIT} where it is left out."),
        ),
    ),
)

_REFNO_BODY: Final = Body(record({"refno": REFNO}), {"refno": "openapi-example"})


def _taking_back(path: str, name: str, summary: str) -> Operation:
    return Operation(
        "POST",
        f"/v1/partner/giftcards/orders/{path}",
        name,
        summary,
        {
            200: Answer("It is done.", ref("OrderStands")),
            202: Answer("What is under way comes to its end first.", ref("OrderStands")),
        },
        refuses=(400, 401, 403, 404, 413),
        abilities=(Ability.ORDERS_STORE,),
        body=_REFNO_BODY,
    )


MONEY: Final = (
    _taking_back("cancel", "cancel_order", "Cancel an order within its window"),
    _taking_back("reverse", "reverse_order", "Take back also what was sold"),
    Operation(
        "GET",
        "/v1/partner/giftcards/sva/balance",
        "wpay_balance",
        "Your balance",
        {200: Answer("In the currency asked for, and in all.", ref("WpayBalance"))},
        refuses=(400, 401, 403),
        abilities=(Ability.ORDERS_GET,),
        parameters=(Parameter("currency", TEXT, "Its ISO 4217 number or code, such as 036 or AUD."),),
    ),
)


WPAY: Final = Door(
    "Wpay",
    "Orders of gift cards, as the Wpay document has them.",
    "orders_api",
    HOUSE,
    (*ORDERS, *MONEY),
    SCHEMAS,
)
