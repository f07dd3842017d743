"""Start again whatever is due and has no running execution: a lost execution loses nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.errors import StaleWrite
from giftline.orders.lot import states_of
from giftline.orders.model import Order, OrderStatus
from giftline.orders.timing import SWEEP_AGAIN, WATCH_AFTER, Timing
from giftline.rounds import visit_each

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Executions, Orders

SWEEP_LIMIT: Final = 200
MAX_EXECUTIONS: Final = 100
"""An order that so many executions did not bring to its end is a person's business."""


@dataclass(frozen=True, slots=True)
class StartOrder:
    """The first execution of an order carries its id as its name, so it starts once."""

    orders: Orders
    executions: Executions

    def __call__(self, order_id: str) -> None:
        """NotFound where nobody ever recorded that order."""
        order = self.orders.get(order_id)
        if order.status.is_open and order.executions == 0:
            self.executions.start(order.id, order.id)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Looks at open orders whose time has come; safe to run twice at once."""

    orders: Orders
    executions: Executions
    clock: Clock
    timing: Timing

    def __call__(self) -> dict[str, int]:
        """How many orders were due, and how many were started again."""
        due = self.orders.due(self.clock.now(), SWEEP_LIMIT)
        started = visit_each("the sweep of orders", due, lambda order_id: self._visit(self.orders.get(order_id)))
        return {"due": len(due), "started": started}

    def _visit(self, order: Order) -> bool:
        """The count of executions names the next one: the old name is taken for 90 days."""
        if not order.status.is_open:
            return False
        if order.executions - order.forgiven_executions >= MAX_EXECUTIONS:
            now = self.clock.now()
            closed_as = states_of(self.orders.lots(order.id))
            due_at = now + self.timing.scaled(WATCH_AFTER)
            stuck = replace(order, status=OrderStatus.REVIEW, closed_at=now, closed_as=closed_as, due_at=due_at)
            self.orders.save(stuck)
            return False
        later = self.clock.now() + self.timing.scaled(SWEEP_AGAIN)
        running = self.executions.is_running(execution_name(order))
        after = replace(order, due_at=later, executions=order.executions + (not running))
        try:
            self.orders.save(after)
        except StaleWrite:
            return False  # the order moved: it is looked after, or due again soon
        return not running and self.executions.start(execution_name(after), order.id)


def execution_name(order: Order) -> str:
    return order.id if order.executions == 0 else f"{order.id}-{order.executions}"
