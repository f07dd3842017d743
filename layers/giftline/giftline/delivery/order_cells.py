"""The rules for one row of an order file: its header, its cells, and what is said where one is wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from giftline.delivery.wrong_cells import NO_UTF_8, WrongCell, in_report
from giftline.errors import FieldProblem
from giftline.money import currency_named, parse_minor
from giftline.orders.catalogue import Catalogue, Product
from giftline.orders.model import MAX_ORDER_CARDS

REQUIRED: Final = ("sku", "amount", "quantity")
OPTIONAL: Final = ("currency", "name", "email", "mobile", "message", "reference")
PERSON: Final = OPTIONAL[1:]
MAX_CELL: Final = 500
KEPT: Final = 5_000
"""Pairs of sku and amount that were judged lately: a file has few, many times each."""
_EXPECTED_COLUMNS: Final = f"{','.join(REQUIRED)} and optionally {','.join(OPTIONAL)}"
_NO_CHARACTERS: Final = frozenset(("Cc", "Cf", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class Judged:
    """What a sku and an amount mean; `problems` where they mean nothing."""

    product: Product | None
    minor: int
    problems: tuple[FieldProblem, ...]


@dataclass(slots=True)
class Judge:
    """Judges cells by the catalogue; `delimiter` and `header` are those of the file."""

    catalogue: Catalogue
    header: Sequence[str]
    delimiter: str
    _known: dict[tuple[str, str], Judged] = field(default_factory=dict)
    _known_skus: str = ""

    @property
    def has_people(self) -> bool:
        """Whether any row can say whom its cards are for."""
        return any(name in self.header for name in PERSON)

    def ragged(self, number: int, row: Sequence[str]) -> WrongCell:
        """A row with more or fewer cells than the header."""
        cells = "1 cell" if len(row) == 1 else f"{len(row):,} cells"
        expected = f"{len(self.header)}, as in the header, with {self.delimiter!r} between them"
        if len(row) > len(self.header):
            expected += "; a cell that holds one needs quotes around it"
        return WrongCell(number, "", in_report(self.delimiter.join(row[:20])), cells, expected)

    def sku_and_amount(self, sku: str, amount: str) -> Judged:
        known = self._known.get((sku, amount))
        if known is None:
            known = self._judge(sku, amount)
            if len(self._known) >= KEPT:
                self._known.clear()
            if len(sku) + len(amount) <= MAX_CELL:  # why: thousands of pairs, each as long as a row may be, fill memory
                self._known[sku, amount] = known
        return known

    def is_plain(self, row: Sequence[str]) -> bool:
        """Whether no cell can be wrong for its length or its characters: nearly all rows are looked at no closer."""
        joined = "".join(row)
        is_short = len(joined) <= MAX_CELL or max(map(len, row)) <= MAX_CELL
        return is_short and joined.isascii() and "\0" not in joined

    def problems(self, number: int, cells: dict[str, str], judged: Judged) -> Iterator[WrongCell]:
        """Every wrong cell of the row, each named once."""
        torn = {name: said for name, cell in cells.items() if (said := no_text(cell))}
        for name, (problem, expected) in torn.items():
            yield WrongCell(number, name, in_report(cells[name]), problem, expected)
        for wrong in self._wrong_values(number, cells, judged):
            if wrong.column not in torn:
                yield wrong

    def _wrong_values(self, number: int, cells: dict[str, str], judged: Judged) -> Iterator[WrongCell]:
        for problem in judged.problems:
            value = cells[problem.field]
            yield WrongCell(number, problem.field, in_report(value), problem.problem, problem.expected)
        if parse_quantity(value := cells["quantity"]) is None:
            expected = f"a whole number from 1 to {MAX_ORDER_CARDS}, in the digits 0 to 9 alone"
            yield WrongCell(number, "quantity", in_report(value), "not a quantity" + hidden(value), expected)
        if named := cells.get("currency"):
            yield from _currency_problems(number, named, judged.product)
        for name in OPTIONAL:
            if len(cells.get(name, "")) > MAX_CELL:
                said = f"{len(cells[name]):,} characters"
                yield WrongCell(number, name, in_report(cells[name][:40] + "…"), said, f"at most {MAX_CELL}")

    def _no_sku(self, sku: str) -> FieldProblem:
        # why: the catalogue sorts all its skus to name some, which is too slow for each of 50,000 rows
        self._known_skus = self._known_skus or self.catalogue.check(sku, None, "sku", "amount")[0].expected
        absence = _absence(sku, self.catalogue)
        problem = f"{sku}: {absence}" if absence else f"unknown sku {sku[:80]!r:.80}{hidden(sku)}"
        return FieldProblem("sku", problem, self._known_skus)

    def _judge(self, sku: str, amount: str) -> Judged:
        product = self.catalogue.find(sku)
        if product is None or product.absence:
            return Judged(None, 0, (self._no_sku(sku), *_no_amount(amount)))
        minor = parse_minor(amount, product.currency.decimals)
        if minor is None:
            problem = f"not an amount of {product.sku}: digits and one point are{hidden(amount)}"
            return Judged(product, 0, (FieldProblem("amount", problem, product.expectation),))
        if not product.allows(minor):
            return Judged(product, minor, (FieldProblem("amount", f"not an amount of {sku}", product.expectation),))
        return Judged(product, minor, ())


def _absence(sku: str, catalogue: Catalogue) -> str:
    """Why what was once ordered cannot be any more; empty for what nobody ever sold."""
    try:
        return catalogue.product(sku).absence
    except KeyError:
        return ""


def _no_amount(amount: str) -> Iterator[FieldProblem]:
    """What can be said of an amount whose sku nobody knows."""
    if parse_minor(amount, 4) is None:
        yield FieldProblem("amount", f"not an amount{hidden(amount)}", "digits with one point at most, as 25 or 25.00")


def _currency_problems(number: int, named: str, product: Product | None) -> Iterator[WrongCell]:
    if product and currency_named(named) != product.currency:
        problem = f"not the currency of {product.sku}{hidden(named)}"
        yield WrongCell(number, "currency", in_report(named), problem, product.currency.code)


def header_problems(header: Sequence[str]) -> Iterator[WrongCell]:
    """Every column that is missing, unknown, there twice, or no text."""
    if not any(header):
        yield WrongCell(1, "", "", "the first row is empty", f"the header there: {_EXPECTED_COLUMNS}")
        return
    for name in REQUIRED:
        if name not in header:
            yield WrongCell(1, name, "", "this column is missing", _EXPECTED_COLUMNS)
    for name in dict.fromkeys(header):
        if said := no_text(name):
            yield WrongCell(1, in_report(name), in_report(name), *said)
        elif name not in REQUIRED + OPTIONAL:
            problem = "unknown column" + hidden(name) if name else "a column without a name"
            yield WrongCell(1, in_report(name), in_report(name), problem, _EXPECTED_COLUMNS)
        elif header.count(name) > 1:
            yield WrongCell(1, name, name, "this column stands there twice", "each column once")


def parse_quantity(text: str) -> int | None:
    """The number of cards of a row; None where the text is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ORDER_CARDS))):
        return None
    return int(text) if 1 <= int(text) <= MAX_ORDER_CARDS else None


def no_text(cell: str) -> tuple[str, str] | None:
    """Problem and expectation of a cell that holds bytes of something else than UTF-8 text."""
    if "\0" in cell:
        return "a NUL byte: this is no text", "text in UTF-8"
    if cell.isascii() or not NO_UTF_8.search(cell):
        return None
    return "not UTF-8", "the file saved as 'CSV UTF-8'"


def hidden(cell: str) -> str:
    """Names the first character that the eye takes for nothing, or for a digit that it is not."""
    for character in cell[:1000]:
        if not character.isascii() and (unicodedata.category(character) in _NO_CHARACTERS or character.isdigit()):
            return f" (it holds U+{ord(character):04X} {unicodedata.name(character, '')})".replace(" )", ")")
    return ""
