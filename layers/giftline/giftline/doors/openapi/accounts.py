"""The calls on money, declared: an operator's for any tenant, and a tenant's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giftline.accounts.ledger import Account, Kind
from giftline.accounts.model import Ability
from giftline.doors.accounts import MAX_TENANT
from giftline.doors.accounts_requests import DEFAULT_LIMIT, MAX_LIMIT, MAX_REFERENCE
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import (
    AMOUNT,
    COUNT,
    MOMENT,
    PAID,
    TEXT,
    listed,
    maybe,
    one_of,
    record,
    ref,
    text,
    whole,
)
from giftline.money import CURRENCIES

TENANT: Final = Parameter("tenant", text(MAX_TENANT), "Its name.", "path")
CURRENCY: Final = one_of(sorted({currency.code for currency in CURRENCIES}))
_PAGE: Final = (
    Parameter("currency", CURRENCY, "Required.", is_required=True),
    Parameter("after", whole(0, 999_999_999), "What the page before gave as next."),
    Parameter("limit", whole(1, MAX_LIMIT), f"{DEFAULT_LIMIT} where it is left out."),
)
_BALANCE: Final[Mapping[str, Schema]] = {
    "currency": CURRENCY,
    **dict.fromkeys(("available", "reserved", "delivered", "funded"), AMOUNT),
    "lastEntry": COUNT,
    "acceptedOn": maybe(TEXT),
    "acceptedThatDay": AMOUNT,
    "limits": record({**dict.fromkeys(("perOrder", "perDay", "lowBalance"), maybe(AMOUNT)), "webhookUrl": maybe(TEXT)}),
}
_ENTRY: Final[Mapping[str, Schema]] = {
    "number": COUNT,
    "kind": one_of(Kind),
    "amount": AMOUNT,
    "from": one_of(Account),
    "to": one_of(Account),
    "at": MOMENT,
    "orderId": maybe(TEXT),
    "reference": maybe(TEXT),
    "available": AMOUNT,
    "reserved": AMOUNT,
}
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Balances": record({"tenant": TEXT, "balances": listed(record(_BALANCE))}),
    "BalanceWithLimits": record({"tenant": TEXT, **_BALANCE}),
    "Entries": record({"tenant": TEXT, "entries": listed(record(_ENTRY)), "next": maybe(COUNT)}),
    "Move": record({"tenant": TEXT, "currency": CURRENCY, **_ENTRY}),
}
_MOVE: Final = record(
    {"currency": CURRENCY, "amount": PAID, "reference": text(MAX_REFERENCE)}, additionalProperties=False
)
_LIMITS: Final = record(
    {"currency": CURRENCY},
    {**dict.fromkeys(("perOrder", "perDay", "lowBalance"), maybe(PAID)), "webhookUrl": maybe(text(2_048))},
    additionalProperties=False,
)
_EXAMPLE: Final = {"currency": "AUD", "amount": "1000.00", "reference": "bank-2026-11-21-0001"}


def _operators(method: str, path: str, name: str, summary: str, answer: tuple[int, str, str], **more: Any) -> Operation:
    return _call(method, f"/v1/accounts/{{tenant}}{path}", name, summary, answer, Ability.ACCOUNTS, TENANT, **more)


def _call(
    method: str,
    path: str,
    name: str,
    summary: str,
    answer: tuple[int, str, str],
    ability: Ability,
    *parameters: Parameter,
    refuses: tuple[int, ...] = (),
    body: Body | None = None,
) -> Operation:
    status, told, schema = answer
    answers = {status: Answer(told, ref(schema))}
    return Operation(method, path, name, summary, answers, (401, 403, *refuses), "", (ability,), parameters, body)


ACCOUNTS: Final = Door(
    "Accounts",
    "What a tenant has, what is reserved of it, and each move of it. Deposits and limits are the operators'.",
    "accounts_api",
    HOUSE,
    (
        _call(
            "GET", "/v1/balances", "balances", "Your balances", (200, "By currency.", "Balances"), Ability.BALANCE_GET
        ),
        _call(
            "GET",
            "/v1/entries",
            "entries",
            "Your entries",
            (200, "In their order; `next` leads on.", "Entries"),
            Ability.BALANCE_GET,
            *_PAGE,
            refuses=(400,),
        ),
        _operators("GET", "/balances", "balances_of", "A tenant's balances", (200, "By currency.", "Balances")),
        Operation(
            "GET",
            "/v1/accounts/{tenant}/entries",
            "entries_of",
            "A tenant's entries",
            {200: Answer("In their order; `next` leads on.", ref("Entries"))},
            (400, 401, 403),
            abilities=(Ability.ACCOUNTS,),
            parameters=(TENANT, *_PAGE),
        ),
        _operators(
            "POST",
            "/deposits",
            "deposit",
            "Record a deposit",
            (201, "The entry: of this call, or of the first with its reference.", "Move"),
            refuses=(400, 413),
            body=Body(_MOVE, _EXAMPLE),
        ),
        _operators(
            "POST",
            "/withdrawals",
            "withdraw",
            "Record a withdrawal",
            (201, "The entry: of this call, or of the first with its reference.", "Move"),
            refuses=(400, 413),
            body=Body(_MOVE, {**_EXAMPLE, "reference": "bank-2026-11-21-0002", "amount": "10.00"}),
        ),
        _operators(
            "PUT",
            "/limits",
            "set_limits",
            "Set the limits of a currency, all at once",
            (200, "The balance that they hold for.", "BalanceWithLimits"),
            refuses=(400, 413),
            body=Body(_LIMITS, {"currency": "AUD", "perOrder": "5000.00", "perDay": "20000.00"}),
        ),
    ),
    SCHEMAS,
)
