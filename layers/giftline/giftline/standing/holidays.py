"""Holidays of every year: a month and a day, or so many days before or after Easter Sunday."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

MONTH_AND_DAY: Final = re.compile(r"(0[1-9]|1[0-2])-([0-2][0-9]|3[01])", re.ASCII)
EASTER: Final = re.compile(r"easter([+-][1-9][0-9]?)?", re.ASCII)
LEAP_YEAR: Final = 2000


def is_holiday_rule(text: object) -> bool:
    """`12-25`, `easter`, `easter-2` (Good Friday), `easter+39` (Ascension Day)."""
    if not isinstance(text, str):
        return False
    if EASTER.fullmatch(text):
        return True
    if not MONTH_AND_DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(f"{LEAP_YEAR}-{text}")
    except ValueError:
        return False
    return True


def holiday_on(day: date, rules: tuple[str, ...]) -> str:
    """The rule by which that day is a holiday; empty where it is none."""
    return next((rule for rule in rules if _is_on(day, rule)), "")


def _is_on(day: date, rule: str) -> bool:
    if not rule.startswith("easter"):
        return f"{day:%m-%d}" == rule
    return day == easter(day.year) + timedelta(days=int(rule.removeprefix("easter") or 0))


@lru_cache(maxsize=8)
def easter(year: int) -> date:
    """Easter Sunday of the western churches (the anonymous Gregorian computus, as Meeus gives it)."""
    golden, century, rest = year % 19, year // 100, year % 100
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - shift + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
