"""What a call on reconciliation asks for: every wrong field at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from giftline.doors.calls import exact, read_object, unknown_fields, whole_number, wrong
from giftline.errors import FieldProblem, InvalidRequest, NotFound
from giftline.money import CURRENCIES, Currency, currency_named
from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import TopUp
from giftline.suppliers.statements_amounts import signed_minor

MAX_BODY: Final = 4 * 1024
MAX_REFERENCE: Final = 100
MAX_NOTE: Final = 200
MAX_MINOR: Final = 10**14
FIELDS: Final = ("reference", "currency", "amount", "at", "note")
DAY: Final = "a day such as 2026-11-20"
FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # other forms of ISO 8601 name no file here


@dataclass(frozen=True, slots=True)
class Listing:
    """Empty and None: all of them."""

    supplier: str
    day: date | None


def parse_listing(query: Mapping[str, Any]) -> Listing:
    text = query.get("day")
    day = None if text is None else parse_day(str(text))
    if text is not None and day is None:
        raise InvalidRequest([FieldProblem("day", f"{text!r:.40} is no day", DAY)])
    return Listing(str(query.get("supplier") or ""), day)


def parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if FORM.fullmatch(text) else None
    except ValueError:
        return None


def parse_version(query: Mapping[str, Any]) -> int | None:
    """None for the last one. A version that cannot be is as unknown as any."""
    if "version" not in query:
        return None
    version = whole_number(query["version"])
    if not version:
        raise NotFound(f"no version {query['version']!r:.20}")
    return version


def parse_top_up(supplier: str, text: str, now: Millis) -> TopUp:
    """TooLarge, or InvalidRequest naming every wrong field. `at` is now where it is not given; a payment out of the
    account, or a fee, is below nought.
    """
    body = read_object(text, MAX_BODY, f"a JSON object with {', '.join(FIELDS)}", exact)
    problems = unknown_fields(body, FIELDS)
    currency = _currency(body.get("currency"), problems)
    minor = _amount(body.get("amount"), currency, problems)
    reference = _text(body, "reference", MAX_REFERENCE, problems, is_required=True)
    note = _text(body, "note", MAX_NOTE, problems, is_required=False)
    at = _time(body.get("at"), now, problems)
    if problems or currency is None or minor is None:
        raise InvalidRequest(problems)
    return TopUp(supplier, reference, currency.code, minor, at, now, note)


def _currency(value: Any, problems: list[FieldProblem]) -> Currency | None:
    found = currency_named(value) if isinstance(value, str) and value.isupper() else None
    if found is None:
        problems.append(wrong("currency", value, f"one of {', '.join(one.code for one in CURRENCIES)}"))
    return found


def _amount(value: Any, currency: Currency | None, problems: list[FieldProblem]) -> int | None:
    decimals = currency.decimals if currency else 2
    minor = signed_minor(value, decimals)
    if minor and abs(minor) <= MAX_MINOR:
        return minor
    example = Decimal(10_000).scaleb(-decimals)
    problems.append(wrong("amount", value, f'an amount such as "{example}", or "-{example}" for one that went out'))
    return None


def _text(body: Mapping[str, Any], name: str, most: int, problems: list[FieldProblem], *, is_required: bool) -> str:
    value = body.get(name)
    if value is None and not is_required:
        return ""
    if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) == len(value) <= most:
        return value
    problems.append(wrong(name, value, f"1 to {most} printable characters, without space around"))
    return ""


def _time(value: Any, now: Millis, problems: list[FieldProblem]) -> Millis:
    """When the supplier has it: with its zone, and not in the future."""
    if value is None:
        return now
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None and moment.year >= 1970:
        at = round(moment.astimezone(UTC).timestamp() * 1_000)
        if 0 <= at <= now:
            return at
    problems.append(wrong("at", value, 'a time that is over, with its zone, such as "2026-11-20T09:30:00Z"'))
    return now
