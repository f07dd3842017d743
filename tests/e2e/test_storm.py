"""Orders through a storm: workers killed, the stack stopped and started, a supplier with rough manners.

Small by default; `make storm`, or STORM_ORDERS, STORM_RESTARTS, STORM_KILLS, STORM_CARDS and STORM_SEED, make it long.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

import pytest

from tests.stack_support.places import histories, items, log_messages, queued_messages, raw
from tests.stack_support.secrets import found_in
from tests.stack_support.stack import running_stack
from tests.stack_support.storm import Size, Storm
from tests.stack_support.storm_books import Books, books_after, table
from tests.stack_support.storm_ledgers import SandboxLedger, sandbox_ledgers

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    size = Size.from_environment(os.environ)
    faults = {"SANDBOX_FAULTS": "rough", "SANDBOX_SEED": str(size.seed)}
    with running_stack(tmp_path_factory.mktemp("storm"), **faults) as running:
        storm = Storm(running, size)
        storm.blow()
        yield storm


@pytest.fixture(scope="module")
def ledgers(storm: Storm) -> Mapping[str, SandboxLedger]:
    """By supplier, after the last order."""
    return sandbox_ledgers(storm.stack)


@pytest.fixture(scope="module")
def books(storm: Storm, ledgers: Mapping[str, SandboxLedger]) -> list[Books]:
    """Of every order; the table of what they say is printed."""
    books = books_after(storm, ledgers)
    for name, ledger in ledgers.items():
        rows = [(figure, str(value)) for figure, value in ledger.totals().items()]
        sys.stdout.write(f"\n{table([(name, ''), *rows])}\n")
    return books


@pytest.fixture(scope="module")
def numbers(books: list[Books]) -> frozenset[bytes]:
    return frozenset(number.encode() for one in books for _, number, _, _ in one.sold)


def test_every_order_is_complete_unless_the_supplier_s_own_ledger_shows_why_not(
    books: list[Books], ledgers: Mapping[str, SandboxLedger]
) -> None:
    incomplete = [one for one in books if not one.is_complete]
    unexplained = [one for one in incomplete if not ledgers[one.wanted.supplier].explains(one.order_id)]

    assert books
    assert {one.wanted.refno: [one.status, *one.in_review] for one in unexplained} == {}


def test_each_card_is_bought_once_stored_once_and_handed_over_once(books: list[Books]) -> None:
    found = {one.wanted.refno: list(one.differences()) for one in books if one.is_complete}

    assert {refno: problems for refno, problems in found.items() if problems} == {}


@pytest.mark.parametrize("supplier", ["wpay", "walleo"])
def test_no_supplier_sold_what_no_order_asked_for(
    supplier: str, books: list[Books], ledgers: Mapping[str, SandboxLedger]
) -> None:
    sold = sum(one.sold.total() for one in books if one.wanted.supplier == supplier)

    assert ledgers[supplier].totals()["cards_sold"] == sold


@pytest.mark.parametrize("supplier", ["wpay", "walleo"])
def test_no_supplier_was_asked_in_a_way_that_it_does_not_allow(
    supplier: str, ledgers: Mapping[str, SandboxLedger]
) -> None:
    assert ledgers[supplier].totals()["breaches"] == []


def test_no_log_history_queue_or_table_holds_a_card(storm: Storm, numbers: frozenset[bytes]) -> None:
    stack = storm.stack
    logs = stack.settings.log_folder.glob("*.log")
    places = {
        "log files": b"\n".join(file.read_bytes() for file in logs),
        "logs": "\n".join(log_messages(stack)).encode(),
        "histories": "\n".join(histories(stack)).encode(),
        "queues": "\n".join(queued_messages(stack)).encode(),
        "tables": b"\n\n".join(raw(item) for item in items(stack)),
    }

    assert b"PAGE#" in places["tables"]
    assert {name: found for name, text in places.items() if (found := found_in(text, numbers))} == {}
    assert [name for name, text in places.items() if any(number in text for number in numbers)] == []
