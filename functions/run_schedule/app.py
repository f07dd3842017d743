"""What a schedule's event names is run: today, the sweep."""

import logging
from typing import Any

from giftline import bootstrap

sweep = bootstrap.sweep()


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    if event.get("job") != "sweep":
        raise ValueError(f"job is {event.get('job')!r}; expected 'sweep'")
    found = sweep()
    logging.getLogger().info("sweep: %s", found)
    return found
