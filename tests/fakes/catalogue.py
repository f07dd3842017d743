"""The catalogue's ports in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from giftline.errors import StaleWrite, Unwritable
from giftline.orders.catalogue import Product
from giftline.orders.catalogue_ports import Edition
from giftline.suppliers.listing import Amounts, ListedCard, Listing

MOST: Final = 20_000
TENS: Final = Amounts(least=20, most=500, step=10)


@dataclass
class FakeProducts:
    """`writes` counts; `meanwhile` is what somebody else writes between our read and our write, one a try."""

    edition: Edition = field(default_factory=Edition)
    writes: int = 0
    meanwhile: list[tuple[Product, ...]] = field(default_factory=list)

    def read(self) -> Edition:
        return self.edition

    def replace(self, before: Edition, products: Iterable[Product], at: int, by: str) -> Edition:
        if self.meanwhile:
            self.edition = Edition(self.meanwhile.pop(), self.edition.version + 1, at, "somebody else")
        if before.version != self.edition.version:
            raise StaleWrite("the catalogue was written by somebody else")
        after = Edition(tuple(products), before.version + 1, at, by)
        if len(after.products) > MOST:
            raise Unwritable(f"{len(after.products)} products are too many")
        self.edition = after
        self.writes += 1
        return after


@dataclass
class FakeSource:
    """A supplier's list as it is set."""

    listing: Listing = field(default_factory=Listing)

    def gift_cards(self) -> Listing:
        return self.listing

    def lists(self, *cards: ListedCard) -> None:
        self.listing = Listing(cards)


def listed(code: str, amounts: Amounts | None = TENS) -> ListedCard:
    return ListedCard(code, code.title(), has_pin=True, amounts=amounts)
