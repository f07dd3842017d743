"""What the vault has of a lot, and how cards get there: only those that no earlier page holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from giftline.orders.lot import Lot
from giftline.orders.model import Card, Order
from giftline.orders.pages import card_digest, seal_page

if TYPE_CHECKING:
    from giftline.orders.ports import Pages, Seal

MAX_SEALED: Final = 300_000
"""Bytes of one sealed page: with its digests it stays well under DynamoDB's 400 KB."""


@dataclass(slots=True)
class Stored:
    """What the vault already has of one lot: digests, and per offset the next page version."""

    digests: set[bytes] = field(default_factory=set)
    filled: dict[int, int] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    sound: int = 0


@dataclass(frozen=True, slots=True)
class CardStore:
    """The vault, for one lot."""

    pages: Pages
    seal: Seal
    order: Order
    stored: Stored

    def keep(self, lot: Lot, offset: int, cards: Iterable[Card]) -> None:
        """Store the cards that are new; StaleWrite where another worker was faster."""
        fresh = {}
        for card in cards:
            digest = card_digest(self.seal, card)
            if digest not in self.stored.digests:
                fresh[digest] = card
        self._add(lot, offset, list(fresh.values()))
        self.stored.digests.update(fresh)

    def keep_next(self, lot: Lot, cards: Iterable[Card]) -> None:
        """As a page of the next free number: a twin that takes the same number meets StaleWrite."""
        self.keep(lot, max(self.stored.versions, default=-1) + 1, cards)

    def _add(self, lot: Lot, offset: int, cards: Sequence[Card]) -> None:
        """One item, or several where the cards of one answer would outgrow it."""
        if not cards:
            return
        version = self.stored.versions.get(offset, 0)
        page = seal_page(self.seal, self.order, lot, offset, version, cards)
        if len(page.sealed) > MAX_SEALED and len(cards) > 1:
            half = len(cards) // 2
            self._add(lot, offset, cards[:half])
            self._add(lot, offset, cards[half:])
            return
        self.pages.add(page)
        self.stored.sound += len(page.ref.digests)
        self.stored.filled[offset] = self.stored.filled.get(offset, 0) + len(page.ref.digests)
        self.stored.versions[offset] = version + 1


def open_store(pages: Pages, seal: Seal, order: Order, lot: Lot) -> CardStore:
    """The vault as it stands for that lot."""
    stored = Stored()
    for ref in pages.refs(order.id, lot.number):
        fresh = set(ref.digests) - stored.digests
        stored.digests |= fresh | set(ref.flawed_digests)
        stored.sound += len(fresh)
        stored.filled[ref.offset] = stored.filled.get(ref.offset, 0) + len(fresh)
        stored.versions[ref.offset] = ref.version + 1
    return CardStore(pages, seal, order, stored)
