"""The calls on retention, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from giftline.accounts.model import Ability
from giftline.doors.openapi.accounts import TENANT
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Schema
from giftline.doors.openapi.schemas import COUNT, FLAG, MOMENT, TEXT, listed, maybe, record, ref, text, whole
from giftline.doors.openapi.wpay import ORDER_ID_OF_PATH
from giftline.doors.retention_requests import MAX_WHO
from giftline.orders.retention_setting import MAX_DAYS

_RULE: Final[Mapping[str, Schema]] = {"tenant": TEXT, "days": maybe(COUNT), "setAt": MOMENT, "setBy": TEXT}
SCHEMAS: Final[Mapping[str, Schema]] = {
    "RetentionRules": record({"rules": listed(record(_RULE))}),
    "RetentionRule": record({**_RULE, "dryRun": FLAG, "due": COUNT, "dueIsMore": FLAG}),
    "Removal": record(
        {
            "orderId": TEXT,
            "days": COUNT,
            "ruleSetBy": TEXT,
            "retainedUntil": MOMENT,
            "begunAt": MOMENT,
            "finishedAt": maybe(MOMENT),
            "cards": COUNT,
            "pages": COUNT,
            "files": COUNT,
        }
    ),
}
_BODY: Final = record(
    {"days": maybe(whole(1, MAX_DAYS))}, {"who": maybe(text(MAX_WHO)), "dryRun": FLAG}, additionalProperties=False
)

RETENTION: Final = Door(
    "Retention",
    "For how long each tenant's cards are kept, and the proof that an order's are gone.",
    "accounts_api",
    HOUSE,
    (
        Operation(
            "GET",
            "/v1/retention",
            "list_retention",
            "Every tenant's rule",
            {200: Answer("The rules.", ref("RetentionRules"))},
            refuses=(401, 403),
            abilities=(Ability.ACCOUNTS,),
        ),
        Operation(
            "PUT",
            "/v1/retention/{tenant}",
            "set_retention",
            "Set a tenant's rule",
            {200: Answer("The rule, and how many orders it takes at once.", ref("RetentionRule"))},
            refuses=(400, 401, 403, 413),
            description="`days` null keeps the cards. What a rule removes nobody brings back: try `dryRun` first.",
            abilities=(Ability.ACCOUNTS,),
            parameters=(TENANT,),
            body=Body(_BODY, {"days": 90, "dryRun": True}),
        ),
        Operation(
            "GET",
            "/v1/retention/orders/{order_id}",
            "show_removal",
            "The proof that an order's cards are gone",
            {200: Answer("What was removed, and when.", ref("Removal"))},
            refuses=(401, 403),
            description="Of your own orders; an operator reads it of any tenant's.",
            abilities=(Ability.ORDERS_GET, Ability.ACCOUNTS),
            parameters=(ORDER_ID_OF_PATH,),
        ),
    ),
    SCHEMAS,
)
