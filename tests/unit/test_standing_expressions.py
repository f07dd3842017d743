"""Cron expressions and rates: read as the scheduler reads them, and held against every minute of a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.standing.cron import Cron, parse_cron
from giftline.standing.holidays import easter, holiday_on, is_holiday_rule
from giftline.standing.model import When
from giftline.standing.rate import Rate, parse_rate
from giftline.standing.times import MINUTE
from tests.fakes.standing import instant

BERLIN = "Europe/Berlin"


def cron(text: str, zone: str = "UTC") -> Cron:
    found = parse_cron(f"cron({text})", zone)
    assert found is not None
    return found


def shown(at: int | None) -> str:
    return "never" if at is None else f"{datetime.fromtimestamp(at / 1000, tz=UTC):%Y-%m-%dT%H:%M}"


def following(when: When, start: str, count: int) -> list[str]:
    at, found = instant(start), []
    for _ in range(count):
        following = when.after(at)
        found.append(shown(following))
        at = following or at
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 9 ? * MON-FRI *", ["2026-11-20T09:00", "2026-11-23T09:00", "2026-11-24T09:00"]),
        ("0/20 8-9/1 1 1,7 ? *", ["2027-01-01T08:00", "2027-01-01T08:20", "2027-01-01T08:40"]),
        ("15,45 23 L * ? *", ["2026-11-30T23:15", "2026-11-30T23:45", "2026-12-31T23:15"]),
        ("0 0 LW * ? *", ["2026-11-30T00:00", "2026-12-31T00:00", "2027-01-29T00:00"]),
        ("0 0 15W * ? *", ["2026-12-15T00:00", "2027-01-15T00:00", "2027-02-15T00:00"]),
        ("0 0 1W AUG-sep ? *", ["2027-08-02T00:00", "2027-09-01T00:00", "2028-08-01T00:00"]),
        ("0 0 31W * ? *", ["2026-12-31T00:00", "2027-01-29T00:00", "2027-03-31T00:00"]),
        ("0 0 ? * 6#3 *", ["2026-11-20T00:00", "2026-12-18T00:00", "2027-01-15T00:00"]),
        ("0 0 ? * FRIL *", ["2026-11-27T00:00", "2026-12-25T00:00", "2027-01-29T00:00"]),
        ("0 0 ? * L *", ["2026-11-21T00:00", "2026-11-28T00:00", "2026-12-05T00:00"]),
        ("0 12 29 2 ? *", ["2028-02-29T12:00", "2032-02-29T12:00", "2036-02-29T12:00"]),
        ("0 12 * 12 ? 2026", ["2026-12-01T12:00", "2026-12-02T12:00", "2026-12-03T12:00"]),
        ("0 12 31 12 ? 2026", ["2026-12-31T12:00", "never", "never"]),
        ("0 0 30 2 ? *", ["never", "never", "never"]),
        ("0 0 * * ? 2190", ["never", "never", "never"]),
    ],
)
def test_what_an_expression_means(text: str, expected: list[str]) -> None:
    assert following(cron(text), "2026-11-19T12:00", 3) == expected


def test_a_century_without_a_leap_year_is_waited_out() -> None:
    assert following(cron("0 0 29 2 ? *"), "2096-03-01T00:00", 1) == ["2104-02-29T00:00"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 9 * * *",
        "0 9 * * * *",
        "0 9 ? * ? *",
        "0 9 * * MON *",
        "60 9 * * ? *",
        "0 24 * * ? *",
        "0 9 0 * ? *",
        "0 9 32 * ? *",
        "0 9 * 13 ? *",
        "0 9 ? * 8 *",
        "0 9 ? * FRI-MON *",
        "0 9 ? * 6#6 *",
        "0 9 ? * #1 *",
        "0 9 W * ? *",
        "0 9 1-5W * ? *",
        "*/0 9 * * ? *",
        "5- 9 * * ? *",
        "-5 9 * * ? *",
        ", 9 * * ? *",
        "٣ 9 * * ? *",
        "0 9 * * ? 1969",
        "0 9 * * ? 2200",
        "0 9 * * ? * *",
        "0 9 * * ? *)",
        "0 9 ? * MON,TUE,XYZ *",
        f"{'0,' * 200}0 9 * * ? *",
    ],
)
def test_what_is_no_expression(text: str) -> None:
    assert parse_cron(f"cron({text})", "UTC") is None


@pytest.mark.parametrize("text", ["0 9 * * ? *", "cron(0 9 * * ? *", "cron 0 9 * * ? *)", "at(2026-12-01T00:00:00)"])
def test_an_expression_says_that_it_is_one(text: str) -> None:
    assert parse_cron(text, "UTC") is None


def test_an_expression_is_kept_in_one_form() -> None:
    found = parse_cron("  cron( 0  9 ? * mon-Fri  * )", "UTC")
    assert found is not None
    assert found.expression == "cron(0 9 ? * MON-FRI *)"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("rate(1 minute)", 1), ("rate(90 minutes)", 90), ("rate( 12  hours )", 720), ("rate(366 days)", 527_040)],
)
def test_rates(text: str, minutes: int) -> None:
    found = parse_rate(text, "UTC")
    assert found is not None
    assert found.minutes == minutes


NO_RATES = (
    "rate(0 days)",
    "rate(1 days)",
    "rate(2 day)",
    "rate(-1 day)",
    "rate(1.5 hours)",
    "rate(367 days)",
    "rate()",
)


@pytest.mark.parametrize(
    "text", [*NO_RATES, "rate()", "rate(2 weeks)", "rate(9999999 minutes)", "2 hours", "cron(0 9 * * ? *)"]
)
def test_what_is_no_rate(text: str) -> None:
    assert parse_rate(text, "UTC") is None


def test_a_rate_of_a_day_is_24_hours_whatever_the_clocks_do() -> None:
    rate = Rate("rate(1 day)", BERLIN, 1_440, instant("2026-10-24T07:00"))
    assert following(rate, "2026-10-24T00:00", 3) == ["2026-10-24T07:00", "2026-10-25T07:00", "2026-10-26T07:00"]


def test_each_of_two_equal_hours_has_its_time_in_a_rate() -> None:
    rate = Rate("rate(1 hour)", BERLIN, 60, instant("2026-10-25T00:00"))
    times = [instant(text) for text in following(rate, "2026-10-24T23:59", 4)]
    assert len({rate.local(at) for at in times}) == 4


@given(minutes=st.integers(1, 10_000), anchor=st.integers(0, 40_000_000), at=st.integers(0, 2**42))
def test_times_of_a_rate_are_whole_periods_from_its_anchor(minutes: int, anchor: int, at: int) -> None:
    rate = Rate("", "UTC", minutes, anchor * MINUTE)
    first, last = rate.after(at), rate.before(at)
    assert first is not None
    assert last is not None
    assert last < at < first or at - last == first - at == rate.period
    assert (first - rate.anchor) % rate.period == (last - rate.anchor) % rate.period == 0
    assert rate.time_of(first) == rate.time_of(first + 59_999) == first


# --- every minute of some days, held against what the clocks show

CHANGES = (  # the clocks go forward, and back; Lord Howe by half an hour, Apia by a day
    (BERLIN, "2027-03-28"),
    (BERLIN, "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("Pacific/Apia", "2011-12-30"),
    ("Africa/Cairo", "2026-04-24"),
    ("Asia/Beirut", "2027-03-28"),
    ("UTC", "2026-12-31"),
)
SETS = st.sets(st.integers(0, 59), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    place=st.sampled_from(CHANGES),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=6),
    minutes=SETS,
    weekdays=st.sets(st.integers(1, 7), min_size=1),
)
def test_an_expression_has_the_times_that_the_clocks_show(
    place: tuple[str, str], hours: set[int], minutes: set[int], weekdays: set[int]
) -> None:
    zone, when = place[0], _expression(place[0], hours, minutes, weekdays)
    begin = instant(f"{place[1]}T00:00") - 2 * 1_440 * MINUTE
    end = begin + 4 * 1_440 * MINUTE
    expected = _shown_by_the_clocks(zone, hours, minutes, weekdays, begin, end)
    found, at = list[int](), when.after(begin - 1)
    while at is not None and at < end:
        assert when.time_of(at) == at
        assert when.before(at + 1) == at
        found.append(at)
        at = when.after(at)
    assert found == sorted(set(found))
    assert len({when.local(one) for one in found}) == len(found)
    late = set(found) - set(expected)
    assert set(expected) <= set(found)
    assert all(_is_after_a_jump(zone, one) for one in late)


def _expression(zone: str, hours: set[int], minutes: set[int], weekdays: set[int]) -> Cron:
    fields = [",".join(str(one) for one in sorted(numbers)) for numbers in (minutes, hours, weekdays)]
    return cron(f"{fields[0]} {fields[1]} ? * {fields[2]} *", zone)


def _shown_by_the_clocks(
    zone: str, hours: set[int], minutes: set[int], weekdays: set[int], begin: int, end: int
) -> list[int]:
    """Minutes at which the clocks there show such a time, for the first time."""
    return [
        at
        for at, day, hour, minute in _clocks(zone, begin, end)
        if minute in minutes and hour in hours and day in weekdays
    ]


@cache
def _clocks(zone: str, begin: int, end: int) -> list[tuple[int, int, int, int]]:
    """Each minute, with the day of the week, the hour and the minute there; of two equal hours the first."""
    shown = ((at, datetime.fromtimestamp(at / 1000, tz=ZoneInfo(zone))) for at in range(begin, end, MINUTE))
    return [(at, local.isoweekday() % 7 + 1, local.hour, local.minute) for at, local in shown if not local.fold]


def _is_after_a_jump(zone: str, at: int) -> bool:
    """Whether the clocks jumped forward within the day before."""
    local = [datetime.fromtimestamp(one / 1000, tz=ZoneInfo(zone)) for one in (at - 25 * 60 * MINUTE, at)]
    earlier, later = (one.utcoffset() for one in local)
    return earlier is not None and later is not None and later > earlier


# --- holidays


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2024, (3, 31)),
        (2025, (4, 20)),
        (2026, (4, 5)),
        (2027, (3, 28)),
        (2038, (4, 25)),
        (1961, (4, 2)),
        (2285, (3, 22)),
    ],
)
def test_easter(year: int, expected: tuple[int, int]) -> None:
    assert easter(year) == date(year, *expected)


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_of_spring(year: int) -> None:
    assert easter(year).isoweekday() == 7
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_a_holiday_is_known_by_its_rule() -> None:
    rules = ("12-25", "easter-2", "easter", "easter+39")
    assert holiday_on(date(2026, 12, 25), rules) == "12-25"
    assert holiday_on(date(2026, 4, 3), rules) == "easter-2"
    assert holiday_on(date(2026, 5, 14), rules) == "easter+39"
    assert holiday_on(date(2026, 12, 24), rules) == ""
    assert holiday_on(easter(2030) + timedelta(days=1), rules) == ""


@pytest.mark.parametrize("rule", ["12-25", "02-29", "easter", "easter-2", "easter+39"])
def test_rules_of_holidays(rule: str) -> None:
    assert is_holiday_rule(rule)


NO_RULES = ("", "25-12", "02-30", "2026-12-25", "easter+0", "easter+100", "Easter", "christmas", None, 5, ["12-25"])


@pytest.mark.parametrize("rule", NO_RULES)
def test_what_is_no_rule_of_a_holiday(rule: object) -> None:
    assert not is_holiday_rule(rule)
