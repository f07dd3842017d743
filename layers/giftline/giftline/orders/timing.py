"""How long things take: the rules' own durations, under one scale (1 on AWS).

Timeouts of HTTP calls, and the time a frozen worker may be late, measure machines, not rules:
they are never scaled (docs/decisions.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from giftline.orders.model import Lot, Millis
from giftline.suppliers.port import Supplier

SECOND: Final[Millis] = 1_000
MINUTE: Final[Millis] = 60 * SECOND
HOUR: Final[Millis] = 60 * MINUTE

FROZEN_AFTER: Final = 20.0
"""Seconds (real) from intent to send after which a worker does not send any more."""

LEAST_PATIENCE: Final[Millis] = 24 * HOUR
PATIENCE_IN_INTERVALS: Final = 24

SWEEP_AFTER: Final[Millis] = 2 * MINUTE
"""An order that nobody has started by then is looked at by the sweep."""
SWEEP_AGAIN: Final[Millis] = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Timing:
    """Scales the rules' durations. `task_budget` is real seconds of work for one invocation."""

    scale: float = 1.0
    task_budget: float = 45.0

    def scaled(self, duration: Millis) -> Millis:
        """Never shorter than the rule says: rounded up to a whole millisecond."""
        return math.ceil(duration * self.scale)

    def poll_interval(self, supplier: Supplier, lot: Lot) -> Millis:
        return self.scaled(supplier.poll_interval(lot.quantity))

    def deadline(self, supplier: Supplier, lot: Lot) -> Millis | None:
        """When waiting for this lot becomes a person's business; None before its first POST."""
        since = lot.first_posted_at
        if since is None:
            return None
        interval = supplier.poll_interval(lot.quantity)
        return since + self.scaled(max(LEAST_PATIENCE, PATIENCE_IN_INTERVALS * interval))

    def is_overdue(self, supplier: Supplier, lot: Lot, now: Millis) -> bool:
        deadline = self.deadline(supplier, lot)
        return deadline is not None and now > deadline


def timestamp(at: Millis) -> str:
    """ISO 8601 in UTC with milliseconds, as Wait states and answers want it."""
    moment = datetime.fromtimestamp(at / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
