"""What a tenant is told of its standing orders: in the words of the request, times in UTC."""

from __future__ import annotations

from typing import Any

from giftline.delivery.listing import shown_url
from giftline.orders.timing import timestamp
from giftline.standing.model import Firing, ScheduleState, Skips, StandingOrder, State, When
from giftline.standing.ports import StandingPage
from giftline.standing.recurrence import LAST_DAY, Every, Recurrence


def standing_order(standing: StandingOrder, firings: list[Firing] | None = None) -> dict[str, Any]:
    """`firings`, where they are asked for, are the latest of its times and what came of them."""
    is_active = standing.state is State.ACTIVE
    body: dict[str, Any] = {
        "id": standing.id,
        "name": standing.name,
        "state": standing.state.value,
        "cause": standing.cause,
        "reason": standing.reason or None,
        "order": _order(standing),
        "schedule": _schedule(standing.recurrence),
        "start": str(standing.start),
        "end": str(standing.end) if standing.end else None,
        "skip": _skips(standing.skips),
        "created_at": timestamp(standing.created_at),
        "next_at": timestamp(standing.next_at) if is_active and standing.next_at is not None else None,
        "is_scheduled": standing.schedule_state is ScheduleState.THERE,
    }
    return body if firings is None else body | {"firings": [_firing(firing) for firing in firings]}


def listed(page: StandingPage) -> dict[str, Any]:
    return {"standing_orders": [standing_order(one) for one in page.orders], "next": page.next or None}


def _order(standing: StandingOrder) -> dict[str, Any]:
    """As the Wpay document has orders; of the URL what may be shown."""
    numeric = standing.currency.numeric
    products = [
        {"sku": line.sku, "price": str(line.amount), "qty": line.quantity, "currency": numeric}
        for line in standing.lines
    ]
    return {
        "payments": [{"code": "svc", "amount": str(standing.total)}],
        "products": products,
        "syncOnly": False,
        "webhook_url": shown_url(standing.webhook_url) if standing.webhook_url else None,
    }


def _schedule(when: When) -> dict[str, Any]:
    if not isinstance(when, Recurrence):
        return {"expression": when.expression, "time_zone": when.time_zone}
    body: dict[str, Any] = {"every": when.every.value, "at": when.at, "time_zone": when.time_zone}
    if when.every is Every.WEEK:
        body["on"] = [day.value for day in when.weekdays]
    if when.every is Every.MONTH:
        body["on"] = "last" if when.day == LAST_DAY else when.day
    return body


def _skips(skips: Skips) -> dict[str, Any]:
    return {
        "dates": [str(day) for day in skips.dates],
        "holidays": list(skips.holidays),
        "weekends": skips.weekends,
        "if_previous_open": skips.if_previous_open,
    }


def _firing(firing: Firing) -> dict[str, Any]:
    return {
        "at": timestamp(firing.at),
        "local": firing.local,
        "outcome": firing.outcome.value,
        "refno": firing.refno or None,
        "order_id": firing.order_id or None,
        "cause": firing.cause,
        "reason": firing.reason or None,
    }
