"""An order takes its money when it is accepted, and gives back what was not bought: each once, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from giftline.accounts.ledger import Balance, Kind, Limits
from giftline.doors.answers import error_reply
from giftline.errors import InsufficientFunds, OverLimit, StaleWrite, Unbalanced
from giftline.money import Currency
from giftline.orders.accepting import AcceptOrder
from giftline.orders.lot import LotState
from giftline.orders.model import Order, OrderStatus
from giftline.orders.reviewing import Way
from giftline.orders.timing import Timing
from giftline.orders.watching import reopened
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.ledger import PATIENCE, TRIES, DynamoLedger
from tests.fakes.house import AMPLE, AUD, SKU, TENANT, House, line, request
from tests.fakes.ledger import FakeLedger
from tests.fakes.storage import FakeFiles, FakeMessages, FakeOrders
from tests.fakes.time import START, FakeClock
from tests.simulation.checks import ledger_problems
from tests.simulation.memory_dynamodb import MemoryDynamoDB

HOUR = 3_600_000
URL = "https://shop.example/hooks"


class Killed(BaseException):
    """The worker is no more; no code under test has a say in it."""


def stands(house: House, currency: Currency = AUD) -> tuple[int, int, int]:
    """What is gone from available, and what is reserved and delivered."""
    balance = house.ledger.balance(TENANT, currency)
    return AMPLE - balance.available, balance.reserved, balance.delivered


def kinds(house: House) -> list[Kind]:
    return [entry.kind for entry in house.ledger.entries(TENANT, AUD, 1, 100)]


def leave(house: House, minor: int) -> None:
    """So much is available."""
    house.ledger.withdraw(TENANT, AUD, AMPLE - minor, "all but that", house.clock.now())


def problems(house: House) -> list[str]:
    entries = house.ledger.entries(TENANT, AUD, 0, 1_000)
    orders = [order for order in house.orders.records.values() if order.currency == AUD]
    return list(ledger_problems(house.ledger.balance(TENANT, AUD), entries, orders))


def adopted(house: House, order: Order) -> Order:
    """What was refused turned up after all, and the order came to its end again."""
    lot = house.orders.lot(order.id, 1)
    house.supplier.refused_skus.clear()
    house.supplier.sell(lot.reference, lot.lines)
    house.clock.pass_(HOUR)
    house.watch_orders()
    house.get_order_status(order.id, 1)
    house.fetch_cards(order.id, 1)
    house.close_order(order.id, {})
    return house.orders.get(order.id)


# --- accepting


def test_an_order_takes_its_whole_value(house: House) -> None:
    order = house.accept_order(request(line(3)))
    assert (order.reserved_minor, stands(house)) == (1_500, (1_500, 1_500, 0))
    (entry,) = house.ledger.entries(TENANT, AUD, 1, 9)
    assert (entry.kind, entry.subject, entry.minor) == (Kind.RESERVE, order.id, 1_500)


def test_the_same_request_again_takes_nothing(house: House) -> None:
    assert house.accept_order(request(line(3))) == house.accept_order(request(line(3)))
    assert kinds(house) == [Kind.RESERVE]


def test_where_funds_lack_nothing_is_recorded_and_nobody_is_told(house: House) -> None:
    leave(house, 1_499)
    with pytest.raises(InsufficientFunds):
        house.accept_order(request(line(3)))
    assert (house.orders.records, house.messages.announced) == ({}, [])
    house.ledger.deposit(TENANT, AUD, 1, "the cent that lacked", house.clock.now())
    assert house.accept_order(request(line(3))).status is OrderStatus.PENDING


def test_an_order_over_a_limit_is_refused(house: House) -> None:
    house.ledger.set_limits(TENANT, AUD, Limits(per_order=1_000), house.clock.now())
    with pytest.raises(OverLimit):
        house.accept_order(request(line(3)))
    assert house.orders.records == {}


def test_other_tenants_and_currencies_are_left_alone(house: House) -> None:
    house.accept_order(request(line(3)))
    assert house.ledger.balance("other", AUD).available == AMPLE
    assert [one.reserved for one in house.ledger.balances(TENANT)] == [1_500, 0]


# --- closing


def test_what_is_delivered_is_captured(house: House) -> None:
    order = house.closed(line(3))
    assert (order.captured_minor, order.held_minor, stands(house)) == (1_500, 0, (1_500, 0, 1_500))
    assert kinds(house) == [Kind.RESERVE, Kind.CAPTURE]


def test_what_is_proven_failed_is_given_back(house: House) -> None:
    house.supplier.refused_skus[SKU] = "5320"
    order = house.refused(line(3))
    house.close_order(order.id, {})
    assert (stands(house), kinds(house)) == ((0, 0, 0), [Kind.RESERVE, Kind.RELEASE])


def test_what_is_in_review_stays_reserved_until_a_person_gives_it_up(house: House) -> None:
    lot = house.set(replace(house.lot(3, LotState.POSTING), state=LotState.REVIEW, was=LotState.POSTING))
    house.close_order(lot.order_id, {})
    assert (stands(house), kinds(house)) == ((1_500, 1_500, 0), [Kind.RESERVE])
    house.resolve_review(lot.order_id, 1, Way.GIVE_UP, "Ada", "never came")
    house.close_order(lot.order_id, {})
    assert (stands(house), kinds(house)) == ((0, 0, 0), [Kind.RESERVE, Kind.RELEASE])


def test_what_turned_up_after_all_is_taken_again_and_captured(house: House) -> None:
    house.supplier.refused_skus[SKU] = "5320"
    order = house.refused(line(3))
    house.close_order(order.id, {})
    house.ledger.withdraw(TENANT, AUD, AMPLE - 1_000, "spent meanwhile", house.clock.now())

    after = adopted(house, order)

    assert after.status is OrderStatus.COMPLETE
    assert kinds(house)[-2:] == [Kind.RECLAIM, Kind.CAPTURE]
    assert house.ledger.balance(TENANT, AUD).available == -500
    assert problems(house) == []


def test_an_order_that_is_closed_again_with_the_same_end_moves_nothing(house: House) -> None:
    order = house.closed(line(3))
    house.orders.save(reopened(order, house.clock.now()))
    house.close_order(order.id, {})
    assert kinds(house) == [Kind.RESERVE, Kind.CAPTURE]


def test_an_order_of_before_the_ledger_closes_as_it_did() -> None:
    house = House()
    house.orders.ledger = None
    order = house.closed(line(3))
    assert (order.status, order.reserved_minor, stands(house)) == (OrderStatus.COMPLETE, 0, (0, 0, 0))


def test_a_tenant_that_falls_low_is_told_once(house: House) -> None:
    leave(house, 2_000)
    house.ledger.set_limits(TENANT, AUD, Limits(low_balance=1_000, webhook_url=URL), house.clock.now())
    house.accept_order(request(line(3)))
    house.accept_order(request(line(1), refno="refno-2"))
    (event,) = house.ledger.events
    assert (event.tenant, event.url, event.created_at) == (TENANT, URL, house.clock.now())


# --- the balance is never free


class Overtaken:
    """A client before each of whose transactions somebody else moves money of the same tenant, so often."""

    def __init__(self, table: MemoryDynamoDB, times: int, wait: Callable[[], None]) -> None:
        self._table, self._left, self._wait = table, times, wait

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def transact_write_items(self, **given: Any) -> Any:
        if self._left:
            self._left -= 1
            self._wait()
            pay(self._table, f"rival {self._left}")
        return self._table.transact_write_items(**given)


def pay(table: MemoryDynamoDB, reference: str) -> None:
    DynamoLedger(table, "accounts").deposit(TENANT, AUD, 500, reference, START)  # type: ignore[arg-type]


@pytest.mark.parametrize("a_try", [0.0, 1.0])
def test_who_loses_every_race_is_told_in_time_to_try_again_and_the_same_call_then_orders_once(a_try: float) -> None:
    table, passed = MemoryDynamoDB({}), [0.0]

    def pause(seconds: float) -> None:
        passed[0] += seconds

    pay(table, "first")
    client: Any = Overtaken(table, TRIES, lambda: pause(a_try))
    ledger = DynamoLedger(client, "accounts", pause=pause, jitter=lambda: 0.5, elapsed=lambda: passed[0])
    orders = DynamoOrders(client, "orders", ledger=ledger)
    accept = AcceptOrder(orders, FakeFiles(), FakeMessages(), FakeClock(), Timing(), iter("ABC").__next__)

    with pytest.raises(StaleWrite) as lost:
        accept(request(line(1)))

    reply = error_reply(lost.value)
    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
    assert reply.body["message"] == "the balance of acme in AUD is written by others all the time: try again"
    assert passed[0] < PATIENCE + 2
    assert (orders.find(TENANT, "refno-1"), ledger.balance(TENANT, AUD).reserved) == (None, 0)
    client._left = 0
    first = accept(request(line(1)))
    assert accept(request(line(1))) == first
    assert ledger.balance(TENANT, AUD).reserved == 500


# --- workers die at every call


class Dying:
    """Passes calls on, and dies at the one of that number: before it, or after it."""

    def __init__(self, target: Any, at: int, *, after: bool) -> None:
        self._target, self._left, self._after = target, at, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real = getattr(self._target, name)

        def call(*given: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            made = real(*given)
            if self._left == 0:
                raise Killed
            return made

        return call


@pytest.mark.parametrize("after", [False, True])
def test_wherever_who_accepts_or_closes_dies_the_money_moves_once(after: bool) -> None:
    for at in count(1):
        house = House()
        order, deaths = _accepted_and_closed(house, at, after=after)
        assert problems(house) == []
        assert (order.status, stands(house)) == (OrderStatus.COMPLETE, (1_500, 0, 1_500))
        assert kinds(house) == [Kind.RESERVE, Kind.CAPTURE]
        if not deaths:
            assert at == 6  # find, add; get, lots, close, and one more that nobody makes
            return


def _accepted_and_closed(house: House, at: int, *, after: bool) -> tuple[Order, int]:
    """By one worker that dies at its call number `at`, and then by others; and how often one died."""
    deaths = 0
    dying: Any = Dying(house.orders, at, after=after)
    try:
        replace(house.accept_order, orders=dying)(request(line(3)))
    except Killed:
        deaths += 1
    order = house.collected(line(3))
    try:
        replace(house.close_order, orders=dying)(order.id, {})
    except Killed:
        deaths += 1
    house.close_order(order.id, {})
    return house.orders.get(order.id), deaths


def test_a_balance_that_does_not_hold_what_an_order_took_stops_its_close() -> None:
    """The close fails as a whole: nobody is told that an order came to its end whose money is not there."""
    ledger, orders = FakeLedger(), FakeOrders()
    house = House(orders=orders, ledger=ledger)
    order = house.collected(line(3))
    before = ledger.balance(TENANT, AUD)
    ledger.kept[TENANT, AUD.code] = Balance(TENANT, AUD, available=before.available, version=before.version)
    with pytest.raises(Unbalanced, match="RESERVED of acme holds 0"):
        house.close_order(order.id, {})
    assert house.orders.get(order.id).status.is_open
