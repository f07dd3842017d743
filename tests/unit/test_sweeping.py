"""A lost execution loses nothing: what is due and does not run is started again, once."""

from __future__ import annotations

import pytest

from giftline.errors import GiftlineError, NotFound, StaleWrite
from giftline.orders.model import Order, OrderStatus, Watch
from giftline.orders.sweeping import MAX_EXECUTIONS
from tests.fakes.house import House, line, request


def accepted(house: House, refno: str = "refno-1") -> Order:
    return house.accept_order(request(line(1), refno=refno))


def test_an_order_is_started_under_its_own_id_and_once(house: House) -> None:
    order = accepted(house)
    house.start_order(order.id)
    house.start_order(order.id)
    assert house.executions.started == {order.id: order.id}


def test_an_id_that_nobody_recorded_is_an_error(house: House) -> None:
    with pytest.raises(NotFound):
        house.start_order("nobody's")


def test_a_closed_order_is_not_started(house: House) -> None:
    order = house.closed(line(1))
    house.start_order(order.id)
    assert house.executions.started == {}


def test_an_order_that_is_not_due_is_left_alone(house: House) -> None:
    accepted(house)
    house.clock.pass_(119_999)
    assert house.sweep() == {"due": 0, "started": 0}


def test_an_order_that_nobody_started_is_started_when_it_is_due(house: House) -> None:
    order = accepted(house)
    house.clock.pass_(120_000)
    assert house.sweep() == {"due": 1, "started": 1}
    assert list(house.executions.started.values()) == [order.id]
    assert house.orders.get(order.id).due_at == house.clock.now() + 600_000


def test_an_order_that_runs_is_only_looked_at_again_later(house: House) -> None:
    order = accepted(house)
    house.start_order(order.id)
    house.clock.pass_(120_000)
    assert house.sweep() == {"due": 1, "started": 0}
    assert house.orders.get(order.id).executions == 0
    assert house.sweep() == {"due": 0, "started": 0}


def test_each_new_start_has_a_new_name(house: House) -> None:
    order = accepted(house)
    house.start_order(order.id)
    for _ in range(3):
        house.executions.running.clear()
        house.clock.pass_(600_000)
        house.sweep()
    assert list(house.executions.started) == [order.id, f"{order.id}-1", f"{order.id}-2", f"{order.id}-3"]


def test_a_sweep_that_loses_the_race_starts_nothing(house: House) -> None:
    accepted(house)
    house.clock.pass_(120_000)

    def lost(order: Order) -> Order:
        raise StaleWrite("another sweep was faster")

    house.orders.save = lost  # type: ignore[method-assign]
    assert house.sweep() == {"due": 1, "started": 0}
    assert house.executions.started == {}


def test_a_closed_order_is_never_due(house: House) -> None:
    house.closed(line(1))
    house.clock.pass_(10**9)
    assert house.sweep()["due"] == 0


def test_one_orders_trouble_does_not_keep_the_sweep_from_the_others(house: House) -> None:
    first, second = accepted(house, "a"), accepted(house, "b")
    house.clock.pass_(120_000)
    start = house.executions.start

    def broken(name: str, order_id: str) -> bool:
        if order_id == first.id:
            raise ConnectionError("throttled")
        return start(name, order_id)

    house.executions.start = broken  # type: ignore[method-assign]
    with pytest.raises(GiftlineError, match=f"{first.id} .ConnectionError"):
        house.sweep()
    assert list(house.executions.started.values()) == [second.id]
    house.executions.start = start  # type: ignore[method-assign]
    house.clock.pass_(600_000)
    house.sweep()
    assert first.id in house.executions.started.values()


def test_an_order_that_no_execution_brings_to_its_end_is_a_persons_business(house: House) -> None:
    order = accepted(house, "a")
    for _ in range(MAX_EXECUTIONS + 1):
        house.clock.pass_(600_000)
        house.executions.running.clear()
        house.sweep()
    after = house.orders.get(order.id)
    assert (after.status, after.watch) == (OrderStatus.REVIEW, Watch.REVIEW)
    assert len(house.executions.started) == MAX_EXECUTIONS
