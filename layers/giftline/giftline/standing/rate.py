"""Every so many minutes, hours or days, whatever the clocks of any place say: a day is 24 hours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from giftline.standing.times import MINUTE, Millis, day_in, utc_minute

MINUTES: Final = {"minute": 1, "hour": 60, "day": 24 * 60}
RATE: Final = re.compile(r"rate\( *([1-9][0-9]{0,5}) +(minute|hour|day)(s?) *\)", re.ASCII)
MOST_MINUTES: Final = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class Rate:
    """`time_zone` tells on which day a time is; `anchor` is a time, from which all others are counted."""

    expression: str
    time_zone: str
    minutes: int
    anchor: Millis = 0

    @property
    def period(self) -> Millis:
        return self.minutes * MINUTE

    def day_of(self, at: Millis) -> date:
        return day_in(self.time_zone, at)

    def after(self, at: Millis) -> Millis | None:
        return self.anchor + ((at - self.anchor) // self.period + 1) * self.period

    def before(self, at: Millis) -> Millis | None:
        return self.anchor + ((at - self.anchor - 1) // self.period) * self.period

    def time_of(self, at: Millis) -> Millis | None:
        """The last one up to the end of that minute: a scheduler may count from another second than we do."""
        return self.before(at // MINUTE * MINUTE + MINUTE)

    def local(self, at: Millis) -> str:
        """In UTC: of two equal hours each has times of its own."""
        return utc_minute(at)


def parse_rate(text: str, time_zone: str) -> Rate | None:
    """None where EventBridge Scheduler would not take it, or where it is longer than a year."""
    found = RATE.fullmatch(text)
    if found is None or (found[1] == "1") == bool(found[3]):
        return None
    minutes = int(found[1]) * MINUTES[found[2]]
    return Rate(f"rate({found[1]} {found[2]}{found[3]})", time_zone, minutes) if minutes <= MOST_MINUTES else None
