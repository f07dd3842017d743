"""What a schedule's event names is run: the sweep of open orders, the watch over closed ones."""

import logging
from collections.abc import Callable
from typing import Any

from giftline import bootstrap

JOBS: dict[str, Callable[[], Callable[[], dict[str, int]]]] = {
    "sweep": bootstrap.sweep,
    "watch": bootstrap.watch_orders,
}


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    job = str(event.get("job"))
    if job not in JOBS:
        raise ValueError(f"job is {job!r}; expected one of {', '.join(JOBS)}")
    found = JOBS[job]()()
    logging.getLogger().info("%s: %s", job, found)
    return found
