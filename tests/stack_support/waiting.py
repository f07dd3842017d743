"""Waiting for what will come, never for a time that ought to be enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.1


def wait_for(ask: Callable[[], T | None], seconds: float, what: str) -> T:
    """The first answer that is not None; AssertionError where none came within `seconds`."""
    deadline = time.monotonic() + seconds
    while (answer := ask()) is None:
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(PAUSE)
    return answer
