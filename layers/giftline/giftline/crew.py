"""Several requests at once, by threads: they wait for the network, not for the processor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Final, TypeVar

WORKERS: Final = 16
T = TypeVar("T")


class Threads:
    """The Crew port. The threads are made once for an environment."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._pool = ThreadPoolExecutor(workers)

    def each(self, do: Callable[[int], T], count: int) -> list[T]:
        """What one call raises is raised here, after all have ended."""
        if count == 1:
            return [do(0)]
        work = [self._pool.submit(copy_context().run, do, index) for index in range(count)]
        wait(work)
        return [one.result() for one in work]
