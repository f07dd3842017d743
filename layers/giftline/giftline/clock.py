"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """The Clock port on the machine's own clocks."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def elapsed(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
