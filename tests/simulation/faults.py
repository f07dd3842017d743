"""What goes wrong in one run, drawn from one seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Every decision of a run, in the order in which it is asked for; the same seed decides the same.

    `rates` gives the chance of a fault by its name, `default` that of any other. `drawn` counts
    the faults that happened.
    """

    def __init__(self, seed: int | str, rates: Mapping[str, float], default: float = 0.0) -> None:
        self._random = random.Random(seed)
        self._rates = rates
        self._default = default
        self.drawn: Counter[str] = Counter()

    def happens(self, fault: str) -> bool:
        """Whether that fault strikes here; counted if it does."""
        rate = self._rates.get(fault, self._default)
        if rate <= 0 or self._random.random() >= rate:
            return False
        self.drawn[fault] += 1
        return True

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def one_of(self, options: Sequence[T]) -> T:
        return options[int(self._random.random() * len(options))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        mixed = list(items)
        self._random.shuffle(mixed)
        return mixed
