"""Waiting for what will come, never for a time that ought to be enough; and how long something takes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.1
ATTEMPTS = 3


def wait_for(ask: Callable[[], T | None], seconds: float, what: str) -> T:
    """The first answer that is not None; AssertionError where none came within `seconds`."""
    deadline = time.monotonic() + seconds
    while (answer := ask()) is None:
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(PAUSE)
    return answer


def quickest(attempt: Callable[[], object], enough: float) -> float:
    """The least seconds of three attempts, or of the first one under `enough`: a busy machine adds to a time, and
    never takes away. What an attempt asserts holds for each.
    """
    least = math.inf
    for _ in range(ATTEMPTS):
        began = time.monotonic()
        attempt()
        least = min(least, time.monotonic() - began)
        if least < enough:
            break
    return least
