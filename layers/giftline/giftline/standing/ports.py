"""What the use cases on standing orders need of the world; storage and fakes implement these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from giftline.delivery.events import WebhookEvent
from giftline.orders.model import Order, OrderRequest
from giftline.standing.model import Firing, StandingOrder
from giftline.standing.times import Millis


@dataclass(frozen=True, slots=True)
class StandingPage:
    """By id. `next` is empty at the end, else where the next page goes on: it may be an empty one."""

    orders: tuple[StandingOrder, ...]
    next: str = ""


class StandingOrders(Protocol):
    """The truth on standing orders. A change is conditional on the version read; a lost race is StaleWrite."""

    def add(self, standing: StandingOrder) -> StandingOrder:
        """The standing order as it is stored: an id that is there already is left as it is."""
        ...

    def get(self, tenant: str, standing_id: str) -> StandingOrder:
        """NotFound where the tenant has none of that id."""
        ...

    def page(self, tenant: str, limit: int, after: str = "") -> StandingPage: ...

    def save(self, standing: StandingOrder, event: WebhookEvent | None = None) -> StandingOrder:
        """Write it over the version it was read at, in one transaction with the event that tells of it; returns it
        with its new version.
        """
        ...

    def due(self, before: Millis, limit: int) -> list[tuple[str, str]]:
        """Tenant and id of those whose `due_at` has passed, the longest due first."""
        ...

    def firing(self, tenant: str, standing_id: str, local: str) -> Firing | None:
        """What came of a time, by its local date and time."""
        ...

    def record(self, firing: Firing) -> Firing:
        """What is recorded of its time now: what came first stays, but an order is a fact, and goes over anything."""
        ...

    def firings(self, tenant: str, standing_id: str, limit: int) -> list[Firing]:
        """The latest first."""
        ...


class Schedules(Protocol):
    """The scheduler that calls at the times of a standing order."""

    def create(self, standing: StandingOrder, first: Millis) -> None:
        """To call from the time `first` on, which is to come. Nothing happens where it is there."""
        ...

    def delete(self, standing_id: str) -> None:
        """Nothing happens where it is gone."""
        ...


class AcceptedOrders(Protocol):
    """Orders, read only."""

    def find(self, tenant: str, refno: str) -> Order | None: ...


class Accept(Protocol):
    """AcceptOrder: the same refno is the same order."""

    def __call__(self, request: OrderRequest) -> Order: ...
