"""When a standing order is due: calendars, time zones, and what the scheduler is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.standing.rate import Rate
from giftline.standing.recurrence import WEEKDAYS, Every, Recurrence, Weekday
from giftline.standing.times import LocalTimes, is_zone
from tests.fakes.standing import instant

BERLIN = "Europe/Berlin"
ZONES = ("UTC", BERLIN, "Australia/Lord_Howe", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Africa/Cairo")


def shown(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, tz=UTC):%Y-%m-%dT%H:%M}"


def after(when: LocalTimes | Rate, at: int) -> int:
    found = when.after(at)
    assert found is not None
    return found


def before(when: LocalTimes | Rate, at: int) -> int:
    found = when.before(at)
    assert found is not None
    return found


def following(when: Recurrence, start: str, count: int) -> list[str]:
    at, found = instant(start), []
    for _ in range(count):
        at = after(when, at)
        found.append(shown(at))
    return found


def test_every_day_is_at_the_same_local_time_in_summer_and_winter() -> None:
    when = Recurrence(Every.DAY, "09:00", BERLIN)
    assert following(when, "2026-10-24T00:00", 3) == ["2026-10-24T07:00", "2026-10-25T08:00", "2026-10-26T08:00"]


def test_a_time_that_the_clocks_jump_over_comes_as_much_later() -> None:
    when = Recurrence(Every.DAY, "02:30", BERLIN)
    assert following(when, "2027-03-27T02:00", 2) == ["2027-03-28T01:30", "2027-03-29T00:30"]


def test_an_hour_that_is_repeated_counts_once_whichever_of_the_two_the_event_names() -> None:
    when = Recurrence(Every.DAY, "02:30", BERLIN)
    assert following(when, "2026-10-24T12:00", 2) == ["2026-10-25T00:30", "2026-10-26T01:30"]
    first, second = instant("2026-10-25T00:30"), instant("2026-10-25T01:30")
    assert when.time_of(first) == when.time_of(second) == first


def test_days_of_the_week() -> None:
    when = Recurrence(Every.WEEK, "00:15", "Asia/Kathmandu", (Weekday.MON, Weekday.FRI))
    assert following(when, "2026-11-21T00:00", 3) == ["2026-11-22T18:30", "2026-11-26T18:30", "2026-11-29T18:30"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (1, ["2027-02-01", "2027-03-01", "2027-04-01"]),
        (29, ["2027-01-29", "2027-02-28", "2027-03-29"]),
        (30, ["2027-01-30", "2027-02-28", "2027-03-30"]),
        (31, ["2027-01-31", "2027-02-28", "2027-03-31"]),
    ],
)
def test_a_month_without_that_day_has_it_on_its_last(day: int, expected: list[str]) -> None:
    when = Recurrence(Every.MONTH, "12:00", "UTC", day=day)
    assert following(when, "2027-01-15T00:00", 3) == [f"{one}T12:00" for one in expected]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (Recurrence(Every.DAY, "09:05", BERLIN), "cron(5 9 * * ? *)"),
        (Recurrence(Every.WEEK, "23:00", BERLIN, (Weekday.MON, Weekday.SUN)), "cron(0 23 ? * MON,SUN *)"),
        (Recurrence(Every.MONTH, "00:00", BERLIN, day=28), "cron(0 0 28 * ? *)"),
        (Recurrence(Every.MONTH, "00:00", BERLIN, day=30), "cron(0 0 28-30 * ? *)"),
        (Recurrence(Every.MONTH, "00:00", BERLIN, day=31), "cron(0 0 L * ? *)"),
    ],
)
def test_the_scheduler_is_told_in_its_own_words(when: Recurrence, expected: str) -> None:
    assert when.expression == expected


def test_a_minute_that_is_no_time_of_it_is_none() -> None:
    when = Recurrence(Every.MONTH, "12:00", "UTC", day=30)
    assert when.time_of(instant("2027-01-30T12:00") + 59_000) == instant("2027-01-30T12:00")
    for text in ("2027-01-29T12:00", "2027-01-30T12:01", "2027-01-31T12:00"):
        assert when.time_of(instant(text)) is None


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_names_of_time_zones(name: str) -> None:
    assert is_zone(name)


NO_PATHS = ("../../etc/passwd", "/etc/localtime", "posix/Europe/Berlin", "right/UTC", "Europe/", "Europe")
NO_NAMES = ("", "Berlin", "europe/berlin", "Europe/Nowhere", "localtime", "A" * 51, "Europe/Ber\0lin", None, 5)


@pytest.mark.parametrize("name", NO_PATHS + NO_NAMES)
def test_what_is_no_name_of_a_time_zone(name: object) -> None:
    assert not is_zone(name)


RECURRENCES = st.builds(
    Recurrence,
    st.sampled_from(list(Every)),
    st.times().map(lambda one: f"{one:%H:%M}"),
    st.sampled_from(ZONES),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(sorted(days, key=WEEKDAYS.index))),
    st.integers(1, 31),
)
MOMENTS = st.integers(instant("2005-01-01T00:00"), instant("2060-01-01T00:00"))


@given(when=RECURRENCES, at=MOMENTS)
def test_times_follow_each_other_and_each_is_a_time_of_its_own(when: Recurrence, at: int) -> None:
    first = after(when, at)
    second = after(when, first)
    assert at < first < second
    assert before(when, second) == first
    assert before(when, first) <= at
    assert when.time_of(first) == first
    assert when.local(first) != when.local(second)
    assert second - first <= timedelta(days=32).total_seconds() * 1000
