"""The stack is stopped in the middle of orders and started again: each is finished, each is bought once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from giftline.orders.lot import Lot, LotState
from giftline.storage.dynamodb import DynamoOrders
from tests.stack_support.door import SKU, Product, cards_of_answer
from tests.stack_support.orders import follow
from tests.stack_support.secrets import found_in_files
from tests.stack_support.stack import Stack, running_stack, start_stack, stop_stack
from tests.stack_support.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.slow]

FETCHING = 25_000
PLACED = 10_000


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path / "restarted") as running:
        yield running


def place(stack: Stack, refno: str, sku: str, quantity: int) -> dict[str, Any]:
    answer = stack.door.place(refno, Product(sku, quantity))
    assert answer.status_code == 202, answer.text
    accepted: dict[str, Any] = answer.json()
    return accepted


def lot_of(stack: Stack, accepted: dict[str, Any]) -> Lot | None:
    lots = DynamoOrders(stack.client("dynamodb"), stack.orders_table).lots(accepted["orderId"])
    return lots[0] if lots else None


def in_state(stack: Stack, accepted: dict[str, Any], *states: LotState) -> Lot:
    """The lot once it has come that far."""

    def reached() -> Lot | None:
        lot = lot_of(stack, accepted)
        return lot if lot and lot.state in states else None

    return wait_for(reached, 90, f"order {accepted['refno']} to be {' or '.join(states)}")


def test_orders_under_way_at_a_stop_are_finished_after_the_next_start(stack: Stack) -> None:
    done = place(stack, "done", SKU, 3)
    follow(stack, done)
    # Each is caught at another moment: fetching pages, POST sent and unanswered, placed, and only just accepted.
    fetching = place(stack, "fetching", SKU, FETCHING)
    posting = place(stack, "posting", "WPAY-TEST-HANG", 2)
    in_state(stack, fetching, LotState.READY)
    in_state(stack, posting, LotState.POSTING)
    placed = place(stack, "placed", "WPAY-GROCERY", PLACED)
    in_state(stack, placed, LotState.PLACED)
    accepted = place(stack, "accepted", SKU, 2)

    stop_stack(stack)
    again = start_stack(stack.settings.state, **stack.environ)

    under_way = {"fetching": FETCHING, "posting": 2, "placed": PLACED, "accepted": 2, "done": 3}
    for order, quantity in zip((fetching, posting, placed, accepted, done), under_way.values(), strict=True):
        closed = follow(again, order)
        sold = again.supplier.order(order["orderId"])
        assert sold is not None
        assert (order["refno"], closed.status, len(sold["posts"])) == (order["refno"], "COMPLETE", 1)
        cards = cards_of_answer(again.door.all_cards(closed.id))
        assert cards == again.supplier.cards(closed.id)
        assert (cards.total(), max(cards.values())) == (quantity, 1)
    report = again.supplier.report()
    assert (report["orders"], report["duplicate_posts"]) == (5, 0)
    assert report["polls_under_interval"] == 0
    assert report["breaches"] == []

    numbers = again.supplier.numbers(fetching["orderId"]) | again.supplier.numbers(placed["orderId"])
    stop_stack(again)
    kept = again.settings.state / "emulator" / "state"
    assert list(kept.iterdir()), "the embedded AWS saves its state as it stops"
    assert found_in_files(kept, numbers) == []
