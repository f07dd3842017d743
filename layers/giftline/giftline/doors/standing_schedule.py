"""When a standing order is to be ordered, in people's words or in the scheduler's: every wrong field at once.

{"every": "day", "at": "09:00", "time_zone": "Europe/Berlin"}
{"every": "week", "at": "09:00", "on": ["mon", "fri"], "time_zone": "Australia/Sydney"}
{"every": "month", "at": "09:00", "on": 31, "time_zone": "UTC"}       (or "last": the same)
{"expression": "cron(0 9 ? * MON-FRI *)", "time_zone": "Europe/Berlin"}
{"expression": "rate(12 hours)", "time_zone": "UTC"}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from giftline.doors.calls import unknown_fields, wrong
from giftline.errors import FieldProblem
from giftline.standing.cron import parse_cron
from giftline.standing.holidays import is_holiday_rule
from giftline.standing.model import Skips, When
from giftline.standing.rate import parse_rate
from giftline.standing.recurrence import LAST_DAY, WEEKDAYS, Every, Recurrence, Weekday
from giftline.standing.times import MAX_YEAR, is_zone

FIELDS: Final = ("every", "at", "on", "time_zone")
EXPRESSION_FIELDS: Final = ("expression", "time_zone")
SKIP_FIELDS: Final = ("dates", "holidays", "weekends", "if_previous_open")
MAX_DATES: Final = 100
TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
DAYS: Final = f"a list of some of {', '.join(WEEKDAYS)}"
ZONE: Final = "an IANA time zone, such as Europe/Berlin or UTC"
EXPRESSION: Final = "cron(minutes hours day-of-month month day-of-week year), one of the two days ?, or rate(2 hours)"
HOLIDAY: Final = "a day of every year, such as 12-25, easter, easter-2 or easter+39"
DAY: Final = f"a day of the month from 1 to {LAST_DAY}, or 'last'"


def parse_schedule(value: Any, problems: list[FieldProblem]) -> When | None:
    """None where something is wrong: what it is joins `problems`."""
    if not isinstance(value, dict):
        expected = "an object with every, at, time_zone and perhaps on, or with expression and time_zone"
        problems.append(wrong("schedule", value, expected))
        return None
    if "expression" in value:
        return _parse_expression(value, problems)
    found = [*_schedule_problems(value), *unknown_fields(value, FIELDS, "schedule.")]
    problems += found
    if found:
        return None
    every, on = Every(value["every"]), value.get("on")
    return Recurrence(every, value["at"], value["time_zone"], _weekdays(every, on), _day(every, on))


def parse_skips(value: Any, problems: list[FieldProblem]) -> Skips:
    """No rule where the field is absent."""
    if value is None:
        return Skips()
    if not isinstance(value, dict):
        problems.append(wrong("skip", value, f"an object with any of {', '.join(SKIP_FIELDS)}"))
        return Skips()
    problems += [
        wrong(f"skip.{name}", value[name], "true or false")
        for name in ("weekends", "if_previous_open")
        if not isinstance(value.get(name, False), bool)
    ]
    days = [parse_date(day, place, problems) for place, day in _listed(value, "dates", problems)]
    holidays = [rule for place, rule in _listed(value, "holidays", problems) if _is_holiday(rule, place, problems)]
    problems += unknown_fields(value, SKIP_FIELDS, "skip.")
    known = tuple(sorted({day for day in days if day}))
    every_year = tuple(dict.fromkeys(holidays))
    return Skips(known, every_year, value.get("weekends") is True, value.get("if_previous_open") is True)


def parse_date(value: Any, name: str, problems: list[FieldProblem]) -> date | None:
    """None too where the field is absent, which is no problem."""
    if value is None and "." not in name:
        return None
    if isinstance(value, str) and DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if 1970 < day.year <= MAX_YEAR:
                return day
    problems.append(wrong(name, value, f"a date up to the year {MAX_YEAR}, such as 2026-12-31"))
    return None


def _listed(value: Mapping[str, Any], name: str, problems: list[FieldProblem]) -> list[tuple[str, Any]]:
    """What the list holds, by the place where it stands; nothing where there is none."""
    given = value.get(name, [])
    if isinstance(given, list) and len(given) <= MAX_DATES:
        return [(f"skip.{name}.{number}", one) for number, one in enumerate(given)]
    problems.append(wrong(f"skip.{name}", given, f"a list of at most {MAX_DATES} days"))
    return []


def _is_holiday(rule: Any, place: str, problems: list[FieldProblem]) -> bool:
    if not is_holiday_rule(rule):
        problems.append(wrong(place, rule, HOLIDAY))
        return False
    return True


def _parse_expression(value: Mapping[str, Any], problems: list[FieldProblem]) -> When | None:
    text, zone = value["expression"], value.get("time_zone")
    found = unknown_fields(value, EXPRESSION_FIELDS, "schedule.")
    when: When | None = None
    if isinstance(text, str):
        when = parse_rate(text.strip(), str(zone)) or parse_cron(text, str(zone))
    if when is None:
        found.append(wrong("schedule.expression", text, EXPRESSION))
    if not is_zone(zone):
        found.append(wrong("schedule.time_zone", zone, ZONE))
    problems += found
    return None if found else when


def _schedule_problems(value: Mapping[str, Any]) -> Iterator[FieldProblem]:
    every, at, on = value.get("every"), value.get("at"), value.get("on")
    if not (isinstance(at, str) and TIME.fullmatch(at)):
        yield wrong("schedule.at", at, "a time of the day from 00:00 to 23:59")
    if not is_zone(value.get("time_zone")):
        yield wrong("schedule.time_zone", value.get("time_zone"), ZONE)
    if not (isinstance(every, str) and every in list(Every)):
        yield wrong("schedule.every", every, f"one of {', '.join(Every)}")
    elif every == Every.WEEK and not _are_weekdays(on):
        yield wrong("schedule.on", on, DAYS)
    elif every == Every.MONTH and not _is_day(on):
        yield wrong("schedule.on", on, DAY)
    elif every == Every.DAY and on is not None:
        yield wrong("schedule.on", on, "no such field where it is every day")


def _are_weekdays(on: Any) -> bool:
    known = list(Weekday)
    return isinstance(on, list) and 0 < len(on) <= len(known) and all(isinstance(d, str) and d in known for d in on)


def _is_day(on: Any) -> bool:
    if on == "last":
        return True
    return isinstance(on, int) and not isinstance(on, bool) and 1 <= on <= LAST_DAY


def _weekdays(every: Every, on: Any) -> tuple[Weekday, ...]:
    return tuple(day for day in WEEKDAYS if day in on) if every is Every.WEEK else ()


def _day(every: Every, on: Any) -> int:
    if every is not Every.MONTH:
        return 0
    return LAST_DAY if on == "last" else int(on)
