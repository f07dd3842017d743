"""The state machine's own definition, walked with the real functions on fakes; and its budgets."""

from __future__ import annotations

import importlib.util
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline import bootstrap
from giftline.orders.lot import LotState
from giftline.orders.model import OrderStatus
from giftline.suppliers.port import CardsPage, Fetched, Outcome, Placed
from tests.fakes.house import SKU, House, line, request
from tests.fakes.state_machine import ExecutionFailed, Task, Walk
from tests.fakes.supplier import NO_ANSWER, UNREADABLE
from tests.fakes.time import FakeClock

TASKS = ("plan_order", "create_order", "get_order_status", "fetch_cards", "close_order")
FUNCTIONS = Path(__file__).parents[2] / "functions"
HOUR = 3_600_000
LATER = "2025-06-15T15:06:40.000Z"


@pytest.fixture
def tasks(house: House, monkeypatch: pytest.MonkeyPatch) -> dict[str, Task]:
    """The functions' own handlers, wired to the house instead of AWS."""
    found: dict[str, Task] = {}
    for name in TASKS:
        monkeypatch.setattr(bootstrap, name, partial(getattr, house, name))
        spec = importlib.util.spec_from_file_location(f"walked_{name}", FUNCTIONS / name / "app.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[name] = partial(_handled, module.handler)
    return found


def _handled(handler: Callable[[dict[str, Any], object], Any], event: dict[str, Any]) -> Any:
    return handler(event, None)


def ordered(house: House, cards: int, refno: str = "refno-1") -> str:
    return house.accept_order(request(line(cards), refno=refno)).id


def budget(house: House, walk: Walk, order_id: str) -> int:
    """DESIGN: 8 + for each lot 4 + 3 × polls + 2 × ⌈pages / 10⌉."""
    lots = house.orders.lots(order_id)
    pages = [math.ceil(lot.quantity / 500) for lot in lots]
    return 8 + sum(4 + 3 * lot.polls + 2 * math.ceil(many / 10) for lot, many in zip(lots, pages, strict=True))


def test_an_order_of_25_000_cards_keeps_its_budgets(house: House, tasks: dict[str, Task]) -> None:
    house.supplier.ready_after = 3 * HOUR + HOUR // 2
    house.supplier.before_fetch = lambda: setattr(house.clock, "ticks", house.clock.ticks + 4.6)
    order_id = ordered(house, 25_000)
    walk = Walk(tasks, house.clock)
    walk.run(order_id)
    order, lot = house.orders.get(order_id), house.orders.lot(order_id, 1)
    assert (order.status, order.delivered_cards) == (OrderStatus.COMPLETE, 25_000)
    assert (lot.polls, lot.posts) == (4, 1)
    assert walk.transitions <= budget(house, walk, order_id)
    assert walk.transitions <= 60
    assert walk.events < 500
    assert min(b - a for a, b in itertools.pairwise(house.supplier.asked)) >= HOUR
    assert house.vault.made == 1


@pytest.mark.parametrize("cards", [1, 500, 1_250])
def test_an_order_of_any_size_keeps_its_budget(house: House, tasks: dict[str, Task], cards: int) -> None:
    order_id = ordered(house, cards)
    walk = Walk(tasks, house.clock)
    walk.run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE
    assert walk.transitions <= budget(house, walk, order_id)


def test_running_the_whole_machine_again_buys_and_reads_nothing(house: House, tasks: dict[str, Task]) -> None:
    order_id = ordered(house, 600)
    Walk(tasks, house.clock).run(order_id)
    posts, reads, files = list(house.supplier.posts), list(house.supplier.reads), dict(house.files.kept)
    Walk(tasks, house.clock).run(order_id)
    assert (house.supplier.posts, house.supplier.reads, house.files.kept) == (posts, reads, files)


def test_a_post_that_was_lost_twice_is_sent_a_third_time_under_its_reference(
    house: House, tasks: dict[str, Task]
) -> None:
    house.supplier.placements.extend([NO_ANSWER, NO_ANSWER])
    order_id = ordered(house, 3)
    Walk(tasks, house.clock).run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE
    assert len(house.supplier.posts) == 3
    assert len(set(house.supplier.posts)) == len(house.supplier.sold) == 1


def test_posts_that_never_arrive_end_with_a_person(house: House, tasks: dict[str, Task]) -> None:
    house.supplier.placements.extend([NO_ANSWER] * 9)
    order_id = ordered(house, 3)
    Walk(tasks, house.clock).run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.REVIEW
    assert len(house.supplier.posts) == 4


def test_a_refused_order_has_failed_after_one_look_up(house: House, tasks: dict[str, Task]) -> None:
    house.supplier.placements.append(Placed(Outcome.NOT_COMMITTED, detail="5320"))
    order_id = ordered(house, 3)
    walk = Walk(tasks, house.clock)
    walk.run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.FAILED
    assert walk.visits("GetOrderStatus") == 1


def test_cards_that_are_not_ready_after_all_are_waited_for(house: House, tasks: dict[str, Task]) -> None:
    house.supplier.fetches.extend([CardsPage(Fetched.NOT_YET), CardsPage(Fetched.UNREADABLE)])
    order_id = ordered(house, 3)
    Walk(tasks, house.clock).run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE


def test_a_supplier_that_never_finishes_ends_with_a_person_and_within_the_history(
    house: House, tasks: dict[str, Task]
) -> None:
    house.supplier.ready_after = 10**12
    order_id = ordered(house, 3)
    walk = Walk(tasks, house.clock)
    walk.run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.REVIEW
    assert walk.events < 25_000 // 4


def test_an_unreadable_supplier_never_makes_the_machine_spin(house: House, tasks: dict[str, Task]) -> None:
    house.supplier.placements.append(NO_ANSWER)
    house.supplier.statuses.extend([UNREADABLE] * 1_000)
    order_id = ordered(house, 3)
    walk = Walk(tasks, house.clock)
    walk.run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.REVIEW
    assert walk.transitions < 400


@pytest.mark.parametrize("broken", ["create_order", "get_order_status", "fetch_cards"])
def test_a_task_that_fails_for_good_parks_its_lot(house: House, tasks: dict[str, Task], broken: str) -> None:
    def fails(event: dict[str, Any]) -> Any:
        raise ConnectionError("table unreachable")

    order_id = ordered(house, 3)
    walk = Walk(tasks | {broken: fails}, house.clock)
    walk.run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.REVIEW
    assert "ConnectionError" in house.orders.lot(order_id, 1).reason
    assert walk.visits("LotParked") == 1


@pytest.mark.parametrize("broken", ["plan_order", "close_order"])
def test_an_order_whose_frame_fails_for_good_is_left_to_the_sweep(
    house: House, tasks: dict[str, Task], broken: str
) -> None:
    def fails(event: dict[str, Any]) -> Any:
        raise ConnectionError("table unreachable")

    order_id = ordered(house, 3)
    with pytest.raises(ExecutionFailed, match=r"Giftline\.LeftToSweep"):
        Walk(tasks | {broken: fails}, house.clock).run(order_id)
    assert house.orders.get(order_id).status.is_open
    Walk(tasks, house.clock).run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE
    assert len(house.supplier.posts) == 1


@pytest.mark.parametrize("name", TASKS)
def test_a_task_that_crashes_once_after_its_work_changes_nothing(
    house: House, tasks: dict[str, Task], name: str
) -> None:
    crashed: list[str] = []

    def once(event: dict[str, Any]) -> Any:
        result = tasks[name](event)
        if not crashed:
            crashed.append(name)
            raise MemoryError("killed before the answer went out")
        return result

    order_id = ordered(house, 600)
    Walk(tasks | {name: once}, house.clock).run(order_id)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE
    assert len(house.supplier.posts) == 1
    assert house.orders.get(order_id).delivered_cards == 600


def test_a_second_lot_comes_through_though_the_first_is_refused(house: House, tasks: dict[str, Task]) -> None:
    house.supplier.placements.append(Placed(Outcome.NOT_COMMITTED, detail="5038"))
    order_id = ordered(house, 25_002)
    Walk(tasks, house.clock).run(order_id)
    assert [lot.state for lot in house.orders.lots(order_id)] == [LotState.FAILED, LotState.COLLECTED]
    assert house.orders.get(order_id).status is OrderStatus.PARTIAL
    assert house.orders.get(order_id).delivered_cards == 2
    assert SKU in {card_line.sku for card_line in house.orders.get(order_id).lines}


def scripted(words: Mapping[str, Iterator[str]], lots: int) -> dict[str, Task]:
    def plan(event: dict[str, Any]) -> Any:
        return {"lots": [{"order_id": event["order_id"], "lot": number} for number in range(1, lots + 1)]}

    def task(name: str) -> Task:
        return lambda event: {"found": next(words[name]), "wait_until": LATER}

    return {
        "plan_order": plan,
        "close_order": lambda event: {"status": "COMPLETE", "next": "end"},
        **{name: task(name) for name in TASKS[1:4]},
    }


@settings(max_examples=100, deadline=None)
@given(
    polls=st.integers(1, 12),
    fetches=st.integers(1, 6),
    lots=st.integers(1, 5),
)
def test_the_transitions_of_scripted_outcomes_are_those_of_the_budget(polls: int, fetches: int, lots: int) -> None:
    walk = Walk(
        scripted(
            {
                "create_order": itertools.repeat("pending"),
                "get_order_status": itertools.cycle(["pending"] * (polls - 1) + ["ready"]),
                "fetch_cards": itertools.cycle(["more"] * (fetches - 1) + ["collected"]),
            },
            lots,
        ),
        FakeClock(),
    )
    walk.run("O1")
    assert walk.transitions == 5 + lots * (3 + 3 * polls + 2 * fetches)
    assert walk.transitions <= 8 + lots * (4 + 3 * polls + 2 * fetches)


@pytest.mark.parametrize("found", ["rejected", "review", "collected", "absent"])
def test_a_lot_that_is_settled_by_its_first_task_is_closed_at_once(found: str) -> None:
    walk = Walk(scripted({"create_order": itertools.repeat(found)}, 1), FakeClock())
    walk.run("O1")
    assert walk.visits("LotClosed") == 1


@pytest.mark.parametrize("found", ["rejected", "review", "collected"])
def test_a_lot_that_is_settled_by_a_poll_or_a_page_is_closed(found: str) -> None:
    words = {"create_order": itertools.repeat("ready"), "fetch_cards": itertools.repeat(found)}
    walk = Walk(scripted(words, 1), FakeClock())
    walk.run("O1")
    assert walk.visits("LotClosed") == 1
