"""Page the cards of a lot into the vault until there are as many distinct ones as slots.

What counts is the cards, never `total_cards`; a page that is short, repeated or reordered is
read again (docs/protocols.md, Wpay cards page).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from giftline.orders.catalogue import Catalogue
from giftline.orders.model import Card, Lot, LotState, Millis, Order
from giftline.orders.pages import card_digest, judge_cards, seal_page
from giftline.orders.placing import cancelled, into_review, withhold
from giftline.orders.timing import SECOND, Timing
from giftline.orders.verdict import Found, Verdict, verdict
from giftline.suppliers.port import Fetched, Supplier

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Pages, Seal, Suppliers, Vault

READ_AGAIN_AFTER: Final[Millis] = 30 * SECOND
FETCH_ROUNDS: Final = 20
"""Readings of the whole list after which what is missing or quarantined is a person's business."""
MAX_SEALED: Final = 300_000
"""Bytes of one sealed page: with its digests it stays well under DynamoDB's 400 KB."""
SHOW_PROGRESS_EVERY: Final = 10
"""Pages after which the lot's count is written, so that a person sees it move."""


@dataclass(slots=True)
class Stored:
    """What the vault already has of one lot: digests, and per offset the next page version."""

    digests: set[bytes] = field(default_factory=set)
    filled: dict[int, int] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    sound: int = 0


@dataclass(frozen=True, slots=True)
class FetchCards:
    """As many pages as fit the time budget, each sealed by one write."""

    orders: Orders
    pages: Pages
    vault: Vault
    suppliers: Suppliers
    catalogue: Catalogue
    clock: Clock
    timing: Timing

    def __call__(self, order_id: str, number: int) -> Verdict:
        lot = self.orders.lot(order_id, number)
        if lot.state is not LotState.READY:
            return verdict(lot)
        if self.clock.now() < lot.ask_at:
            return verdict(lot, Found.PENDING)
        order = self.orders.get(order_id)
        stored = self._stored(order, lot)
        started = self.clock.elapsed()
        reader = PageReader(self, order, lot, self.vault.seal(order), self.suppliers(lot.supplier))
        for count, offset in enumerate(reader.missing_offsets(stored), start=1):
            answer = reader.read(offset, stored)
            lot = replace(lot, received_cards=stored.sound, next_offset=offset + 1)
            if answer in (Fetched.NOT_YET, Fetched.CANCELLED):
                return self._save(self._set_back(lot, answer, reader.supplier))
            if answer is Fetched.UNREADABLE:
                lot = replace(lot, failed_asks=lot.failed_asks + 1)
            if self.clock.elapsed() - started > self.timing.task_budget:
                return self._pause(lot, answer, reader.supplier)
            if count % SHOW_PROGRESS_EVERY == 0:
                lot = self.orders.save_lot(lot)
        return self._close_round(replace(lot, received_cards=stored.sound, next_offset=0), stored, reader.supplier)

    def _stored(self, order: Order, lot: Lot) -> Stored:
        stored = Stored()
        for ref in self.pages.refs(order.id, lot.number):
            fresh = set(ref.digests) - stored.digests
            stored.digests |= fresh | set(ref.flawed_digests)
            stored.sound += len(fresh)
            stored.filled[ref.offset] = stored.filled.get(ref.offset, 0) + len(fresh)
            stored.versions[ref.offset] = ref.version + 1
        return stored

    def _close_round(self, lot: Lot, stored: Stored, supplier: Supplier) -> Verdict:
        """Every missing page was asked for once: done, once more later, or a person's business."""
        if stored.sound < lot.quantity and lot.failed_asks:
            return self._save(self._ask_later(replace(lot, failed_asks=0), supplier))
        if stored.sound == lot.quantity:
            return self._save(replace(lot, state=LotState.COLLECTED, reason=""))
        if stored.sound > lot.quantity:
            return self._save(withhold(lot, f"{stored.sound} cards for {lot.quantity} slots"))
        if lot.fetch_rounds + 1 >= FETCH_ROUNDS:
            short = f"{stored.sound} sound cards of {lot.quantity} after {FETCH_ROUNDS} readings"
            return self._save(into_review(lot, short))
        again = self.clock.now() + self.timing.scaled(READ_AGAIN_AFTER)
        waiting = replace(lot, fetch_rounds=lot.fetch_rounds + 1, ask_at=again)
        return self._save(waiting)

    def _pause(self, lot: Lot, last: Fetched, supplier: Supplier) -> Verdict:
        """The time budget is spent: go on at once, or later where the supplier is unwell."""
        if last is Fetched.UNREADABLE:
            return self._save(self._ask_later(lot, supplier))
        return self._save(lot, Found.MORE)

    def _ask_later(self, lot: Lot, supplier: Supplier) -> Lot:
        """The supplier has until the lot's deadline to give what it owes."""
        now = self.clock.now()
        if self.timing.is_overdue(supplier, lot, now):
            return into_review(lot, f"overdue: {lot.received_cards} cards of {lot.quantity} came")
        return replace(lot, ask_at=now + self.timing.poll_interval(supplier, lot))

    def _set_back(self, lot: Lot, answer: Fetched, supplier: Supplier) -> Lot:
        """The cards call knows better than the status call did (409, 410)."""
        if answer is Fetched.CANCELLED:
            return cancelled(lot)
        later = self._ask_later(lot, supplier)
        return later if later.state is LotState.REVIEW else replace(later, state=LotState.PLACED)

    def _save(self, lot: Lot, found: Found | None = None) -> Verdict:
        saved = self.orders.save_lot(lot)
        waits = saved.state is LotState.READY and found is None
        return verdict(saved, Found.PENDING if waits else found)


@dataclass(frozen=True, slots=True)
class PageReader:
    """Reads one lot's pages and stores what is new in each."""

    task: FetchCards
    order: Order
    lot: Lot
    seal: Seal
    supplier: Supplier

    @property
    def needs_pin(self) -> Mapping[str, bool]:
        return self.task.catalogue.needs_pin(line.sku for line in self.lot.lines)

    def missing_offsets(self, stored: Stored) -> list[int]:
        """Offsets still to be read in this round: those whose page is not filled, or all of them
        where only shifted cards can be missing.
        """
        size, quantity = self.supplier.terms.page_size, self.lot.quantity
        offsets = range(0, quantity, size)
        short = [o for o in offsets if stored.filled.get(o, 0) < min(size, quantity - o)]
        if stored.sound >= quantity:
            return []
        return [offset for offset in short or offsets if offset >= self.lot.next_offset]

    def read(self, offset: int, stored: Stored) -> Fetched:
        """Read one page and keep the cards that are new; StaleWrite where another was faster."""
        size = self.supplier.terms.page_size
        answer = self.supplier.fetch(self.lot.supplier_order_id, offset, size, self.needs_pin)
        if answer.fetched is not Fetched.CARDS:
            return answer.fetched
        fresh = {}
        for card in judge_cards(self.lot, answer.cards):
            digest = card_digest(self.seal, card)
            if digest not in stored.digests:
                fresh[digest] = card
        self._keep(offset, list(fresh.values()), stored)
        stored.digests.update(fresh)
        return Fetched.CARDS

    def _keep(self, offset: int, cards: list[Card], stored: Stored) -> None:
        """One item, or several where the cards of one answer would outgrow it."""
        if not cards:
            return
        version = stored.versions.get(offset, 0)
        page = seal_page(self.seal, self.order, self.lot, offset, version, cards)
        if len(page.sealed) > MAX_SEALED and len(cards) > 1:
            half = len(cards) // 2
            self._keep(offset, cards[:half], stored)
            self._keep(offset, cards[half:], stored)
            return
        self.task.pages.add(page)
        stored.sound += len(page.ref.digests)
        stored.filled[offset] = stored.filled.get(offset, 0) + len(page.ref.digests)
        stored.versions[offset] = version + 1
