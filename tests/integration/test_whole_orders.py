"""Orders by API, from the POST to the last card."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.stack_support.door import cards_of_answer, cards_of_rows, download, money_of, rows_of
from tests.stack_support.orders import API_ORDERS, LARGEST, LARGEST_ORDER, SharedOrders
from tests.stack_support.stack import Stack

pytestmark = pytest.mark.stack

PLAIN = {"three": "15.00", "one-more-than-a-page": "2505.00", "thousand": "12125.00"}


@pytest.mark.parametrize(("name", "money"), PLAIN.items())
def test_an_order_brings_the_cards_that_the_supplier_sold_each_once(
    name: str, money: str, stack: Stack, orders: SharedOrders
) -> None:
    order = orders[name]
    cards = cards_of_answer(stack.door.all_cards(order.id))

    assert order.status == "COMPLETE"
    assert cards == stack.supplier.cards(order.id)
    assert max(cards.values()) == 1
    assert cards.total() == sum(product.quantity for product in API_ORDERS[name])
    assert money_of(cards) == Decimal(money)


@pytest.mark.parametrize("name", PLAIN)
def test_the_files_behind_the_links_hold_the_same_cards(name: str, stack: Stack, orders: SharedOrders) -> None:
    order = orders[name]
    files = order.answer["results"]["files"]
    rows = rows_of(download(files["cards.csv"]))
    lines = [json.loads(line) for line in download(files["cards.jsonl"]).splitlines()]
    summary = json.loads(download(files["summary.json"]))

    assert cards_of_rows(rows) == cards_of_rows(lines) == stack.supplier.cards(order.id)
    assert summary["delivered"] == summary["ordered"]
    assert Decimal(summary["delivered"]["amount"]) == Decimal(PLAIN[name])


def test_the_supplier_was_asked_once_for_each_order(stack: Stack, orders: SharedOrders) -> None:
    sold = [stack.supplier.order(orders[name].id) for name in PLAIN]

    assert [len(order["posts"]) for order in sold if order] == [1, 1, 1]
    assert [orders[name].lot["posts"] for name in PLAIN] == [1, 1, 1]


def test_the_answers_are_those_of_the_document(orders: SharedOrders) -> None:
    order = orders["three"]

    assert order.accepted == {
        "status": "PROCESSING",
        "orderId": order.id,
        "refno": "three",
        "cancel": {"allowed": True, "allowedWithIn": 15},
        "currency": {"code": "AUD", "numericCode": "036", "symbol": "$"},
        "payments": [{"code": "svc"}],
    }
    documented = {"status", "statusLabel", "orderId", "refno", "cancel"}
    assert {name: order.answer[name] for name in documented} == {
        "status": "COMPLETE",
        "statusLabel": "Complete",
        "orderId": order.id,
        "refno": "three",
        "cancel": {"allowed": False, "allowedWithIn": 15},
    }


def test_small_pages_add_up_to_the_whole_order(stack: Stack, orders: SharedOrders) -> None:
    order = orders["one-more-than-a-page"]

    assert cards_of_answer(stack.door.all_cards(order.id, limit=100)) == stack.supplier.cards(order.id)


def test_the_first_page_answers_200_and_the_second_201_with_what_is_left(stack: Stack, orders: SharedOrders) -> None:
    order = orders["one-more-than-a-page"]
    first, second = stack.door.cards(order.id), stack.door.cards(order.id, offset=500)

    assert (first.status_code, len(first.json()["cards"])) == (200, 500)
    assert (second.status_code, len(second.json()["cards"])) == (201, 1)
    assert "no-store" in first.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("offset", "limit", "field"), [(0, 501, "limit"), (0, 0, "limit"), (100, 500, "offset"), (-500, 500, "offset")]
)
def test_a_page_against_the_rules_is_refused_and_named(
    offset: int, limit: int, field: str, stack: Stack, orders: SharedOrders
) -> None:
    answer = stack.door.cards(orders["three"].id, offset=offset, limit=limit)

    assert answer.status_code == 400
    assert field in [problem["field"] for problem in answer.json()["messages"]]


@pytest.mark.slow
@pytest.mark.usefixtures("largest")
def test_the_largest_order_comes_whole(stack: Stack, orders: SharedOrders) -> None:
    order = orders[LARGEST]
    cards = cards_of_answer(stack.door.all_cards(order.id))

    assert order.status == "COMPLETE"
    assert cards == stack.supplier.cards(order.id)
    assert (cards.total(), max(cards.values())) == (25_000, 1)
    assert money_of(cards) == sum(product.total for product in LARGEST_ORDER)
    assert cards_of_rows(rows_of(download(order.answer["results"]["files"]["cards.csv"]))) == cards
