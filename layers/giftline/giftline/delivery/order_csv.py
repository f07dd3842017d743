"""A file of recipients becomes an order request, or a list of every wrong cell: in one pass, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Self, cast

from giftline.delivery.csv_records import Records, Torn, Unreadable
from giftline.delivery.order_cells import PERSON, Judge, header_problems, parse_quantity
from giftline.delivery.spooling import Spooled
from giftline.delivery.wrong_cells import WrongCell, in_report
from giftline.money import Money
from giftline.orders.catalogue import Catalogue, Product
from giftline.orders.model import (
    MAX_DISTINCT_LINES,
    MAX_ORDER_CARDS,
    REFNO_EXPECTED,
    Line,
    OrderRequest,
    Recipient,
    is_refno,
)

MAX_FILE: Final = 32 * 1024 * 1024
"""Bytes: 50,000 rows whose messages are as long as they may be."""
TOLD_EVERY: Final = 2_500
"""Rows after which `told` hears how far the reading is."""
Told = Callable[[int, int], None]
"""Takes the rows read and the problems found so far."""


class OrderRows:
    """What the rows of one file come to: whom the cards are for, or every wrong cell. On disk where it is much.

    `read` counts the rows, empty ones among them.
    """

    def __init__(self) -> None:
        self.read = 0
        self.people = Spooled(Recipient)
        self.wrong = Spooled(WrongCell)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.people.close()
        self.wrong.close()


@dataclass(slots=True)
class _Reading:
    """What was read so far; memory grows with the kinds of cards, not with the rows."""

    rows: OrderRows
    names: Sequence[str] = ()
    quantities: dict[tuple[str, int], int] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    cards: int = 0
    named: bool = False
    has_too_many_kinds: bool = False

    @property
    def wrong(self) -> Spooled[WrongCell]:
        return self.rows.wrong

    def lines(self) -> tuple[Line, ...]:
        return tuple(
            Line(sku, Money(minor, self.products[sku].currency), quantity)
            for (sku, minor), quantity in self.quantities.items()
        )

    def column(self, index: int) -> str:
        return in_report(self.names[index]) if index < len(self.names) else ""


def read_order_csv(
    tenant: str,
    refno: str,
    parts: Iterable[bytes],
    catalogue: Catalogue,
    rows: OrderRows,
    told: Told = lambda _rows, _problems: None,
    max_bytes: int = MAX_FILE,
) -> OrderRequest | None:
    """Read a file as its bytes come (UTF-8, BOM or not, comma or semicolon): the order, or None and `rows.wrong`.

    Never raises for content. The request's recipients are those of `rows`: it must stay open as long as they are used.
    """
    if not is_refno(refno):
        rows.wrong.add(WrongCell(0, "file name", in_report(refno), "not a refno", REFNO_EXPECTED))
        return None
    reading = _Reading(rows)
    try:
        _read_rows(Records(parts, max_bytes), catalogue, reading, told)
    except Unreadable as refusal:
        rows.wrong.add(replace(refusal.wrong, column=reading.column(refusal.index)))
    rows.wrong.extend(_whole_problems(reading))
    if rows.wrong:
        return None
    # why: the request wants a tuple; who takes it counts it and runs through it, which this can, too
    recipients = cast("tuple[Recipient, ...]", rows.people) if reading.named else ()
    return OrderRequest(tenant, refno, reading.lines(), "csv", recipients)


def _read_rows(records: Records, catalogue: Catalogue, reading: _Reading, told: Told) -> None:
    rows = iter(records)
    header = next(rows, None)
    if header is None:
        reading.wrong.add(WrongCell(0, "", "", "the file is empty", "a header, and at least one row below it"))
        return
    if isinstance(header, Torn):
        reading.wrong.add(_torn(1, header, "", took_the_rest=records.took_the_rest))
        return
    names = reading.names = [name.strip().lower() for name in header]
    reading.wrong.extend(header_problems(names))
    if reading.wrong:
        return
    judge = Judge(catalogue, names, records.delimiter)
    for number, row in enumerate(rows, start=2):
        if number > MAX_ORDER_CARDS + 1:
            problem = f"more than {MAX_ORDER_CARDS} rows"
            reading.wrong.add(WrongCell(number, "", "", problem, f"at most {MAX_ORDER_CARDS}, empty ones counted"))
            return
        reading.rows.read = number - 1
        if isinstance(row, Torn):
            column = reading.column(row.index)
            reading.wrong.add(_torn(number, row, column, took_the_rest=records.took_the_rest))
        elif any(cell.strip() for cell in row):
            _read_row(number, row, judge, reading)
        if number % TOLD_EVERY == 0:
            told(reading.rows.read, len(reading.wrong))


def _torn(number: int, torn: Torn, column: str, *, took_the_rest: bool) -> WrongCell:
    if took_the_rest:
        problem = "a quote is opened here and never closed"
        expected = "a quote at the end of the cell; the rows below were not read"
    elif torn.lines > 1:
        problem = f"a quote is opened here, and the next one, {torn.lines - 1:,} lines below, does not end the cell"
        expected = "a quote at the end of the cell; the lines between were not read"
    else:
        problem = "a quote inside the cell ends it too early"
        expected = 'the cell in quotes, and each quote in it doubled: "say ""hi"""'
    return WrongCell(number, column, in_report(torn.text), problem, expected)


def _read_row(number: int, row: Sequence[str], judge: Judge, reading: _Reading) -> None:
    if len(row) != len(judge.header):
        reading.wrong.add(judge.ragged(number, row))
        return
    cells = dict(zip(judge.header, map(str.strip, row), strict=True))
    judged = judge.sku_and_amount(cells["sku"], cells["amount"])
    product, quantity = judged.product, parse_quantity(cells["quantity"])
    if judged.problems or quantity is None or cells.get("currency") or not judge.is_plain(row):
        wrong = list(judge.problems(number, cells, judged))
        reading.wrong.extend(wrong)
        if wrong:
            return
    if product is None or quantity is None:
        return
    kind = (product.sku, judged.minor)
    if kind not in reading.quantities and len(reading.quantities) == MAX_DISTINCT_LINES:
        _say_too_many_kinds(number, cells, reading)
        return
    reading.products[product.sku] = product
    reading.quantities[kind] = reading.quantities.get(kind, 0) + quantity
    reading.cards += quantity
    if judge.has_people and not reading.wrong:
        _keep_person(Recipient(*kind, quantity, *(cells.get(name, "") for name in PERSON)), reading)


def _say_too_many_kinds(number: int, cells: dict[str, str], reading: _Reading) -> None:
    """Once: every row below of yet another kind would say the same."""
    if not reading.has_too_many_kinds:
        reading.has_too_many_kinds = True
        problem = f"here begins what is over {MAX_DISTINCT_LINES} different pairs of sku and amount"
        most = f"at most {MAX_DISTINCT_LINES} in one file"
        reading.wrong.add(WrongCell(number, "amount", in_report(cells["amount"]), problem, most))


def _keep_person(person: Recipient, reading: _Reading) -> None:
    """A row without a name is kept, too: its cards go to nobody, and not to the next one."""
    has_name = bool(person.name or person.email or person.mobile or person.message or person.reference)
    reading.named = reading.named or has_name
    reading.rows.people.add(person)


def _whole_problems(reading: _Reading) -> Iterator[WrongCell]:
    """What only the file as a whole can break."""
    if not reading.quantities and not reading.wrong:
        yield WrongCell(0, "", "", "no rows below the header", "at least one row")
    if reading.cards > MAX_ORDER_CARDS:
        most = f"at most {MAX_ORDER_CARDS} in one file"
        yield WrongCell(0, "quantity", str(reading.cards), f"{reading.cards} cards", most)
    currencies = sorted({product.currency.code for product in reading.products.values()})
    if len(currencies) > 1:
        mixed = ", ".join(currencies)
        yield WrongCell(0, "currency", mixed, "more than one currency", "one currency an order")
