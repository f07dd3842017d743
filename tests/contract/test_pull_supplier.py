"""The same cases on the fake Walleo, and on its adapter over HTTP against the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from giftline.money import Money
from giftline.orders.model import Card, Line
from giftline.secret import Secret
from giftline.suppliers.http import HttpClient
from giftline.suppliers.port import Found, Outcome, Placed, PullSupplier
from giftline.suppliers.walleo import TERMS, Walleo
from giftline.suppliers.walleo_signing import WalleoKeys
from sandbox.server import start
from sandbox.settings import WALLEO_SHARED_KEY, Settings
from tests.fakes.house import EUR
from tests.fakes.supplier import NO_ANSWER
from tests.fakes.time import FakeClock
from tests.fakes.walleo import FakeWalleo

pytestmark = pytest.mark.enable_socket

KEYS = WalleoKeys(Secret("sandbox-key"), "sandbox", Secret(WALLEO_SHARED_KEY))
LOST, DEAD, SOLD_OUT = "WALLEO-TEST-ERROR-AFTER-COMMIT", "WALLEO-TEST-ERROR", "WALLEO-TEST-OUT-OF-STOCK"
PULL_SECONDS = 300.0


def a_line(code: str = "IKEA", minor: int = 5_000, quantity: int = 1) -> Line:
    """Our own name for the product is never the supplier's here."""
    return Line("OUR-IKEA", Money(minor, EUR), quantity, code)


@dataclass
class World:
    """A supplier whose pulls take a little while, and how to let that while pass."""

    supplier: PullSupplier
    finish: Callable[[str], None]


def real(url: str, keys: WalleoKeys = KEYS) -> Walleo:
    return Walleo(HttpClient(url), url, lambda: keys, lambda: time.time_ns() // 1_000_000)


class ByCode(FakeWalleo):
    """The sandbox's test codes, on the fake: what it does depends on the code that is asked for."""

    def place(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        code = lines[0].supplier_code
        self.refuse = lambda _: Placed(Outcome.NOT_COMMITTED, detail="out_of_stock") if code == SOLD_OUT else None
        self.lose = lambda _: code == LOST
        if code == DEAD:
            dead, before = reference, self.is_dead
            self.is_dead = lambda other: other == dead or before(other)
        return super().place(reference, lines)


@pytest.fixture(params=["fake", "walleo"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "fake":
        clock = FakeClock()
        waits = round(PULL_SECONDS * 1_000)
        yield World(ByCode(clock, ready_after=waits), lambda reference: clock.pass_(waits))
        return
    with start(Settings(state=tmp_path, pull_seconds=PULL_SECONDS), supplier="walleo") as running:
        walleo = real(running.url)
        yield World(walleo, lambda reference: until(walleo, reference, Found.READY, Found.CANCELLED))


def until(supplier: PullSupplier, reference: str, *wanted: Found) -> None:
    """Bounded by ten seconds; each look is a round trip."""
    deadline = time.monotonic() + 10
    while supplier.look_up(reference).found not in wanted:
        assert time.monotonic() < deadline, "the sandbox did not finish the pull"


def card_of(world: World, reference: str, line: Line) -> Card:
    world.finish(reference)
    pulled = world.supplier.pull(reference, line, needs_pin=True)
    assert pulled.status.found is Found.READY
    assert pulled.card is not None
    return pulled.card


def test_a_card_is_placed_looked_up_and_taken(world: World) -> None:
    placed = world.supplier.place("GL-1", (a_line(),))
    assert placed.outcome is Outcome.COMMITTED
    assert placed.supplier_order_id
    card = card_of(world, "GL-1", a_line())
    status = world.supplier.look_up("GL-1")
    assert (status.found, status.supplier_order_id, status.word) == (Found.READY, placed.supplier_order_id, "success")
    assert (card.amount_minor, card.flaw) == (5_000, "")
    assert card.number
    assert card.pin


def test_what_is_under_way_has_no_card(world: World) -> None:
    world.supplier.place("GL-1", (a_line(),))
    pulled = world.supplier.pull("GL-1", a_line(), needs_pin=True)
    assert (pulled.status.found, pulled.card) == (Found.UNDER_WAY, None)


def test_a_card_reads_the_same_again(world: World) -> None:
    world.supplier.place("GL-1", (a_line(),))
    assert card_of(world, "GL-1", a_line()) == card_of(world, "GL-1", a_line())


def test_each_reference_has_a_card_of_its_own(world: World) -> None:
    references = [f"GL-{number}" for number in range(5)]
    assert {world.supplier.place(one, (a_line(),)).outcome for one in references} == {Outcome.COMMITTED}
    assert len({card_of(world, one, a_line()).number for one in references}) == 5


def test_a_reference_that_nobody_used_is_absent(world: World) -> None:
    assert world.supplier.look_up("nobody's/ref?x=1#y").found is Found.ABSENT
    pulled = world.supplier.pull("nobody's/ref?x=1#y", a_line(), needs_pin=True)
    assert (pulled.status.found, pulled.card) == (Found.ABSENT, None)


@pytest.mark.parametrize("again", [a_line(), a_line(minor=6_000)], ids=["the same", "another amount"])
def test_a_reference_that_was_used_is_taken_and_never_a_commitment(world: World, again: Line) -> None:
    first = world.supplier.place("GL-1", (a_line(),))
    second = world.supplier.place("GL-1", (again,))
    assert (second.outcome, second.taken) == (Outcome.UNKNOWN, True)
    assert "422" in second.detail
    assert world.supplier.look_up("GL-1").supplier_order_id == first.supplier_order_id


def test_a_refusal_is_proof_and_the_reference_stays_free(world: World) -> None:
    refused = world.supplier.place("GL-1", (a_line(SOLD_OUT),))
    assert (refused.outcome, refused.detail) == (Outcome.NOT_COMMITTED, "out_of_stock")
    assert world.supplier.look_up("GL-1").found is Found.ABSENT
    assert world.supplier.place("GL-1", (a_line(),)).outcome is Outcome.COMMITTED


def test_a_lost_answer_is_unknown_and_the_card_is_found_all_the_same(world: World) -> None:
    assert world.supplier.place("GL-1", (a_line(LOST),)).outcome is Outcome.UNKNOWN
    assert world.supplier.look_up("GL-1").found is Found.UNDER_WAY
    assert card_of(world, "GL-1", a_line(LOST)).flaw == ""


def test_a_pull_that_ends_in_error_is_dead_and_another_reference_is_not(world: World) -> None:
    world.supplier.place("GL-1-1", (a_line(DEAD),))
    world.finish("GL-1-1")
    status = world.supplier.look_up("GL-1-1")
    assert (status.found, status.word) == (Found.CANCELLED, "error")
    assert world.supplier.pull("GL-1-1", a_line(DEAD), needs_pin=True).card is None
    assert world.supplier.place("GL-1-2", (a_line(),)).outcome is Outcome.COMMITTED
    assert world.supplier.look_up("GL-1-2").found is not Found.CANCELLED


def test_a_lost_answer_of_the_fake_is_the_adapters(tmp_path: Path) -> None:
    """NO_ANSWER stands for what the adapter says where none comes."""
    with start(Settings(state=tmp_path, hang_seconds=0.05), supplier="walleo") as running:
        placed = real(running.url).place("GL-1", (a_line("WALLEO-TEST-TIMEOUT-THEN-SUCCESS"),))
    assert (placed.outcome, placed.taken, placed.retry_after) == (NO_ANSWER.outcome, False, None)


# --- what only the sandbox does


@pytest.fixture
def walleo(tmp_path: Path) -> Iterator[Walleo]:
    with start(Settings(state=tmp_path), supplier="walleo") as running:
        yield real(running.url)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (a_line(minor=1_000), "invalid_amount"),
        (a_line(minor=5_500), "invalid_amount"),
        (a_line(minor=5_050), "amount is not whole"),
        (a_line("NO-SUCH-CODE"), "gift_card_not_found"),
        (a_line("WALLEO-TEST-NO-FUNDS"), "not_enough_funds"),
    ],
)
def test_a_refusal_names_its_code(walleo: Walleo, line: Line, code: str) -> None:
    placed = walleo.place("GL-1", (line,))
    assert (placed.outcome, placed.detail) == (Outcome.NOT_COMMITTED, code)
    assert walleo.look_up("GL-1").found is Found.ABSENT


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("WALLEO-TEST-TIMEOUT-THEN-SUCCESS", Found.READY),
        (LOST, Found.READY),
        ("WALLEO-TEST-UNAVAILABLE", Found.ABSENT),
        ("WALLEO-TEST-TOO-MANY-REQUESTS", Found.ABSENT),
    ],
)
def test_an_accident_of_the_post_is_unknown_until_it_is_looked_up(walleo: Walleo, code: str, found: Found) -> None:
    assert walleo.place("GL-1", (a_line(code),)).outcome is Outcome.UNKNOWN
    until(walleo, "GL-1", found)


@pytest.mark.parametrize(
    ("code", "needs_pin", "flaw"),
    [
        ("IKEA", True, ""),
        ("WALLEO-TEST-NO-PIN", True, "no PIN"),
        ("WALLEO-TEST-NO-PIN", False, ""),
        ("WALLEO-TEST-WRONG-AMOUNT", True, "another amount"),
    ],
)
def test_a_bad_card_is_seen(walleo: Walleo, code: str, needs_pin: bool, flaw: str) -> None:
    walleo.place("GL-1", (a_line(code),))
    until(walleo, "GL-1", Found.READY)
    card = walleo.pull("GL-1", a_line(code), needs_pin=needs_pin).card
    assert card is not None
    assert (card.flaw, card.sku) == (flaw, code if flaw else "OUR-IKEA")


def test_an_unknown_word_is_under_way(walleo: Walleo) -> None:
    walleo.place("GL-1", (a_line("WALLEO-TEST-UNKNOWN-STATUS"),))
    assert walleo.pull("GL-1", a_line(), needs_pin=True).status.found in (Found.UNDER_WAY, Found.READY)


def test_keys_that_are_not_ours_prove_nothing(tmp_path: Path) -> None:
    with start(Settings(state=tmp_path), supplier="walleo") as running:
        stranger = real(running.url, replace(KEYS, shared_key=Secret("00" * 16)))
        assert stranger.place("GL-1", (a_line(),)).outcome is Outcome.UNKNOWN
        assert stranger.look_up("GL-1").found is Found.UNREADABLE
        assert real(running.url).look_up("GL-1").found is Found.ABSENT


def test_more_than_one_card_is_no_request(walleo: Walleo) -> None:
    for lines in ((a_line(quantity=2),), (a_line(), a_line())):
        with pytest.raises(ValueError, match="one card"):
            walleo.place("GL-1", lines)


def test_the_fake_has_the_adapters_terms(walleo: Walleo) -> None:
    fake = FakeWalleo(FakeClock())
    assert fake.terms == walleo.terms == TERMS
    assert fake.poll_interval(1) == walleo.poll_interval(1)
