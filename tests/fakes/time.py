"""A clock that moves only when told to."""

from __future__ import annotations

from dataclasses import dataclass

START = 1_750_000_000_000


@dataclass(slots=True)
class FakeClock:
    """`time` in ms; `ticks` in seconds. `tick` is how far each look at `elapsed` moves it."""

    time: int = START
    ticks: float = 0.0
    tick: float = 0.0

    def now(self) -> int:
        return self.time

    def elapsed(self) -> float:
        self.ticks += self.tick
        return self.ticks

    def pass_(self, milliseconds: int) -> None:
        self.time += milliseconds
        self.ticks += milliseconds / 1000

    def sleep(self, seconds: float) -> None:
        self.pass_(round(seconds * 1000))
