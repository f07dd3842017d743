"""Real time orders and reversals: the same cases on the fake supplier, and on the Wpay adapter against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from giftline.secret import Secret
from giftline.suppliers.http import Answer, HttpClient, read_answer
from giftline.suppliers.port import AtOnceSupplier, Fetched, Found, Outcome, Reversed, ReversingSupplier
from giftline.suppliers.wpay import TERMS, Wpay
from giftline.suppliers.wpay_reversing import read_reversed
from sandbox.server import start
from sandbox.settings import Settings
from tests.fakes.house import SKU, line
from tests.fakes.supplier import FakeSupplier
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket

PINS = {SKU: True}


class Both(AtOnceSupplier, ReversingSupplier, Protocol):
    """What Wpay has beside batches."""


@dataclass
class World:
    supplier: Both


@pytest.fixture(params=["fake", "wpay"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "fake":
        yield World(FakeSupplier(FakeClock()))
        return
    quick = Settings(state=tmp_path, api_key="key", base_seconds=0.0, seconds_per_card=0.0)
    with start(quick) as running:
        yield World(Wpay(HttpClient(running.url), lambda: Secret("key")))


def test_ten_cards_are_ready_with_the_answer(world: World) -> None:
    placed = world.supplier.place_at_once("r-1", (line(10),))
    assert (placed.outcome, placed.ready) == (Outcome.COMMITTED, True)
    page = world.supplier.fetch(placed.supplier_order_id, 0, 500, PINS)
    assert (page.fetched, len(page.cards)) == (Fetched.CARDS, 10)
    assert world.supplier.look_up("r-1").found is Found.READY


def test_a_reference_that_is_used_is_no_second_order(world: World) -> None:
    world.supplier.place_at_once("r-1", (line(1),))
    again = world.supplier.place_at_once("r-1", (line(1),))
    assert (again.outcome, again.taken, again.ready) == (Outcome.UNKNOWN, True, False)


def test_an_order_is_taken_back_and_again(world: World) -> None:
    world.supplier.place_at_once("r-1", (line(2),))
    assert [world.supplier.reverse("r-1") for _ in range(2)] == [Reversed.REVERSED] * 2
    assert world.supplier.look_up("r-1").found is Found.CANCELLED


def test_wpay_says_how_many_it_sells_at_once() -> None:
    assert (TERMS.at_once, TERMS.reverses) == (10, True)


ACKNOWLEDGED = {"orderId": "A-1", "refno": "r-1", "payments": [{"code": "svc"}]}


@dataclass
class Scripted:
    """HTTP with one answer to whatever is asked."""

    status: int
    content: object
    sent: bytes | None = None

    def request(self, *given: object) -> Answer:
        self.sent = given[4] if isinstance(given[4], bytes) else None
        return read_answer(self.status, json.dumps(self.content).encode())


@pytest.mark.parametrize(
    ("status", "word", "ready"),
    [(201, "COMPLETE", True), (202, "COMPLETE", True), (201, "PROCESSING", False), (202, "PROCESSING", False)],
)
def test_cards_can_be_fetched_at_once_only_where_the_answer_says_complete(status: int, word: str, ready: bool) -> None:
    http = Scripted(status, ACKNOWLEDGED | {"status": word})
    placed = Wpay(http, lambda: Secret("key")).place_at_once("r-1", (line(2),))
    assert (placed.outcome, placed.ready) == (Outcome.COMMITTED, ready)
    assert http.sent is not None
    assert json.loads(http.sent)["syncOnly"] is True


@pytest.mark.parametrize(("status", "refno"), [(500, "r-1"), (201, "another")])
def test_an_answer_that_proves_nothing_makes_nothing_ready(status: int, refno: str) -> None:
    http = Scripted(status, ACKNOWLEDGED | {"status": "COMPLETE", "refno": refno})
    placed = Wpay(http, lambda: Secret("key")).place_at_once("r-1", (line(2),))
    assert (placed.outcome, placed.ready) == (Outcome.UNKNOWN, False)


BACK = {"status": "CANCELED", "refno": "r-1"}


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (200, BACK, Reversed.REVERSED),
        (200, BACK | {"status": "Cancelled"}, Reversed.REVERSED),
        (200, BACK | {"status": "PROCESSING"}, Reversed.UNKNOWN),
        (200, BACK | {"refno": "r-2"}, Reversed.UNKNOWN),
        (200, [], Reversed.UNKNOWN),
        (202, BACK, Reversed.UNKNOWN),
        (400, {"code": 5000, "message": "used"}, Reversed.REFUSED),
        (400, {"message": "used"}, Reversed.UNKNOWN),
        (400, "text", Reversed.UNKNOWN),
        (401, {"code": 401}, Reversed.UNKNOWN),
        (404, {"code": 5320}, Reversed.UNKNOWN),
        (500, BACK, Reversed.UNKNOWN),
        (0, None, Reversed.UNKNOWN),
    ],
)
def test_only_a_clear_answer_takes_an_order_back_or_leaves_it_sold(
    status: int, content: object, expected: Reversed
) -> None:
    assert read_reversed(read_answer(status, json.dumps(content).encode()), "r-1") is expected
