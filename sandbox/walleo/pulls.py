"""A pull request as the supplier holds it, and what its status is at a moment."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from sandbox.settings import Settings
from sandbox.walleo.cards import Card
from sandbox.walleo.catalogue import Behaviour
from sandbox.walleo.requests import Wish

# The shortest documented times between two calls about one request, in the supplier's seconds.
FIRST_GET = 2.0
NEXT_GET = 5.0
WAITING_SHARE = 0.5
SLOW_SECONDS = 60.0
# A strange status word must be seen by a client that keeps to the intervals.
STRANGE_SECONDS = 2.5 * NEXT_GET


class Status(StrEnum):
    WAITING = "waiting"
    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"
    STRANGE = "vendor_hold"


PREVIOUS = {
    Status.PROCESSING: Status.WAITING,
    Status.STRANGE: Status.WAITING,
    Status.SUCCESS: Status.PROCESSING,
    Status.ERROR: Status.PROCESSING,
}


@dataclass(frozen=True, slots=True)
class PullRequest:
    """Times are seconds since the epoch; `ends_at` None never ends, `card` None sells nothing.

    `heard_at` is when an answer that got through told the client that the request exists, and `next_get_at` from when
    the document lets it ask again; both None until then.
    """

    request_id: str
    pull_id: str
    wish: Wish
    created_at: float
    ends_at: float | None
    card: Card | None
    heard_at: float | None = None
    next_get_at: float | None = None

    @property
    def fails(self) -> bool:
        return self.ends_at is not None and self.card is None

    def status(self, now: float) -> Status:
        if self.ends_at is not None and now >= self.ends_at:
            return Status.ERROR if self.fails else Status.SUCCESS
        if now < self._processing_at:
            return Status.WAITING
        return Status.STRANGE if self.wish.behaviour is Behaviour.UNKNOWN_STATUS else Status.PROCESSING

    def since(self, status: Status) -> float:
        """When it came into that status."""
        if status is Status.WAITING:
            return self.created_at
        if status in {Status.SUCCESS, Status.ERROR} and self.ends_at is not None:
            return self.ends_at
        return self._processing_at

    @property
    def _processing_at(self) -> float:
        if self.ends_at is None:
            return self.created_at
        return self.created_at + WAITING_SHARE * (self.ends_at - self.created_at)


def ending_time(wish: Wish, settings: Settings, now: float, *, at_once: bool) -> float | None:
    """When a pull that starts now is over; one that a client waits for takes no time, unless its code says so."""
    match wish.behaviour:
        case Behaviour.STUCK:
            return None
        case Behaviour.SLOW:
            seconds = SLOW_SECONDS
        case Behaviour.UNKNOWN_STATUS:
            seconds = STRANGE_SECONDS
        case _:
            seconds = 0.0 if at_once else settings.pull_seconds
    return now + settings.scaled(seconds)


def sells(wish: Wish, request_id: str) -> bool:
    """Whether the pull will bring a card."""
    if wish.behaviour is Behaviour.ERROR_ONCE:
        return half_of(f"error once {request_id}")
    return wish.behaviour not in {Behaviour.STUCK, Behaviour.ERROR}


def half_of(text: str) -> bool:
    """True for about half of all texts, and always the same for one of them."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0
