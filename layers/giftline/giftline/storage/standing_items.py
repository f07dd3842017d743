"""Standing orders and what came of their times as items of the Orders table, and back.

| item | pk | sk |
|---|---|---|
| standing order | STANDING#tenant | ORDER#id |
| firing | STANDING#tenant#id | FIRING#name of the time, as its calendar tells it |

No tenant's name holds a `#`. A standing order that is to be looked at carries `open` = STANDING and `due_at`: the two
are the keys of the sparse index, in which orders have other words (giftline.orders.model.Watch).
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from giftline.money import Money, known_currency
from giftline.orders.model import Line
from giftline.standing.cron import Cron
from giftline.standing.model import Cause, Firing, Outcome, ScheduleState, Skips, StandingOrder, State, When
from giftline.standing.rate import Rate
from giftline.standing.recurrence import Every, Recurrence, Weekday
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.fields import Readers, record_of, values_of

OPEN: Final = "STANDING"


def standing_pk(tenant: str) -> str:
    return f"STANDING#{tenant}"


def standing_sk(standing_id: str) -> str:
    return f"ORDER#{standing_id}"


def standing_key(tenant: str, standing_id: str) -> Item:
    return marshal({"pk": standing_pk(tenant), "sk": standing_sk(standing_id)})


def firings_pk(tenant: str, standing_id: str) -> str:
    return f"STANDING#{tenant}#{standing_id}"


def firing_key(tenant: str, standing_id: str, local: str) -> Item:
    return marshal({"pk": firings_pk(tenant, standing_id), "sk": f"FIRING#{local}"})


def standing_to_item(standing: StandingOrder) -> Item:
    """With its keys; in the index only while somebody has to look at it."""
    values = values_of(standing) | {
        "state": standing.state.value,
        "currency": standing.currency.code,
        "lines": json.dumps([[line.sku, line.amount.minor, line.quantity] for line in standing.lines]),
        "recurrence": _recurrence_values(standing.recurrence),
        "start": str(standing.start),
        "end": str(standing.end) if standing.end else None,
        "skips": _skips_values(standing.skips),
    }
    if standing.due_at is not None:
        values |= {"open": OPEN, "due_at": standing.due_at}
    return standing_key(standing.tenant, standing.id) | marshal(values)


def standing_from_item(item: Item) -> StandingOrder:
    values = unmarshal(item)
    currency = known_currency(values["currency"])
    lines = [Line(sku, Money(minor, currency), quantity) for sku, minor, quantity in json.loads(values["lines"])]
    return record_of(StandingOrder, values | {"lines": tuple(lines)}, _READERS)


def firing_to_item(firing: Firing) -> Item:
    return firing_key(firing.tenant, firing.standing_id, firing.local) | marshal(values_of(firing))


def firing_from_item(item: Item) -> Firing:
    return record_of(Firing, unmarshal(item), {"outcome": Outcome, "cause": Cause})


def _recurrence_values(when: When) -> dict[str, Any]:
    """A kind of schedule is told by what is there."""
    if isinstance(when, Cron):
        return {"cron": when.expression, "time_zone": when.time_zone}
    if isinstance(when, Rate):
        values = {"rate": when.expression, "time_zone": when.time_zone}
        return values | {"minutes": when.minutes, "anchor": when.anchor}
    weekdays = [day.value for day in when.weekdays]
    return {"every": when.every.value, "at": when.at, "time_zone": when.time_zone, "on": weekdays, "day": when.day}


def _recurrence(values: dict[str, Any]) -> When:
    if "cron" in values:
        return Cron(values["cron"], values["time_zone"])
    if "rate" in values:
        return Rate(values["rate"], values["time_zone"], values["minutes"], values["anchor"])
    weekdays = tuple(Weekday(day) for day in values["on"])
    return Recurrence(Every(values["every"]), values["at"], values["time_zone"], weekdays, values["day"])


def _skips_values(skips: Skips) -> dict[str, Any]:
    dates = [str(day) for day in skips.dates]
    flags = {"weekends": skips.weekends, "if_previous_open": skips.if_previous_open}
    return {"dates": dates, "holidays": list(skips.holidays)} | flags


def _skips(values: dict[str, Any]) -> Skips:
    dates = tuple(date.fromisoformat(day) for day in values["dates"])
    return Skips(dates, tuple(values["holidays"]), values["weekends"], values["if_previous_open"])


_READERS: Final[Readers] = {
    "start": date.fromisoformat,
    "end": date.fromisoformat,
    "state": State,
    "cause": Cause,
    "schedule_state": ScheduleState,
    "recurrence": _recurrence,
    "skips": _skips,
}
