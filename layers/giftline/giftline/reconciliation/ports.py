"""What reconciling needs of the world; storage and fakes implement these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from giftline.orders.lot import Lot
from giftline.orders.ports import Export
from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import Report, TakenBalance, TopUp
from giftline.reconciliation.sent import SentLot
from giftline.suppliers.statements import Statements


class SentLots(Protocol):
    """Which lots were sent to a supplier on which day (UTC): written before the request is."""

    def sent(self, supplier: str, days: Sequence[date]) -> Iterator[SentLot]:
        """Each lot once, by order and number; a part of them in memory at a time."""
        ...


class Lots(Protocol):
    """The part of Orders that is read here, and claimed before a question."""

    def lot(self, order_id: str, number: int) -> Lot:
        """NotFound where there is none."""
        ...

    def save_lot(self, lot: Lot) -> Lot: ...


class Books(Protocol):
    """Balances, top-ups and reports."""

    def balance(self, supplier: str, day: date) -> TakenBalance | None: ...

    def balance_before(self, supplier: str, day: date) -> TakenBalance | None:
        """The last one of an earlier day."""
        ...

    def keep_balance(self, taken: TakenBalance) -> TakenBalance:
        """The first one of a day stays: the next day begins where it ended."""
        ...

    def top_ups(self, supplier: str, since: Millis, until: Millis) -> list[TopUp]:
        """By their time."""
        ...

    def add_top_up(self, top_up: TopUp) -> TopUp:
        """Once a reference: what stands there. ReferenceConflict where that is another one."""
        ...

    def report(self, supplier: str, day: date, version: int | None = None) -> Report | None:
        """The last version, or that one."""
        ...

    def reports(self, supplier: str, until: date, limit: int) -> list[Report]:
        """The last version of each day, the last day first."""
        ...

    def save(self, report: Report) -> Report:
        """The next version of its day; earlier ones stay. StaleWrite where somebody else wrote it."""
        ...


class ReportFiles(Protocol):
    """The results bucket."""

    def export(self, key: str, content_type: str) -> Export: ...

    def lines(self, key: str) -> Iterator[str]:
        """Of a text, one at a time. NotFound."""
        ...

    def text(self, key: str) -> bytes:
        """NotFound where it is not there."""
        ...

    def link(self, key: str, filename: str) -> str: ...


class StatementsOf(Protocol):
    def __call__(self, supplier: str) -> Statements: ...


class Measures(Protocol):
    """What an alarm looks at. Kept until it is told at the end of a round: one that was cut off tells nothing, and the
    alarm looks at that too.
    """

    def report(self, report: Report) -> None: ...

    def failed(self, supplier: str, day: date, at: Millis) -> None:
        """No report came of it: nobody has compared that day."""
        ...

    def tell(self) -> None: ...
