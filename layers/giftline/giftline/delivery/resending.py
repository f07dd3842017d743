"""Send again what a tenant asks for: one event, or all that failed in a time range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.delivery.events import EventState, Millis, WebhookEvent
from giftline.errors import StaleWrite
from giftline.orders.timing import SWEEP_AFTER, Timing

if TYPE_CHECKING:
    from giftline.delivery.ports import Deliveries, Webhooks
    from giftline.orders.ports import Clock

AT_ONCE: Final = 25
"""Events resent by one call: each takes some writes and the start of an execution."""


@dataclass(frozen=True, slots=True)
class ResendEvent:
    """All tries anew, under the same id; an endpoint that was disabled is enabled by it."""

    webhooks: Webhooks
    deliveries: Deliveries
    clock: Clock
    timing: Timing

    def __call__(self, tenant: str, event_id: str) -> WebhookEvent:
        """NotFound; StaleWrite where a try is being recorded just now."""
        event = self.webhooks.get(tenant, event_id)
        self.webhooks.enable(tenant, event.url)
        again = replace(
            event,
            state=EventState.PENDING,
            forgiven_tries=event.tries,
            runs=event.runs + 1,
            try_at=None,
            due_at=self.clock.now() + self.timing.scaled(SWEEP_AFTER),
        )
        saved = self.webhooks.save(again)
        self.deliveries.start(saved)
        return saved


@dataclass(frozen=True, slots=True)
class Resent:
    """`next` is empty where the whole range was looked through."""

    events: tuple[WebhookEvent, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class ResendFailed:
    """A bounded part of the range at a time. One that was stopped in between may be called again:
    what was resent already is not failed any more.
    """

    webhooks: Webhooks
    resend_event: ResendEvent

    def __call__(self, tenant: str, start: Millis, end: Millis, after: str = "") -> Resent:
        page = self.webhooks.events(tenant, start, end, EventState.FAILED, AT_ONCE, after)
        resent = (self._resend(tenant, event.id) for event in page.events)
        return Resent(tuple(event for event in resent if event is not None), page.next)

    def _resend(self, tenant: str, event_id: str) -> WebhookEvent | None:
        try:
            return self.resend_event(tenant, event_id)
        except StaleWrite:
            return None  # somebody else has just resent it, or it was delivered after all
