"""Our books beside the suppliers': the balance of each at midnight, and the report of the day before."""

import logging
from collections.abc import Callable
from typing import Any

from giftline.bootstrap import upkeep

JOBS: dict[str, Callable[[], Callable[[], dict[str, int]]]] = {
    "take_balances": upkeep.take_balances,
    "reconcile": upkeep.reconcile_daily,
}


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    job = str(event.get("job"))
    if job not in JOBS:
        raise ValueError(f"job is {job!r}; expected one of {', '.join(JOBS)}")
    found = JOBS[job]()()
    logging.getLogger().info("%s: %s", job, found)
    return found
