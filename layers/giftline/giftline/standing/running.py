"""What a time of a standing order comes to: one order, or the reason why there is none, written down.

An event only says when to look. The truth is the record, what may be ordered is told by its refno, and so an event
that comes twice, late, out of order or not at all changes nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.errors import FieldProblem, GiftlineError, InsufficientFunds, NotFound, OverLimit, Refused
from giftline.orders.catalogue import Catalogue
from giftline.orders.timing import SWEEP_AFTER, Timing
from giftline.standing.keeping import ended
from giftline.standing.model import EARLY, LATEST, Cause, Firing, Outcome, StandingOrder, State
from giftline.standing.notices import PAUSED, paused_event
from giftline.standing.times import MINUTE

if TYPE_CHECKING:
    from giftline.delivery.ports import Deliveries
    from giftline.orders.model import Order
    from giftline.orders.ports import Clock
    from giftline.standing.ports import Accept, AcceptedOrders, StandingOrders
    from giftline.standing.scheduling import SettleSchedule
    from giftline.standing.times import Millis

MOST_BEHIND: Final = 50
"""Times that one visit catches up with."""
LOOKED_BACK: Final = 31
"""Times just before, which are asked for their orders: each is one read."""
LONGEST_SHIFT: Final[Millis] = 3 * 60 * MINUTE
"""By which a government may move the clocks under a time that was told before."""
OVER: Final = "its last time has passed"
MAX_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class RunStandingOrder:
    """Without `deliveries` the sweep of events tells of a pause."""

    standing_orders: StandingOrders
    orders: AcceptedOrders
    accept_order: Accept
    catalogue: Catalogue
    settle: SettleSchedule
    clock: Clock
    timing: Timing
    deliveries: Deliveries | None = None

    def __call__(self, tenant: str, standing_id: str, scheduled_at: Millis | None) -> Firing | None:
        """Of the time that the event names, else of all that are due: the last one's firing, None where there is none.

        An event of a standing order that nobody knows is none of ours: to raise would only bring it again.
        """
        try:
            standing = self.standing_orders.get(tenant, standing_id)
        except NotFound:
            return None
        if scheduled_at is None:
            return self.catch_up(standing)
        at = standing.time_of(scheduled_at)
        firing = None
        if at is not None and at <= self.clock.now() + EARLY:
            standing, firing = self._run(standing, at)
        self._end_if_over(standing)
        return firing

    def catch_up(self, standing: StandingOrder) -> Firing | None:
        """All times that went by and are not known to be dealt with; the scheduler comes last, for it may be down."""
        firing = None
        for _ in range(MOST_BEHIND):
            at = standing.next_at
            if standing.state is not State.ACTIVE or at is None or at > self.clock.now():
                break
            if standing.time_of(at) != at:
                standing = self._next_is(standing, standing.next_after(at - LONGEST_SHIFT))
                continue
            standing, firing = self._run(standing, at)
        self._end_if_over(standing)
        return firing

    def _run(self, standing: StandingOrder, at: Millis) -> tuple[StandingOrder, Firing]:
        firing = self._decided(standing, at)
        if firing.outcome is Outcome.REFUSED:
            standing = self._pause(standing, firing)
        if firing.outcome is Outcome.ORDERED and at > (standing.last_ordered_at or 0):
            standing = replace(standing, last_ordered_at=at)
        if standing.next_at == at:
            standing = self._next_is(standing, standing.next_after(at))
        return standing, firing

    def _next_is(self, standing: StandingOrder, following: Millis | None) -> StandingOrder:
        """One that is paused ends when its last time may not be ordered any more, not before."""
        if following is None and standing.state is State.ACTIVE:
            return self._end(standing)
        return self.standing_orders.save(replace(standing, next_at=following))

    def _end(self, standing: StandingOrder) -> StandingOrder:
        return self.standing_orders.save(ended(standing, OVER, Cause.OVER, self.clock.now()))

    def _decided(self, standing: StandingOrder, at: Millis) -> Firing:
        """As recorded, else as the order that is there already says, else as the rules say."""
        known = self.standing_orders.firing(standing.tenant, standing.id, standing.recurrence.local(at))
        if known is not None and known.outcome is not Outcome.SKIPPED:
            return known
        order = self.orders.find(standing.tenant, standing.refno(at))
        if order is not None:
            return self._record(standing, at, Outcome.ORDERED, order=order)
        if known is not None:
            return known
        if reason := standing.reason_to_skip(at, self.clock.now()) or self._is_previous_open(standing, at):
            return self._record(standing, at, Outcome.SKIPPED, reason=reason)
        return self._ordered(standing, at)

    def _ordered(self, standing: StandingOrder, at: Millis) -> Firing:
        if problems := self._catalogue_problems(standing):
            reason = "; ".join(str(problem) for problem in problems)
            return self._record(standing, at, Outcome.REFUSED, reason=reason, cause=Cause.CATALOGUE)
        try:
            order = self.accept_order(standing.request(at))
        except Refused as error:
            return self._record(standing, at, Outcome.REFUSED, reason=str(error), cause=cause_of(error))
        return self._record(standing, at, Outcome.ORDERED, order=order)

    def _catalogue_problems(self, standing: StandingOrder) -> list[FieldProblem]:
        """It may have changed since the door looked."""
        problems = []
        for number, line in enumerate(standing.lines):
            place = f"order.products.{number}"
            problems += self.catalogue.check(line.sku, line.amount.minor, f"{place}.sku", f"{place}.price")
            product, currency = self.catalogue.find(line.sku), line.amount.currency
            if product is not None and product.currency != currency:
                problem = f"{currency.code} is its currency no more"
                problems.append(FieldProblem(f"{place}.currency", problem, product.currency.code))
        return problems

    def _is_previous_open(self, standing: StandingOrder, at: Millis) -> str:
        order = self._order_before(standing, at) if standing.skips.if_previous_open else None
        return f"the order before, {order.refno}, is still open" if order and order.status.is_open else ""

    def _order_before(self, standing: StandingOrder, at: Millis) -> Order | None:
        """Told by the orders themselves: what is recorded of the times just before may still be missing. Further
        back the record knows it, however many times were skipped since.
        """
        before = at
        for _ in range(LOOKED_BACK):
            earlier = standing.recurrence.before(before)
            if earlier is None or earlier < standing.created_at:
                return None
            before = earlier
            order = self.orders.find(standing.tenant, standing.refno(before))
            if order is not None:
                return order
        last = standing.last_ordered_at
        return self.orders.find(standing.tenant, standing.refno(last)) if last is not None and last < at else None

    def _record(
        self,
        standing: StandingOrder,
        at: Millis,
        outcome: Outcome,
        *,
        order: Order | None = None,
        reason: str = "",
        cause: Cause | None = None,
    ) -> Firing:
        return self.standing_orders.record(
            Firing(
                standing.tenant,
                standing.id,
                at,
                standing.recurrence.local(at),
                outcome,
                self.clock.now(),
                order_id=order.id if order else "",
                refno=order.refno if order else "",
                reason=reason[:MAX_REASON],
                cause=cause,
            )
        )

    def _pause(self, standing: StandingOrder, firing: Firing) -> StandingOrder:
        """The pause and the event that tells of it are one write: none without the other, and once."""
        if standing.state is not State.ACTIVE or firing.at < standing.active_since:
            return standing
        paused = replace(standing, state=State.PAUSED, reason=firing.reason, cause=firing.cause)
        due_at = self.clock.now() + (self.timing.scaled(SWEEP_AFTER) if self.deliveries else 0)
        event = paused_event(standing, firing, due_at)
        paused = self.standing_orders.save(paused, event)
        logging.getLogger(__name__).warning("%s: %s of %s: %s", PAUSED, paused.id, paused.tenant, paused.cause)
        if self.deliveries and event:
            self.deliveries.start(event)
        return paused

    def _end_if_over(self, standing: StandingOrder) -> None:
        """A scheduler that still calls on one that has ended got its schedule at the very moment of its end."""
        now = self.clock.now()
        if standing.state is State.ENDED and standing.is_scheduled_right:
            self.settle.schedules.delete(standing.id)
        elif standing.state is not State.ENDED and standing.next_after(now - LATEST) is None:
            standing = self._end(standing)
        self.settle(standing)


def cause_of(error: GiftlineError) -> Cause:
    """By its type."""
    if isinstance(error, InsufficientFunds):
        return Cause.INSUFFICIENT_FUNDS
    return Cause.OVER_LIMIT if isinstance(error, OverLimit) else Cause.REFUSED
