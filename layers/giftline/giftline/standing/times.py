"""Times of a place: the wall clock there, and the instants that it stands for.

Where the clocks jump over a time, it comes as much later as they jump. Where they repeat an hour, it comes the first
time. Two times that so fall on one instant are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

Millis = int
"""Milliseconds since 1970, UTC."""

MINUTE: Final[Millis] = 60_000
DAY: Final = timedelta(days=1)
LOOKED_AHEAD: Final = 3_000
"""Days within which whatever ever comes has to come: the 29th of February, over a year of 1900's kind."""
MAX_YEAR: Final = 2199
MAX_ZONE: Final = 50
"""EventBridge Scheduler's, for the name of a time zone."""
NO_PLACES: Final = ("posix/", "right/")
"""Folders in which a system keeps copies of its zones: no names of zones."""


class LocalTimes:
    """Some days, and the times that come on each of them, by the clocks of `time_zone`."""

    __slots__ = ()
    time_zone: str

    def falls_on(self, day: date) -> bool:
        raise NotImplementedError

    def clock_times(self) -> tuple[time, ...]:
        """On each day that it falls on."""
        raise NotImplementedError

    def day_of(self, at: Millis) -> date:
        """Which day it is there."""
        return day_in(self.time_zone, at)

    def after(self, at: Millis) -> Millis | None:
        """The first time after `at`; None where there is none any more.

        A day's times may come after those of the next day: the clocks may jump over midnight.
        """
        for day in _days(self.day_of(at) - DAY, 1):
            if self.falls_on(day) and (found := [one for one in self._near(day) if one > at]):
                return min(found)
        return None

    def before(self, at: Millis) -> Millis | None:
        """The last time before `at`."""
        for day in _days(self.day_of(at) + DAY, -1):
            if self.falls_on(day) and (found := [one for one in self._near(day) if one < at]):
                return max(found)
        return None

    def time_of(self, at: Millis) -> Millis | None:
        """The time that an event of the minute `at` stands for, be it of the first or of the second of two equal hours;
        None where that minute is no time of these.
        """
        minute, repeated = at // MINUTE, None
        for day, clock in self._around(at):
            first, second = (instant(self.time_zone, day, clock, fold) for fold in (0, 1))
            if first // MINUTE == minute:
                return first
            if second > first and second // MINUTE == minute:
                repeated = first
        return repeated

    def local(self, at: Millis) -> str:
        """As the calendar there names the time `at`, such as 2026-12-01T09:00: no two times have the same name, and a
        time keeps its name where a government changes what hour that is.
        """
        for day, clock in self._around(at):
            if instant(self.time_zone, day, clock) == at:
                return f"{day}T{clock:%H:%M}"
        return f"{datetime.fromtimestamp(at / 1000, tz=zone(self.time_zone)):%Y-%m-%dT%H:%M}"

    def _near(self, day: date) -> Iterator[Millis]:
        """The times of that day and of its neighbours."""
        for one in (day - DAY, day, day + DAY):
            if self.falls_on(one):
                yield from (instant(self.time_zone, one, clock) for clock in self.clock_times())

    def _around(self, at: Millis) -> Iterator[tuple[date, time]]:
        today = self.day_of(at)
        for day in (today - DAY, today, today + DAY):
            if self.falls_on(day):
                yield from ((day, clock) for clock in self.clock_times())


def instant(time_zone: str, day: date, clock: time, fold: int = 0) -> Millis:
    """When it is that time there; `fold` 1 is the second of two equal hours."""
    return int(datetime.combine(day, clock, tzinfo=zone(time_zone)).replace(fold=fold).timestamp()) * 1000


def midnight(time_zone: str, day: date) -> Millis:
    """When that day begins there."""
    return instant(time_zone, day, time())


def day_in(time_zone: str, at: Millis) -> date:
    return datetime.fromtimestamp(at / 1000, tz=zone(time_zone)).date()


def utc_minute(at: Millis) -> str:
    """As refnos name a time: 20261201T0800Z."""
    return f"{datetime.fromtimestamp(at / 1000, tz=UTC):%Y%m%dT%H%MZ}"


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """By a name that was checked before."""
    return ZoneInfo(name)


def is_zone(name: object) -> bool:
    """Whether it is an IANA name, such as Europe/Berlin, that EventBridge Scheduler can know too."""
    if not isinstance(name, str) or not 0 < len(name) <= MAX_ZONE or name.startswith(NO_PLACES):
        return False
    if name != "UTC" and "/" not in name:
        return False
    try:
        zone(name)
    except (ValueError, OSError, LookupError):  # a path that is not one, a folder, no such zone
        return False
    return True


def _days(first: date, step: int) -> Iterator[date]:
    for number in range(LOOKED_AHEAD):
        day = first + DAY * (step * number)
        if not 0 < day.year <= MAX_YEAR:
            return
        yield day
