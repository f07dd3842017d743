"""The Walleo document's calls, declared, and the operators' that let a client in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giftline.accounts.model import Ability
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Body, Door, Entry, Operation, Parameter, Refusals, Schema
from giftline.doors.openapi.schemas import COUNT, FLAG, MOMENT, NUMBER, TEXT, listed, maybe, one_of, record, ref, text
from giftline.doors.walleo_answers import PullStatus
from giftline.doors.walleo_refusals import STATUS_WORDS
from giftline.doors.walleo_requests import REQUEST_ID

_WALLEO: Final = "/partners/v1"
_ERRORS: Final = record(
    {"errors": listed(record({"code": TEXT, "message": TEXT})), "status": one_of(STATUS_WORDS.values())}
)
REFUSALS: Final = Refusals(
    ref("WalleoError"),
    {
        400: "The body is no JSON object of the documented shape.",
        401: "`unauthorized` for who calls, `invalid_signature` for what is signed, when, and how often.",
        404: "`gift_card_not_found`, `pull_request_not_found` or `card_not_found`.",
        413: "The body is too large.",
        422: "`not_enough_funds`, `out_of_stock`, `invalid_amount`, or a `request_id` that is used already.",
        500: "Our own fault.",
        503: "Somebody else changed the same at this moment; nothing was done, and the call can be sent again.",
    },
    always=(400, 401, 413, 500, 503),
)
_ID_SCHEMA: Final = {"type": "string", "pattern": rf"^{REQUEST_ID.pattern}$"}
_UUID: Final = {"type": "string", "format": "uuid"}
_CARD: Final = record(
    {
        "id": _UUID,
        "code": TEXT,
        "expire_at": maybe(TEXT),
        "pin_code": maybe(TEXT),
        "amount": COUNT,
        "gift_card_code": TEXT,
        "pdf_url": maybe(TEXT),
    }
)
_FIXED: Final = record({"type": {"const": "fixed"}, "amounts": listed(COUNT)})
_FREE: Final = record({"type": {"const": "free"}, "min_amount": COUNT, "max_amount": COUNT, "step_amount": COUNT})
_WORDS: Final = ("name", "code", "barcode_symbology", "logo_url", "logo_square_url")
_FLAGS: Final = ("online_usable", "offline_usable", "splittable_online", "splittable_offline", "code_pin")
_MONEY: Final = record({"amount_cents": {"type": "integer"}, "currency": TEXT})
SCHEMAS: Final[Mapping[str, Schema]] = {
    "WalleoError": _ERRORS,
    "WalleoCard": record({"card": _CARD}),
    "PullRequest": record(
        {
            "pull_request": record(
                {
                    "id": _UUID,
                    "status": one_of(PullStatus),
                    "request_id": TEXT,
                    "created_at": MOMENT,
                    "updated_at": MOMENT,
                    "card": {"anyOf": [_CARD, {"type": "null"}]},
                },
                {"amount_cents": COUNT},
            )
        }
    ),
    "GiftCard": record(
        {
            **dict.fromkeys(_WORDS, TEXT),
            **dict.fromkeys(_FLAGS, FLAG),
            **dict.fromkeys(("cumulative_online", "cumulative_offline"), FLAG),
            **dict.fromkeys(("cumulative_online_limit", "cumulative_offline_limit"), COUNT),
            **dict.fromkeys(("how_to_use_online", "how_to_use_offline", "term_of_use"), TEXT),
            "discount": NUMBER,
            "validity_period": maybe(TEXT),
            "facial_values": {"anyOf": [_FIXED, _FREE]},
        }
    ),
    "GiftCards": listed(ref("GiftCard")),
    "Inventory": record(
        {
            "inventories": record(
                {
                    "gift_card": record({"code": TEXT, "name": TEXT}),
                    "end_to_end_api": record({"enabled": FLAG, "available_amount": {"type": ["string", "integer"]}}),
                    "stocks": listed(
                        record(dict.fromkeys(("facial_value", "owned_quantity", "shared_quantity"), COUNT))
                    ),
                }
            )
        }
    ),
    "WalleoBalance": record({"balance": _MONEY, "balances": listed(_MONEY)}),
}
_ORDERED: Final[Mapping[str, Schema]] = {"gift_card_code": TEXT, "amount": {"type": "integer", "minimum": 1}}
_EXAMPLE: Final = {"gift_card_code": "IKEA", "amount": 50}
_CODE: Final = Parameter("code", text(100), "Of a gift card.", "path")


def _get(path: str, name: str, summary: str, told: str, schema: str, *parameters: Parameter, **more: Any) -> Operation:
    answers = {200: Answer(told, ref(schema))}
    return Operation("GET", _WALLEO + path, name, summary, answers, parameters=parameters, **more)


WALLEO: Final = Door(
    "Walleo",
    "Single gift cards, as the Walleo document has them. Every call is signed.",
    "walleo_api",
    REFUSALS,
    (
        Operation(
            "POST",
            _WALLEO + "/pull_requests",
            "create_pull_request",
            "Order a card",
            {200: Answer("It is taken; ask for it by its request_id.", ref("PullRequest"))},
            refuses=(404, 422),
            abilities=(Ability.ORDERS_STORE,),
            body=Body(
                record({"pull_request": record({**_ORDERED, "request_id": _ID_SCHEMA})}),
                {"pull_request": {**_EXAMPLE, "request_id": "openapi-example"}},
            ),
        ),
        _get(
            "/pull_requests/{request_id}",
            "show_pull_request",
            "How far it is",
            "With its card once there is one.",
            "PullRequest",
            Parameter("request_id", _ID_SCHEMA, "", "path"),
            abilities=(Ability.ORDERS_GET, Ability.CARDS_GET),
        ),
        Operation(
            "POST",
            _WALLEO + "/cards",
            "create_card",
            "Order a card and wait for it",
            {
                200: Answer("The card.", ref("WalleoCard"), headers={"X-RequestId": "Under which it was made."}),
                202: Answer(
                    "Not yet; send the same call again later.",
                    ref("WalleoError"),
                    headers={"Retry-After": "In so many seconds.", "X-RequestId": "Under which it is made."},
                ),
            },
            refuses=(404, 422),
            abilities=(Ability.ORDERS_STORE, Ability.CARDS_GET),
            parameters=(Parameter("X-RequestId", _ID_SCHEMA, "The same id, the same answer.", "header"),),
            body=Body(record({"card": record(_ORDERED)}), {"card": _EXAMPLE}),
        ),
        _get(
            "/cards/{card_id}",
            "show_card",
            "A card",
            "The card.",
            "WalleoCard",
            Parameter("card_id", _UUID, "", "path"),
            abilities=(Ability.CARDS_GET,),
        ),
        _get("/gift_cards", "list_gift_cards", "What can be ordered", "All gift cards.", "GiftCards"),
        _get("/gift_cards/{code}", "show_gift_card", "One gift card", "The gift card.", "GiftCard", _CODE),
        _get("/inventories/{code}", "show_inventory", "What is in stock", "The stock.", "Inventory", _CODE),
        _get(
            "/balance",
            "walleo_balance",
            "Your balance",
            "The first currency, and all of them.",
            "WalleoBalance",
            abilities=(Ability.ORDERS_GET,),
        ),
    ),
    SCHEMAS,
    entry=Entry.SIGNED,
)

_CLIENT: Final[Mapping[str, Schema]] = {"identifier": TEXT, "tenant": TEXT, "abilities": listed(TEXT)}
_KEYS: Final[Mapping[str, Schema]] = {"apiKey": TEXT, "sharedKey": TEXT}
_IDENTIFIER: Final = Parameter(
    "identifier", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}, "The client's `Id`.", "path"
)


def _clients(method: str, path: str, name: str, summary: str, answers: Mapping[int, Answer], **more: Any) -> Operation:
    refuses = (401, 403, *more.pop("refuses", ()))
    where = f"/v1/walleo_clients/{{identifier}}{path}"
    abilities, parameters = (Ability.ACCOUNTS,), (_IDENTIFIER,)
    return Operation(method, where, name, summary, answers, refuses, "", abilities, parameters, **more)


WALLEO_CLIENTS: Final = Door(
    "Walleo clients",
    "Who may call the Walleo door: for those who run the installation.",
    "accounts_api",
    HOUSE,
    (
        _clients(
            "PUT",
            "",
            "register_walleo_client",
            "Let a tenant in",
            {
                200: Answer("It is there already; its keys are not told again.", ref("WalleoClient")),
                201: Answer("With new keys, or without its own.", ref("WalleoClient")),
            },
            refuses=(400, 413),
            body=Body(record({"tenant": TEXT}, _KEYS, additionalProperties=False), {"tenant": "demo"}),
        ),
        _clients("GET", "", "show_walleo_client", "One client", {200: Answer("Without keys.", ref("WalleoClient"))}),
        _clients(
            "POST",
            "/keys",
            "renew_walleo_keys",
            "Make new keys",
            {200: Answer("With the new keys.", ref("WalleoClient"))},
        ),
        _clients(
            "DELETE", "", "remove_walleo_client", "Shut it out", {200: Answer("Who it was.", ref("WalleoClient"))}
        ),
    ),
    {"WalleoClient": record(_CLIENT, _KEYS)},
)
