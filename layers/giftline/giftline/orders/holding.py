"""Hold a call until its order is closed: for clients that wait for their cards in the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from giftline.orders.model import Order

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders

LOOK_EVERY: Final = 0.25
"""Seconds between two looks into our own table."""


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """Asks our own table, never a supplier; what is not closed in time goes on without the caller."""

    orders: Orders
    clock: Clock

    def __call__(self, order: Order, seconds: float) -> Order:
        """The order as it stands once it is open no more, or when the time is over."""
        until = self.clock.elapsed() + seconds
        while order.status.is_open and (left := until - self.clock.elapsed()) > 0:
            self.clock.sleep(min(LOOK_EVERY, left))
            order = self.orders.get(order.id)
        return order
