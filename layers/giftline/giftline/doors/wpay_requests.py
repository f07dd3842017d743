"""The Wpay document's order request as its server reads it: every wrong field at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from giftline.doors.calls import check_size, exact, load_json
from giftline.errors import FieldProblem, InvalidRequest
from giftline.money import Currency, Money, currency_named, known_currency, parse_minor
from giftline.orders.accepting import merge_lines
from giftline.orders.catalogue import Catalogue
from giftline.orders.model import MAX_DISTINCT_LINES, REFNO_EXPECTED, Line, OrderRequest, is_refno

MAX_BODY: Final = 1024 * 1024
MAX_CARDS: Final = 25_000
MAX_CARDS_AT_ONCE: Final = 10
MAX_URL: Final = 2_048
Number = int | Decimal | str
_BRANCHES: Final = (("int",), ("decimal",), ("str",))


class _Documented(BaseModel):
    """Unknown fields are let through: the document's clients may send more than it shows."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", defer_build=True)


class PaymentBody(_Documented):
    code: Literal["svc"]
    amount: Number


class ProductBody(_Documented):
    sku: str = Field(min_length=1, max_length=100)
    price: Number
    qty: int = Field(ge=1, le=MAX_CARDS)
    currency: str


class OrderBody(_Documented):
    """The documented body, and our `webhook_url`; amounts are judged against the catalogue afterwards."""

    payments: list[PaymentBody] = Field(min_length=1, max_length=10)
    products: list[ProductBody] = Field(min_length=1, max_length=MAX_DISTINCT_LINES)
    refno: str
    syncOnly: StrictBool  # noqa: N815 - the document's name
    webhook_url: str | None = Field(default=None, max_length=MAX_URL)


UrlProblem = Callable[[str], str]
"""Empty where a webhook may go to that URL; else what was wrong, and what is expected."""


def parse_order(tenant: str, text: str, catalogue: Catalogue, url_problem: UrlProblem | None = None) -> OrderRequest:
    """TooLarge, or InvalidRequest naming every wrong field. Without `url_problem` no webhook_url is taken."""
    check_size(text, MAX_BODY)
    return read_order(tenant, load_json(text, number=exact), catalogue, url_problem)


def read_order(tenant: str, content: Any, catalogue: Catalogue, url_problem: UrlProblem | None = None) -> OrderRequest:
    """As `parse_order`, of a body that `load_json` has read with its numbers `exact`."""
    parsed, problems = _shape(content)
    body = content if isinstance(content, dict) else {}
    problems += _refno_problems(body.get("refno"))
    problems += _product_problems(body.get("products"), catalogue)
    problems += _whole_problems(parsed)
    problems += _url_problems(body.get("webhook_url"), url_problem)
    if problems or parsed is None:
        raise InvalidRequest(_once_a_field(problems))
    return _request(tenant, parsed)


_EXPECTED: Final = {
    "missing": "this field",
    "model_type": "a JSON object",
    "list_type": "a list",
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "string_too_short": "at least {min_length} character",
    "string_too_long": "at most {max_length} characters",
    "literal_error": "{expected}",
}
"""What is expected, by pydantic's type of error; amounts are unions, and so none of these."""


def _shape(content: Any) -> tuple[OrderBody | None, list[FieldProblem]]:
    """The documented body, or None and every field that has not its shape."""
    try:
        return OrderBody.model_validate(content), []
    except ValidationError as error:
        return None, [_problem(detail) for detail in error.errors(include_url=False)]


def _problem(detail: Any) -> FieldProblem:
    """A union's branch is no part of the field's name; quantities have a code of their own."""
    amount = detail["loc"][-1:] in _BRANCHES
    names = [str(place) for place in (detail["loc"][:-1] if amount else detail["loc"])]
    expected = "a number" if amount else _EXPECTED.get(detail["type"], detail["msg"])
    problem = "missing" if detail["type"] == "missing" else _shown(detail["input"])
    code = "11159" if names[-1:] == ["qty"] else ""
    return FieldProblem(".".join(names) or "body", problem, expected.format(**detail.get("ctx", {})), code)


def _shown(value: Any) -> str:
    """What stands there; a list or an object only by its size."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    return json.dumps(value, default=str)[:60]


def _refno_problems(refno: Any) -> list[FieldProblem]:
    if not isinstance(refno, str) or is_refno(refno):
        return []
    return [FieldProblem("refno", f"{refno!r:.80} is not a refno", REFNO_EXPECTED)]


def _url_problems(url: Any, url_problem: UrlProblem | None) -> list[FieldProblem]:
    if not isinstance(url, str) or not url or len(url) > MAX_URL:
        return []
    if url_problem is None:
        return [FieldProblem("webhook_url", "webhooks are not sent from here", "no such field")]
    problem, _, expected = url_problem(url).partition("; expected ")
    return [FieldProblem("webhook_url", problem, expected or "a public https URL")] if problem else []


def _product_problems(products: Any, catalogue: Catalogue) -> list[FieldProblem]:
    problems = []
    judged = products[:MAX_DISTINCT_LINES] if isinstance(products, list) else []
    for at, product in enumerate(judged):
        if not isinstance(product, dict) or not isinstance(product.get("sku"), str):
            continue
        known = catalogue.find(product["sku"])
        decimals = known.currency.decimals if known else 2
        minor = parse_minor(product.get("price"), decimals)
        place = f"products.{at}"
        problems += catalogue.check(product["sku"], minor, f"{place}.sku", f"{place}.price")
        if known and isinstance(product.get("currency"), str):
            problems += _currency_problems(place, product["currency"], known.currency)
    return problems


def _currency_problems(place: str, named: str, currency: Currency) -> list[FieldProblem]:
    if currency_named(named) == currency:
        return []
    expected = f"'{currency.numeric}' ({currency.code})"
    return [FieldProblem(f"{place}.currency", f"{named!r:.40} is not its currency", expected)]


def _whole_problems(parsed: OrderBody | None) -> list[FieldProblem]:
    """What only the request as a whole can break: sum, size, currency."""
    if parsed is None:
        return []
    problems = _size_problems(parsed)
    currencies = {c for p in parsed.products if (c := currency_named(p.currency))}
    if len(currencies) > 1:
        mixed = ", ".join(sorted(c.code for c in currencies))
        problems.append(FieldProblem("products", f"currencies {mixed}", "one currency an order"))
    elif currencies:
        problems += _payment_problems(parsed, currencies.pop())
    return problems


def _size_problems(parsed: OrderBody) -> list[FieldProblem]:
    """Real time or batch: each has its documented size."""
    cards = sum(product.qty for product in parsed.products)
    if parsed.syncOnly and cards > MAX_CARDS_AT_ONCE:
        expected = f"at most {MAX_CARDS_AT_ONCE} with syncOnly true"
        return [FieldProblem("products", f"{cards} cards", expected, "11159")]
    if cards > MAX_CARDS:
        return [FieldProblem("products", f"{cards} cards", f"at most {MAX_CARDS}", "11159")]
    return []


def _payment_problems(body: OrderBody, currency: Currency) -> list[FieldProblem]:
    """payments[].amount = the sum of price × qty (docs/protocols.md, payment)."""
    prices = [(parse_minor(p.price, currency.decimals), p.qty) for p in body.products]
    paid = [parse_minor(p.amount, currency.decimals) for p in body.payments]
    problems = [
        FieldProblem(f"payments.{at}.amount", "not an amount", "a number", "5036")
        for at, minor in enumerate(paid)
        if minor is None
    ]
    if problems or any(minor is None for minor, _ in prices):
        return problems
    due = Money(sum((minor or 0) * qty for minor, qty in prices), currency)
    given = Money(sum(minor or 0 for minor in paid), currency)
    if given == due:
        return []
    expected = f"{due} {currency.code}, the sum of price × qty"
    return [FieldProblem("payments.0.amount", f"{given} {currency.code}", expected, "5036")]


def _once_a_field(problems: list[FieldProblem]) -> list[FieldProblem]:
    """The first word on each field; a union type tries each of its branches."""
    return list({problem.field: problem for problem in reversed(problems)}.values())[::-1]


def _request(tenant: str, body: OrderBody) -> OrderRequest:
    lines = []
    for product in body.products:
        currency = known_currency(product.currency)
        minor = parse_minor(product.price, currency.decimals) or 0
        lines.append(Line(product.sku, Money(minor, currency), product.qty))
    url = body.webhook_url or ""
    return OrderRequest(tenant, body.refno, merge_lines(lines), "api", webhook_url=url, at_once=body.syncOnly)
