"""A catalogue out of a spreadsheet: a row an offer, the rows of one sku together or apart, amounts in major units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from giftline.delivery.csv_records import Records, Torn, Unreadable
from giftline.errors import FieldProblem, InvalidRequest
from giftline.money import Currency, parse_minor
from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_file import (
    MAX_FIXED,
    MAX_MINOR,
    MAX_OFFERS,
    MAX_PRIORITY,
    MAX_PRODUCTS,
    Findings,
    checked,
    range_problem,
    read_code,
    read_currency,
    read_name,
    read_sku,
    read_supplier,
)

REQUIRED: Final = ("sku", "name", "currency", "supplier")
OPTIONAL: Final = ("code", "priority", "has_pin", "amounts", "min_amount", "max_amount", "step_amount")
MAX_ROWS: Final = MAX_PRODUCTS * 2
MAX_BYTES: Final = 4 * 1024 * 1024
WORDS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": True}
_COLUMNS: Final = f"{','.join(REQUIRED)} and optionally {','.join(OPTIONAL)}"
_LIMITS: Final = (("least", "min_amount"), ("most", "max_amount"), ("step", "step_amount"))


@dataclass(slots=True)
class _Sku:
    """What the rows of one sku say so far; the first of them is in row `row`."""

    row: int
    same: Mapping[str, Any]
    offers: list[Offer] = field(default_factory=list)


def read_csv(text: str, suppliers: Collection[str]) -> list[Product]:
    """InvalidRequest names every wrong cell as `row 3, supplier`; the header is row 1."""
    findings, skus = Findings(suppliers), dict[str, _Sku]()
    try:
        _read_rows(findings, skus, Records([text.encode(errors="surrogatepass")], MAX_BYTES))
    except Unreadable as refusal:
        wrong = refusal.wrong
        findings.tell(FieldProblem(_place(wrong.row, wrong.column), wrong.problem, wrong.expected))
    if findings.problems:
        raise InvalidRequest(findings.problems)
    products: list[Product | None] = [Product(**one.same, offers=tuple(one.offers)) for one in skus.values()]
    return checked(findings, products, [_place(one.row, "sku") for one in skus.values()])


def _read_rows(findings: Findings, skus: dict[str, _Sku], records: Records) -> None:
    header: list[str] = []
    for number, cells in enumerate(records, start=1):
        if number > MAX_ROWS + 1:
            findings.add(_place(number, ""), f"more than {MAX_ROWS} rows", f"at most {MAX_ROWS}")
            return
        if isinstance(cells, Torn):
            findings.add(_place(number, ""), cells.text[:60], "quotes around the whole cell, and each inside doubled")
        elif number == 1:
            header = [cell.strip().lower() for cell in cells]
            if not _is_header(findings, header):
                return
        elif any(cell.strip() for cell in cells):
            if len(cells) == len(header):
                _read_row(findings, skus, number, dict(zip(header, map(str.strip, cells), strict=True)))
            else:
                findings.add(_place(number, ""), f"{len(cells)} cells", f"{len(header)}, as in the header")


def _is_header(findings: Findings, header: Sequence[str]) -> bool:
    for name, count in Counter(header).items():
        if name not in REQUIRED + OPTIONAL or count > 1:
            findings.add("row 1", name, f"each column once, of {_COLUMNS}")
    for name in REQUIRED:
        if name not in header:
            findings.add(f"row 1, {name}", None, f"the columns {_COLUMNS}")
    return not findings.problems


def _read_row(findings: Findings, skus: dict[str, _Sku], number: int, cells: Mapping[str, str]) -> None:
    before = len(findings.problems)
    currency = read_currency(findings, _place(number, "currency"), cells["currency"])
    same = {
        "sku": read_sku(findings, _place(number, "sku"), cells["sku"]),
        "name": read_name(findings, _place(number, "name"), cells["name"]),
        "currency": currency,
        "has_pin": _has_pin(findings, number, cells.get("has_pin", "")),
    }
    offer = _offer(findings, number, cells, currency)
    if len(findings.problems) > before or offer is None:
        return
    known = skus.setdefault(cells["sku"], _Sku(number, same))
    for name in ("name", "currency", "has_pin"):
        if same[name] != known.same[name]:
            expected = f"as in row {known.row}: the rows of one sku agree"
            findings.add(_place(number, name), cells.get(name, ""), expected)
    if any((offer.supplier, offer.code) == (one.supplier, one.code) for one in known.offers):
        findings.add(_place(number, "code"), offer.code, "each code of a supplier once for a sku")
    elif len(known.offers) == MAX_OFFERS:
        findings.add(_place(number, "sku"), cells["sku"], f"at most {MAX_OFFERS} rows of one sku")
    known.offers.append(offer)


def _offer(findings: Findings, number: int, cells: Mapping[str, str], currency: Currency | None) -> Offer | None:
    """Without a code, the supplier calls it as we do."""
    supplier = read_supplier(findings, _place(number, "supplier"), cells["supplier"])
    code = read_code(findings, _place(number, "code"), cells.get("code") or cells["sku"])
    text = cells.get("priority") or "1"
    is_priority = text.isascii() and text.isdigit() and len(text) <= 3 and 0 < int(text) <= MAX_PRIORITY
    if not is_priority:
        findings.add(_place(number, "priority"), text, f"a whole number from 1 to {MAX_PRIORITY}")
    if currency is None:
        return None
    amounts = _amounts(findings, number, cells, currency)
    return Offer(supplier, code, int(text), **amounts) if is_priority else None


def _amounts(findings: Findings, number: int, cells: Mapping[str, str], currency: Currency) -> dict[str, Any]:
    """Fixed ones with a space or a | between them, or a range."""
    words = cells.get("amounts", "").replace("|", " ").split()
    given = {name: text for name, column in _LIMITS if (text := cells.get(column, ""))}
    if words and given:
        findings.add(_place(number, "amounts"), cells["amounts"], "either fixed amounts or min_amount and max_amount")
    if len(words) > MAX_FIXED:
        findings.add(_place(number, "amounts"), f"{len(words)} amounts", f"at most {MAX_FIXED}")
        return {}
    if words:
        fixed = [_minor(findings, _place(number, "amounts"), word, currency) for word in words]
        return {"fixed": tuple(dict.fromkeys(fixed))}
    columns = dict(_LIMITS)
    for name in ("least", "most"):
        if name not in given:
            findings.add(_place(number, columns[name]), None, "an amount, or fixed ones under amounts")
    limits = {n: _minor(findings, _place(number, columns[n]), text, currency) for n, text in given.items()}
    range_problem(findings, _place(number, "max_amount"), limits)
    return limits


def _minor(findings: Findings, place: str, text: str, currency: Currency) -> int:
    minor = parse_minor(text, currency.decimals)
    if minor is None or not 0 < minor <= MAX_MINOR:
        findings.add(place, text, f"an amount in {currency.code}, such as 25 or 25.00")
        return 0
    return minor


def _has_pin(findings: Findings, number: int, text: str) -> bool:
    if text.lower() not in WORDS:
        findings.add(_place(number, "has_pin"), text, "yes or no")
    return WORDS.get(text.lower(), True)


def _place(row: int, column: str) -> str:
    if not row:
        return "file"
    return f"row {row}, {column}" if column else f"row {row}"
