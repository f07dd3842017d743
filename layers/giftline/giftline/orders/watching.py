"""Go on asking about what was not bought or is in review, for some days; adopt what turns up.

A refusal may have been wrong, a POST may have been under way for an hour: what the supplier then has
under our reference was paid for, and is ours (docs/protocols.md, After an order is closed).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from giftline.errors import Refused, StaleWrite
from giftline.orders.cancelling import TRIES, being_worked_on
from giftline.orders.lot import WATCHED, Lot, LotState, Slot, states_of
from giftline.orders.model import Millis, Order, OrderStatus, Watch
from giftline.orders.pacing import look_up, take_turn
from giftline.orders.planning import NOBODY
from giftline.orders.protocol import FETCH_ROUNDS, Bought, apply_status, dead, into_review, withhold
from giftline.orders.pull_steps import AskStep, questioned
from giftline.orders.slots import with_slots
from giftline.orders.timing import MINUTE, NEVER, WATCH_AFTER, WATCH_FOR, Timing
from giftline.rounds import visit_each
from giftline.suppliers.port import Asked, Found, PullSupplier, Status, Supplier

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Pace, Suppliers
    from giftline.orders.pulls import Pulls

WATCH_LIMIT: Final = 50
GO_ON_AFTER: Final[Millis] = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class WatchOrders:
    """Visits closed orders whose time has come; the pauses double, so that a week takes few questions."""

    orders: Orders
    suppliers: Suppliers
    clock: Clock
    timing: Timing
    pace: Pace
    new_nonce: Callable[[], str]
    pulls: Callable[[], Pulls]

    def __call__(self) -> dict[str, int]:
        """How many orders were looked at, and how many are open again."""
        until, watched = self.clock.elapsed() + self.timing.task_budget, list[str]()

        def visit(order_id: str) -> int:
            if self.clock.elapsed() > until:
                return 0  # the rest stays due
            try:
                is_open = self._visit(self.orders.get(order_id), until)
            except StaleWrite:
                return 0  # somebody else moved it
            except Exception:
                self._put_off(order_id)
                raise
            watched.append(order_id)
            return is_open

        reopened = visit_each("the watch", self._due(), visit)
        return {"watched": len(watched), "reopened": reopened}

    def _due(self) -> list[str]:
        now = self.clock.now()
        return [one for watch in (Watch.REVIEW, Watch.CLOSED) for one in self.orders.due(now, WATCH_LIMIT, watch)]

    def _visit(self, order: Order, until: float) -> bool:
        lots = self.orders.lots(order.id)
        passed_on = {lot.instead_of for lot in lots}
        after = []
        for lot in lots:
            if self.clock.elapsed() > until:  # the others have their turn; what was asked is not asked again soon
                soon = self.clock.now() + self.timing.scaled(GO_ON_AFTER)
                self.orders.save(replace(order, due_at=soon))
                return False
            after.append(self._ask(lot, passed_on=lot.number in passed_on))
        return self._leave(order, after)

    def _leave(self, order: Order, lots: Sequence[Lot]) -> bool:
        """Open if its lots are not as it was closed: changed now, or since a visit or an act that stopped halfway."""
        if states_of(lots) != order.closed_as:
            self.orders.save(reopened(order, self.clock.now()))
            return True
        self.orders.save(replace(order, due_at=self._next_visit(order)))
        return False

    def _put_off(self, order_id: str) -> None:
        """What fails at each visit does not stand before the others for ever; and what has a lot in review is closed
        as such, so that it is listed when the questions end.
        """
        with suppress(Exception):
            self._leave(self.orders.get(order_id), self.orders.lots(order_id))

    def _next_visit(self, order: Order) -> Millis | None:
        now, since = self.clock.now(), order.watched_since or order.created_at
        end = since + self.timing.scaled(WATCH_FOR)
        if now >= end:
            return NEVER if order.status is OrderStatus.REVIEW else None
        return min(end, now + max(self.timing.scaled(WATCH_AFTER), now - since))

    def _ask(self, lot: Lot, *, passed_on: bool) -> Lot:
        if lot.state not in WATCHED or lot.supplier == NOBODY or lot.withheld:
            return lot
        if any(not slot.state.is_closed for slot in lot.slots) and not lot.acts:
            return self.orders.save_lot(with_slots(lot, lot.slots))  # parked with open slots: they go on
        supplier = self.suppliers(lot.supplier)
        if lot.slots:
            return self.pulls().watch(lot, AdoptStep(cast("PullSupplier", supplier), self.timing, passed_on=passed_on))
        if lot.posts == 0 or self.clock.now() < lot.ask_at:
            return lot
        if not take_turn(self.pace, self.clock, lot.supplier).count:
            return lot
        claimed = self._claim(lot, supplier)
        status = look_up(self.pace, self.clock, lot, cast("Supplier", supplier))
        after = adopted(claimed, status, self.clock.now(), self.timing, supplier, passed_on=passed_on)
        return claimed if after == claimed else self.orders.save_lot(after)

    def _claim(self, lot: Lot, supplier: Asked) -> Lot:
        """Written before the question, as every question is: a visit that stopped halfway comes again soon."""
        until = self.clock.now() + self.timing.poll_interval(supplier, lot)
        return self.orders.save_lot(replace(lot, polls=lot.polls + 1, ask_at=until, nonce=self.new_nonce()))


def reopened(order: Order, now: Millis) -> Order:
    """Due at once: the sweep starts its execution."""
    return replace(
        order, status=OrderStatus.PROCESSING, due_at=now, closed_at=None, forgiven_executions=order.executions
    )


def reopen(orders: Orders, order_id: str, how: Callable[[Order], Order]) -> Order:
    """After a lot of it was settled, `how` one that is closed is opened. One that is open is written too, so that who
    closes it with its lots as they were before reads them again. Refused where its cards were removed meanwhile.
    """
    for _ in range(TRIES):
        order = orders.get(order_id)
        if order.status is OrderStatus.CANCELED:
            return order
        if order.cards_removed_at is not None:
            raise Refused(f"the cards of order {order_id} were removed: it stays as it was closed")
        try:
            return orders.save(order if order.status.is_open else how(order))
        except StaleWrite:
            continue
    raise being_worked_on(f"order {order_id}")


def adopted(
    bought: Bought,
    status: Status,
    now: Millis,
    timing: Timing,
    supplier: Asked,
    *,
    passed_on: bool = False,
    asked_to: bool = False,
) -> Bought:
    """What a look-up makes of a closed purchase. Where another supplier was asked instead, it is
    a person's business, once; what was known to be under way must be ready now, and what was
    read as often as is sensible is not read again, unless a person `asked_to` adopt it.
    """
    if passed_on and bought.was is LotState.FAILED:
        return bought
    if status.found is Found.CANCELLED and bought.state is LotState.REVIEW:
        return dead(bought, supplier)
    if bought.fetch_rounds + 1 >= FETCH_ROUNDS and not asked_to:
        return bought
    known_before = bought.was in (LotState.PLACED, LotState.READY)
    waits = status.found is Found.UNDER_WAY and (asked_to or not known_before)
    if status.found is not Found.READY and not waits:
        return bought
    if passed_on and bought.state is LotState.FAILED:
        return turned_up_twice(bought)
    fresh = replace(bought, was=None, reason="", refusal="", failed_asks=0, fetch_rounds=0, waiting_since=now, asks=0)
    return apply_status(replace(fresh, state=LotState.POSTING), status, now, timing, supplier)


def turned_up_twice(bought: Bought) -> Bought:
    """Its cards, if any, are not handed over: somebody must say which of the two purchases stays."""
    twice = "it turned up after another supplier was asked instead"
    # mypy looks at this once for Lot and once for Slot
    return withhold(bought, twice) if isinstance(bought, Lot) else into_review(bought, twice)  # type: ignore[redundant-expr]


@dataclass(frozen=True, slots=True)
class AdoptStep(AskStep):
    """One GET for each slot that is in review, or proven not bought."""

    passed_on: bool = False
    asked_to: bool = False
    states: frozenset[LotState] = frozenset((LotState.REVIEW, LotState.FAILED))

    def claim(self, slot: Slot, now: Millis) -> Slot:
        return questioned(slot, now, self.timing, WATCH_AFTER - MINUTE)

    def learn(self, lot: Lot, answers: Mapping[int, Status], now: Millis) -> Mapping[int, Slot]:
        return {at: self._adopted(lot.slots[at], answer, now) for at, answer in answers.items()}

    def _adopted(self, slot: Slot, answer: Status, now: Millis) -> Slot:
        rules = {"passed_on": self.passed_on, "asked_to": self.asked_to}
        return adopted(slot, answer, now, self.timing, self.supplier, **rules)
