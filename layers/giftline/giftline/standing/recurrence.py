"""Once a day, on days told in people's words. A month without such a day has it on its last day."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Final

from giftline.standing.times import LocalTimes

LAST_DAY: Final = 31


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Weekday(StrEnum):
    """In the order of `date.weekday`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEKDAYS: Final = tuple(Weekday)
WEEKEND: Final = frozenset({Weekday.SAT, Weekday.SUN})


@dataclass(frozen=True, slots=True)
class Recurrence(LocalTimes):
    """`at` is "HH:MM" in `time_zone`; `weekdays` count for a week, `day` (31: the last) for a month."""

    every: Every
    at: str
    time_zone: str
    weekdays: tuple[Weekday, ...] = ()
    day: int = 0

    def falls_on(self, day: date) -> bool:
        if self.every is Every.WEEK:
            return WEEKDAYS[day.weekday()] in self.weekdays
        if self.every is Every.MONTH:
            return day.day == min(self.day, calendar.monthrange(day.year, day.month)[1])
        return True

    def clock_times(self) -> tuple[time, ...]:
        return (time.fromisoformat(self.at),)

    @property
    def expression(self) -> str:
        """For EventBridge Scheduler: minutes hours day-of-month month day-of-week year, one of the two days being `?`
        (docs.aws.amazon.com, EventBridge Scheduler User Guide, "Schedule types", cron-based schedules).

        It has no word for "the 30th, or the last day": it then calls on several days, and `time_of` tells which counts.
        """
        hour, minute = (int(part) for part in self.at.split(":"))
        if self.every is Every.WEEK:
            days = "?", ",".join(day.upper() for day in self.weekdays)
        elif self.every is Every.MONTH:
            days = _days_of_month(self.day), "?"
        else:
            days = "*", "?"
        return f"cron({minute} {hour} {days[0]} * {days[1]} *)"


def _days_of_month(day: int) -> str:
    if day >= LAST_DAY:
        return "L"
    return f"28-{day}" if day > 28 else str(day)
