"""A supplier in memory. It behaves well by itself; what is scripted comes first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from giftline.orders.model import Card, Line
from giftline.secret import Secret
from giftline.suppliers.port import (
    CardsPage,
    Fetched,
    Found,
    Outcome,
    Placed,
    Reversed,
    Status,
    Terms,
    Uniqueness,
)
from giftline.suppliers.wpay import LONGEST_INTERVAL, POLL_INTERVALS, TERMS
from tests.fakes.time import FakeClock

MINUTE = 60_000
NONE_TERMS = Terms(Uniqueness.NONE, TERMS.max_cards, TERMS.page_size, 30_000, 5 * MINUTE, 15 * MINUTE)
NO_ANSWER = Placed(Outcome.UNKNOWN, detail="0 timeout")
UNREADABLE = Status(Found.UNREADABLE, word="0 timeout")
ABSENT = Status(Found.ABSENT, word="5320")

PageMaker = Callable[[list[Card], int, int], CardsPage]
"""From all cards of the order, offset and limit to an answer."""


def nothing() -> None:
    return None


@dataclass
class FakeSupplier:
    """Wpay's terms. An order is READY `ready_after` ms after it was placed.

    `lose` is called with each POST: what it returns is answered instead, and the order stands. What is `used`
    is not taken back.
    """

    clock: FakeClock
    terms: Terms = TERMS
    ready_after: int = 0
    placements: deque[Placed] = field(default_factory=deque)
    statuses: deque[Status] = field(default_factory=deque)
    fetches: deque[CardsPage | PageMaker] = field(default_factory=deque)
    refused_skus: dict[str, str] = field(default_factory=dict)
    lose_answers: int = 0
    cancelled: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    reversals: deque[Reversed] = field(default_factory=deque)
    asked_back: list[str] = field(default_factory=list)
    at_once: list[str] = field(default_factory=list)
    before_place: Callable[[], None] = nothing
    before_prepare: Callable[[], None] = nothing
    before_fetch: Callable[[], None] = nothing
    posts: list[str] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    sold: dict[str, list[Card]] = field(default_factory=dict)
    sold_at: dict[str, int] = field(default_factory=dict)

    def poll_interval(self, quantity: int) -> int:
        return next((ms for most, ms in POLL_INTERVALS if quantity <= most), LONGEST_INTERVAL)

    def prepare(self) -> None:
        self.before_prepare()

    def place(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        self.before_place()
        self.posts.append(reference)
        if self.placements:
            return self.placements.popleft()
        if reference in self.sold:
            return Placed(Outcome.UNKNOWN, detail="400 5313", taken=True)
        for line in lines:
            if code := self.refused_skus.get(line.sku):
                return Placed(Outcome.NOT_COMMITTED, detail=code)
        self.sell(reference, lines)
        if self.lose_answers:
            self.lose_answers -= 1
            return NO_ANSWER
        return Placed(Outcome.COMMITTED, order_id_of(reference), "202")

    def place_at_once(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        """As a batch; where it is done by then, the answer says so."""
        self.at_once.append(reference)
        placed = self.place(reference, lines)
        return replace(placed, ready=placed.outcome is Outcome.COMMITTED and not self.ready_after)

    def reverse(self, reference: str) -> Reversed:
        self.asked_back.append(reference)
        scripted = self.reversals.popleft() if self.reversals else None
        if scripted is Reversed.REFUSED or reference in self.used or reference not in self.sold:
            return Reversed.REFUSED
        self.cancelled.add(reference)
        return scripted or Reversed.REVERSED

    def sell(self, reference: str, lines: tuple[Line, ...]) -> None:
        """Its cards bear its own name for the product."""
        self.sold[reference] = cards_for(tuple(replace(line, sku=line.supplier_code) for line in lines), reference)
        self.sold_at[reference] = self.clock.now()

    def look_up(self, reference: str) -> Status:
        self.asked.append(self.clock.now())
        if self.statuses:
            return self.statuses.popleft()
        if reference not in self.sold:
            return ABSENT
        if reference in self.cancelled:
            return Status(Found.CANCELLED, order_id_of(reference), "CANCELED")
        ready = self.clock.now() >= self.sold_at[reference] + self.ready_after
        found, word = (Found.READY, "COMPLETE") if ready else (Found.UNDER_WAY, "PROCESSING")
        return Status(found, order_id_of(reference), word)

    def fetch(self, supplier_order_id: str, offset: int, limit: int, needs_pin: Mapping[str, bool]) -> CardsPage:
        self.before_fetch()
        self.reads.append(offset)
        reference = supplier_order_id.removeprefix("S-")
        cards = self.sold.get(reference, [])
        if self.fetches:
            answer = self.fetches.popleft()
            return answer(cards, offset, limit) if callable(answer) else answer
        if reference in self.cancelled:
            return CardsPage(Fetched.CANCELLED)
        if self.clock.now() < self.sold_at[reference] + self.ready_after:
            return CardsPage(Fetched.NOT_YET)
        return whole_page(cards, offset, limit)


def order_id_of(reference: str) -> str:
    return f"S-{reference}"


def whole_page(cards: list[Card], offset: int, limit: int) -> CardsPage:
    return CardsPage(Fetched.CARDS, tuple(cards[offset : offset + limit]))


def cards_for(lines: tuple[Line, ...], seed: str = "") -> list[Card]:
    """One card a slot, each with a number of its own."""
    slots = [line for line in lines for _ in range(line.quantity)]
    return [card_of(line, at, seed) for at, line in enumerate(slots)]


def card_of(line: Line, at: int, seed: str = "", flaw: str = "") -> Card:
    """Number `at` of a line; `seed` keeps lots apart."""
    return Card(
        sku=line.sku,
        amount_minor=line.amount.minor,
        number=Secret(f"{seed}6280{at:012d}"),
        pin=Secret(f"{at % 10_000:04d}"),
        barcode=Secret(f"93550490{at:012d}"),
        validity="2028-05-04T18:30:00+00:00",
        issued="2026-05-05T05:43:07+00:00",
        supplier_card_id=str(1_000_000 + at),
        flaw=flaw,
    )
