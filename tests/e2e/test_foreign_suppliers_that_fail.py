"""Giftline between two suppliers that somebody else wrote from the documents alone, and that fail all the time.

Small by default; FOREIGN_ORDERS, FOREIGN_CARDS (in the largest order), FOREIGN_SHARE and FOREIGN_SEED make it long.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.stack_support import foreign_walleo, foreign_wpay
from tests.stack_support.foreign_accidents import Accidents
from tests.stack_support.foreign_server import ForeignSupplier
from tests.stack_support.foreign_walleo import ForeignWalleo
from tests.stack_support.foreign_wpay import ForeignWpay
from tests.stack_support.secrets import found_in_files
from tests.stack_support.stack import running_stack
from tests.stack_support.storm import Size, Storm
from tests.stack_support.storm_books import Books, books_after, table
from tests.stack_support.storm_ledgers import MOST_POSTS

pytestmark = [pytest.mark.stack, pytest.mark.slow]

ORDERS = int(os.environ.get("FOREIGN_ORDERS") or 6)
CARDS = int(os.environ.get("FOREIGN_CARDS") or 150)
SHARE = float(os.environ.get("FOREIGN_SHARE") or 0.2)
SEED = int(os.environ.get("FOREIGN_SEED") or 1)


@dataclass(frozen=True)
class Suppliers:
    wpay: ForeignWpay
    walleo: ForeignWalleo

    @property
    def each(self) -> tuple[ForeignSupplier, ForeignSupplier]:
        return self.wpay, self.walleo


@pytest.fixture(scope="module")
def suppliers() -> Iterator[Suppliers]:
    with (
        foreign_wpay.serving(Accidents(SEED, SHARE)) as wpay,
        foreign_walleo.serving(Accidents(SEED + 1, SHARE)) as walleo,
    ):
        yield Suppliers(wpay, walleo)


@pytest.fixture(scope="module")
def orders(suppliers: Suppliers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    """Placed a few at a time and followed to their end; no worker is killed and nothing is stopped."""
    settings = {
        "WPAY_BASE_URL": suppliers.wpay.url,
        "WPAY_API_KEY": foreign_wpay.KEY,
        "WALLEO_BASE_URL": suppliers.walleo.url,
        "WALLEO_API_KEY": foreign_walleo.KEY,
        "WALLEO_ID": foreign_walleo.IDENTIFIER,
        "WALLEO_SHARED_KEY": foreign_walleo.SHARED_KEY,
    }
    with running_stack(tmp_path_factory.mktemp("failing"), **settings) as running:
        storm = Storm(running, Size(orders=ORDERS, restarts=0, kills=0, cards=CARDS, seed=SEED))
        storm.blow()
        yield storm


@pytest.fixture(scope="module")
def books(orders: Storm, suppliers: Suppliers) -> list[Books]:
    books = books_after(orders, {"wpay": suppliers.wpay, "walleo": suppliers.walleo})
    for supplier in suppliers.each:
        sys.stdout.write(f"\n{table(figures(supplier))}\n")
    return books


def figures(supplier: ForeignSupplier) -> list[tuple[str, ...]]:
    accidents = supplier.accidents.happened
    return [
        (type(supplier).__name__, f"{supplier.requests} requests, {supplier.busiest_second} in the busiest second"),
        ("references, POSTs", f"{len(supplier.posts)}, {supplier.posts.total()}"),
        ("refused as used", str(supplier.refused_twice)),
        *((str(name), str(count)) for name, count in accidents.most_common()),
    ]


def test_every_order_is_complete(books: list[Books]) -> None:
    found = {one.wanted.refno: [one.status, *one.in_review] for one in books if not one.is_complete}

    assert books
    assert found == {}


def test_each_card_is_bought_once_stored_once_and_handed_over_once(books: list[Books]) -> None:
    found = {one.wanted.refno: list(one.differences()) for one in books}

    assert {refno: problems for refno, problems in found.items() if problems} == {}


def test_the_suppliers_sold_nothing_that_no_order_asked_for(books: list[Books], suppliers: Suppliers) -> None:
    for name, supplier in (("wpay", suppliers.wpay), ("walleo", suppliers.walleo)):
        numbers = supplier.numbers()
        assert len(numbers) == len(set(numbers)) == sum(b.wanted.quantity for b in books if b.wanted.supplier == name)


@pytest.mark.usefixtures("books")
def test_no_reference_was_posted_more_often_than_allowed(suppliers: Suppliers) -> None:
    for supplier in suppliers.each:
        assert max(supplier.posts.values(), default=0) <= MOST_POSTS


@pytest.mark.usefixtures("books")
def test_each_supplier_knew_who_was_asking(suppliers: Suppliers) -> None:
    assert suppliers.wpay.keys == {foreign_wpay.KEY}
    assert suppliers.walleo.refused_signatures == 0


@pytest.mark.usefixtures("books")
def test_there_were_as_many_accidents_as_were_asked_for(suppliers: Suppliers) -> None:
    accidents = sum(supplier.accidents.happened.total() for supplier in suppliers.each)

    assert accidents > sum(supplier.requests for supplier in suppliers.each) * SHARE / 2


@pytest.mark.usefixtures("books")
def test_no_file_of_the_stack_but_the_exports_holds_a_card(orders: Storm, suppliers: Suppliers) -> None:
    numbers = frozenset(number.encode() for supplier in suppliers.each for number in supplier.numbers())
    state = orders.stack.settings.state

    assert numbers
    may = [state / "emulator" / "s3", state / "build", state / "emulator" / "tmp"]
    assert found_in_files(state, numbers, but=may) == []
