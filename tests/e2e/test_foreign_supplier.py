"""Giftline in front of a server that somebody else wrote from the Wpay document alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack_support.door import Product, cards_of_answer, cards_of_rows, download, rows_of
from tests.stack_support.foreign_wpay import KEY, ForeignWpay, serving
from tests.stack_support.orders import follow
from tests.stack_support.stack import Stack, running_stack
from tests.stack_support.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.slow]

CSV = b"sku;amount;quantity;name\nWPAY-GROCERY;20.00;2;Ann\nWWQ651BHNWSH;5.00;1;Bo\n"


@pytest.fixture(scope="module")
def supplier() -> Iterator[ForeignWpay]:
    with serving() as wpay:
        yield wpay


@pytest.fixture(scope="module")
def stack(supplier: ForeignWpay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("foreign")
    with running_stack(state, WPAY_BASE_URL=supplier.url, WPAY_API_KEY=KEY) as running:
        yield running


def test_an_order_by_api_comes_out_complete(stack: Stack, supplier: ForeignWpay) -> None:
    answer = stack.door.place("by-api", Product("WWQ651BHNWSH", 1_001), Product("WPAY-GROCERY", 2, "20.00"))

    order = follow(stack, answer.json())

    assert order.status == "COMPLETE"
    assert cards_of_answer(stack.door.all_cards(order.id)) == supplier.sold(order.id)
    assert supplier.sold(order.id).total() == 1_003


def test_an_order_by_csv_comes_out_complete(stack: Stack, supplier: ForeignWpay) -> None:
    stack.drop("by-csv", CSV)
    wait_for(lambda: stack.door.status("by-csv").status_code == 200 or None, 60, "the order of by-csv.csv")

    order = follow(stack, stack.door.status("by-csv").json())

    assert order.status == "COMPLETE"
    rows = rows_of(download(order.answer["results"]["files"]["cards.csv"]))
    assert cards_of_rows(rows) == supplier.sold(order.id)
    assert sorted(row["name"] for row in rows) == ["Ann", "Ann", "Bo"]


def test_each_order_was_posted_once_with_the_key_that_make_up_was_given(supplier: ForeignWpay) -> None:
    assert supplier.posts
    assert max(supplier.posts.values()) == 1
    assert supplier.keys == {KEY}
