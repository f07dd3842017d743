"""The books of a reconciliation in memory, and a supplier's account that keeps its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from giftline.errors import NotFound, StaleWrite
from giftline.orders.lot import Lot
from giftline.orders.model import Line
from giftline.reconciliation.days import day_of
from giftline.reconciliation.model import Report, TakenBalance, TopUp
from giftline.reconciliation.report_text import report_from, report_text
from giftline.reconciliation.sent import SentLot
from giftline.storage.reconciliation import known_top_up
from giftline.storage.reconciliation_sent import posting_times, sent_lot, together
from giftline.suppliers.port import Found
from giftline.suppliers.statements import TheirBalance, TheirOrder
from tests.fakes.storage import FakeFiles, FakeOrders
from tests.fakes.time import FakeClock


@dataclass
class FakeSentLots:
    clock: FakeClock = field(default_factory=FakeClock)
    noted: dict[tuple[str, date, str, int], SentLot] = field(default_factory=dict)
    returns: dict[tuple[str, date, str, int], SentLot] = field(default_factory=dict)

    def note(self, lot: Lot) -> None:
        if lot.reversing:
            now = self.clock.now()
            key = (lot.supplier, day_of(now), lot.order_id, lot.number)
            known = self.returns.get(key) or replace(sent_lot(lot, now), back_since=now)
            self.returns[key] = replace(known, back_until=now)
        for at in posting_times(lot):
            self.noted[lot.supplier, day_of(at), lot.order_id, lot.number] = sent_lot(lot, at)

    def sent(self, supplier: str, days: Sequence[date]) -> Iterator[SentLot]:
        found: dict[tuple[str, int], list[SentLot]] = {}
        for key, one in (*self.noted.items(), *self.returns.items()):
            if key[0] == supplier and key[1] in days:
                found.setdefault(key[2:], []).append(one)
        return iter([together(found[place]) for place in sorted(found)])


@dataclass
class FakeNotingOrders(FakeOrders):
    sent_lots: FakeSentLots = field(default_factory=FakeSentLots)

    def save_lot(self, lot: Lot) -> Lot:
        self.sent_lots.note(lot)
        return super().save_lot(lot)


@dataclass
class FakeBooks:
    balances: dict[tuple[str, date], TakenBalance] = field(default_factory=dict)
    paid: dict[tuple[str, str], TopUp] = field(default_factory=dict)
    versions: dict[tuple[str, date], list[str]] = field(default_factory=dict)

    def balance(self, supplier: str, day: date) -> TakenBalance | None:
        return self.balances.get((supplier, day))

    def balance_before(self, supplier: str, day: date) -> TakenBalance | None:
        days = [known for owner, known in self.balances if owner == supplier and known < day]
        return self.balances[supplier, max(days)] if days else None

    def keep_balance(self, taken: TakenBalance) -> TakenBalance:
        return self.balances.setdefault((taken.supplier, taken.day), taken)

    def top_ups(self, supplier: str, since: int, until: int) -> list[TopUp]:
        found = [one for one in self.paid.values() if one.supplier == supplier and since <= one.at < until]
        return sorted(found, key=lambda one: (one.at, one.reference))

    def add_top_up(self, top_up: TopUp) -> TopUp:
        return known_top_up(self.paid.setdefault((top_up.supplier, top_up.reference), top_up), top_up)

    def report(self, supplier: str, day: date, version: int | None = None) -> Report | None:
        texts = self.versions.get((supplier, day), [])
        if not texts or (version or 1) > len(texts):
            return None
        return report_from(texts[(version or 0) - 1])

    def reports(self, supplier: str, until: date, limit: int) -> list[Report]:
        days = sorted((day for owner, day in self.versions if owner == supplier and day <= until), reverse=True)
        return [report_from(self.versions[supplier, day][-1]) for day in days[:limit]]

    def save(self, report: Report) -> Report:
        texts = self.versions.setdefault((report.supplier, report.day), [])
        if len(texts) >= report.version and report_from(texts[report.version - 1]) == report:
            return report
        if len(texts) != report.version - 1:
            raise StaleWrite(f"the report of {report.supplier} of {report.day} was written by somebody else")
        texts.append(report_text(report))
        return report


@dataclass
class FakeReportFiles(FakeFiles):
    def lines(self, key: str) -> Iterator[str]:
        return iter(self.text(key).decode().splitlines())

    def text(self, key: str) -> bytes:
        if key not in self.kept:
            raise NotFound(f"no report under {key!r}")
        return self.kept[key]


@dataclass
class FakeAccount:
    """Our account at one supplier, which keeps its own books: movements by their time, orders by our reference."""

    clock: FakeClock
    currency: str = "AUD"
    movements: list[tuple[int, int]] = field(default_factory=lambda: [(0, 10_000_000)])
    orders: dict[str, TheirOrder] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    problem: str = ""
    owes: bool = False
    sold: list[tuple[int, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def sell(self, reference: str, minor: int, at: int, *, names_amount: bool = False) -> None:
        self.move(-minor, at)
        self.sold.append((at, minor))
        known = minor if names_amount else None
        self.orders[reference] = TheirOrder(Found.READY, f"AAN-{reference}", "COMPLETE", minor=known)

    def reverse(self, reference: str, minor: int, at: int) -> None:
        self.move(minor, at)
        self.sold.append((at, -minor))
        self.orders[reference] = TheirOrder(Found.CANCELLED, f"AAN-{reference}", "CANCELED")

    def move(self, minor: int, at: int) -> None:
        self.movements.append((at, minor))

    def balance(self) -> TheirBalance:
        if self.problem:
            return TheirBalance(problem=self.problem)
        now = self.clock.now()
        owed = sum(minor for at, minor in self.sold if at <= now) if self.owes else None
        return TheirBalance(self.currency, sum(minor for at, minor in self.movements if at <= now), owed)

    def order(self, reference: str, lines: tuple[Line, ...]) -> TheirOrder:
        self.asked.append(reference)
        if reference in self.unreadable:
            return TheirOrder(Found.UNREADABLE, word="500")
        return self.orders.get(reference, TheirOrder(Found.ABSENT, word="5320"))
