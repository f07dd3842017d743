"""The ports of webhooks in memory, and an endpoint that says what it is told to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from giftline.delivery.attempts import Attempt, Endpoint, SealedSecrets
from giftline.delivery.events import EventState, WebhookEvent, new_event, success_body
from giftline.delivery.listing import ListEvents, ViewEvent
from giftline.delivery.ports import Answer, EventsPage
from giftline.delivery.resending import ResendEvent, ResendFailed
from giftline.delivery.sending import SendWebhook
from giftline.delivery.signing_secrets import SigningSecrets
from giftline.delivery.sweeping import SweepEvents
from giftline.doors.webhooks import WebhooksDoor
from giftline.errors import BrokenSeal, NotFound, StaleWrite
from giftline.orders.timing import SWEEP_AFTER, Timing
from giftline.secret import Secret
from tests.fakes.storage import FakeTokens
from tests.fakes.time import START, FakeClock

URL = "https://shop.example/hooks?key=hidden"
DELAYS = (0, 5, 60, 300, 1800, 7200, 21600, 43200, 86400, 100000)


@dataclass
class FakeWebhooks:
    """Written over the version read; what is given together is written together."""

    records: dict[tuple[str, str], WebhookEvent] = field(default_factory=dict)
    tried: dict[tuple[str, str, int], Attempt] = field(default_factory=dict)
    endpoints: dict[tuple[str, str], Endpoint] = field(default_factory=dict)
    sealed: dict[str, SealedSecrets] = field(default_factory=dict)

    def add(self, event: WebhookEvent) -> WebhookEvent:
        return self.records.setdefault((event.tenant, event.id), event)

    def get(self, tenant: str, event_id: str) -> WebhookEvent:
        if (tenant, event_id) not in self.records:
            raise NotFound(f"no webhook event with id {event_id!r:.80}")
        return self.records[tenant, event_id]

    def save(
        self, event: WebhookEvent, attempt: Attempt | None = None, disabled: Endpoint | None = None
    ) -> WebhookEvent:
        after, stored = replace(event, version=event.version + 1), self.records.get((event.tenant, event.id))
        is_written = stored == after and not (attempt or disabled)
        if stored is None or (stored.version != event.version and not is_written):
            raise StaleWrite(f"event {event.id} moved past version {event.version}")
        self.records[event.tenant, event.id] = after
        if attempt:
            self.tried[attempt.tenant, attempt.event_id, attempt.number] = attempt
        if disabled:
            self.endpoints[disabled.tenant, disabled.url] = disabled
        return after

    def attempts(self, tenant: str, event_id: str) -> list[Attempt]:
        return [one for place, one in sorted(self.tried.items()) if place[:2] == (tenant, event_id)]

    def events(
        self, tenant: str, start: int, end: int, state: EventState | None, limit: int, after: str = ""
    ) -> EventsPage:
        first, last = f"evt_{start:012x}", f"evt_{end:012x}"
        found = [
            event
            for (owner, event_id), event in sorted(self.records.items(), reverse=True)
            if owner == tenant and first <= event_id < last and (not after or event_id < after)
        ]
        found = [event for event in found if state in (None, event.state)]
        return EventsPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else "")

    def due(self, before: int, limit: int) -> list[tuple[str, str]]:
        waiting = [e for e in self.records.values() if e.state is EventState.PENDING and e.due_at is not None]
        waiting.sort(key=lambda event: event.due_at or 0)
        return [(event.tenant, event.id) for event in waiting if (event.due_at or 0) <= before][:limit]

    def disabled(self, tenant: str, url: str) -> Endpoint | None:
        return self.endpoints.get((tenant, url))

    def enable(self, tenant: str, url: str) -> None:
        self.endpoints.pop((tenant, url), None)

    def secrets(self, tenant: str) -> SealedSecrets | None:
        return self.sealed.get(tenant)

    def save_secrets(self, secrets: SealedSecrets) -> SealedSecrets:
        after, stored = replace(secrets, version=secrets.version + 1), self.sealed.get(secrets.tenant)
        if (stored.version if stored else 0) != secrets.version and stored != after:
            raise StaleWrite(f"the secrets of {secrets.tenant} moved")
        self.sealed[secrets.tenant] = after
        return after


class FakeKeeper:
    """Seals so that a test can tell whom it was sealed for; `opened` counts."""

    def __init__(self) -> None:
        self.opened = 0

    def seal(self, tenant: str, secret: Secret) -> bytes:
        return f"{tenant}|{secret.reveal()[::-1]}".encode()

    def open(self, tenant: str, sealed: bytes) -> Secret:
        self.opened += 1
        owner, _, text = sealed.decode().rpartition("|")
        if owner != tenant:
            raise BrokenSeal("sealed for another tenant")
        return Secret(text[::-1])


@dataclass
class FakeEndpoint:
    """A tenant's backend: says the next of `answers`, then 204. `got` keeps what reached it."""

    answers: deque[int | None] = field(default_factory=deque)
    got: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        self.got.append((url, body, dict(headers)))
        self.before_answer()
        status = self.answers.popleft() if self.answers else 204
        return Answer(status, "" if status else "the connection was refused; expected a server that answers", 12)


@dataclass
class FakeDeliveries:
    """Names are taken for good; `started` keeps tenant, id and run in their order."""

    started: list[tuple[str, str, int]] = field(default_factory=list)
    broken: bool = False

    def start(self, event: WebhookEvent) -> None:
        if self.broken:
            raise ConnectionError("no answer")
        if (event.tenant, event.id, event.runs) not in self.started:
            self.started.append((event.tenant, event.id, event.runs))


@dataclass
class Post:
    """All use cases on webhooks around one clock."""

    clock: FakeClock = field(default_factory=FakeClock)
    timing: Timing = field(default_factory=Timing)
    webhooks: FakeWebhooks = field(default_factory=FakeWebhooks)
    keeper: FakeKeeper = field(default_factory=FakeKeeper)
    endpoint: FakeEndpoint = field(default_factory=FakeEndpoint)
    deliveries: FakeDeliveries = field(default_factory=FakeDeliveries)

    @property
    def signing_secrets(self) -> SigningSecrets:
        return SigningSecrets(self.webhooks, self.keeper, self.clock, self.timing)

    @property
    def send_webhook(self) -> SendWebhook:
        return SendWebhook(
            self.webhooks, self.endpoint, self.signing_secrets, self.clock, self.timing, jitter=lambda: 0.5
        )

    @property
    def resend_event(self) -> ResendEvent:
        return ResendEvent(self.webhooks, self.deliveries, self.clock, self.timing)

    @property
    def resend_failed(self) -> ResendFailed:
        return ResendFailed(self.webhooks, self.resend_event)

    @property
    def list_events(self) -> ListEvents:
        return ListEvents(self.webhooks)

    @property
    def view_event(self) -> ViewEvent:
        return ViewEvent(self.webhooks)

    @property
    def sweep_events(self) -> SweepEvents:
        return SweepEvents(self.webhooks, self.deliveries, self.clock, self.timing)

    def door(self, tokens: FakeTokens) -> WebhooksDoor:
        return WebhooksDoor(
            tokens,
            self.list_events,
            self.view_event,
            self.resend_event,
            self.resend_failed,
            self.signing_secrets,
            self.clock,
        )

    def announced(self, subject: str = "B1", url: str = URL, tenant: str = "acme") -> WebhookEvent:
        """An event as the end of a batch leaves it: recorded and started."""
        event = self.webhooks.add(an_event(subject, url, tenant, self.clock.now(), self.timing))
        self.deliveries.start(event)
        return event

    def now(self, event: WebhookEvent) -> WebhookEvent:
        """As it is stored now."""
        return self.webhooks.get(event.tenant, event.id)


def an_event(
    subject: str = "B1", url: str = URL, tenant: str = "acme", at: int = START, timing: Timing | None = None
) -> WebhookEvent:
    due_at = at + (timing or Timing()).scaled(SWEEP_AFTER)
    return new_event(tenant, subject, url, success_body(subject, f"https://api.example/{subject}"), at, due_at)
