"""Days and times told in a cron expression, as EventBridge Scheduler reads it: six fields, in a time zone
(docs.aws.amazon.com, EventBridge Scheduler User Guide, "Schedule types", cron-based schedules).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from typing import Final

from giftline.standing.times import MAX_YEAR, LocalTimes

FIELDS: Final = 6
MAX_LENGTH: Final = 200
MONTHS: Final = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
NAMED_MONTHS: Final = {name: number for number, name in enumerate(MONTHS.split(), 1)}
NAMED_DAYS: Final = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
"""A week begins on Sunday, with 1."""
SATURDAY, SUNDAY = 6, 7
"""As `date.isoweekday` has them."""
Rule = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class _Fields:
    """What the six fields say."""

    times: tuple[time, ...]
    months: frozenset[int]
    years: frozenset[int]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Cron(LocalTimes):
    """`expression` was checked by `parse_cron`."""

    expression: str
    time_zone: str
    _fields: _Fields = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_fields", _read(self.expression))

    def falls_on(self, day: date) -> bool:
        said = self._fields
        return day.month in said.months and day.year in said.years and any(rule(day) for rule in said.rules)

    def clock_times(self) -> tuple[time, ...]:
        return self._fields.times


def parse_cron(text: str, time_zone: str) -> Cron | None:
    """None where it is none, or has not the six fields that EventBridge Scheduler takes."""
    fields = text.strip().removeprefix("cron(").removesuffix(")")
    expression = f"cron({' '.join(fields.split()).upper()})"
    try:
        return Cron(expression, time_zone) if len(fields) == len(text.strip()) - len("cron()") else None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _read(expression: str) -> _Fields:
    """ValueError where a field is not as it must be."""
    if not (expression.startswith("cron(") and expression.endswith(")") and len(expression) <= MAX_LENGTH):
        raise ValueError("not a cron expression")
    parts = expression[len("cron(") : -1].split()
    if len(parts) != FIELDS:
        raise ValueError("not six fields")
    minutes, hours, days, months, weekdays, years = parts
    if (days == "?") == (weekdays == "?"):
        raise ValueError("one of day-of-month and day-of-week must be ?")
    clocks = tuple(time(hour, minute) for hour in sorted(_set(hours, 0, 23)) for minute in sorted(_set(minutes, 0, 59)))
    rules = _rules(weekdays, _weekday_rule) if days == "?" else _rules(days, _day_rule)
    return _Fields(clocks, _set(months, 1, 12, NAMED_MONTHS), _set(years, 1970, MAX_YEAR), rules)


def _set(text: str, least: int, most: int, names: Mapping[str, int] = {}) -> frozenset[int]:
    return frozenset(number for part in text.split(",") for number in _part(part, least, most, names))


def _part(text: str, least: int, most: int, names: Mapping[str, int]) -> range:
    """`*`, `5`, `2-6`, and of these every so many: `*/15`, `5/10`, `2-6/2`."""
    base, has_step, step = text.partition("/")
    first, is_range, last = base.partition("-")
    start = least if base == "*" else _number(first, names)
    stop = most if base == "*" or (has_step and not is_range) else _number(last if is_range else first, names)
    stride = _number(step, {}) if has_step else 1
    if not (least <= start <= stop <= most and stride):
        raise ValueError(text)
    return range(start, stop + 1, stride)


def _number(text: str, names: Mapping[str, int]) -> int:
    if text in names:
        return names[text]
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def _rules(text: str, rule: Callable[[str], Rule]) -> tuple[Rule, ...]:
    return tuple(rule(part) for part in text.split(","))


def _day_rule(text: str) -> Rule:
    """`L` is a month's last day, `LW` its last working day, `15W` the working day that is next to the 15th."""
    if text in ("L", "LW"):
        return _is_last_working_day if text == "LW" else lambda day: day.day == _last(day)
    if text.endswith("W"):
        (number,) = _part(text[:-1], 1, 31, {})
        return lambda day: day.day == _nearest_working_day(day, number)
    numbers = frozenset(_part(text, 1, 31, {}))
    return lambda day: day.day in numbers


def _weekday_rule(text: str) -> Rule:
    """`L` is Saturday, `6L` or `FRIL` a month's last Friday, `6#3` its third."""
    name, has_number, number = text.partition("#")
    if has_number:
        (weekday,), (week,) = _part(name, 1, 7, NAMED_DAYS), _part(number, 1, 5, {})
        return lambda day: _weekday(day) == weekday and (day.day - 1) // 7 + 1 == week
    if text.endswith("L") and text != "L":
        (weekday,) = _part(text[:-1], 1, 7, NAMED_DAYS)
        return lambda day: _weekday(day) == weekday and day.day + 7 > _last(day)
    numbers = frozenset(_part("7" if text == "L" else text, 1, 7, NAMED_DAYS))
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _is_last_working_day(day: date) -> bool:
    return day.day == _nearest_working_day(day, _last(day))


def _nearest_working_day(day: date, number: int) -> int | None:
    """Within the month; None where it has no such day."""
    last = _last(day)
    if number > last:
        return None
    weekday = day.replace(day=number).isoweekday()
    if weekday == SATURDAY:
        return number - 1 if number > 1 else number + 2
    if weekday == SUNDAY:
        return number + 1 if number < last else number - 2
    return number
