"""Take a whole order back, as the Wpay document has it: within 24 h, unless a card of it was used.

Giftline sells what its suppliers sold, so it is for them to say; one that has no such call is not asked. A lot goes
into REVIEW before its supplier is asked and comes out by the answer. Where no clear answer came, the same call asks
again, and the watch finds out by itself what became of it (docs/protocols.md, Taking an order back).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from giftline.errors import FieldProblem, InvalidRequest, StaleWrite, Unanswered
from giftline.orders.cancelling import TRIES, CancelOrder, being_worked_on, found
from giftline.orders.lot import Lot, LotState, states_of
from giftline.orders.model import Order, OrderStatus
from giftline.orders.pacing import look_up, take_turn
from giftline.orders.planning import NOBODY
from giftline.orders.protocol import into_review, taken_back
from giftline.orders.timing import HOUR, WATCH_AFTER, Timing
from giftline.orders.watching import reopen, reopened
from giftline.suppliers.port import Found, Reversed, ReversingSupplier

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Pace, Suppliers

REVERSAL_HOURS: Final = 24
"""Documented in hours, and told to clients so: never scaled."""
ASK_FOR: Final = 10.0
"""Seconds after which no supplier is asked anything more: the caller waits, and calls again."""


@dataclass(frozen=True, slots=True)
class ReverseOrder:
    """Safe to repeat: a supplier that took a lot back says so again."""

    orders: Orders
    suppliers: Suppliers
    clock: Clock
    timing: Timing
    pace: Pace
    cancel: CancelOrder

    def __call__(self, tenant: str, refno: str) -> Order:
        """The order as it then stands: CANCELED, or open until it is settled; one that is still under way is called
        off instead. InvalidRequest where it stays sold; Unanswered, NotFound.
        """
        order = found(self.orders, tenant, refno)
        if order.status is OrderStatus.CANCELED:
            return order
        if self.clock.now() >= order.created_at + REVERSAL_HOURS * HOUR:
            raise _stays(f"an order of the last {REVERSAL_HOURS} hours", "the order is older than that")
        if order.status.is_open:
            return self.cancel.call_off(order)
        lots = self._sold(order)
        self._watched(order)
        until = self.clock.elapsed() + ASK_FOR
        answers = [self._take_back(lot, until) for lot in lots]
        if Reversed.UNKNOWN in answers:
            raise Unanswered(f"the supplier of order {refno} did not say whether it is taken back: try again")
        if states_of(self.orders.lots(order.id)) == order.closed_as:
            raise _stays("cards that nobody used", "the supplier does not take it back")
        # the sweep then closes it anew: its files, its status and its money follow from its lots
        return reopen(self.orders, order.id, lambda closed: reopened(closed, self.clock.now()))

    def _sold(self, order: Order) -> Sequence[Lot]:
        """The lots to be taken back; none where all were, and the worker died before it could say so."""
        lots = self.orders.lots(order.id)
        begun = any(lot.reversing for lot in lots)
        if not order.status.has_cards and not begun:
            raise _stays("an order with cards", f"the order has ended as {order.status.value}")
        if order.cards_removed_at is not None:
            raise _stays("an order whose cards are still kept", "its cards were removed")
        sold = [lot for lot in lots if lot.state is not LotState.FAILED]
        if not all(self._can_go_back(lot) for lot in sold):
            raise _stays("cards of suppliers that take them back", "one of its suppliers takes nothing back")
        if not sold and not begun:
            raise _stays("an order with cards", "nothing of it was sold")
        return sold

    def _can_go_back(self, lot: Lot) -> bool:
        if lot.slots or lot.supplier == NOBODY or not self.suppliers(lot.supplier).terms.reverses:
            return False
        return lot.state is LotState.COLLECTED or (lot.state is LotState.REVIEW and lot.reversing)

    def _watched(self, order: Order) -> None:
        """Before anything is asked: a worker that dies leaves an order that the watch visits, and for which nothing is
        bought anew.
        """
        due_at = self.clock.now() + self.timing.scaled(WATCH_AFTER)
        called_off = order.cancel_asked_at or self.clock.now()
        self.orders.save(replace(order, due_at=due_at, cancel_asked_at=called_off))

    def _take_back(self, lot: Lot, until: float) -> Reversed:
        supplier = cast("ReversingSupplier", self.suppliers(lot.supplier))
        asked_before = lot.reversing
        if self.clock.elapsed() > until or not take_turn(self.pace, self.clock, lot.supplier).count:
            return Reversed.UNKNOWN
        if lot.state is not LotState.REVIEW:
            asked = into_review(lot, "its supplier was asked to take it back")
            lot = self.orders.save_lot(replace(asked, reversing=True))
        answer = supplier.reverse(lot.reference)
        if answer is Reversed.UNKNOWN or (answer is Reversed.REFUSED and asked_before):
            answer = self._what_became_of(lot, supplier, answer, until)
        if answer is Reversed.REVERSED:
            self._give_back(lot)
        elif answer is Reversed.REFUSED:
            kept = replace(lot, state=LotState.COLLECTED, was=None, reason="", reversing=False)
            self.orders.save_lot(kept)
        return answer

    def _give_back(self, lot: Lot) -> None:
        """Over whatever others made of the lot meanwhile: what they looked up was true until it was taken back."""
        for _ in range(TRIES):
            try:
                self.orders.save_lot(taken_back(lot))
            except StaleWrite:
                lot = self.orders.lot(lot.order_id, lot.number)
                if lot.state is LotState.FAILED:
                    return
            else:
                return
        raise being_worked_on(f"lot {lot.number} of order {lot.order_id}")

    def _what_became_of(self, lot: Lot, supplier: ReversingSupplier, answer: Reversed, until: float) -> Reversed:
        """An earlier question may have got through: only the status says whether."""
        if self.clock.elapsed() > until:
            return Reversed.UNKNOWN
        status = look_up(self.pace, self.clock, lot, supplier)
        if status.found is Found.CANCELLED:
            return Reversed.REVERSED
        return answer if status.found is Found.READY else Reversed.UNKNOWN


def _stays(expected: str, problem: str) -> InvalidRequest:
    return InvalidRequest([FieldProblem("refno", problem, expected)])
