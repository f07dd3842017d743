"""What a call on accounts asks for: every wrong field at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from giftline.accounts.ledger import Limits
from giftline.doors.calls import exact, read_object, unknown_fields, whole_number, wrong
from giftline.errors import FieldProblem, InvalidRequest
from giftline.money import CURRENCIES, Currency, Money, currency_named, parse_minor

MAX_BODY: Final = 16 * 1024
MAX_REFERENCE: Final = 100
MAX_MINOR: Final = 10**14
MAX_LIMIT: Final = 500
DEFAULT_LIMIT: Final = 100
MOVE_FIELDS: Final = ("currency", "amount", "reference")
LIMITS_FIELDS: Final = ("currency", "perOrder", "perDay", "lowBalance", "webhookUrl")
UrlProblem = Callable[[str], str]
"""Empty where a webhook may go to that URL; else what was wrong, and what is expected."""


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """A deposit or a withdrawal."""

    money: Money
    reference: str


@dataclass(frozen=True, slots=True)
class LimitsRequest:
    """All limits of one currency: what is not named is no limit any more."""

    currency: Currency
    limits: Limits


@dataclass(frozen=True, slots=True)
class EntriesRequest:
    """At most `limit` entries from the one that follows number `after`."""

    currency: Currency
    after: int
    limit: int


def parse_move(text: str) -> MoveRequest:
    """TooLarge, or InvalidRequest naming every wrong field."""
    body = _object(text, MOVE_FIELDS)
    problems = unknown_fields(body, MOVE_FIELDS)
    currency = _currency(body.get("currency"), problems)
    minor = _amount(body, "amount", 1, currency, problems)
    if "amount" not in body:
        problems.append(FieldProblem("amount", "missing", _amount_expected(1, currency)))
    reference = _reference(body.get("reference"), problems)
    if problems or currency is None or minor is None:
        raise InvalidRequest(problems)
    return MoveRequest(Money(minor, currency), reference)


def parse_limits(text: str, url_problem: UrlProblem | None = None) -> LimitsRequest:
    """TooLarge, or InvalidRequest naming every wrong field. Without `url_problem` no webhookUrl is taken."""
    body = _object(text, LIMITS_FIELDS)
    problems = unknown_fields(body, LIMITS_FIELDS)
    currency = _currency(body.get("currency"), problems)
    order, day, low = (_limit(body, name, currency, problems) for name in ("perOrder", "perDay", "lowBalance"))
    url = _url(body.get("webhookUrl"), url_problem, problems)
    if url and body.get("lowBalance") is None:
        expected = f"{_amount_expected(0, currency)}: below it the webhookUrl is told"
        problems.append(FieldProblem("lowBalance", "missing", expected))
    if problems or currency is None:
        raise InvalidRequest(problems)
    return LimitsRequest(currency, Limits(order, day, low, url))


def parse_entries(query: Mapping[str, Any]) -> EntriesRequest:
    """InvalidRequest names every wrong parameter."""
    problems: list[FieldProblem] = []
    currency = _currency(query.get("currency"), problems)
    after, limit = whole_number(query.get("after", "0")), whole_number(query.get("limit", str(DEFAULT_LIMIT)))
    if after is None:
        problems.append(wrong("after", query.get("after"), "what the answer before gave as next"))
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        problems.append(wrong("limit", query.get("limit"), f"a whole number from 1 to {MAX_LIMIT}"))
    if problems or currency is None or after is None or limit is None:
        raise InvalidRequest(problems)
    return EntriesRequest(currency, after, limit)


def _object(text: str, names: tuple[str, ...]) -> dict[str, Any]:
    return read_object(text, MAX_BODY, f"a JSON object with {', '.join(names)}", exact)


def _currency(value: Any, problems: list[FieldProblem]) -> Currency | None:
    """By its letters, in capitals: an "eur" may be a slip in more than its letters."""
    found = currency_named(value) if isinstance(value, str) and value.isupper() else None
    if found is None:
        problems.append(wrong("currency", value, f"one of {', '.join(one.code for one in CURRENCIES)}"))
    return found


def _limit(body: Mapping[str, Any], name: str, currency: Currency | None, problems: list[FieldProblem]) -> int | None:
    return None if body.get(name) is None else _amount(body, name, 0, currency, problems)


def _amount(
    body: Mapping[str, Any], name: str, least: int, currency: Currency | None, problems: list[FieldProblem]
) -> int | None:
    """Minor units; of a currency that nobody knows, whatever has at most two decimals is an amount."""
    if name not in body:
        return None
    minor = parse_minor(body[name], currency.decimals if currency else 2)
    if minor is not None and least <= minor <= MAX_MINOR:
        return minor
    problems.append(wrong(name, body[name], _amount_expected(least, currency)))
    return None


def _amount_expected(least: int, currency: Currency | None) -> str:
    decimals = currency.decimals if currency else 2
    step = f"with at most {decimals} decimals" if decimals else "without decimals"
    bound = "above 0" if least else "from 0"
    return f'an amount {bound}, {step}, such as "{Decimal(10_000).scaleb(-decimals)}"'


def _reference(value: Any, problems: list[FieldProblem]) -> str:
    """It makes a call that is sent again one move: so it is asked for, and taken as it is."""
    if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) == len(value) <= MAX_REFERENCE:
        return value
    expected = f"1 to {MAX_REFERENCE} printable characters, without space around: the same one is the same move"
    problems.append(wrong("reference", value, expected))
    return ""


def _url(value: Any, url_problem: UrlProblem | None, problems: list[FieldProblem]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.append(FieldProblem("webhookUrl", "not a text", "a public https URL"))
        return ""
    if url_problem is None:
        problems.append(FieldProblem("webhookUrl", "webhooks are not sent from here", "no such field"))
        return ""
    problem, _, expected = url_problem(value).partition("; expected ")
    if problem:
        problems.append(FieldProblem("webhookUrl", problem, expected or "a public https URL"))
    return value
