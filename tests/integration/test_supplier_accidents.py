"""What becomes of an order when the supplier has an accident: each of the sandbox's test skus."""

from __future__ import annotations

import pytest

from tests.stack_support.door import cards_of_answer
from tests.stack_support.orders import API_ORDERS, SharedOrders
from tests.stack_support.stack import Stack

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    "name",
    [
        "timeout-then-complete",
        "error-after-commit",
        "unknown-status",
        "short-page",
        "duplicate-page",
        "reordered-cards",
        "hang",
    ],
)
def test_an_accident_on_the_way_still_ends_with_every_card_bought_once(
    name: str, stack: Stack, orders: SharedOrders
) -> None:
    order = orders[name]
    sold = stack.supplier.order(order.id)

    assert order.status == "COMPLETE"
    assert sold is not None
    assert len(sold["posts"]) == 1
    cards = cards_of_answer(stack.door.all_cards(order.id))
    assert cards == stack.supplier.cards(order.id)
    assert cards.total() == API_ORDERS[name][0].quantity


def test_an_order_out_of_stock_has_failed_and_nothing_was_sold(stack: Stack, orders: SharedOrders) -> None:
    order = orders["out-of-stock"]

    assert order.status == "FAILED"
    assert order.lot["reason"] == "refused: 5320"
    assert order.summary["released"]["amount"] == "10.00"
    assert stack.supplier.order(order.id) is None


def test_an_order_that_the_supplier_cancelled_has_failed(stack: Stack, orders: SharedOrders) -> None:
    order = orders["canceled"]

    assert order.status == "FAILED"
    assert order.summary["released"]["amount"] == "10.00"
    assert stack.door.cards(order.id).json()["cards"] == []


@pytest.mark.parametrize("name", ["wrong-amount", "no-pin"])
def test_a_card_that_is_not_as_ordered_is_kept_back_for_a_person(name: str, stack: Stack, orders: SharedOrders) -> None:
    order = orders[name]
    handed_over = cards_of_answer(stack.door.all_cards(order.id))

    assert order.status == "REVIEW"
    assert order.lot["reason"].startswith("2 sound cards of 3")
    assert handed_over.total() == 2
    assert handed_over < stack.supplier.cards(order.id)


@pytest.mark.parametrize("name", ["unavailable", "too-many-requests"])
def test_four_posts_without_a_trace_are_a_persons_business(name: str, stack: Stack, orders: SharedOrders) -> None:
    order = orders[name]

    assert order.status == "REVIEW"
    assert order.lot["posts"] == 4
    assert order.lot["reason"].startswith("4 posts")
    assert stack.supplier.order(order.id) is None


@pytest.mark.slow
def test_an_order_that_never_completes_is_a_persons_business_after_its_deadline(
    stack: Stack, orders: SharedOrders
) -> None:
    order = orders["stuck"]
    sold = stack.supplier.order(order.id)

    assert order.status == "REVIEW"
    assert order.lot["reason"].startswith("overdue")
    assert order.summary["inReview"]["amount"] == "10.00"
    assert sold is not None
    assert len(sold["posts"]) == 1
