"""The rules on money are no decoration: each kind of wrong book would be noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from giftline.accounts.ledger import Balance, Entry, Kind, Step, post, reserve
from giftline.orders.model import Order
from tests.fakes.house import AUD, TENANT, an_order
from tests.simulation.checks import Evidence, ledger_problems, the_ledger_says_what_became_of_the_money
from tests.simulation.house import TABLE
from tests.simulation.run import run_seed

Books = tuple[Balance, list[Entry], list[Order]]


def books() -> Books:
    """100.00 paid in, 15.00 reserved for an order, 10.00 captured and 2.00 given back."""
    paid = post(Balance(TENANT, AUD), [Step(Kind.DEPOSIT, 10_000)], 0)
    taken = reserve(paid.after, 1_500, 0, "O1")
    settled = post(taken.after, [Step(Kind.CAPTURE, 1_000), Step(Kind.RELEASE, 200)], 0, "O1")
    order = an_order(reserved_minor=1_500, captured_minor=1_000, released_minor=200)
    return settled.after, [*paid.entries, *taken.entries, *settled.entries], [order]


def test_right_books_are_right() -> None:
    assert not list(ledger_problems(*books()))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda balance, entries, orders: (replace(balance, available=1), entries, orders), "AVAILABLE is 1"),
        (lambda balance, entries, orders: (balance, entries[:-1], orders), "3 entries, and the last one is number 4"),
        (lambda balance, entries, orders: (replace(balance, funded=9_000), entries, orders), "do not balance"),
        (lambda balance, entries, orders: (balance, entries, []), "300 reserved, 1000 captured; its orders: 0, 0"),
        (
            lambda balance, entries, orders: (balance, entries, [replace(orders[0], released_minor=0)]),
            "its entries say (1500, 1000, 200)",
        ),
        (
            lambda balance, entries, orders: (balance, [*entries, replace(entries[1], seq=5)], orders),
            "3000 reserved for 1500 ordered",
        ),
    ],
)
def test_wrong_books_are_told(spoil: Callable[..., Books], told: str) -> None:
    assert any(told in problem for problem in ledger_problems(*spoil(*books())))


def test_an_order_without_its_capture_would_be_noticed_in_a_run() -> None:
    def forgets(evidence: Evidence) -> Iterator[str]:
        items = evidence.house.dynamodb.table(TABLE).items()
        for item in [item for item in items if item["sk"]["S"] == "ORDER"]:
            item["captured_minor"] = {"N": "0"}
        return the_ledger_says_what_became_of_the_money(evidence)

    problems = run_seed(1, mix="calm", rules=(forgets,)).problems
    assert any("its orders:" in problem for problem in problems)
    assert any("0 captured and" in problem for problem in problems)
