"""What a tenant sees of its events: the list, and one event with every attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from giftline.delivery.attempts import Attempt
from giftline.delivery.events import EventState, Millis, WebhookEvent

if TYPE_CHECKING:
    from giftline.delivery.ports import EventsPage, Webhooks

MAX_SHOWN_URL: Final = 300


@dataclass(frozen=True, slots=True)
class ListEvents:
    """Newest first, a page at a time."""

    webhooks: Webhooks

    def __call__(
        self, tenant: str, start: Millis, end: Millis, state: EventState | None, limit: int, after: str = ""
    ) -> EventsPage:
        return self.webhooks.events(tenant, start, end, state, limit, after)


@dataclass(frozen=True, slots=True)
class EventView:
    """One event, its attempts in their order, and whether its endpoint is disabled."""

    event: WebhookEvent
    attempts: tuple[Attempt, ...]
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class ViewEvent:
    """NotFound alike for another tenant's event and for one that never was."""

    webhooks: Webhooks

    def __call__(self, tenant: str, event_id: str) -> EventView:
        event = self.webhooks.get(tenant, event_id)
        attempts = tuple(self.webhooks.attempts(tenant, event_id))
        return EventView(event, attempts, self.webhooks.disabled(tenant, event.url) is not None)


def shown_url(url: str) -> str:
    """Without user, query and fragment: these may hold what nobody else should read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable)"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"[:MAX_SHOWN_URL]
