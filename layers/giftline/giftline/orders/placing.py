"""Buy a lot exactly once: intent first, one POST, and only proof counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from giftline.orders.lot import Lot, LotState
from giftline.orders.pacing import stay_away, take_turn
from giftline.orders.protocol import apply_answer, intend, may_post, spent
from giftline.orders.timing import FROZEN_AFTER, Timing
from giftline.orders.verdict import Found, Verdict, verdict
from giftline.suppliers.port import PullSupplier, Supplier

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Pace, Suppliers
    from giftline.orders.pulls import Pulls


@dataclass(frozen=True, slots=True)
class CreateOrder:
    """Moves a lot from NEW or ABSENT through POSTING; anything else it leaves as it is."""

    orders: Orders
    suppliers: Suppliers
    clock: Clock
    timing: Timing
    pace: Pace
    new_nonce: Callable[[], str]
    pulls: Callable[[], Pulls]

    def __call__(self, order_id: str, number: int) -> Verdict:
        """StaleWrite where another worker moved the lot meanwhile."""
        lot = self.orders.lot(order_id, number)
        if lot.state not in (LotState.NEW, LotState.ABSENT):
            return verdict(lot)
        supplier = self.suppliers(lot.supplier)
        if lot.slots:
            return self.pulls().place(lot, cast("PullSupplier", supplier))
        if not may_post(lot, supplier):
            return verdict(self.orders.save_lot(spent(lot)))
        return self._buy(lot, cast("Supplier", supplier))

    def _buy(self, lot: Lot, supplier: Supplier) -> Verdict:
        supplier.prepare()
        turn = take_turn(self.pace, self.clock, lot.supplier)
        if not turn.count:
            return Verdict(Found.MORE, turn.start)
        started = self.clock.elapsed()
        intent = intend(replace(lot, nonce=self.new_nonce()), self.clock.now(), self.timing, supplier)
        intent = self.orders.save_lot(replace(intent, first_posted_at=lot.first_posted_at or intent.posting_at))
        if self.clock.elapsed() - started > FROZEN_AFTER:
            handed_back = self.orders.save_lot(replace(lot, version=intent.version))
            return Verdict(Found.MORE, handed_back.ask_at)
        answer = supplier.place(intent.reference, intent.lines)
        stay_away(self.pace, self.clock, lot.supplier, answer.retry_after)
        after = apply_answer(intent, answer, self.clock.now(), self.timing, supplier)
        return verdict(self.orders.save_lot(after))
