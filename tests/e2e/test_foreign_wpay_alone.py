"""The foreign Wpay sells once and answers oddly where it is told to."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import requests

from tests.stack_support.door import Product, order_body
from tests.stack_support.foreign_accidents import Accident, Accidents
from tests.stack_support.foreign_wpay import KEY, ORDERS, ForeignWpay, odd_page, serving
from tests.stack_support.supplier import lot_reference
from tests.stack_support.waiting import wait_for

REFNO = lot_reference("order")
CARDS: list[dict[str, Any]] = [{"cardNumber": str(number)} for number in range(20)]


def call(wpay: ForeignWpay, path: str, body: dict[str, Any] | None = None) -> requests.Response | None:
    """None where no answer came."""
    try:
        method = "POST" if body else "GET"
        return requests.request(method, wpay.url + path, json=body, headers={"X-Api-Key": KEY}, timeout=5)
    except requests.RequestException:
        return None


def test_a_refno_is_sold_once() -> None:
    with serving() as wpay:
        answers = [call(wpay, ORDERS, order_body(REFNO, Product("SKU", 3))) for _ in range(2)]

    assert [answer.status_code for answer in answers if answer] == [202]
    assert [answer.json()["code"] for answer in answers if answer is not None and not answer] == [5313]
    assert (wpay.posts[REFNO], wpay.refused_twice) == (2, 1)
    assert wpay.sold("order") == wpay.sold_to("order")
    assert wpay.sold("order").total() == len(set(wpay.numbers())) == 3


def test_up_to_ten_cards_come_at_once() -> None:
    with serving() as wpay:
        answers = [
            call(wpay, ORDERS, order_body(refno, Product("SKU", cards)) | {"syncOnly": True})
            for refno, cards in ((REFNO, 10), ("more", 11))
        ]
        ten, more = (answer for answer in answers if answer is not None)
        assert (ten.status_code, len(ten.json()["cards"]), more.json()["code"]) == (201, 10, 11159)
        assert read_pages(wpay, set()) == {*wpay.numbers()}
        assert len(wpay.orders) == 1


def test_an_order_can_be_had_whole_through_every_accident() -> None:
    """Who asks again until it has each card gets it, and the order is sold once."""
    accidents = Accidents(seed=11, share=0.5, lag=0.02)
    with serving(accidents) as wpay:
        wait_for(lambda: wpay.orders or (call(wpay, ORDERS, order_body(REFNO, Product("SKU", 60))) and None), 10, "it")
        found: set[str] = set()
        wait_for(lambda: read_pages(wpay, found) >= {*wpay.numbers()} or None, 30, "all cards")

    assert len(wpay.orders) == 1
    assert len(found) == 60
    assert {Accident.SHORT_PAGE, Accident.REPEATED_PAGE, Accident.REORDERED_PAGE} <= set(accidents.happened)


def read_pages(wpay: ForeignWpay, found: set[str]) -> set[str]:
    """Adds the cards of whatever pages come through."""
    (order,) = wpay.orders.values()
    call(wpay, f"/v1/partner/giftcards/order/{REFNO}/status")
    for offset in range(0, 60, 10):
        answer = call(wpay, f"/v1/partner/giftcards/order/{order['orderId']}/cards?offset={offset}&limit=10")
        if answer is not None and answer.status_code in (200, 201):
            with contextlib.suppress(ValueError):
                found |= {card["cardNumber"] for card in answer.json()["cards"]}
    return found


@pytest.mark.parametrize(
    ("accident", "offset", "numbers"),
    [
        (None, 10, range(10, 16)),
        (Accident.SHORT_PAGE, 10, range(10, 14)),
        (Accident.REPEATED_PAGE, 12, range(6)),
        (Accident.REPEATED_PAGE, 0, [0] * 6),
        (Accident.REORDERED_PAGE, 12, [4, 3, 2, 1, 0, 19]),
    ],
)
def test_odd_pages_do_not_hold_what_they_should(accident: Accident | None, offset: int, numbers: Any) -> None:
    page = odd_page(CARDS, offset, 6, accident)

    assert [card["cardNumber"] for card in page] == [str(number) for number in numbers]
