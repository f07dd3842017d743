"""Orders of single cards, and those that a second supplier takes over, from the POST to the last card."""

from __future__ import annotations

import pytest

from tests.stack_support.door import Cards, cards_of_answer, cards_of_rows, download, rows_of
from tests.stack_support.orders import WALLEO_ORDERS, SharedOrders
from tests.stack_support.stack import Stack

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("name", ["walleo-hundred", "walleo-timeout-then-success"])
def test_single_cards_come_as_the_supplier_sold_them_each_once(name: str, stack: Stack, orders: SharedOrders) -> None:
    order = orders[name]
    cards = cards_of_answer(stack.door.all_cards(order.id))

    assert order.status == "COMPLETE"
    assert cards == stack.supplier.walleo_cards(order.id)
    assert max(cards.values()) == 1
    assert cards.total() == sum(product.quantity for product in WALLEO_ORDERS[name])
    assert cards_of_rows(rows_of(download(order.answer["results"]["files"]["cards.csv"]))) == cards


def test_what_the_first_supplier_refuses_the_second_delivers(stack: Stack, orders: SharedOrders) -> None:
    order = orders["second-supplier"]
    first, second = order.summary["lots"]

    assert (order.status, order.summary["delivered"]["cards"]) == ("COMPLETE", 5)
    assert (first["supplier"], first["state"]) == ("walleo", "FAILED")
    assert "out_of_stock" in first["reason"]
    assert (second["supplier"], second["state"], second["insteadOf"]) == ("wpay", "COLLECTED", 1)
    sold = stack.supplier.cards(order.id, lot=2)
    assert cards_of_answer(stack.door.all_cards(order.id)) == Cards(
        ("TEST-SECOND-SUPPLIER", number, pin, amount) for _, number, pin, amount in sold
    )


def test_a_card_that_ends_in_error_three_times_is_reported_line_by_line(stack: Stack, orders: SharedOrders) -> None:
    order = orders["walleo-some-errors"]
    delivered, failed = order.summary["lines"]

    assert (order.status, orders["walleo-error"].status) == ("PARTIAL", "FAILED")
    assert (delivered["sku"], delivered["delivered"], delivered["reasons"]) == ("IKEA", 3, [])
    assert (failed["sku"], failed["delivered"], failed["released"]) == ("WALLEO-TEST-ERROR", 0, 1)
    assert "3 times" in failed["reasons"][0]
    assert orders["walleo-error"].lot["posts"] == 6


def test_what_never_arrives_is_a_persons_business_and_was_not_sold(stack: Stack, orders: SharedOrders) -> None:
    order = orders["walleo-unavailable"]

    assert (order.status, order.summary["inReview"]["amount"]) == ("REVIEW", "40.00")
    assert "still does not know" in order.lot["reason"]
    assert stack.supplier.walleo_cards(order.id) == Cards()


def test_a_card_of_another_amount_is_kept_and_not_handed_over(stack: Stack, orders: SharedOrders) -> None:
    order = orders["walleo-wrong-amount"]

    assert (order.status, order.summary["delivered"]["cards"]) == ("REVIEW", 0)
    assert "quarantined" in order.lot["reason"]


def test_no_rule_of_the_document_was_broken_towards_walleo(stack: Stack, orders: SharedOrders) -> None:
    assert orders.all
    report = stack.supplier.walleo()

    assert report["gets"] >= 100
    assert (report["gets_under_interval"], report["duplicate_posts"], report["breaches"]) == (0, 0, [])
