"""A supplier of single cards in memory. It behaves well by itself; what is scripted comes first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from giftline.orders.model import Card, Line
from giftline.suppliers.port import Found, Outcome, Placed, Pulled, Status
from giftline.suppliers.walleo import POLL_INTERVAL, TERMS
from tests.fakes.supplier import card_of
from tests.fakes.time import FakeClock


@dataclass
class FakeWalleo:
    """A pull is a `success` at `ready_after` ms after its POST; `dead` references end in `error`."""

    clock: FakeClock
    ready_after: int = 0
    placements: deque[Placed] = field(default_factory=deque)
    statuses: deque[Status] = field(default_factory=deque)
    refuse: Callable[[str], Placed | None] = lambda reference: None
    lose: Callable[[str], bool] = lambda reference: False
    is_dead: Callable[[str], bool] = lambda reference: False
    flaw: str = ""
    latency: int = 0
    posts: list[str] = field(default_factory=list)
    gets: list[tuple[str, int]] = field(default_factory=list)
    sold: dict[str, tuple[Line, int, int]] = field(default_factory=dict)
    terms = TERMS

    def poll_interval(self, quantity: int) -> int:
        return POLL_INTERVAL

    def prepare(self) -> None:
        return None

    def place(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        self.clock.pass_(self.latency)
        self.posts.append(reference)
        if self.placements:
            return self.placements.popleft()
        if reference in self.sold:
            return Placed(Outcome.UNKNOWN, detail="422 unprocessable_entity", taken=True)
        if refusal := self.refuse(reference):
            return refusal
        self.sell(reference, lines[0])
        if self.lose(reference):
            return Placed(Outcome.UNKNOWN, detail="0 timeout")
        return Placed(Outcome.COMMITTED, f"P-{reference}", "200")

    def sell(self, reference: str, line: Line) -> None:
        self.sold[reference] = (line, self.clock.now(), len(self.sold))

    def look_up(self, reference: str) -> Status:
        return self._status(reference)

    def pull(self, reference: str, line: Line, *, needs_pin: bool) -> Pulled:
        status = self._status(reference)
        return Pulled(status, self.card(reference) if status.found is Found.READY else None)

    def card(self, reference: str) -> Card:
        line, _, number = self.sold[reference]
        return replace(card_of(line, number, "W"), flaw=self.flaw)

    def _status(self, reference: str) -> Status:
        self.clock.pass_(self.latency)
        self.gets.append((reference, self.clock.now()))
        if self.statuses:
            return self.statuses.popleft()
        if reference not in self.sold:
            return Status(Found.ABSENT, word="pull_request_not_found")
        if self.is_dead(reference):
            return Status(Found.CANCELLED, f"P-{reference}", "error")
        if self.clock.now() < self.sold[reference][1] + self.ready_after:
            return Status(Found.UNDER_WAY, f"P-{reference}", "processing")
        return Status(Found.READY, f"P-{reference}", "success")
