"""What a storm draws from its seed, without a stack."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.settings import read_settings
from tests.stack_support.storm import WORKER, Size, Storm, workers_of
from tests.stack_support.storm_orders import OFFERS, draw_orders

SIZE = Size(orders=20, restarts=3, kills=5, cards=100, seed=4)
NO_STACK: Any = SimpleNamespace()


def test_the_same_seed_draws_the_same_storm() -> None:
    one, same, other = Storm(NO_STACK, SIZE), Storm(NO_STACK, SIZE), Storm(NO_STACK, Size(20, 3, 5, 100, seed=5))

    assert one.orders == same.orders != other.orders
    assert one._drawn_events() == same._drawn_events() != other._drawn_events()


def test_every_accident_of_the_plan_comes_after_an_order() -> None:
    events = Storm(NO_STACK, SIZE)._drawn_events()

    assert (events[0], events.count("order"), events.count("kill"), events.count("restart")) == ("order", 20, 5, 3)


def test_orders_are_of_one_supplier_each_and_of_mixed_size() -> None:
    orders = draw_orders(seed=1, count=200, most_cards=300)

    assert {order.supplier for order in orders} == {offer.supplier for offer in OFFERS}
    assert all(len({offer.supplier for offer, _, _ in order.lines}) == 1 for order in orders)
    sizes = sorted(order.quantity for order in orders)
    assert 1 <= sizes[0] < 5
    assert 200 < sizes[-1] <= 300
    for order in orders:
        total = sum(Decimal(str(p["price"])) * p["qty"] for p in order.body["products"])
        assert total == Decimal(str(order.body["payments"][0]["amount"]))


def test_the_size_is_read_from_the_environment() -> None:
    assert Size.from_environment({}) == Size(orders=4, restarts=1, kills=2, cards=40, seed=1)
    assert Size.from_environment({"STORM_ORDERS": "60", "STORM_SEED": "9", "STORM_KILLS": ""}).orders == 60


@pytest.mark.parametrize(
    ("arguments", "function"),
    [
        ("python3.13 /t/ministack-lambda-giftline-CreateOrderFunction-7650E0-ab12/_worker.py", "CreateOrderFunction"),
        ("python3.13 -m ministack", None),
    ],
)
def test_a_worker_is_known_by_what_it_runs(arguments: str, function: str | None) -> None:
    found = WORKER.search(arguments)

    assert (found[1] if found else None) == function


def test_a_stack_that_does_not_run_has_no_workers(tmp_path: Path) -> None:
    stack: Any = SimpleNamespace(settings=read_settings({"STATE_DIR": str(tmp_path)}))

    assert workers_of(stack) == {}
