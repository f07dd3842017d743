"""What a tenant's days are over for loses its cards."""

import logging
from typing import Any

from giftline.bootstrap import upkeep

apply_retention = upkeep.apply_retention()


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    found = apply_retention()
    logging.getLogger().info("retention: %s", found)
    return found
