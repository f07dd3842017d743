"""How long things take: the rules' own durations, under one scale (1 on AWS).

Timeouts of HTTP calls, and the time a frozen worker may be late, measure machines, not rules:
they are never scaled (docs/decisions.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from giftline.orders.lot import Lot, Slot
from giftline.orders.model import Millis
from giftline.suppliers.port import Asked

SECOND: Final[Millis] = 1_000
MINUTE: Final[Millis] = 60 * SECOND
HOUR: Final[Millis] = 60 * MINUTE

FROZEN_AFTER: Final = 20.0
"""Seconds (real) from intent to send after which a worker does not send any more."""

WAITED_SHARE: Final = 12
"""Whoever has waited long is asked about less often: never later than a twelfth of the time waited."""

LEAST_PATIENCE: Final[Millis] = 24 * HOUR
PATIENCE_IN_INTERVALS: Final = 24
LEAST_ASKS: Final = 12
"""Nothing is overdue that was asked about less often: the delay may be our own."""

SWEEP_AFTER: Final[Millis] = 2 * MINUTE
"""An order that nobody has started by then is looked at by the sweep."""
SWEEP_AGAIN: Final[Millis] = 10 * MINUTE


WATCH_AFTER: Final[Millis] = HOUR
"""Until the supplier is first asked again about what was not bought, or is in review."""
WATCH_FOR: Final[Millis] = 7 * 24 * HOUR

NEVER: Final[Millis] = 253_402_300_799_000
"""The end of the year 9999, the last moment that can be shown as a date: due then is listed, and never done."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Scales the rules' durations. `task_budget` is real seconds of work for one invocation."""

    scale: float = 1.0
    task_budget: float = 45.0

    def scaled(self, duration: Millis) -> Millis:
        """Never shorter than the rule says: rounded up to a whole millisecond."""
        return math.ceil(duration * self.scale)

    def poll_interval(self, supplier: Asked, bought: Lot | Slot) -> Millis:
        return self.scaled(supplier.poll_interval(bought.quantity))

    def first_poll(self, supplier: Asked, bought: Lot | Slot) -> Millis:
        """From the POST's answer to the first look-up."""
        documented = supplier.terms.first_poll
        return self.poll_interval(supplier, bought) if documented is None else self.scaled(documented)

    def next_poll(self, supplier: Asked, bought: Lot | Slot, now: Millis) -> Millis:
        """When to ask again about what is under way."""
        return self.next_ask(bought, now, supplier.poll_interval(bought.quantity))

    def next_ask(self, bought: Lot | Slot, now: Millis, at_least: Millis) -> Millis:
        """After `at_least` (unscaled), or longer where the wait was long already."""
        waited = now - (bought.waiting_since or now)
        return now + max(self.scaled(at_least), waited // WAITED_SHARE)

    def is_overdue(self, supplier: Asked, bought: Lot | Slot, now: Millis) -> bool:
        """Whether waiting has become a person's business: the time is over, and the supplier had its say."""
        since = bought.waiting_since
        if since is None or bought.asks < LEAST_ASKS:
            return False
        interval = supplier.poll_interval(bought.quantity)
        return now > since + self.scaled(max(LEAST_PATIENCE, PATIENCE_IN_INTERVALS * interval))


def timestamp(at: Millis) -> str:
    """ISO 8601 in UTC with milliseconds, as Wait states and answers want it."""
    moment = datetime.fromtimestamp(at / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
