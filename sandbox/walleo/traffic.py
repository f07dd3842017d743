"""How many requests come within a second, and which of them are too many."""

import threading
from collections import deque

from sandbox.database import Database

MOST = "most_requests_per_second"


class Window:
    """The moments of the last second of this machine."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque()

    def count(self, now: float) -> int:
        while self._moments and self._moments[0] <= now - 1.0:
            self._moments.popleft()
        return len(self._moments)

    def add(self, now: float) -> None:
        self._moments.append(now)


class Traffic:
    """`rate` is how many requests a second are let in; 0 lets in all."""

    def __init__(self, database: Database, rate: int) -> None:
        self._database = database
        self._rate = rate
        self._lock = threading.Lock()
        self._seen = Window()
        self._admitted = Window()
        self._most = self.most()

    def admits(self, now: float) -> bool:
        """Count a request, and say whether it is within the rate."""
        with self._lock:
            self._seen.add(now)
            self._note_most(self._seen.count(now))
            if self._rate and self._admitted.count(now) >= self._rate:
                return False
            self._admitted.add(now)
            return True

    def most(self) -> int:
        """The most requests that ever came within a second."""
        return int(self._database.value("SELECT value FROM meta WHERE name = ?", MOST) or 0)

    def forget(self) -> None:
        with self._lock:
            self._seen, self._admitted, self._most = Window(), Window(), 0

    def _note_most(self, count: int) -> None:
        """It grows by one each time, so it is written down as often as it is large, and no more."""
        if count > self._most:
            self._most = count
            self._database.write("INSERT OR REPLACE INTO meta VALUES (?, ?)", MOST, count)
