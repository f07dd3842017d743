"""The rate of supplier accounts, and several requests at once, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from giftline.orders.ports import Turn
from tests.fakes.time import FakeClock

T = TypeVar("T")


@dataclass
class FakePace:
    """Without a rate, everything is free at once, unless an account is held."""

    clock: FakeClock
    rates: dict[str, float] = field(default_factory=dict)
    next_at: dict[str, float] = field(default_factory=dict)
    longest_turn: float = 10_000

    def reserve(self, account: str, wanted: int, latest: int) -> Turn:
        rate = self.rates.get(account, 0.0)
        start = max(self.clock.now(), self.next_at.get(account, 0))
        if start > latest:
            return Turn(0, round(start))
        if not rate:
            return Turn(wanted, round(start))
        gap = 1000 / rate
        count = max(1, min(wanted, int(self.longest_turn / gap)))
        self.next_at[account] = start + count * gap
        return Turn(count, round(start), gap)

    def hold(self, account: str, until: int) -> None:
        self.next_at[account] = max(self.next_at.get(account, 0), until)


class FakeCrew:
    """One after the other."""

    def each(self, do: Callable[[int], T], count: int) -> list[T]:
        return [do(index) for index in range(count)]
