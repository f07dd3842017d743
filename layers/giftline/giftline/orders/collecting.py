"""Page the cards of a lot into the vault until there are as many distinct ones as slots.

What counts is the cards, never `total_cards`; a page that is short, repeated or reordered is
read again (docs/protocols.md, Wpay cards page).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from giftline.orders.catalogue import Catalogue
from giftline.orders.keeping import CardStore, Stored, open_store
from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Millis
from giftline.orders.pacing import stay_away, take_turn
from giftline.orders.pages import judge_cards
from giftline.orders.protocol import FETCH_ROUNDS, dead, into_review, withhold
from giftline.orders.timing import SECOND, Timing
from giftline.orders.verdict import Found, Verdict, too_early, verdict
from giftline.suppliers.port import Fetched, PullSupplier, Supplier

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Pace, Pages, Suppliers, Vault
    from giftline.orders.pulls import Pulls

READ_AGAIN_AFTER: Final[Millis] = 30 * SECOND
SHOW_PROGRESS_EVERY: Final = 10
"""Pages after which the lot's count is written, so that a person sees it move."""


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
    pace: Pace
    pulls: Callable[[], Pulls]

    def __call__(self, order_id: str, number: int) -> Verdict:
        lot = self.orders.lot(order_id, number)
        if lot.slots and lot.state in (LotState.POSTING, LotState.PLACED):
            return self._take_pulls(lot)
        if lot.state is not LotState.READY:
            return verdict(lot)
        if (now := self.clock.now()) < lot.ask_at:
            return too_early(lot, now)
        return self._read_pages(lot)

    def _take_pulls(self, lot: Lot) -> Verdict:
        order = self.orders.get(lot.order_id)
        store = open_store(self.pages, self.vault.seal(order), order, lot)
        needs_pin = self.catalogue.needs_pin(line.sku for line in lot.lines)
        return self.pulls().take(lot, cast("PullSupplier", self.suppliers(lot.supplier)), store, needs_pin)

    def _read_pages(self, lot: Lot) -> Verdict:
        order = self.orders.get(lot.order_id)
        started = self.clock.elapsed()
        supplier = cast("Supplier", self.suppliers(lot.supplier))
        needs_pin = self.catalogue.needs_pin(line.sku for line in lot.lines)
        by_code = {line.supplier_code: needs_pin[line.sku] for line in lot.lines}
        store = open_store(self.pages, self.vault.seal(order), order, lot)
        reader = PageReader(self, lot, store, supplier, by_code)
        stored = reader.store.stored
        for count, offset in enumerate(reader.missing_offsets(), start=1):
            answer = reader.read(offset)
            lot = replace(lot, received_cards=stored.sound, next_offset=offset + 1)
            if answer in (Fetched.NOT_YET, Fetched.CANCELLED):
                return self._save(self._set_back(lot, answer, supplier))
            if answer is Fetched.UNREADABLE:
                lot = replace(lot, failed_asks=lot.failed_asks + 1)
            if reader.turned_away or self.clock.elapsed() - started > self.timing.task_budget:
                return self._pause(lot, answer, supplier)
            if count % SHOW_PROGRESS_EVERY == 0:
                lot = self.orders.save_lot(lot)
        return self._close_round(replace(lot, received_cards=stored.sound, next_offset=0), stored, supplier)

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
        now, lot = self.clock.now(), replace(lot, asks=lot.asks + 1)
        if self.timing.is_overdue(supplier, lot, now):
            return into_review(lot, f"overdue: {lot.received_cards} cards of {lot.quantity} came")
        return replace(lot, ask_at=self.timing.next_poll(supplier, lot, now))

    def _set_back(self, lot: Lot, answer: Fetched, supplier: Supplier) -> Lot:
        """The cards call knows better than the status call did (409, 410)."""
        if answer is Fetched.CANCELLED:
            return dead(lot, supplier)
        later = self._ask_later(lot, supplier)
        return later if later.state is LotState.REVIEW else replace(later, state=LotState.PLACED)

    def _save(self, lot: Lot, found: Found | None = None) -> Verdict:
        saved = self.orders.save_lot(lot)
        waits = saved.state is LotState.READY and found is None
        return verdict(saved, Found.PENDING if waits else found)


@dataclass(slots=True)
class PageReader:
    """Reads one lot's pages and stores what is new in each.

    `needs_pin` is by the supplier's code; `turned_away`: the supplier said for how long it wants no request.
    """

    task: FetchCards
    lot: Lot
    store: CardStore
    supplier: Supplier
    needs_pin: Mapping[str, bool]
    turned_away: bool = False

    def missing_offsets(self) -> list[int]:
        """Offsets still to be read in this round: those whose page is not filled, or all of them
        where only shifted cards can be missing.
        """
        size, quantity, stored = self.supplier.terms.page_size, self.lot.quantity, self.store.stored
        offsets = range(0, quantity, size)
        short = [o for o in offsets if stored.filled.get(o, 0) < min(size, quantity - o)]
        if stored.sound >= quantity:
            return []
        return [offset for offset in short or offsets if offset >= self.lot.next_offset]

    def read(self, offset: int) -> Fetched:
        """Read one page and keep the cards that are new; StaleWrite where another was faster."""
        turn = take_turn(self.task.pace, self.task.clock, self.lot.supplier)
        if not turn.count:
            return Fetched.UNREADABLE
        size = self.supplier.terms.page_size
        answer = self.supplier.fetch(self.lot.supplier_order_id, offset, size, self.needs_pin)
        self.turned_away = answer.retry_after is not None
        stay_away(self.task.pace, self.task.clock, self.lot.supplier, answer.retry_after)
        if answer.fetched is Fetched.CARDS:
            self.store.keep(self.lot, offset, judge_cards(self.lot, answer))
        return answer.fetched
