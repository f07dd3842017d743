"""What the Wpay document's smaller calls are told: a page, a refno, a currency."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from giftline.accounts.ledger import Balance
from giftline.doors.calls import read_object, whole_number
from giftline.errors import FieldProblem, InvalidRequest
from giftline.money import currency_named, known_currency
from giftline.orders.model import REFNO_EXPECTED, is_refno

MAX_LIMIT: Final = 500
DEFAULT_LIMIT: Final = 100
MAX_BODY: Final = 16 * 1024
FIRST_CURRENCY: Final = "AUD"
"""Of the balance of a tenant who has none yet: the document's own."""


def page_of(query: Mapping[str, Any]) -> tuple[int, int]:
    """`limit` 1 to 500, `offset` a multiple of it (docs/protocols.md, cards page)."""
    offset = whole_number(query.get("offset", "0"))
    limit = whole_number(query.get("limit", str(DEFAULT_LIMIT)))
    problems = []
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        expected = f"a whole number from 1 to {MAX_LIMIT}"
        problems.append(FieldProblem("limit", f"{query.get('limit')!r:.40}", expected))
    if offset is None or (limit and limit <= MAX_LIMIT and offset % limit):
        expected = "a whole number from 0 that is a multiple of limit"
        problems.append(FieldProblem("offset", f"{query.get('offset')!r:.40}", expected))
    if problems or offset is None or limit is None:
        raise InvalidRequest(problems)
    return offset, limit


def read_refno(text: str) -> str:
    """Of a body that names an order, `{"refno": …}`; unknown fields are let through."""
    body = read_object(text, MAX_BODY)
    refno = body.get("refno")
    if not isinstance(refno, str) or not is_refno(refno):
        shown = "this" if isinstance(refno, dict | list) else json.dumps(refno)[:80]
        problem = "missing" if "refno" not in body else f"{shown} is not a refno"
        raise InvalidRequest([FieldProblem("refno", problem, REFNO_EXPECTED)])
    return refno


def find_balance(tenant: str, named: Any, balances: Sequence[Balance]) -> Balance:
    """The one in the currency that is named, else the first; nought where there is none."""
    if named is None:
        return next(iter(balances), Balance(tenant, known_currency(FIRST_CURRENCY)))
    currency = currency_named(named) if isinstance(named, str) else None
    if currency is None:
        problem = f"{named!r:.40} is no currency that is known here"
        raise InvalidRequest([FieldProblem("currency", problem, "an ISO 4217 number or code, such as 036 or AUD")])
    return next((one for one in balances if one.currency == currency), Balance(tenant, currency))
