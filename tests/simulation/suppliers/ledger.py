"""What a simulated supplier really sold: the truth that a run is judged by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from tests.simulation.faults import Draw

Lines = tuple[tuple[str, int, int], ...]
"""(sku or gift card code, amount in minor units, quantity)."""


class SoldCard(NamedTuple):
    """A tuple, since runs make and compare very many."""

    number: str
    pin: str
    sku: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Sale:
    """`dead`: taken under that reference, but it ends without a card, or was taken back: it costs nothing."""

    reference: str
    lines: Lines
    cards: tuple[SoldCard, ...]
    at_ms: int
    dead: bool = False


class Ledger:
    """Sales in the order in which they were committed."""

    def __init__(self) -> None:
        self.sales: list[Sale] = []
        self._by_reference: dict[str, list[Sale]] = {}

    def add(self, sale: Sale) -> None:
        self.sales.append(sale)
        self._by_reference.setdefault(sale.reference, []).append(sale)

    def take_back(self, sale: Sale) -> Sale:
        """The sale as it then stands: dead, with the cards that nobody can use any more."""
        dead = replace(sale, dead=True)
        for sales in (self.sales, self._by_reference[sale.reference]):
            sales[sales.index(sale)] = dead
        return dead

    def sales_of(self, reference: str) -> list[Sale]:
        """All of them, dead ones too; more than one only where references are not unique."""
        return list(self._by_reference.get(reference, ()))

    def sold_cards(self) -> list[SoldCard]:
        """Every card that somebody paid for."""
        return [card for sale in self.sales if not sale.dead for card in sale.cards]


class CardPrinter:
    """Numbers of 18 digits and PINs of 12, each unique in a run, so that a search for one finds only that one.

    What counts is written in octal, and only a PIN holds 98 or 99, at its beginning: none stands inside
    a number or another PIN, nor in today's time in milliseconds.
    """

    def __init__(self, draw: Draw, brand: int) -> None:
        """`brand`: 8 or 9, another one for each supplier of a run."""
        run = draw.whole(0, 8**6 - 1)
        self._number = f"62{brand}0{run:06o}"
        self._pin = f"9{brand}{run % 8**4:04o}"
        self._printed = 0

    def card(self, sku: str, amount_minor: int) -> SoldCard:
        self._printed += 1
        serial = f"{self._printed:08o}"
        return SoldCard(self._number + serial, self._pin + serial[2:], sku, amount_minor)

    def cards(self, lines: Lines) -> tuple[SoldCard, ...]:
        return tuple(self.card(sku, amount) for sku, amount, quantity in lines for _ in range(quantity))
