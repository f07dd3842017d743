"""Points and dates as the page says them, and whether a day is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from giftline.wallet.model import Millis, Pass

THIN_SPACE: Final = "\u202f"
MINUS: Final = "\u2212"
# Where on Earth a pass will be shown nobody knows: a day has begun once it has begun anywhere, and is over when it is
# over everywhere.
FIRST_ZONE: Final = timedelta(hours=14)
LAST_ZONE: Final = timedelta(hours=-12)


def points_in_words(points: int) -> str:
    """Thousands apart by a narrow space that does not break; a true minus."""
    return f"{points:,}".replace(",", THIN_SPACE).replace("-", MINUS)


def day_in_words(day: str) -> str:
    """`31 December 2026`; what is no day stays as it is."""
    found = _day(day)
    return f"{found.day} {found:%B %Y}" if found else day


def is_over(held: Pass, now: Millis) -> bool:
    last = _day(held.expires_on)
    return last is not None and _today(now, LAST_ZONE) > last


def is_to_come(held: Pass, now: Millis) -> bool:
    first = _day(held.starts_on)
    return first is not None and _today(now, FIRST_ZONE) < first


def _today(now: Millis, zone: timedelta) -> date:
    return (datetime.fromtimestamp(now / 1000, UTC) + zone).date()


def _day(day: str) -> date | None:
    try:
        return date.fromisoformat(day[:10])
    except ValueError:
        return None
