"""Ask the supplier about a lot: resolve what a POST left open, then wait for the cards.

Never sooner than the documented interval, never past the lot's deadline (docs/protocols.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Millis
from giftline.orders.pacing import look_up, take_turn
from giftline.orders.protocol import apply_status
from giftline.orders.timing import FROZEN_AFTER, SECOND, Timing
from giftline.orders.verdict import Found as Verdicts
from giftline.orders.verdict import Verdict, too_early, verdict
from giftline.suppliers.port import PullSupplier, Supplier

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Pace, Suppliers
    from giftline.orders.pulls import Pulls

MAX_WORD: Final = 60
_ASKED: Final = (LotState.POSTING, LotState.PLACED)


@dataclass(frozen=True, slots=True)
class GetOrderStatus:
    """One look-up, if it is time for one; of single cards, one for each that is in doubt."""

    orders: Orders
    suppliers: Suppliers
    clock: Clock
    timing: Timing
    pace: Pace
    new_nonce: Callable[[], str]
    pulls: Callable[[], Pulls]

    def __call__(self, order_id: str, number: int) -> Verdict:
        lot = self.orders.lot(order_id, number)
        if lot.state not in _ASKED:
            return verdict(lot)
        supplier = self.suppliers(lot.supplier)
        if lot.slots:
            return self.pulls().resolve(lot, cast("PullSupplier", supplier))
        if (now := self.clock.now()) < lot.ask_at:
            return too_early(lot, now)
        return self._ask(lot, cast("Supplier", supplier))

    def _ask(self, lot: Lot, supplier: Supplier) -> Verdict:
        turn = take_turn(self.pace, self.clock, lot.supplier)
        if not turn.count:
            return Verdict(Verdicts.PENDING, turn.start)
        started = self.clock.elapsed()
        claimed = self._claim(lot, supplier)
        if self.clock.elapsed() - started > FROZEN_AFTER:
            return verdict(claimed, Verdicts.PENDING)
        status = look_up(self.pace, self.clock, lot, supplier)
        asked = replace(claimed, supplier_status=status.word[:MAX_WORD])
        after = self.orders.save_lot(apply_status(asked, status, self.clock.now(), self.timing, supplier))
        return verdict(after, Verdicts.PENDING if after.state in _ASKED else None)

    def _claim(self, lot: Lot, supplier: Supplier) -> Lot:
        """Written before the question: neither a twin nor a repeat asks again before its time. The nonce
        tells two workers apart that claim it in the same millisecond.
        """
        pause = supplier.poll_interval(lot.quantity)
        if lot.state is LotState.POSTING:
            pause = supplier.terms.lookup_after
        until: Millis = self.clock.now() + round(FROZEN_AFTER * SECOND) + self.timing.scaled(pause)
        return self.orders.save_lot(replace(lot, polls=lot.polls + 1, ask_at=until, nonce=self.new_nonce()))
