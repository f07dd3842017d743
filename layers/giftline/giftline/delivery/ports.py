"""What the use cases on webhooks need of the world; storage and fakes implement these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from giftline.delivery.attempts import Attempt, Endpoint, SealedSecrets
from giftline.delivery.events import EventState, Millis, WebhookEvent
from giftline.secret import Secret


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, or the problem for which there is none: never both, never neither.

    The status counts once the header of the answer is read, be its body late, cut or endless:
    the body is read for politeness and means nothing.
    """

    status: int | None
    problem: str
    milliseconds: int


class WebhookSender(Protocol):
    """Posts to a URL that is hostile until proven otherwise."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Never raises for what the URL or its server does; `problem` shows no query and no secret."""
        ...


class Deliveries(Protocol):
    """The state machine that sends an event until it arrives."""

    def start(self, event: WebhookEvent) -> None:
        """Start the execution of that event's run; nothing happens where it was started before."""
        ...


@dataclass(frozen=True, slots=True)
class EventsPage:
    """The newest first. `next` is empty at the end, else where the next page goes on."""

    events: tuple[WebhookEvent, ...]
    next: str = ""


class Webhooks(Protocol):
    """Events, their attempts, disabled endpoints and signing secrets, by tenant."""

    def add(self, event: WebhookEvent) -> WebhookEvent:
        """The event as it is stored: an id that is there already is left as it is."""
        ...

    def get(self, tenant: str, event_id: str) -> WebhookEvent:
        """NotFound where the tenant has none of that id."""
        ...

    def save(
        self, event: WebhookEvent, attempt: Attempt | None = None, disabled: Endpoint | None = None
    ) -> WebhookEvent:
        """One write of all that is given, over the event's version read; else StaleWrite and nothing is written."""
        ...

    def attempts(self, tenant: str, event_id: str) -> list[Attempt]:
        """All of them, in their order."""
        ...

    def events(
        self, tenant: str, start: Millis, end: Millis, state: EventState | None, limit: int, after: str = ""
    ) -> EventsPage:
        """Events made from `start` to before `end`; a page may be short, or empty, and yet not the last."""
        ...

    def due(self, before: Millis, limit: int) -> list[tuple[str, str]]:
        """Tenant and id of pending events whose `due_at` has passed, the longest due first."""
        ...

    def disabled(self, tenant: str, url: str) -> Endpoint | None: ...

    def enable(self, tenant: str, url: str) -> None:
        """Nothing happens where it was not disabled."""
        ...

    def secrets(self, tenant: str) -> SealedSecrets | None: ...

    def save_secrets(self, secrets: SealedSecrets) -> SealedSecrets:
        """Write over the version that was read (0: there must be none); StaleWrite where somebody wrote first."""
        ...


class SecretKeeper(Protocol):
    """Seals signing secrets under a key that storage does not have."""

    def seal(self, tenant: str, secret: Secret) -> bytes: ...

    def open(self, tenant: str, sealed: bytes) -> Secret:
        """BrokenSeal where it was sealed for another tenant, or is not what was sealed."""
        ...
