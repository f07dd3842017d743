"""What became of each try to deliver an event, and of the endpoint it went to."""

from __future__ import annotations

from dataclasses import dataclass, field

from giftline.delivery.events import Millis

UNFINISHED = "no outcome was recorded: the worker was lost, so the endpoint may have got it"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Written before the POST, and again with its outcome. `number` counts through all runs of the event."""

    tenant: str
    event_id: str
    number: int
    run: int
    at: Millis
    status: int | None = None
    problem: str = UNFINISHED
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL of a tenant. Since it answered 410 nothing is sent there, before somebody resends."""

    tenant: str
    url: str = field(repr=False)
    disabled_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """A tenant's signing secrets, sealed; until `previous_until` the one before signs too."""

    tenant: str
    current: bytes = field(repr=False)
    made_at: Millis
    previous: bytes = field(default=b"", repr=False)
    previous_until: Millis | None = None
    version: int = 0
