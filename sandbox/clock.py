"""The time. Tests hand in a clock of their own, so that nothing has to be waited for."""

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class WallClock:
    """Seconds since the epoch: times written to the state directory must mean the same after a restart."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
