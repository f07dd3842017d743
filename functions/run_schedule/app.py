"""What a schedule's event names is run: the sweeps of what is open, the watch over closed orders."""

import logging
from collections.abc import Callable
from typing import Any

from giftline import bootstrap
from giftline.bootstrap import wallet, webhooks

JOBS: dict[str, Callable[[], Callable[[], dict[str, int]]]] = {
    "sweep": bootstrap.sweep,
    "watch": bootstrap.watch_orders,
    "sweep_batches": wallet.sweep_batches,
    "sweep_webhooks": webhooks.sweep_webhooks,
}


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    job = str(event.get("job"))
    if job not in JOBS:
        raise ValueError(f"job is {job!r}; expected one of {', '.join(JOBS)}")
    found = JOBS[job]()()
    logging.getLogger().info("%s: %s", job, found)
    return found
