"""An order as the supplier holds it, and what its status is at a moment."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.settings import Settings
from sandbox.wpay.catalogue import Behaviour
from sandbox.wpay.requests import Line, OrderRequest

DAY = 86_400.0
CANCEL_MINUTES = 15
PENDING_SHARE = 0.2
# Cards up to which an interval holds, and the interval in minutes (docs/protocols.md, polling intervals).
POLL_INTERVALS = ((100, 5), (5_000, 15), (10_000, 35))
LONGEST_POLL_INTERVAL = 60
# An order with a strange status word must be seen in it by a client that keeps to the intervals.
STRANGE_INTERVALS = 2.5


class Status(StrEnum):
    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETE = "COMPLETE"
    CANCELED = "CANCELED"
    ACTIVATE_ERROR = "Activate Error"
    STRANGE = "VENDOR_HOLD"


PREVIOUS = {
    Status.PROCESSING: Status.PENDING,
    Status.STRANGE: Status.PENDING,
    Status.COMPLETE: Status.PROCESSING,
    Status.CANCELED: Status.PROCESSING,
    Status.ACTIVATE_ERROR: Status.PROCESSING,
}
ENDINGS_WITHOUT_CARDS = {
    Behaviour.CANCELED: Status.CANCELED,
    Behaviour.ACTIVATE_ERROR: Status.ACTIVATE_ERROR,
}


@dataclass(frozen=True, slots=True)
class Order:
    """Times are seconds since the epoch; `complete_at` None is an order that never ends.

    `told` says whether any answer that reached the client proved to it that the order exists.
    """

    refno: str
    order_id: str
    request: OrderRequest
    created_at: float
    complete_at: float | None
    cancelled_at: float | None = None
    told: bool = False

    @property
    def ending(self) -> Status:
        for behaviour, status in ENDINGS_WITHOUT_CARDS.items():
            if behaviour in self.request.behaviours:
                return status
        return Status.COMPLETE

    @property
    def sells(self) -> bool:
        """Whether there will ever be cards to collect."""
        return self.complete_at is not None and self.ending is Status.COMPLETE

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.request.lines

    def status(self, now: float) -> Status:
        if self.cancelled_at is not None:
            return Status.CANCELED
        if self.complete_at is None:
            return Status.PROCESSING
        if now >= self.complete_at:
            return self.ending
        if now < self.created_at + PENDING_SHARE * (self.complete_at - self.created_at):
            return Status.PENDING
        strange = Behaviour.UNKNOWN_STATUS in self.request.behaviours
        return Status.STRANGE if strange else Status.PROCESSING


def poll_interval(cards: int) -> float:
    """The shortest documented time between two polls, in the supplier's seconds."""
    for most, minutes in POLL_INTERVALS:
        if cards <= most:
            return minutes * 60.0
    return LONGEST_POLL_INTERVAL * 60.0


def completion_time(request: OrderRequest, settings: Settings, now: float) -> float | None:
    if Behaviour.STUCK in request.behaviours:
        return None
    if Behaviour.UNKNOWN_STATUS in request.behaviours:
        return now + settings.scaled(STRANGE_INTERVALS * poll_interval(request.quantity))
    if request.sync_only:
        return now
    return now + settings.processing_seconds(request.quantity)
