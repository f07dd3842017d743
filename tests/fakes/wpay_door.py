"""The Wpay document's door on fakes, whole: every call by its path, errors as their answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from giftline.accounts.model import TENANT_ABILITIES, Access, token_hash
from giftline.doors.answers import Reply, error_reply
from giftline.doors.wpay import WpayDoor
from giftline.errors import GiftlineError
from giftline.orders.cancelling import CancelOrder
from giftline.orders.holding import HoldOrder
from giftline.orders.reversing import ReverseOrder
from giftline.secret import Secret
from tests.fakes.house import CATALOGUE, SKU, TENANT, House
from tests.fakes.storage import FakeTokens
from tests.fakes.time import FakeClock

KEY, THEIRS = "gl_key_of_acme", "gl_key_of_other"


@dataclass
class FakeCall:
    body: str | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"X-Api-Key": KEY})
    is_base64_encoded: bool | None = False
    query_string_parameters: dict[str, str] = field(default_factory=dict)


@dataclass
class WaitingClock:
    """While a call is held, others work: `meanwhile` runs at each look."""

    clock: FakeClock
    meanwhile: Callable[[], None] = lambda: None

    def now(self) -> int:
        return self.clock.now()

    def elapsed(self) -> float:
        return self.clock.elapsed()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        self.meanwhile()


def product(qty: int = 3, sku: str = SKU, price: Any = 5, currency: str = "036") -> dict[str, Any]:
    return {"sku": sku, "price": price, "qty": qty, "currency": currency}


def body(*products: dict[str, Any], paid: Any = None, **changed: Any) -> dict[str, Any]:
    listed = list(products or [product()])
    due = sum(one["price"] * one["qty"] for one in listed) if paid is None else paid
    payments = [{"code": "svc", "amount": due}]
    return {"payments": payments, "products": listed, "refno": "r-1", "syncOnly": False} | changed


class WpayHouse:
    """A house with its door; `abilities` are those of the tenant's key."""

    def __init__(self) -> None:
        self.house = House()
        self.abilities = frozenset(map(str, TENANT_ABILITIES))
        self.waiting = WaitingClock(self.house.clock)
        self.headers = {"X-Api-Key": KEY}

    @property
    def door(self) -> WpayDoor:
        house = self.house
        known = {
            token_hash(Secret(KEY)): Access(TENANT, self.abilities),
            token_hash(Secret(THEIRS)): Access("other", self.abilities),
        }
        cancel = CancelOrder(house.orders, house.clock)
        return WpayDoor(
            FakeTokens(known),
            CATALOGUE,
            house.accept_order,
            house.view_order,
            house.view_cards,
            hold_order=HoldOrder(house.orders, self.waiting),
            cancel_order=cancel,
            reverse_order=lambda: ReverseOrder(
                house.orders, house.suppliers, house.clock, house.timing, house.pace, cancel
            ),
            ledger=house.ledger,
        )

    def place(self, content: Any = None, **changed: Any) -> Reply:
        sent = content if isinstance(content, str) else json.dumps(content or body(**changed))
        return self._answered(lambda: self.door.place(self._call(sent)))

    def status(self, refno: str = "r-1") -> Reply:
        return self._answered(lambda: self.door.status(self._call(), refno))

    def cards(self, order_id: str = "", **query: str) -> Reply:
        call = self._call()
        call.query_string_parameters = query
        return self._answered(lambda: self.door.cards(call, order_id or self.order_id))

    def cancel(self, content: Any = None) -> Reply:
        sent = content if isinstance(content, str) else json.dumps(content or {"refno": "r-1"})
        return self._answered(lambda: self.door.cancel(self._call(sent)))

    def reverse(self, content: Any = None) -> Reply:
        sent = content if isinstance(content, str) else json.dumps(content or {"refno": "r-1"})
        return self._answered(lambda: self.door.reverse(self._call(sent)))

    def balance(self, **query: str) -> Reply:
        call = self._call()
        call.query_string_parameters = query
        return self._answered(lambda: self.door.balance(call))

    @property
    def order_id(self) -> str:
        order = self.house.orders.find(TENANT, "r-1")
        assert order is not None
        return order.id

    def work(self) -> None:
        """What the state machine does with the order, as far as it gets without waiting."""
        order_id = self.order_id
        for number in self.house.plan_order(order_id):
            self.house.create_order(order_id, number)
            self.house.get_order_status(order_id, number)
            self.house.fetch_cards(order_id, number)
        if all(lot.state.is_closed for lot in self.house.orders.lots(order_id)):
            self.house.close_order(order_id, {})

    def finish(self) -> None:
        """To the order's end."""
        for _ in range(20):
            self.work()
            waiting = [lot for lot in self.house.orders.lots(self.order_id) if not lot.state.is_closed]
            if not waiting:
                return
            self.house.clock.time = max(self.house.clock.time, min(lot.ask_at for lot in waiting))
        raise AssertionError("the order does not come to its end")

    def _call(self, sent: str | None = None) -> FakeCall:
        return FakeCall(sent, self.headers)

    def _answered(self, call: Callable[[], Reply]) -> Reply:
        try:
            return call()
        except GiftlineError as error:
            return error_reply(error)
