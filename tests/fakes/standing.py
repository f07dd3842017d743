"""The ports of standing orders in memory, and a house in which they are wired."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from giftline.accounts.model import Access, token_hash
from giftline.delivery.events import WebhookEvent
from giftline.doors.standing import StandingDoor
from giftline.errors import NotFound, StaleWrite
from giftline.orders.model import Line, Order, OrderStatus
from giftline.secret import Secret
from giftline.standing.keeping import ChangeStandingOrder, CreateStandingOrder, ViewStandingOrder
from giftline.standing.model import Firing, Outcome, StandingOrder, StandingRequest, When
from giftline.standing.ports import StandingPage
from giftline.standing.recurrence import Every, Recurrence
from giftline.standing.running import RunStandingOrder
from giftline.standing.scheduling import SettleSchedule
from giftline.standing.sweeping import SyncSchedules
from tests.fakes.house import CATALOGUE, TENANT, House, line
from tests.fakes.storage import FakeTokens

DAILY = Recurrence(Every.DAY, "09:00", "Europe/Berlin")


def instant(text: str) -> int:
    """A time in UTC, such as 2026-12-01T08:00, in milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def a_request(
    name: str = "daily coffee", lines: tuple[Line, ...] = (), recurrence: When = DAILY, **more: Any
) -> StandingRequest:
    return StandingRequest(TENANT, name, lines or (line(2),), recurrence, **more)


@dataclass
class FakeStandingOrders:
    """Written over the version read; of a firing the first stays, but an order goes over anything."""

    records: dict[tuple[str, str], StandingOrder] = field(default_factory=dict)
    times: dict[tuple[str, str, str], Firing] = field(default_factory=dict)
    events: dict[str, WebhookEvent] = field(default_factory=dict)

    def add(self, standing: StandingOrder) -> StandingOrder:
        return self.records.setdefault((standing.tenant, standing.id), standing)

    def get(self, tenant: str, standing_id: str) -> StandingOrder:
        if (tenant, standing_id) not in self.records:
            raise NotFound(f"no standing order with id {standing_id!r:.80}")
        return self.records[tenant, standing_id]

    def page(self, tenant: str, limit: int, after: str = "") -> StandingPage:
        found = [one for (owner, key), one in sorted(self.records.items()) if owner == tenant and key > after]
        return StandingPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else "")

    def save(self, standing: StandingOrder, event: WebhookEvent | None = None) -> StandingOrder:
        after, stored = (
            replace(standing, version=standing.version + 1),
            self.records.get((standing.tenant, standing.id)),
        )
        if stored is None or (stored.version != standing.version and stored != after):
            raise StaleWrite(f"standing order {standing.id} moved past version {standing.version}")
        self.records[standing.tenant, standing.id] = after
        if event is not None:
            self.events.setdefault(event.id, event)
        return after

    def due(self, before: int, limit: int) -> list[tuple[str, str]]:
        waiting = sorted((one.due_at, one.tenant, one.id) for one in self.records.values() if one.due_at is not None)
        return [(tenant, key) for due_at, tenant, key in waiting if due_at <= before][:limit]

    def firing(self, tenant: str, standing_id: str, local: str) -> Firing | None:
        return self.times.get((tenant, standing_id, local))

    def record(self, firing: Firing) -> Firing:
        place = firing.tenant, firing.standing_id, firing.local
        if firing.outcome is Outcome.ORDERED:
            self.times[place] = firing
        return self.times.setdefault(place, firing)

    def firings(self, tenant: str, standing_id: str, limit: int) -> list[Firing]:
        found = sorted(self.times.items(), reverse=True)
        return [firing for place, firing in found if place[:2] == (tenant, standing_id)][:limit]


@dataclass
class FakeSchedules:
    """What is there, and from when on it calls; `trouble` is raised while it is set."""

    there: dict[str, StandingOrder] = field(default_factory=dict)
    firsts: dict[str, int] = field(default_factory=dict)
    trouble: Exception | None = None

    def create(self, standing: StandingOrder, first: int) -> None:
        if self.trouble:
            raise self.trouble
        self.there.setdefault(standing.id, standing)
        self.firsts.setdefault(standing.id, first)

    def delete(self, standing_id: str) -> None:
        if self.trouble:
            raise self.trouble
        self.there.pop(standing_id, None)
        self.firsts.pop(standing_id, None)


@dataclass
class FakeDeliveries:
    """What was started, by the event's id."""

    started: list[str] = field(default_factory=list)

    def start(self, event: WebhookEvent) -> None:
        self.started.append(event.id)


@dataclass
class StandingHouse:
    """Standing orders beside the house that accepts the orders."""

    house: House = field(default_factory=House)
    standing_orders: Any = field(default_factory=FakeStandingOrders)
    schedules: Any = field(default_factory=FakeSchedules)
    deliveries: Any = field(default_factory=FakeDeliveries)
    catalogue: Any = CATALOGUE
    accept: Any = None
    orders: Any = None

    @property
    def settle(self) -> SettleSchedule:
        return SettleSchedule(self.standing_orders, self.schedules, self.house.clock)

    @property
    def create(self) -> CreateStandingOrder:
        return CreateStandingOrder(self.standing_orders, self.settle, self.house.clock)

    @property
    def change(self) -> ChangeStandingOrder:
        return ChangeStandingOrder(self.standing_orders, self.settle, self.house.clock)

    @property
    def run(self) -> RunStandingOrder:
        return RunStandingOrder(
            self.standing_orders,
            self.orders or self.house.orders,
            self.accept or self.house.accept_order,
            self.catalogue,
            self.settle,
            self.house.clock,
            self.house.timing,
            self.deliveries,
        )

    @property
    def sync(self) -> SyncSchedules:
        return SyncSchedules(self.standing_orders, self.run, self.house.clock)

    def door(self, known: dict[str, Access], url_problem: Any = None) -> StandingDoor:
        tokens = FakeTokens({token_hash(Secret(token)): access for token, access in known.items()})
        return StandingDoor(
            tokens,
            CATALOGUE,
            self.standing_orders,
            self.create,
            self.change,
            ViewStandingOrder(self.standing_orders),
            url_problem,
        )

    # --- short ways

    def at(self, text: str) -> None:
        """Set the clock to a time in UTC."""
        self.house.clock.time = instant(text)

    def created(self, **more: Any) -> StandingOrder:
        return self.create(a_request(**more))

    def now(self, standing: StandingOrder) -> StandingOrder:
        """As it is stored now."""
        found: StandingOrder = self.standing_orders.get(standing.tenant, standing.id)
        return found

    def event(self, standing: StandingOrder, text: str) -> Firing | None:
        """The scheduler's event of a time in UTC."""
        return self.run(standing.tenant, standing.id, instant(text))

    @property
    def made(self) -> list[Order]:
        """Orders of standing orders."""
        return [order for order in self.house.orders.records.values() if order.source == "standing"]

    @property
    def told(self) -> list[dict[str, Any]]:
        """Bodies of the webhooks' events."""
        return [json.loads(event.body) for event in self.standing_orders.events.values()]

    def close(self, order: Order) -> None:
        orders = self.house.orders
        orders.save(replace(orders.get(order.id), status=OrderStatus.COMPLETE, due_at=None))
