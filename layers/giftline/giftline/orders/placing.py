"""Buy a lot exactly once: intent first, one POST, and only proof counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from giftline.orders.cancelling import stopped
from giftline.orders.lot import Lot, LotState
from giftline.orders.pacing import stay_away, take_turn
from giftline.orders.protocol import apply_answer, intend, may_post, spent
from giftline.orders.timing import FROZEN_AFTER, Timing
from giftline.orders.verdict import Found, Verdict, verdict
from giftline.suppliers.port import AtOnceSupplier, Placed, PullSupplier, Supplier

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
        """StaleWrite where another worker moved the lot meanwhile, or a client called the order off."""
        lot = self.orders.lot(order_id, number)
        if lot.state not in (LotState.NEW, LotState.ABSENT):
            return verdict(lot)
        order = self.orders.get(order_id)
        if order.is_called_off:
            lot = self.orders.save_lot(stopped(lot))
            if lot.state.is_closed:
                return verdict(lot)
        supplier = self.suppliers(lot.supplier)
        if lot.slots:
            return self.pulls().place(lot, cast("PullSupplier", supplier))
        if not may_post(lot, supplier):
            return verdict(self.orders.save_lot(spent(lot)))
        return self._buy(lot, cast("Supplier", supplier), at_once=order.at_once)

    def _buy(self, lot: Lot, supplier: Supplier, *, at_once: bool) -> Verdict:
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
        answer = _place(intent, supplier, at_once=at_once)
        stay_away(self.pace, self.clock, lot.supplier, answer.retry_after)
        after = apply_answer(intent, answer, self.clock.now(), self.timing, supplier)
        return verdict(self.orders.save_lot(after))


def _place(intent: Lot, supplier: Supplier, *, at_once: bool) -> Placed:
    """For a client that waits, by the supplier's own call for that, where it has one and the lot is small enough."""
    if at_once and intent.quantity <= supplier.terms.at_once:
        return cast("AtOnceSupplier", supplier).place_at_once(intent.reference, intent.lines)
    return supplier.place(intent.reference, intent.lines)
