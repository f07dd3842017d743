"""A catalogue as a file: JSON with amounts in minor units, as an installation is set up with, or CSV out of a
spreadsheet with amounts as people write them. Every wrong cell is named at once, up to a thousand,
and nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from giftline.errors import FieldProblem, InvalidRequest
from giftline.money import CURRENCIES, Currency, currency_named
from giftline.orders.catalogue import Offer, Product

MAX_PRODUCTS: Final = 5_000
MAX_OFFERS: Final = 10
MAX_FIXED: Final = 1_000
MAX_NAME: Final = 200
MAX_SKU: Final = 100
MAX_CODE: Final = 100
MAX_PRIORITY: Final = 100
MAX_MINOR: Final = 10**9
MOST_PROBLEMS: Final = 1_000
"""Told of one file: a hostile one has millions, and they would not fit into the memory of a function."""
PRODUCT_FIELDS: Final = ("sku", "name", "currency", "offers", "has_pin")
OFFER_FIELDS: Final = ("supplier", "code", "priority", "fixed", "least", "most", "step")
TOLD_FIELDS: Final = frozenset(("on_sale", "gone_since", "gone_at", "amounts"))
"""What the listing tells beside the rest, so that it can be sent back as it came."""
SKU_EXPECTED: Final = f"1 to {MAX_SKU} printable characters without spaces"
_CODES: Final = ", ".join(currency.code for currency in CURRENCIES)


@dataclass(slots=True)
class Findings:
    """Problems by place; `suppliers` are those that there are."""

    suppliers: Collection[str]
    problems: list[FieldProblem] = field(default_factory=list)

    def add(self, place: str, value: Any, expected: str) -> None:
        said = "missing" if value is None else f"{value!r:.60}"
        self.tell(FieldProblem(place, said, expected))

    def tell(self, problem: FieldProblem) -> None:
        """InvalidRequest once there are as many as are told: the rest is not read."""
        self.problems.append(problem)
        if len(self.problems) == MOST_PROBLEMS:
            self.problems[-1] = FieldProblem("file", f"{MOST_PROBLEMS} wrong cells or more", "those before this mended")
            raise InvalidRequest(self.problems)


def read_json(text: str, suppliers: Collection[str]) -> list[Product]:
    """A list of products, or an object with it as `products`. InvalidRequest names every wrong field."""
    findings = Findings(suppliers)
    rows = _rows(text)
    products = [_product(findings, f"products.{at}", row) for at, row in enumerate(rows)]
    return checked(findings, products, [f"products.{at}.sku" for at in range(len(rows))])


def checked(findings: Findings, products: list[Product | None], places: list[str]) -> list[Product]:
    """All of them, or InvalidRequest; `places` are where each sku stands."""
    seen: dict[str, str] = {}
    for product, place in zip(products, places, strict=True):
        if product is not None and product.sku in seen:
            said = f"{product.sku!r:.60} stands at {seen[product.sku]} too"
            findings.tell(FieldProblem(place, said, "each sku once"))
        elif product is not None:
            seen[product.sku] = place
    if not products and not findings.problems:
        findings.add("products", None, "at least one product")
    if len(products) > MAX_PRODUCTS:
        findings.add("products", len(products), f"at most {MAX_PRODUCTS}")
    if findings.problems:
        raise InvalidRequest(findings.problems)
    return [product for product in products if product is not None]


def _rows(text: str) -> list[Any]:
    expected = "a JSON list of products, as the listing gives it"
    try:
        body = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise InvalidRequest([FieldProblem("body", "not JSON", expected)]) from error
    rows = body.get("products") if isinstance(body, dict) else body
    if not isinstance(rows, list):
        raise InvalidRequest([FieldProblem("body", "no list of products", expected)])
    if len(rows) > MAX_PRODUCTS:
        raise InvalidRequest([FieldProblem("products", f"{len(rows)} products", f"at most {MAX_PRODUCTS}")])
    return rows


def _product(findings: Findings, place: str, row: Any) -> Product | None:
    if not isinstance(row, dict):
        findings.add(place, row, "an object")
        return None
    before = len(findings.problems)
    _unknown(findings, place, row, PRODUCT_FIELDS)
    currency = read_currency(findings, f"{place}.currency", row.get("currency"))
    sku = read_sku(findings, f"{place}.sku", row.get("sku"))
    name = read_name(findings, f"{place}.name", row.get("name"))
    has_pin = row.get("has_pin", True)
    if not isinstance(has_pin, bool):
        findings.add(f"{place}.has_pin", has_pin, "true or false")
    offers = _offers(findings, place, row.get("offers"))
    if len(findings.problems) > before or currency is None:
        return None
    return Product(sku, name, currency, offers, has_pin)


def _offers(findings: Findings, place: str, rows: Any) -> tuple[Offer, ...]:
    place = f"{place}.offers"
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_OFFERS:
        said = f"{len(rows)} offers" if isinstance(rows, list) else rows
        findings.add(place, said, f"a list of 1 to {MAX_OFFERS} offers")
        return ()
    offers = [_offer(findings, f"{place}.{at}", row) for at, row in enumerate(rows)]
    named = [(offer.supplier, offer.code) for offer in offers if offer is not None]
    for twice in {one for one in named if named.count(one) > 1}:
        findings.add(place, " ".join(twice), "each code of a supplier once")
    return tuple(offer for offer in offers if offer is not None)


def _offer(findings: Findings, place: str, row: Any) -> Offer | None:
    if not isinstance(row, dict):
        findings.add(place, row, "an object")
        return None
    before = len(findings.problems)
    _unknown(findings, place, row, (*OFFER_FIELDS, "withdrawn"))
    supplier = read_supplier(findings, f"{place}.supplier", row.get("supplier"))
    code = read_code(findings, f"{place}.code", row.get("code"))
    priority = row.get("priority", 1)
    if not is_whole(priority, MAX_PRIORITY):
        findings.add(f"{place}.priority", priority, f"a whole number from 1 to {MAX_PRIORITY}")
    withdrawn = row.get("withdrawn", False)
    if not isinstance(withdrawn, bool):
        findings.add(f"{place}.withdrawn", withdrawn, "true or false")
    amounts = _amounts(findings, place, row)
    if len(findings.problems) > before:
        return None
    return Offer(supplier, code, priority, **amounts, withdrawn=withdrawn)


def _amounts(findings: Findings, place: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Minor units: fixed ones, or a range."""
    fixed = row.get("fixed") or []
    if not isinstance(fixed, list) or len(fixed) > MAX_FIXED:
        findings.add(f"{place}.fixed", fixed, f"a list of at most {MAX_FIXED} amounts")
        return {}
    for at, minor in enumerate(fixed):
        if not is_whole(minor, MAX_MINOR):
            findings.add(f"{place}.fixed.{at}", minor, "an amount in whole minor units")
    limits = {name: row[name] for name in ("least", "most", "step") if row.get(name) is not None}
    if fixed:
        if any(limits.get(name) for name in ("least", "most")):
            findings.add(f"{place}.least", limits.get("least"), "either fixed amounts or least and most")
        return {"fixed": tuple(dict.fromkeys(map(_hashable, fixed)))}
    for name in ("least", "most"):
        if not is_whole(limits.get(name), MAX_MINOR):
            findings.add(f"{place}.{name}", limits.get(name), "an amount in whole minor units, or fixed ones")
    if not is_whole(limits.get("step", 1), MAX_MINOR):
        findings.add(f"{place}.step", limits["step"], "an amount in whole minor units")
    range_problem(findings, f"{place}.most", limits)
    return limits


def range_problem(findings: Findings, place: str, limits: Mapping[str, Any]) -> None:
    least, most = limits.get("least"), limits.get("most")
    if is_whole(least, MAX_MINOR) and is_whole(most, MAX_MINOR) and most < least:  # type: ignore[operator]
        findings.add(place, most, "not less than the least amount")


def read_sku(findings: Findings, place: str, value: Any) -> str:
    if is_sku(value):
        return str(value)
    findings.add(place, value, SKU_EXPECTED)
    return ""


def read_name(findings: Findings, place: str, value: Any) -> str:
    if isinstance(value, str) and len(value.strip()) > 0 and len(value) <= MAX_NAME and value.isprintable():
        return value.strip()
    findings.add(place, value, f"1 to {MAX_NAME} printable characters")
    return ""


def read_currency(findings: Findings, place: str, value: Any) -> Currency | None:
    currency = currency_named(value) if isinstance(value, str) else None
    if currency is None:
        findings.add(place, value, f"one of {_CODES}")
    return currency


def read_supplier(findings: Findings, place: str, value: Any) -> str:
    if isinstance(value, str) and value in findings.suppliers:
        return value
    findings.add(place, value, f"one of {', '.join(sorted(findings.suppliers))}")
    return ""


def read_code(findings: Findings, place: str, value: Any) -> str:
    if isinstance(value, str) and 0 < len(value.strip()) <= MAX_CODE and value.isprintable():
        return value.strip()
    findings.add(place, value, f"1 to {MAX_CODE} printable characters, as the supplier calls it")
    return ""


def is_sku(value: Any) -> bool:
    """Fit to stand in a cell, a path and an answer."""
    good = isinstance(value, str) and 0 < len(value) <= MAX_SKU and value.isprintable()
    return good and not any(character.isspace() for character in value)


def is_whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most


def _unknown(findings: Findings, place: str, row: Mapping[str, Any], known: Collection[str]) -> None:
    expected = f"only {', '.join(known)}"
    for name in row:
        if name not in known and name not in TOLD_FIELDS:
            shown = name[:40].encode(errors="replace").decode()  # half of a surrogate pair is no text to answer
            findings.tell(FieldProblem(f"{place}.{shown}", "not a field of it", expected))


def _hashable(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)
