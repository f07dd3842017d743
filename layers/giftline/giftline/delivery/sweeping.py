"""Start again the delivery of events whose execution is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.delivery.events import EventState, WebhookEvent
from giftline.errors import StaleWrite
from giftline.orders.timing import SWEEP_AGAIN, Timing
from giftline.rounds import visit_each

if TYPE_CHECKING:
    from giftline.delivery.ports import Deliveries, Webhooks
    from giftline.orders.ports import Clock

SWEEP_LIMIT: Final = 100
MAX_RUNS: Final = 200
"""An event that so many executions did not bring to its end has failed; it can still be resent."""


@dataclass(frozen=True, slots=True)
class SweepEvents:
    """Each try moves `due_at` past the next one, so what is due has nobody who looks after it."""

    webhooks: Webhooks
    deliveries: Deliveries
    clock: Clock
    timing: Timing

    def __call__(self) -> dict[str, int]:
        """How many events were due, and how many were started again."""
        due = self.webhooks.due(self.clock.now(), SWEEP_LIMIT)
        started = visit_each(
            "the sweep of events", due, lambda place: self._visit(self.webhooks.get(*place)), lambda place: place[1]
        )
        return {"due": len(due), "started": started}

    def _visit(self, event: WebhookEvent) -> bool:
        """The next run: an older execution that wakes after all finds itself replaced."""
        now = self.clock.now()
        if event.state is not EventState.PENDING or event.due_at is None or event.due_at > now:
            return False
        if event.runs >= MAX_RUNS:
            problem = f"{event.runs} executions did not bring it to its end"
            after = replace(event, state=EventState.FAILED, last_problem=problem, try_at=None, due_at=None)
        else:
            after = replace(event, runs=event.runs + 1, due_at=now + self.timing.scaled(SWEEP_AGAIN))
        try:
            saved = self.webhooks.save(after)
        except StaleWrite:
            return False  # the event moved: somebody looks after it
        if saved.state is EventState.PENDING:
            self.deliveries.start(saved)
        return saved.state is EventState.PENDING
