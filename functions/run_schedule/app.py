"""What a schedule's event names is run: sweeps of what is open, the watch over closed orders, standing orders."""

import logging
from collections.abc import Callable
from typing import Any

from giftline import bootstrap
from giftline.bootstrap import standing, upkeep, wallet, webhooks

JOBS: dict[str, Callable[[], Callable[[], dict[str, int]]]] = {
    "sweep": bootstrap.sweep,
    "watch": bootstrap.watch_orders,
    "sweep_batches": wallet.sweep_batches,
    "sweep_webhooks": webhooks.sweep_webhooks,
    "sync_schedules": standing.sync_schedules,
    "sync_catalogue": upkeep.sync_catalogue,
}
STANDING = "standing"
"""The one job that looks at its event: which standing order, and for when."""


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    job = str(event.get("job"))
    if job not in JOBS and job != STANDING:
        raise ValueError(f"job is {job!r}; expected one of {', '.join([*JOBS, STANDING])}")
    found = standing.standing_events()(event) if job == STANDING else JOBS[job]()()
    logging.getLogger().info("%s: %s", job, found)
    return found
