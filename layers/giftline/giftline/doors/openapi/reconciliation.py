"""The operators' calls on reconciliation, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from giftline.accounts.model import Ability
from giftline.doors.openapi.accounts import CURRENCY
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import JSON, Answer, Body, Door, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import (
    AMOUNT,
    COUNT,
    DAY,
    FLAG,
    MOMENT,
    PAID,
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
from giftline.doors.reconciliation_requests import MAX_NOTE, MAX_REFERENCE
from giftline.reconciliation.model import Kind, Status, Verdict
from giftline.reconciliation.report_html import HTML

PATH: Final = "/v1/reconciliations"
_SUPPLIER: Final = Parameter("supplier", {"type": "string", "pattern": "^[a-z]{1,40}$"}, "Such as wpay.", "path")
_DAY: Final = Parameter("day", DAY, "A day in UTC.", "path")
_VERSION: Final = Parameter("version", whole(1, 999_999_999), "The last one where it is left out.")
_FIGURES: Final = ("opening", "topUps", "bought", "carriedIn", "carriedOut", "expected", "closing", "difference")
_SUMMARY: Final[Mapping[str, Schema]] = {
    "supplier": TEXT,
    "day": DAY,
    "status": one_of(Status),
    "provisional": FLAG,
    "version": COUNT,
    "madeAt": MOMENT,
    "findings": COUNT,
    "corrections": COUNT,
    "balances": listed(record({"currency": TEXT, **dict.fromkeys((*_FIGURES, "named", "unexplained"), maybe(AMOUNT))})),
}
_TOTAL: Final = record(
    {"what": one_of(Verdict), "currency": TEXT, "purchases": COUNT, "cards": COUNT, "ours": AMOUNT, "theirs": AMOUNT}
)
_FINDING: Final = record(
    {
        "what": one_of(Kind),
        "reference": maybe(TEXT),
        "orderId": maybe(TEXT),
        "lot": maybe(COUNT),
        "slot": maybe(COUNT),
        "currency": TEXT,
        "difference": maybe(AMOUNT),
        "words": TEXT,
        "hints": listed(TEXT),
        "differs": FLAG,
    }
)
_CORRECTION: Final = record(
    {
        "day": DAY,
        "orderId": TEXT,
        "lot": COUNT,
        "references": listed(TEXT),
        "currency": TEXT,
        "was": AMOUNT,
        "now": AMOUNT,
    }
)
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Reconciliations": record({"reconciliations": listed(record(_SUMMARY))}),
    "Reconciliation": record(
        {
            **_SUMMARY,
            "from": MOMENT,
            "until": MOMENT,
            "missing": listed(TEXT),
            **dict.fromkeys(("lots", "unsettledLots", "asked", "unasked", "moreFindings"), COUNT),
            "totals": listed(_TOTAL),
            "findings": listed(_FINDING),
            "corrections": listed(_CORRECTION),
            "files": by_name(TEXT),
        }
    ),
    "TopUp": record(
        {"supplier": TEXT, "reference": TEXT, "currency": TEXT, "amount": AMOUNT, "at": MOMENT, "note": TEXT}
    ),
}
_TOP_UP: Final = record(
    {"reference": text(MAX_REFERENCE), "currency": CURRENCY, "amount": PAID},
    {"at": MOMENT, "note": text(MAX_NOTE, 0)},
    additionalProperties=False,
)

RECONCILIATION: Final = Door(
    "Reconciliation",
    "Each day's captured value beside each supplier's own books: for those who run the installation.",
    "accounts_api",
    HOUSE,
    (
        Operation(
            "GET",
            PATH,
            "list_reconciliations",
            "Which days agree",
            {200: Answer("The last day first.", ref("Reconciliations"))},
            refuses=(400, 401, 403, 404),
            abilities=(Ability.ACCOUNTS,),
            parameters=(Parameter("supplier", text(40), "One alone."), Parameter("day", DAY, "One alone.")),
        ),
        Operation(
            "GET",
            f"{PATH}/{{supplier}}/{{day}}",
            "show_reconciliation",
            "One day in full",
            {200: Answer("With links to its files, which expire.", ref("Reconciliation"))},
            refuses=(401, 403),
            abilities=(Ability.ACCOUNTS,),
            parameters=(_SUPPLIER, _DAY, _VERSION),
        ),
        Operation(
            "GET",
            f"{PATH}/{{supplier}}/{{day}}/page",
            "reconciliation_page",
            "The same as a page",
            {200: Answer("The page.", None, (HTML, JSON))},
            refuses=(401, 403),
            abilities=(Ability.ACCOUNTS,),
            parameters=(_SUPPLIER, _DAY, _VERSION),
        ),
        Operation(
            "POST",
            f"{PATH}/{{supplier}}/top-ups",
            "record_top_up",
            "Record money paid to a supplier",
            {201: Answer("As it is recorded: by this call, or by the first with its reference.", ref("TopUp"))},
            refuses=(400, 401, 403, 413),
            abilities=(Ability.ACCOUNTS,),
            parameters=(_SUPPLIER,),
            body=Body(_TOP_UP, {"reference": "bank-2026-11-21-0007", "currency": "AUD", "amount": "1000.00"}),
        ),
    ),
    SCHEMAS,
)
