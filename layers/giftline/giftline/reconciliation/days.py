"""Days of the books, which are days in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

Millis = int
DAY: Final[Millis] = 24 * 60 * 60 * 1_000


def day_of(at: Millis) -> date:
    """In UTC."""
    return datetime.fromtimestamp(at / 1_000, UTC).date()


def midnight(day: date) -> Millis:
    """With which the day begins in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
