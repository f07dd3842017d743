"""Accidents of the foreign suppliers: drawn from one seed, and never so many in a row that nobody could get through."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum


class Accident(StrEnum):
    """What may happen to one request."""

    DROP_BEFORE = "connection closed, nothing done"
    ERROR_BEFORE = "500, nothing done"
    UNAVAILABLE = "503"
    THROTTLED = "429 with Retry-After"
    DROP_AFTER = "connection closed after the commit"
    ERROR_AFTER = "500 after the commit"
    HTML = "502 with HTML after the commit"
    CUT_OFF = "JSON cut off"
    BROKEN_OFF = "fewer bytes than announced"
    SLOW = "slow"
    STALE = "stale status"
    SHORT_PAGE = "short page"
    REPEATED_PAGE = "page of another place"
    REORDERED_PAGE = "page of another order of the cards"


NOTHING_DONE = frozenset((Accident.DROP_BEFORE, Accident.ERROR_BEFORE, Accident.UNAVAILABLE, Accident.THROTTLED))
ANYWHERE = (
    *(Accident.DROP_BEFORE, Accident.ERROR_BEFORE, Accident.UNAVAILABLE, Accident.THROTTLED),
    *(Accident.DROP_AFTER, Accident.ERROR_AFTER, Accident.HTML, Accident.CUT_OFF, Accident.BROKEN_OFF, Accident.SLOW),
)
IN_A_ROW = 3
"""A client that gives up after four tries is not to be beaten by chance alone: thousands of cards make it likely."""
GOOD_AFTER_DEAD = 10
"""Pull requests that succeed after one that died, so that its successor does not die as well, and again."""
LAG_SHARE = 0.3


class Accidents:
    """`share` of the requests is hit, evenly by what can happen to them; 0 is a supplier without accidents."""

    def __init__(self, seed: int = 0, share: float = 0.0, *, lag: float = 0.1, dead_share: float = 0.03) -> None:
        self.share = share
        self.lag = lag
        self.happened: Counter[str] = Counter()
        self._dead_share = dead_share / (1 - GOOD_AFTER_DEAD * dead_share)
        self._good_left = 0
        self._row: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def strike(self, question: str, oddities: Sequence[Accident] = ()) -> Accident | None:
        """What happens to this request, if anything; `oddities` can happen to its kind alone."""
        with self._lock:
            hit = self._random.random() < self.share
            accident = self._random.choice((*ANYWHERE, *oddities))
            if not hit or self._row[question] >= IN_A_ROW:
                del self._row[question]
                return None
            self._row[question] += 1
            self.happened[accident] += 1
            return accident

    def lag_of_an_order(self) -> float:
        """Seconds for which look-ups do not know a new order."""
        with self._lock:
            if not self.share or self._random.random() >= LAG_SHARE:
                return 0.0
            self.happened["unknown to look-ups at first"] += 1
            return self.lag

    def is_dead(self) -> bool:
        """Whether a new pull request will end in `error`."""
        with self._lock:
            if self._good_left:
                self._good_left -= 1
                return False
            if not self.share or self._random.random() >= self._dead_share:
                return False
            self._good_left = GOOD_AFTER_DEAD
            self.happened["pull request that ends in error"] += 1
            return True
