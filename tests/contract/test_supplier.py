"""The same cases on the fake supplier, and on the Wpay adapter over HTTP against the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from giftline.money import Money
from giftline.orders.model import Card, Line
from giftline.secret import Secret
from giftline.suppliers.http import HttpClient
from giftline.suppliers.port import Fetched, Found, Outcome, Supplier
from giftline.suppliers.wpay import Wpay
from sandbox.server import start
from sandbox.settings import Settings
from tests.fakes.house import AUD, FUEL, SKU, line
from tests.fakes.supplier import FakeSupplier
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket

PINS = {SKU: True, FUEL: False}
REFUSED = {"WPAY-TEST-OUT-OF-STOCK": "5320"}
MOST_LOOKS = 2_000


@dataclass
class World:
    """A supplier whose orders take a little while, and how to let that while pass."""

    supplier: Supplier
    finish: Callable[[str], None]


@pytest.fixture(params=["fake", "wpay"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "fake":
        clock = FakeClock()
        supplier = FakeSupplier(clock, ready_after=240_000, refused_skus=REFUSED)
        yield World(supplier, lambda reference: clock.pass_(240_000))
        return
    quick = Settings(state=tmp_path, api_key="key", base_seconds=300.0, seconds_per_card=0.0)
    with start(quick) as running:
        wpay = Wpay(HttpClient(running.url), lambda: Secret("key"))
        yield World(wpay, lambda reference: until_ready(wpay, reference))


def until_ready(supplier: Supplier, reference: str) -> None:
    """Bounded by looks and by ten seconds; each look is a round trip."""
    deadline = time.monotonic() + 10
    for _ in range(MOST_LOOKS):
        if supplier.look_up(reference).found is Found.READY:
            return
        assert time.monotonic() < deadline, "the sandbox did not finish the order"


def all_cards(supplier: Supplier, order_id: str, quantity: int) -> list[Card]:
    pages = [supplier.fetch(order_id, offset, 500, PINS) for offset in range(0, quantity, 500)]
    assert all(page.fetched is Fetched.CARDS for page in pages)
    return [card for page in pages for card in page.cards]


def test_an_order_is_placed_looked_up_and_paged(world: World) -> None:
    lines = (line(700), Line(FUEL, Money(1_500, AUD), 2))
    placed = world.supplier.place("r-1", lines)
    assert placed.outcome is Outcome.COMMITTED
    assert placed.supplier_order_id
    world.finish("r-1")
    status = world.supplier.look_up("r-1")
    assert (status.found, status.supplier_order_id, status.word) == (Found.READY, placed.supplier_order_id, "COMPLETE")
    cards = all_cards(world.supplier, status.supplier_order_id, 702)
    assert len({card.number for card in cards}) == 702
    assert {card.flaw for card in cards} == {""}
    assert [card.amount_minor for card in cards] == [500] * 700 + [1_500] * 2
    assert all(card.number and (card.pin or card.sku == FUEL) for card in cards)


def test_a_page_reads_the_same_again(world: World) -> None:
    placed = world.supplier.place("r-1", (line(3),))
    world.finish("r-1")
    first = world.supplier.fetch(placed.supplier_order_id, 0, 500, PINS)
    assert first.cards == world.supplier.fetch(placed.supplier_order_id, 0, 500, PINS).cards


def test_a_page_past_the_end_is_empty(world: World) -> None:
    placed = world.supplier.place("r-1", (line(3),))
    world.finish("r-1")
    page = world.supplier.fetch(placed.supplier_order_id, 500, 500, PINS)
    assert (page.fetched, page.cards) == (Fetched.CARDS, ())


def test_a_reference_that_was_used_is_unknown_and_never_a_commitment(world: World) -> None:
    first = world.supplier.place("r-1", (line(3),))
    for lines in ((line(3),), (line(4),)):
        again = world.supplier.place("r-1", lines)
        assert again.outcome is Outcome.UNKNOWN
        assert "5313" in again.detail
        assert again.taken
    assert world.supplier.look_up("r-1").supplier_order_id == first.supplier_order_id


def test_a_reference_that_nobody_used_is_absent(world: World) -> None:
    assert world.supplier.look_up("nobody's/ref?x=1#y").found is Found.ABSENT


def test_an_order_under_way_has_no_cards_yet(world: World) -> None:
    placed = world.supplier.place("r-1", (line(3),))
    assert world.supplier.look_up("r-1").found is Found.UNDER_WAY
    assert world.supplier.fetch(placed.supplier_order_id, 0, 500, PINS).fetched is Fetched.NOT_YET


def test_a_refusal_is_proof_and_the_reference_stays_free(world: World) -> None:
    refused = world.supplier.place("r-1", (line(1, "WPAY-TEST-OUT-OF-STOCK"),))
    assert (refused.outcome, refused.detail) == (Outcome.NOT_COMMITTED, "5320")
    assert world.supplier.look_up("r-1").found is Found.ABSENT
    assert world.supplier.place("r-1", (line(1),)).outcome is Outcome.COMMITTED


# --- what only the sandbox does


@pytest.fixture
def wpay(tmp_path: Path) -> Iterator[Wpay]:
    with start(Settings(state=tmp_path, api_key="key", base_seconds=1.0, seconds_per_card=0.0)) as running:
        yield Wpay(HttpClient(running.url), lambda: Secret("key"))


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((line(1, minor=499),), "5318"),
        ((line(1, "NO-SUCH-SKU"),), "5320"),
        ((line(25_001),), "11159"),
    ],
)
def test_a_refusal_names_its_code(wpay: Wpay, lines: tuple[Line, ...], code: str) -> None:
    placed = wpay.place("r-1", lines)
    assert (placed.outcome, placed.detail) == (Outcome.NOT_COMMITTED, code)


@pytest.mark.parametrize(
    ("sku", "found"),
    [
        ("WPAY-TEST-TIMEOUT-THEN-COMPLETE", Found.READY),
        ("WPAY-TEST-ERROR-AFTER-COMMIT", Found.READY),
        ("WPAY-TEST-UNAVAILABLE", Found.ABSENT),
        ("WPAY-TEST-TOO-MANY-REQUESTS", Found.ABSENT),
    ],
)
def test_an_accident_of_the_post_is_unknown_until_it_is_looked_up(wpay: Wpay, sku: str, found: Found) -> None:
    assert wpay.place("r-1", (line(1, sku),)).outcome is Outcome.UNKNOWN
    if found is Found.READY:
        until_ready(wpay, "r-1")
    assert wpay.look_up("r-1").found is found


def test_a_cancelled_order_has_no_cards(wpay: Wpay) -> None:
    placed = wpay.place("r-1", (line(1, "WPAY-TEST-CANCELED"),))
    deadline = time.monotonic() + 10
    while wpay.look_up("r-1").found is not Found.CANCELLED:
        assert time.monotonic() < deadline
    assert wpay.fetch(placed.supplier_order_id, 0, 500, PINS).fetched is Fetched.CANCELLED


@pytest.mark.parametrize(("sku", "flaw"), [("WPAY-TEST-NO-PIN", "no PIN"), ("WPAY-TEST-WRONG-AMOUNT", "")])
def test_a_bad_card_is_seen(wpay: Wpay, sku: str, flaw: str) -> None:
    placed = wpay.place("r-1", (line(3, sku),))
    until_ready(wpay, "r-1")
    cards = wpay.fetch(placed.supplier_order_id, 0, 500, {sku: True}).cards
    assert cards[0].flaw == flaw
    assert (cards[0].amount_minor == 500) == bool(flaw)


def test_a_wrong_key_proves_nothing(tmp_path: Path) -> None:
    with start(Settings(state=tmp_path, api_key="key")) as running:
        wpay = Wpay(HttpClient(running.url), lambda: Secret("another"))
        assert wpay.place("r-1", (line(1),)).outcome is Outcome.UNKNOWN
        assert wpay.look_up("r-1").found is Found.UNREADABLE
        assert wpay.fetch("S-1", 0, 500, PINS).fetched is Fetched.UNREADABLE
