"""A file of recipients becomes an order request, or a list of every wrong cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from giftline.delivery.exports import csv_rows
from giftline.money import Money, currency_named, parse_minor
from giftline.orders.accepting import merge_lines
from giftline.orders.catalogue import Catalogue
from giftline.orders.model import (
    MAX_DISTINCT_LINES,
    MAX_ORDER_CARDS,
    REFNO_EXPECTED,
    Line,
    OrderRequest,
    Recipient,
    is_refno,
)

REQUIRED: Final = ("sku", "amount", "quantity")
OPTIONAL: Final = ("currency", "name", "email", "mobile", "message", "reference")
MAX_CELL: Final = 500
MAX_FILE: Final = 16 * 1024 * 1024
MAX_REPORTED: Final = 10_000
REPORT_COLUMNS: Final = ("row", "column", "value", "problem", "expected")


@dataclass(frozen=True, slots=True)
class WrongCell:
    """`row` counts as a spreadsheet does: the header is row 1. 0 = the file as a whole."""

    row: int
    column: str
    value: str
    problem: str
    expected: str


@dataclass(slots=True)
class Parsed:
    """The order, or what is wrong with the file; never both."""

    request: OrderRequest | None = None
    wrong: list[WrongCell] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    catalogue: Catalogue
    lines: list[Line] = field(default_factory=list)
    recipients: list[Recipient] = field(default_factory=list)
    wrong: list[WrongCell] = field(default_factory=list)
    named: bool = False


def parse_order_csv(tenant: str, refno: str, content: bytes, catalogue: Catalogue) -> Parsed:
    """Read a whole file (UTF-8, BOM or not, comma or semicolon). Never raises for content."""
    refusal = _refuse_file(refno, content)
    if refusal:
        return Parsed(wrong=[refusal])
    text = content.decode("utf-8-sig")
    reading = _Reading(catalogue)
    try:
        _read_rows(text, reading)
    except csv.Error as error:
        reading.wrong.append(WrongCell(0, "", "", f"not a CSV file: {error}", "RFC 4180"))
    _check_whole(reading)
    if reading.wrong:
        return Parsed(wrong=reading.wrong)
    recipients = tuple(reading.recipients) if reading.named else ()
    lines = merge_lines(reading.lines)
    return Parsed(OrderRequest(tenant, refno, lines, "csv", recipients))


def error_report(wrong: Sequence[WrongCell]) -> Iterator[bytes]:
    """The report as CSV that a spreadsheet opens without running anything."""
    yield b"\xef\xbb\xbf"
    shown = wrong[:MAX_REPORTED]
    rows = [[str(w.row), w.column, w.value, w.problem, w.expected] for w in shown]
    if len(wrong) > len(shown):
        rows.append(["", "", "", "and more: the rest was not read", "mend these first"])
    yield from csv_rows([REPORT_COLUMNS, *rows])


def _refuse_file(refno: str, content: bytes) -> WrongCell | None:
    if not is_refno(refno):
        return WrongCell(0, "file name", refno[:100], "not a refno", REFNO_EXPECTED)
    if len(content) > MAX_FILE:
        size, most = len(content) // 2**20, MAX_FILE // 2**20
        return WrongCell(0, "", "", f"the file has {size} MiB", f"at most {most} MiB")
    if b"\0" in content:
        return WrongCell(0, "", "", "a NUL byte: this is no text file", "CSV in UTF-8")
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        return WrongCell(row, "", "", "not UTF-8", "the file saved as 'CSV UTF-8'")
    return None


def _read_rows(text: str, reading: _Reading) -> None:
    header_line = text.lstrip().partition("\n")[0]
    delimiter = ";" if header_line.count(";") > header_line.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = [name.strip().lower() for name in next(rows, [])]
    problems = list(_header_problems(header))
    if problems:
        reading.wrong.extend(problems)
        return
    for number, row in enumerate(rows, start=2):
        if number > MAX_ORDER_CARDS + 1:
            reading.wrong.append(
                WrongCell(number, "", "", f"more than {MAX_ORDER_CARDS} rows", f"at most {MAX_ORDER_CARDS}")
            )
            return
        if len(reading.wrong) > MAX_REPORTED:
            return
        if any(cell.strip() for cell in row):
            _read_row(number, header, row, reading)


def _header_problems(header: Sequence[str]) -> Iterator[WrongCell]:
    expected = f"{','.join(REQUIRED)} and optionally {','.join(OPTIONAL)}"
    for name in REQUIRED:
        if name not in header:
            yield WrongCell(1, name, "", "this column is missing", expected)
    for name in dict.fromkeys(header):
        if name not in REQUIRED + OPTIONAL:
            yield WrongCell(1, name[:80], name[:80], "unknown column", expected)
        elif header.count(name) > 1:
            yield WrongCell(1, name, name, "this column stands there twice", "each column once")


def _read_row(number: int, header: Sequence[str], row: Sequence[str], reading: _Reading) -> None:
    if len(row) != len(header):
        reading.wrong.append(WrongCell(number, "", "", f"{len(row)} cells", f"{len(header)}, as in the header"))
        return
    cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
    wrong = list(_cell_problems(number, cells, reading.catalogue))
    if wrong:
        reading.wrong.extend(wrong)
        return
    product = reading.catalogue.product(cells["sku"])
    minor = parse_minor(cells["amount"], product.currency.decimals) or 0
    quantity = int(cells["quantity"])
    reading.lines.append(Line(product.sku, Money(minor, product.currency), quantity))
    person = {name: cells.get(name, "") for name in OPTIONAL[1:]}
    reading.named = reading.named or any(person.values())
    reading.recipients.append(Recipient(product.sku, minor, quantity, **person))


def _cell_problems(number: int, cells: dict[str, str], catalogue: Catalogue) -> Iterator[WrongCell]:
    product = catalogue.find(cells["sku"])
    minor = parse_minor(cells["amount"], product.currency.decimals if product else 2)
    for problem in catalogue.check(cells["sku"], minor, "sku", "amount"):
        value = cells[problem.field][:100]
        yield WrongCell(number, problem.field, value, problem.problem, problem.expected)
    if parse_quantity(cells["quantity"]) is None:
        expected = f"a whole number from 1 to {MAX_ORDER_CARDS}"
        yield WrongCell(number, "quantity", cells["quantity"][:100], "not a quantity", expected)
    if (named := cells.get("currency")) and product and currency_named(named) != product.currency:
        code = product.currency.code
        yield WrongCell(number, "currency", named[:100], f"not the currency of {product.sku}", code)
    for name in OPTIONAL:
        if len(cells.get(name, "")) > MAX_CELL:
            said = f"{len(cells[name])} characters"
            yield WrongCell(number, name, cells[name][:40] + "…", said, f"at most {MAX_CELL}")


def parse_quantity(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ORDER_CARDS))):
        return None
    return int(text) if 1 <= int(text) <= MAX_ORDER_CARDS else None


def _check_whole(reading: _Reading) -> None:
    """What only the file as a whole can break."""
    if reading.wrong:
        return
    if not reading.lines:
        reading.wrong.append(WrongCell(0, "", "", "no rows below the header", "at least one row"))
        return
    cards = sum(line.quantity for line in reading.lines)
    if cards > MAX_ORDER_CARDS:
        most = f"at most {MAX_ORDER_CARDS} in one file"
        reading.wrong.append(WrongCell(0, "quantity", str(cards), f"{cards} cards", most))
    currencies = sorted({line.amount.currency.code for line in reading.lines})
    if len(currencies) > 1:
        mixed = ", ".join(currencies)
        reading.wrong.append(WrongCell(0, "currency", mixed, "more than one currency", "one currency an order"))
    kinds = len({(line.sku, line.amount.minor) for line in reading.lines})
    if kinds > MAX_DISTINCT_LINES:
        said = f"{kinds} different pairs of sku and amount"
        reading.wrong.append(WrongCell(0, "amount", "", said, f"at most {MAX_DISTINCT_LINES}"))
