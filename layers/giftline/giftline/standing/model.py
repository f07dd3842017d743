"""The nouns of a standing order: what is ordered when, and what came of each time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from giftline.money import Currency, Money
from giftline.orders.model import Line, OrderRequest, total_of
from giftline.standing.cron import Cron
from giftline.standing.holidays import holiday_on
from giftline.standing.rate import Rate
from giftline.standing.recurrence import WEEKDAYS, WEEKEND, Recurrence
from giftline.standing.times import MINUTE, Millis, midnight, utc_minute

When = Recurrence | Cron | Rate
"""When to order: in people's words, or in an expression of EventBridge Scheduler."""

LATEST: Final[Millis] = 24 * 60 * MINUTE
"""So late a time is still ordered. Calendars are real time: none of this is ever scaled."""
GRACE: Final[Millis] = 5 * MINUTE
"""So long the scheduler has for its event; then the sweep orders without it."""
AGAIN: Final[Millis] = MINUTE
"""Until the sweep looks again at what it could not finish."""
EARLY: Final[Millis] = MINUTE
"""How far two clocks may differ."""
SOURCE: Final = "standing"


class State(StrEnum):
    """ENDED, by its date or by its tenant, is for ever."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class ScheduleState(StrEnum):
    """What is known of its schedule at EventBridge Scheduler."""

    WANTED = "WANTED"
    THERE = "THERE"
    GONE = "GONE"


class Outcome(StrEnum):
    """What came of one time. REFUSED pauses the standing order."""

    ORDERED = "ORDERED"
    SKIPPED = "SKIPPED"
    REFUSED = "REFUSED"


class Cause(StrEnum):
    """Why a standing order is paused or has ended, for whoever decides by it."""

    TENANT = "tenant"
    OVER = "over"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    OVER_LIMIT = "over_limit"
    CATALOGUE = "catalogue"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Skips:
    """When not to order: dates, Saturdays and Sundays, `holidays` of every year (giftline.standing.holidays), by the
    calendar of its time zone; and while the order before is open.
    """

    dates: tuple[date, ...] = ()
    holidays: tuple[str, ...] = ()
    weekends: bool = False
    if_previous_open: bool = False


@dataclass(frozen=True, slots=True)
class StandingRequest:
    """What the door understood; the `name` is to a standing order what the refno is to an order."""

    tenant: str
    name: str
    lines: tuple[Line, ...]
    recurrence: When
    start: date | None = None
    end: date | None = None
    skips: Skips = Skips()
    webhook_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """`next_at` is the first time that is not known to be dealt with, `last_ordered_at` the last one of those before
    it that made an order; times before `active_since` are not ordered;
    `looked_at` is when somebody last cared for it, `reason` why it is paused or has ended.
    """

    id: str
    tenant: str
    name: str
    lines: tuple[Line, ...]
    recurrence: When
    start: date
    fingerprint: str
    created_at: Millis
    active_since: Millis
    looked_at: Millis
    end: date | None = None
    skips: Skips = Skips()
    webhook_url: str = field(default="", repr=False)
    state: State = State.ACTIVE
    reason: str = ""
    cause: Cause | None = None
    next_at: Millis | None = None
    last_ordered_at: Millis | None = None
    schedule_state: ScheduleState = ScheduleState.WANTED
    version: int = 0

    @property
    def currency(self) -> Currency:
        return self.lines[0].amount.currency

    @property
    def total(self) -> Money:
        return total_of(self.lines)

    @property
    def is_scheduled_right(self) -> bool:
        """Whether its schedule is there as long as it may be needed, and gone after that."""
        right = ScheduleState.GONE if self.state is State.ENDED else ScheduleState.THERE
        return self.schedule_state is right

    @property
    def due_at(self) -> Millis | None:
        """When the sweep is to look at it: its schedule is not right, or a time went by and nobody dealt with it."""
        if not self.is_scheduled_right:
            return self.looked_at + AGAIN
        if self.state is not State.ACTIVE or self.next_at is None:
            return None
        return max(self.next_at + GRACE, self.looked_at + AGAIN)

    def next_after(self, at: Millis) -> Millis | None:
        """The first time after `at`; None past its end date."""
        following = self.recurrence.after(max(at, midnight(self.recurrence.time_zone, self.start) - 1))
        is_over = following is None or (self.end is not None and self.recurrence.day_of(following) > self.end)
        return None if is_over else following

    def time_of(self, at: Millis) -> Millis | None:
        """The time of its own that an event of that minute stands for."""
        found = self.recurrence.time_of(at)
        return found if found is not None and self.next_after(found - 1) == found else None

    def refno(self, at: Millis) -> str:
        """One for each time: whoever orders for that time, and how often, it is one order (at most 55 characters)."""
        return f"standing-{self.id}-{utc_minute(at)}"

    def request(self, at: Millis) -> OrderRequest:
        return OrderRequest(self.tenant, self.refno(at), self.lines, SOURCE, webhook_url=self.webhook_url)

    def reason_to_skip(self, at: Millis, now: Millis) -> str:
        """Empty where nothing in itself speaks against ordering for that time."""
        if self.state is not State.ACTIVE:
            return f"{self.state.value.lower()}: {self.reason}"
        if at < self.active_since:
            return "it was not active at that time"
        if now - at > LATEST:
            return f"too late: nobody came to it within {LATEST // MINUTE // 60} hours"
        day = self.recurrence.day_of(at)
        if day in self.skips.dates:
            return f"{day} is a date to skip"
        if self.skips.weekends and WEEKDAYS[day.weekday()] in WEEKEND:
            return f"{day} is on a weekend"
        holiday = holiday_on(day, self.skips.holidays)
        return f"{day} is a holiday to skip ({holiday})" if holiday else ""


@dataclass(frozen=True, slots=True)
class Firing:
    """What came of the time `at`: the order's id, or why there is none."""

    tenant: str
    standing_id: str
    at: Millis
    local: str
    outcome: Outcome
    decided_at: Millis
    order_id: str = ""
    refno: str = ""
    reason: str = ""
    cause: Cause | None = None


def standing_id(tenant: str, name: str) -> str:
    """26 letters and digits: the same name of the same tenant is the same standing order, however often it is sent."""
    return hashlib.sha256(f"{tenant}\n{name}".encode()).hexdigest()[:26].upper()


def fingerprint(request: StandingRequest) -> str:
    """A hash of what is ordered and when; whom its ends are told does not count."""
    content = [
        request.lines[0].amount.currency.code,
        sorted((line.sku, line.amount.minor, line.quantity) for line in request.lines),
        _schedule(request.recurrence),
        [str(request.start), str(request.end)],
        [sorted(map(str, request.skips.dates)), sorted(request.skips.holidays)],
        [request.skips.weekends, request.skips.if_previous_open],
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _schedule(when: When) -> list[object]:
    if isinstance(when, Recurrence):
        return [when.every.value, when.at, when.time_zone, sorted(when.weekdays), when.day]
    return [when.expression, when.time_zone]
