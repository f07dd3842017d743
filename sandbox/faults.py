"""Which accidents can happen to a request, and the seeded draw that decides which one does."""

import random
from collections.abc import Collection, Mapping
from enum import StrEnum


class Fault(StrEnum):
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    UNAVAILABLE = "unavailable"
    THROTTLED = "throttled"
    SLOW = "slow"
    HTML = "html"
    TRUNCATED = "truncated"
    STALE_STATUS = "stale_status"
    SHORT_PAGE = "short_page"
    DUPLICATE_PAGE = "duplicate_page"
    LOOKUP_LAG = "lookup_lag"
    # Never drawn; a test sku asks for them.
    HANG = "hang"
    REORDERED_PAGE = "reordered_page"


NOTHING_DONE = frozenset({Fault.DROP_BEFORE, Fault.ERROR_BEFORE, Fault.UNAVAILABLE, Fault.THROTTLED})
ANSWER_LOST = NOTHING_DONE | {Fault.DROP_AFTER, Fault.ERROR_AFTER, Fault.HTML, Fault.TRUNCATED, Fault.HANG}

ANYWHERE = (
    Fault.DROP_BEFORE,
    Fault.DROP_AFTER,
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
    Fault.UNAVAILABLE,
    Fault.THROTTLED,
    Fault.SLOW,
    Fault.HTML,
    Fault.TRUNCATED,
)
ON_STATUS = (*ANYWHERE, Fault.STALE_STATUS)
ON_PAGES = (*ANYWHERE, Fault.SHORT_PAGE, Fault.DUPLICATE_PAGE)


def _rates(each: float, lag: float) -> Mapping[Fault, float]:
    return dict.fromkeys((*ON_STATUS, *ON_PAGES), each) | {Fault.LOOKUP_LAG: lag}


# The chance of each fault, per request; of the lookup lag, per order.
PROFILES: Mapping[str, Mapping[Fault, float]] = {
    "none": {},
    "light": _rates(each=0.005, lag=0.2),
    "rough": _rates(each=0.03, lag=0.5),
}


def draw(profile: str, seed: int, key: str, turn: int, allowed: Collection[Fault]) -> Fault | None:
    """The fault of the n-th request of that key: the same for the same arguments, whatever the order of threads."""
    point = random.Random(f"{seed}|{key}|{turn}").random()
    for fault in allowed:
        point -= PROFILES[profile].get(fault, 0.0)
        if point < 0:
            return fault
    return None
