"""Polls that come too soon are counted, never refused."""

from typing import Any

import pytest

from sandbox.connections import ConnectionDropped
from sandbox.wpay.orders import poll_interval


@pytest.mark.parametrize(
    ("cards", "minutes"), [(1, 5), (100, 5), (101, 15), (5_000, 15), (5_001, 35), (10_000, 35), (10_001, 60)]
)
def test_the_interval_is_that_of_the_first_bracket_that_holds_the_size(cards: int, minutes: int) -> None:
    assert poll_interval(cards) == minutes * 60


def test_an_order_goes_through_its_statuses(open_shop: Any) -> None:
    shop = open_shop(base_seconds=600.0, seconds_per_card=0.0)
    shop.order()
    words = [shop.word()]
    for _ in range(3):
        shop.wait(4)
        words.append(shop.word())
    assert words == ["PENDING", "PROCESSING", "PROCESSING", "COMPLETE"]


def test_polls_at_the_interval_are_in_time(shop: Any) -> None:
    shop.order(qty=100)
    for _ in range(3):
        shop.wait(5)
        assert shop.status().status_code == 200
    assert (shop.report()["polls"], shop.report()["polls_under_interval"], shop.breaches()) == (3, 0, [])


def test_polls_too_soon_after_the_post_or_each_other_are_counted(shop: Any) -> None:
    shop.order(qty=101)
    for minutes in (14, 15, 14.9):
        shop.wait(minutes)
        assert shop.status().status_code == 200
    assert [poll["kind"] for poll in shop.about()["polls"]] == ["under_interval", "in_time", "under_interval"]
    assert shop.breaches() == ["poll_under_interval"] * 2


def test_an_order_whose_answer_was_lost_may_be_looked_up_soon_and_only_until_it_is_found(shop: Any) -> None:
    with pytest.raises(ConnectionDropped):
        shop.order(sku="WPAY-TEST-TIMEOUT-THEN-COMPLETE")
    shop.wait(0.5)
    shop.status()
    assert (shop.report()["lookups"], shop.report()["polls_under_interval"]) == (1, 0)
    shop.wait(0.5)
    shop.status()
    assert (shop.report()["lookups"], shop.report()["polls_under_interval"]) == (1, 1)


def test_a_poll_of_an_unknown_order_is_a_lookup(shop: Any) -> None:
    shop.status("nobody")
    shop.status("nobody")
    assert (shop.report()["lookups"], shop.breaches()) == (2, [])


def test_other_orders_do_not_shorten_the_wait(shop: Any) -> None:
    shop.order("a")
    shop.order("b")
    shop.wait(5)
    shop.status("a")
    shop.status("b")
    assert shop.report()["polls_under_interval"] == 0
