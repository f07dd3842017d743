"""Call an order off: what is not bought yet is never bought, and what was sold is not pretended away.

First the order says so, then each of its lots. The order's word holds for whoever plans lots or takes one up
after it; a lot's own, written over the version that was read, for whoever has taken it up before: of that write
and the intent to buy, which is such a write too, one alone holds (docs/protocols.md, Calling an order off).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.errors import FieldProblem, InvalidRequest, NotFound, StaleWrite
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Order, OrderStatus, is_refno
from giftline.orders.protocol import Bought, failed
from giftline.orders.slots import with_slots
from giftline.orders.timing import MINUTE, NEVER

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders

CANCEL_MINUTES: Final = 15
"""The Wpay document's `allowedWithIn`. Clients are told of it in minutes, so it is never scaled."""
TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Safe at any moment, and to repeat: what an accident leaves open, the next worker stops, or the next call."""

    orders: Orders
    clock: Clock

    def __call__(self, tenant: str, refno: str) -> Order:
        """The order as it then stands: CANCELED, or open until its lots under way have come to their end.
        InvalidRequest where it is too late; NotFound.
        """
        for _ in range(TRIES):
            order = found(self.orders, tenant, refno)
            if order.status is OrderStatus.CANCELED:
                return order
            if not self.is_allowed(order) and not (order.is_called_off and order.status.is_open):
                raise self._too_late(order)
            try:
                return self.call_off(order)
            except StaleWrite:
                continue
        raise being_worked_on(f"order {refno}")

    def is_allowed(self, order: Order) -> bool:
        """Within the window, while it is open, and not asked for already."""
        in_time = self.clock.now() < order.created_at + CANCEL_MINUTES * MINUTE
        return in_time and order.status.is_open and not order.is_called_off

    def call_off(self, order: Order) -> Order:
        """Whatever the window says. StaleWrite where the order moved since it was read."""
        if not order.is_called_off:
            order = self.orders.save(replace(order, cancel_asked_at=self.clock.now()))
        # whoever planned lots before wrote their count with them; whoever plans now sees that it is called off
        for lot in self.orders.lots(order.id) if order.lot_count else ():
            self._stop(lot)
        return self.orders.get(order.id)

    def _stop(self, lot: Lot) -> None:
        for _ in range(TRIES):
            after = stopped(lot)
            if after == lot:
                return
            try:
                self.orders.save_lot(after)
            except StaleWrite:
                lot = self.orders.lot(lot.order_id, lot.number)
            else:
                return
        raise being_worked_on(f"lot {lot.number} of order {lot.order_id}")

    def _too_late(self, order: Order) -> InvalidRequest:
        if not order.status.is_open:
            problem, expected = f"the order has ended as {order.status.value}", "an order that is still under way"
        else:
            problem, expected = "the order is older than that", f"an order of the last {CANCEL_MINUTES} minutes"
        return InvalidRequest([FieldProblem("refno", problem, expected)])


def being_worked_on(what: str) -> StaleWrite:
    """Others were faster each time: the same call, made again, goes on from where they left it."""
    return StaleWrite(f"{what} is being worked on: try again")


def found(orders: Orders, tenant: str, refno: str) -> Order:
    """NotFound alike for unknown, foreign and impossible."""
    order = orders.find(tenant, refno) if is_refno(refno) else None
    if order is None:
        # why: it imports the planning that imports this; whoever calls an order off has loaded it
        from giftline.orders.viewing import NOT_AVAILABLE  # noqa: PLC0415

        raise NotFound(NOT_AVAILABLE)
    return order


def stopped(lot: Lot) -> Lot:
    """Whatever is proven not bought stays so; what went out, or may have, comes to its end."""
    if not lot.slots:
        return _stopped(lot)
    slots = [_stopped(slot) for slot in lot.slots]
    return lot if slots == list(lot.slots) else with_slots(lot, slots)


def _stopped(bought: Bought) -> Bought:
    """NEW was never sent under its reference; ABSENT was, and the supplier does not know it after settling."""
    if bought.state is LotState.NEW:
        unsent = failed(bought, "called off before it was ordered")
        # The watch asks nothing about a single card that was never sent; mypy looks at this once for Lot, once for Slot
        return replace(unsent, ask_at=NEVER) if isinstance(unsent, Slot) else unsent  # type: ignore[redundant-expr]
    if bought.state is LotState.ABSENT:
        return failed(bought, "called off: the supplier never had it")
    return bought
