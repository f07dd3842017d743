"""What a task found, for the state machine to choose by: ids, words and times, never a card."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Millis
from giftline.orders.timing import timestamp

MOST_SKEW: Final[Millis] = 5_000


class Found(StrEnum):
    PLACED = "placed"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    PENDING = "pending"
    READY = "ready"
    ABSENT = "absent"
    MORE = "more"
    COLLECTED = "collected"
    REVIEW = "review"


OF_STATE = {
    LotState.NEW: Found.ABSENT,
    LotState.POSTING: Found.UNKNOWN,
    LotState.ABSENT: Found.ABSENT,
    LotState.PLACED: Found.PENDING,
    LotState.READY: Found.READY,
    LotState.COLLECTED: Found.COLLECTED,
    LotState.PARTIAL: Found.REJECTED,
    LotState.FAILED: Found.REJECTED,
    LotState.REVIEW: Found.REVIEW,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait_until` is when the lot may next be asked about."""

    found: Found
    wait_until: Millis

    def as_state(self) -> dict[str, Any]:
        return {"found": self.found.value, "wait_until": timestamp(self.wait_until)}


def too_early(lot: Lot, now: Millis) -> Verdict:
    """Not yet, by this worker's clock. Whoever called it thought otherwise: as much later as this
    clock is behind, or the machine would come back at once, again and again.
    """
    return Verdict(Found.PENDING, lot.ask_at + min(lot.ask_at - now, MOST_SKEW))


def verdict(lot: Lot, found: Found | None = None) -> Verdict:
    """The plain reading of a lot's state, or `found` where the task knows better."""
    return Verdict(found or OF_STATE[lot.state], lot.ask_at)
