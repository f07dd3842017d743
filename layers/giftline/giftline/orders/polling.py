"""Ask the supplier about a lot: resolve what a POST left open, then wait for the cards.

Never sooner than the documented interval, never past the lot's deadline (docs/protocols.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from giftline.orders.model import Lot, LotState, Millis
from giftline.orders.placing import cancelled, into_review, placed
from giftline.orders.timing import Timing
from giftline.orders.verdict import Found as Verdicts
from giftline.orders.verdict import Verdict, verdict
from giftline.suppliers.port import Found, Status, Supplier, Uniqueness

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Suppliers


@dataclass(frozen=True, slots=True)
class GetOrderStatus:
    """One look-up, if it is time for one."""

    orders: Orders
    suppliers: Suppliers
    clock: Clock
    timing: Timing

    def __call__(self, order_id: str, number: int) -> Verdict:
        lot = self.orders.lot(order_id, number)
        if lot.state not in (LotState.POSTING, LotState.PLACED):
            return verdict(lot)
        if self.clock.now() < lot.ask_at:
            return verdict(lot, Verdicts.PENDING)
        supplier = self.suppliers(lot.supplier)
        claimed = self._claim(lot, supplier)
        status = supplier.look_up(lot.reference)
        asked = replace(claimed, supplier_status=status.word[:60])
        after = apply_status(asked, status, self.clock.now(), self.timing, supplier)
        after = self.orders.save_lot(after)
        waits = after.state in (LotState.POSTING, LotState.PLACED)
        return verdict(after, Verdicts.PENDING if waits else None)

    def _claim(self, lot: Lot, supplier: Supplier) -> Lot:
        """Written before the question: neither a twin nor a repeat asks again before its time."""
        pause = supplier.poll_interval(lot.quantity)
        if lot.state is LotState.POSTING:
            pause = supplier.terms.lookup_after
        until = self.clock.now() + self.timing.scaled(pause)
        return self.orders.save_lot(replace(lot, polls=lot.polls + 1, ask_at=until))


def apply_status(lot: Lot, status: Status, now: Millis, timing: Timing, supplier: Supplier) -> Lot:
    """What one look-up's answer makes of a lot that is POSTING or PLACED."""
    if status.found is Found.DIFFERENT or _changed_its_name(lot, status):
        return into_review(lot, "the reference names another order at the supplier")
    if status.found is Found.UNREADABLE:
        delay = supplier.terms.retry_lookup
        if lot.state is LotState.PLACED:
            delay = max(delay, supplier.poll_interval(lot.quantity))
        return _ask_later(lot, now, delay, timing, supplier)
    if status.found is Found.ABSENT:
        return _absent(lot, now, timing, supplier)
    return _known(lot, status, now, timing, supplier)


def _changed_its_name(lot: Lot, status: Status) -> bool:
    return bool(lot.supplier_order_id) and status.supplier_order_id not in ("", lot.supplier_order_id)


def _known(lot: Lot, status: Status, now: Millis, timing: Timing, supplier: Supplier) -> Lot:
    """The supplier has the lot: adopted if it was in doubt, then as far as its status says."""
    interval = timing.poll_interval(supplier, lot)
    if lot.state is LotState.POSTING:
        lot = placed(lot, status.supplier_order_id, now, interval)
    if status.found is Found.CANCELLED:
        return cancelled(lot)
    if status.found is Found.READY:
        order_id = status.supplier_order_id or lot.supplier_order_id
        return replace(lot, state=LotState.READY, ready_at=now, ask_at=now, failed_asks=0, supplier_order_id=order_id)
    return _wait(replace(lot, failed_asks=0), now, now + interval, timing, supplier)


def _absent(lot: Lot, now: Millis, timing: Timing, supplier: Supplier) -> Lot:
    """Absence proves something only after settling, and only where the supplier never knew it."""
    if lot.state is LotState.PLACED or lot.taken:
        return _ask_later(lot, now, supplier.poll_interval(lot.quantity), timing, supplier)
    settled_at = (lot.posting_at or lot.first_posted_at or 0) + timing.scaled(supplier.terms.settle)
    if now < settled_at:
        return replace(lot, ask_at=settled_at)
    if supplier.terms.uniqueness is not Uniqueness.ENFORCED:
        return into_review(lot, "absent, and this supplier would take the reference twice")
    return replace(lot, state=LotState.ABSENT)


def _ask_later(lot: Lot, now: Millis, delay: Millis, timing: Timing, supplier: Supplier) -> Lot:
    later = replace(lot, failed_asks=lot.failed_asks + 1)
    return _wait(later, now, now + timing.scaled(delay), timing, supplier)


def _wait(lot: Lot, now: Millis, until: Millis, timing: Timing, supplier: Supplier) -> Lot:
    """Ask again at `until`, unless the lot's deadline is over."""
    if timing.is_overdue(supplier, lot, now):
        return into_review(lot, "overdue: the supplier did not finish in time")
    return replace(lot, ask_at=until)
