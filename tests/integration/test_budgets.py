"""DESIGN's budgets, counted on the stack: writes, keys, polls, history, and what a cold start imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from giftline.money import Money, known_currency
from giftline.orders.model import Line, OrderRequest
from local.deployment import build_folder
from local.settings import ROOT
from tests.fakes.state_machine import Walk
from tests.stack_support.cpu import import_ratios
from tests.stack_support.house import CountedHouse
from tests.stack_support.orders import LARGEST, SharedOrders
from tests.stack_support.stack import Stack

pytestmark = pytest.mark.stack

CARDS = 25_000
PAGES = CARDS // 500
ORDER_TASKS = ("plan_order", "create_order", "get_order_status", "fetch_cards", "close_order")
TASKS = (*ORDER_TASKS, "apply_chunk", "send_webhook", "run_schedule")
TASK_RATIO, DOOR_RATIO = 1.15, 1.6


@dataclass(frozen=True, slots=True)
class Counted:
    """One order of 25,000 cards, walked through the real definition by the real use cases."""

    status: str
    cards: int
    polls: int
    transitions: int
    write_units: int
    writes: int
    kms: Mapping[str, Mapping[str, int]]


@pytest.fixture(scope="module")
def counted(stack: Stack, new_refno: Callable[[], str]) -> Counted:
    house = CountedHouse(stack)
    line = Line("WWQ651BHNWSH", Money(500, known_currency("AUD")), CARDS)
    order = house.accept_order(OrderRequest("demo", new_refno(), (line,), "api"))
    walk = Walk(house.tasks, house.clock)  # type: ignore[arg-type]  # a clock that waits instead of jumping
    walk.run(order.id)
    closed, (lot,) = house.orders.get(order.id), house.orders.lots(order.id)
    return Counted(
        status=closed.status.value,
        cards=closed.delivered_cards,
        polls=lot.polls,
        transitions=walk.transitions,
        write_units=house.dynamo.units,
        writes=house.dynamo.writes,
        kms={name: dict(kms.calls) for name, kms in house.kms.items()},
    )


@pytest.mark.slow
def test_a_card_costs_at_most_six_hundredths_of_a_write_unit(counted: Counted) -> None:
    assert (counted.status, counted.cards) == ("COMPLETE", CARDS)
    a_card = counted.write_units / CARDS
    assert a_card <= 0.06, f"{a_card:.4f}: {counted.write_units} write units in {counted.writes} writes"


@pytest.mark.slow
def test_an_order_costs_one_data_key_and_one_decryption_in_each_cold_environment(counted: Counted) -> None:
    assert counted.kms == {
        "plan_order": {"GenerateDataKey": 1},
        "fetch_cards": {"Decrypt": 1},
        "close_order": {"Decrypt": 1},
    }


@pytest.mark.slow
def test_the_transitions_of_the_largest_order_stay_within_their_budget(counted: Counted) -> None:
    most = 8 + 4 + 3 * counted.polls + 2 * -(-PAGES // 10)

    assert counted.transitions <= most, f"{counted.transitions} transitions with {counted.polls} polls"


@pytest.mark.slow
@pytest.mark.usefixtures("largest")
def test_the_history_of_the_largest_order_stays_within_two_percent_of_what_is_allowed(
    stack: Stack, orders: SharedOrders
) -> None:
    machine = stack.outputs["FulfilOrderStateMachineArn"].replace(":stateMachine:", ":execution:")
    pages = stack.client("stepfunctions").get_paginator("get_execution_history")
    found = pages.paginate(executionArn=f"{machine}:{orders[LARGEST].id}")

    assert sum(len(page["events"]) for page in found) <= 500


def test_the_supplier_is_never_polled_under_its_interval(stack: Stack, orders: SharedOrders) -> None:
    assert orders.all
    report = stack.supplier.report()

    assert report["polls"] > len(orders.all)
    assert report["polls_under_interval"] == 0
    assert report["breaches"] == []


@pytest.mark.slow
def test_a_cold_start_imports_little_more_than_one_client(
    stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    functions = sorted(app.parent for app in (ROOT / "functions").glob("*/app.py"))

    budgets = {path.name: TASK_RATIO if path.name in TASKS else DOOR_RATIO for path in functions}

    ratios = import_ratios(build_folder(stack.settings), functions, budgets)

    record_property("import_ratios", ratios)
    measured = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    assert {name for name, ratio in ratios.items() if ratio > budgets[name]} == set(), measured
