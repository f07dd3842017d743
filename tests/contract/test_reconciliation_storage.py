"""The books of reconciliation on DynamoDB and S3 of the embedded AWS, the same cases on fake and adapter; and a whole
day on them, with both suppliers of the sandbox over HTTP.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from giftline.errors import NotFound, ReferenceConflict, StaleWrite
from giftline.money import Money
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Line
from giftline.orders.planning import lot_reference
from giftline.orders.protocol import into_review, taken_back
from giftline.orders.pulls import Pulls
from giftline.orders.slots import slot_reference, with_slots
from giftline.orders.timing import Timing
from giftline.reconciliation.asking import AskByReference
from giftline.reconciliation.days import DAY, midnight
from giftline.reconciliation.model import (
    Bridge,
    Correction,
    Finding,
    Kind,
    Report,
    Status,
    TakenBalance,
    TopUp,
    Total,
    Verdict,
    Window,
)
from giftline.reconciliation.ports import Books, ReportFiles
from giftline.reconciliation.reading import ReadLots
from giftline.reconciliation.reconciling import Reconcile
from giftline.reconciliation.taking import TakeBalances
from giftline.secret import Secret
from giftline.storage.reconciliation import DynamoBooks
from giftline.storage.reconciliation_files import S3Reports
from giftline.storage.reconciliation_sent import DynamoSentLots, NotingOrders
from giftline.suppliers.http import HttpClient
from giftline.suppliers.port import Outcome
from giftline.suppliers.statements import Statements
from giftline.suppliers.statements_walleo import WalleoStatements
from giftline.suppliers.statements_wpay import WpayStatements
from giftline.suppliers.walleo import Walleo
from giftline.suppliers.walleo_signing import WalleoKeys
from giftline.suppliers.wpay import Wpay
from sandbox.server import start
from sandbox.settings import WALLEO_SHARED_KEY, Settings
from tests.fakes.house import EUR, SKU, a_lot, an_order, line
from tests.fakes.pacing import FakeCrew, FakePace
from tests.fakes.reconciliation import FakeBooks, FakeNotingOrders, FakeReportFiles
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
BUCKET = "reports-of-reconciliation"
D = date(2026, 11, 20)
START = midnight(D)
HOUR = 3_600_000
both = pytest.mark.parametrize("kind", ["fake", "aws"])


@pytest.fixture(scope="session")
def bucket(aws: MakeClient) -> str:
    aws("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
    return BUCKET


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def books(kind: str, request: pytest.FixtureRequest) -> Books:
    if kind == "fake":
        return FakeBooks()
    return DynamoBooks(request.getfixturevalue("aws")("dynamodb"), request.getfixturevalue("table")("AccountsTable"))


@pytest.fixture
def files(kind: str, request: pytest.FixtureRequest) -> ReportFiles:
    if kind == "fake":
        return FakeReportFiles()
    return S3Reports(request.getfixturevalue("aws")("s3"), request.getfixturevalue("bucket"))


@pytest.fixture
def orders(kind: str, clock: FakeClock, request: pytest.FixtureRequest) -> Any:
    if kind == "fake":
        fake = FakeNotingOrders()
        fake.sent_lots.clock = clock
        return fake
    client, name = request.getfixturevalue("aws")("dynamodb"), request.getfixturevalue("table")("OrdersTable")
    return NotingOrders(client, name, sent_lots=DynamoSentLots(client, name, clock.now))


def sent_lots(orders: Any) -> Any:
    return orders.sent_lots if isinstance(orders, FakeNotingOrders) else orders._sent_lots


def a_supplier() -> str:
    """The tables are shared."""
    return f"s-{uuid.uuid4().hex[:8]}"


def new_id() -> str:
    return uuid.uuid4().hex[:26].upper()


# --- balances, top-ups, reports


@both
def test_the_first_balance_of_a_day_stays_and_the_last_one_before_a_day_is_found(books: Books) -> None:
    supplier = a_supplier()
    assert books.balance(supplier, D) is None
    assert books.balance_before(supplier, D) is None
    taken = TakenBalance(supplier, D, START + DAY, "AUD", -100, 5)
    assert books.keep_balance(taken) == taken
    assert books.keep_balance(replace(taken, available=7)) == taken
    older = TakenBalance(supplier, D - timedelta(days=5), START - 4 * DAY, "AUD", 0)
    books.keep_balance(older)
    assert books.balance(supplier, D) == taken
    assert books.balance_before(supplier, D) == older
    assert books.balance_before(supplier, D + timedelta(days=9)) == taken
    assert books.balance_before(supplier, older.day) is None


@both
def test_top_ups_are_found_by_their_time_and_recorded_once_a_reference(books: Books) -> None:
    supplier = a_supplier()
    one = TopUp(supplier, "BANK-1", "AUD", 5_000, START + 5, START + 9, "by wire")
    assert books.add_top_up(one) == one
    assert books.add_top_up(replace(one, recorded_at=START + 99, note="again")) == one
    for other in (replace(one, minor=1), replace(one, at=START), replace(one, currency="EUR")):
        with pytest.raises(ReferenceConflict):
            books.add_top_up(other)
    undated = replace(one, at=START + 99, recorded_at=START + 99)
    assert books.add_top_up(undated) == one
    with pytest.raises(ReferenceConflict, match=r"a top-up of 50\.00 AUD at 2026-11-20T00:00:00\.005Z"):
        books.add_top_up(replace(undated, minor=1))
    fee = books.add_top_up(TopUp(supplier, "FEE", "AUD", -1, START))
    assert books.top_ups(supplier, START, START + 6) == [fee, one]
    assert books.top_ups(supplier, START, START + 5) == [fee]
    assert books.top_ups(supplier, START + 1, START + DAY) == [one]
    assert books.top_ups(supplier, -1, 0) == []


def a_report(supplier: str, day: date = D, version: int = 1) -> Report:
    return Report(
        supplier,
        day,
        START,
        Window(START, START + DAY),
        Status.UNEQUAL,
        version,
        totals=(Total("AUD", Verdict.ONLY_OURS, 1, 2, 3, 4),),
        bridges=(Bridge("AUD", None, 1, 2, 3, None, 4), Bridge("EUR", 1, 2, 3, 4, 5, 6, 7, 8)),
        findings=(Finding(Kind.BALANCE_LOWER, "AUD", -1, "words", hints=("one", "two")),),
        corrections=(Correction(day - timedelta(days=1), "O", 1, "AUD", 0, 5, ("r",)),),
        missing=("something",),
    )


@both
def test_each_version_of_a_report_stays_and_the_last_one_is_the_days(books: Books) -> None:
    supplier = a_supplier()
    assert books.report(supplier, D) is None
    first, second = a_report(supplier), a_report(supplier, version=2)
    assert books.save(first) == first
    assert books.save(first) == first, "an answer that was lost is no race"
    books.save(second)
    assert books.report(supplier, D) == second
    assert books.report(supplier, D, 1) == first
    assert books.report(supplier, D, 3) is None
    for late in (replace(second, lots=9), a_report(supplier, version=4), replace(first, lots=9)):
        with pytest.raises(StaleWrite):
            books.save(late)


@both
def test_reports_are_listed_by_their_day_the_last_one_first(books: Books) -> None:
    supplier = a_supplier()
    made = [books.save(a_report(supplier, D + timedelta(days=number))) for number in range(3)]
    books.save(a_report(supplier, D, 2))
    assert [one.day for one in books.reports(supplier, D + timedelta(days=9), 2)] == [made[2].day, made[1].day]
    assert [(one.day, one.version) for one in books.reports(supplier, D, 9)] == [(D, 2)]
    assert books.reports(a_supplier(), D, 9) == []


@both
def test_a_file_of_a_report_is_read_back_line_by_line(files: ReportFiles) -> None:
    key = f"reconciliations/{a_supplier()}/lots.jsonl"
    for read in (lambda: list(files.lines(key)), lambda: files.text(key)):
        with pytest.raises(NotFound):
            read()
    with files.export(key, "application/jsonl") as file:
        file.write("één\nzwei\n".encode())
    assert list(files.lines(key)) == ["één", "zwei"]
    assert files.text(key) == "één\nzwei\n".encode()
    assert key in files.link(key, "lots.jsonl")


# --- what was sent


def planned(orders: Any, supplier: str, *, slots: int = 0) -> Lot:
    order = orders.add(an_order(new_id(), refno=new_id()))
    lot = replace(a_lot(order.id), supplier=supplier, slots=(Slot(),) * slots)
    if slots:
        lot = replace(lot, lines=(line(slots),))
    orders.plan(order, [lot])
    return lot


def posted(lot: Lot, at: int) -> Lot:
    slots = tuple(replace(slot, state=LotState.POSTING, posts=1, posting_at=at) for slot in lot.slots)
    return replace(lot, state=LotState.POSTING, posts=1, posting_at=at, first_posted_at=at, slots=slots)


@both
def test_a_lot_is_noted_on_the_day_on_which_it_is_sent_and_listed_once(orders: Any) -> None:
    supplier = a_supplier()
    lots = [planned(orders, supplier) for _ in range(3)]
    days = [D, D + timedelta(days=1)]
    assert list(sent_lots(orders).sent(supplier, days)) == []
    for lot in lots:
        stored = orders.save_lot(posted(lot, START + HOUR))
        stored = orders.save_lot(replace(stored, posting_at=START + DAY + HOUR, posts=2))
        orders.save_lot(replace(stored, state=LotState.PLACED, posting_at=START + 3 * DAY))
    found = list(sent_lots(orders).sent(supplier, days))
    assert [(one.order_id, one.lot) for one in found] == sorted((lot.order_id, lot.number) for lot in lots)
    assert {(one.minor, one.cards, one.currency, one.is_single) for one in found} == {
        (lots[0].total.minor, lots[0].quantity, "AUD", False)
    }
    assert len(list(sent_lots(orders).sent(supplier, days[1:]))) == 3
    assert list(sent_lots(orders).sent(supplier, [D + timedelta(days=3)])) == []


@both
def test_a_lot_of_single_cards_is_noted_on_each_day_on_which_one_is_sent(orders: Any) -> None:
    supplier = a_supplier()
    lot = planned(orders, supplier, slots=3)
    before, after = (Slot(LotState.POSTING, posts=1, posting_at=at) for at in (START - 1, START))
    orders.save_lot(with_slots(lot, [before, Slot(), after]))
    for day in (D - timedelta(days=1), D):
        (found,) = sent_lots(orders).sent(supplier, [day])
        assert (found.order_id, found.is_single, found.back_since) == (lot.order_id, True, None)
    assert list(sent_lots(orders).sent(supplier, [D + timedelta(days=1)])) == []


@both
def test_a_lot_that_is_taken_back_is_noted_with_both_times(orders: Any, clock: FakeClock) -> None:
    supplier = a_supplier()
    lot = orders.save_lot(posted(planned(orders, supplier), START))
    clock.time = START + 5 * HOUR
    asked = orders.save_lot(replace(into_review(lot, "its supplier was asked to take it back"), reversing=True))
    clock.pass_(1_000)
    asked = orders.save_lot(asked)
    clock.time = START + DAY + HOUR
    orders.save_lot(taken_back(asked))
    (found,) = sent_lots(orders).sent(supplier, [D, D + timedelta(days=1)])
    assert (found.back_since, found.back_until) == (START + 5 * HOUR, START + DAY + HOUR)
    (same_day,) = sent_lots(orders).sent(supplier, [D])
    assert (same_day.back_since, same_day.back_until) == (START + 5 * HOUR, START + 5 * HOUR + 1_000)


# --- a whole day, with both suppliers over HTTP


@dataclass
class Shop:
    url: str
    clock: FakeClock

    def keys(self) -> WalleoKeys:
        return WalleoKeys(Secret("sandbox-key"), "sandbox", Secret(WALLEO_SHARED_KEY))

    def seconds(self) -> int:
        """Walleo's signatures are of this machine's time."""
        return time.time_ns() // 1_000_000

    def supplier(self, name: str) -> Any:
        http = HttpClient(self.url)
        if name == "wpay":
            return Wpay(http, lambda: Secret("sandbox-key"))
        return Walleo(http, self.url, self.keys, self.seconds)

    def statements(self, supplier: str) -> Statements:
        http = HttpClient(self.url)
        if supplier == "wpay":
            return WpayStatements(http, lambda: Secret("sandbox-key"))
        return WalleoStatements(http, self.url, self.keys, self.seconds)


@pytest.fixture
def shop(tmp_path: Path, clock: FakeClock) -> Iterator[Shop]:
    with start(Settings(state=tmp_path, base_seconds=0.0, seconds_per_card=0.0, pull_seconds=0.0)) as running:
        yield Shop(running.url, clock)


@dataclass
class Installation:
    """What is wired on AWS, with the sandbox's suppliers."""

    orders: Any
    books: Books
    files: ReportFiles
    shop: Shop

    @property
    def reconcile(self) -> Reconcile:
        clock, timing = self.shop.clock, Timing()
        pace, orders = FakePace(clock), self.orders
        pulls = Pulls(orders, clock, timing, pace, FakeCrew(), new_id)
        ask = AskByReference(
            orders, self.shop.statements, self.shop.supplier, clock, timing, pace, lambda: pulls, new_id
        )
        lots = ReadLots(sent_lots(orders), orders, ask, timing)
        return Reconcile(lots, self.books, self.files, self.shop.statements, clock, timing)

    def take_balances(self) -> None:
        TakeBalances(("wpay", "walleo"), self.books, self.shop.statements, self.shop.clock)()

    def buy(self, supplier: str, lines: tuple[Line, ...], *, slots: int = 0) -> Lot:
        """As an order goes, in short: intent, request, and what came of it."""
        order = self.orders.add(an_order(new_id(), refno=new_id()))
        reference = lot_reference(order.id, 1, None if slots else 1)
        lot = Lot(order.id, 1, supplier, reference, lines, (Slot(),) * slots)
        self.orders.plan(order, [lot])
        at = self.shop.clock.now()
        sent = self.orders.save_lot(posted(lot, at))
        if slots:
            single = (replace(lines[0], quantity=1),)
            placed = [self.shop.supplier(supplier).place(slot_reference(sent, place), single) for place in range(slots)]
            assert {one.outcome for one in placed} == {Outcome.COMMITTED}
            done = with_slots(sent, [replace(slot, state=LotState.COLLECTED) for slot in sent.slots])
        else:
            answer = self.shop.supplier(supplier).place(reference, lines)
            assert answer.outcome is Outcome.COMMITTED
            known = {"placed_at": at, "ready_at": at, "supplier_order_id": answer.supplier_order_id}
            done = replace(sent, state=LotState.COLLECTED, **known)
        self.shop.clock.pass_(1_000)
        bought: Lot = self.orders.save_lot(done)
        return bought


@pytest.fixture
def installation(orders: Any, books: Books, files: ReportFiles, shop: Shop, kind: str) -> Installation:
    if kind == "aws":  # a day of its own: the tables are shared by the tests
        shop.clock.time = START + 40 * DAY
    return Installation(orders, books, files, shop)


@both
def test_a_day_with_both_suppliers_is_equal_and_each_drift_of_the_next_one_is_named(installation: Installation) -> None:
    clock = installation.shop.clock
    first = date(2026, 11, 20) + timedelta(milliseconds=clock.time - START)
    installation.take_balances()
    clock.pass_(HOUR)
    kept = installation.buy("wpay", (line(600),))
    installation.buy("walleo", (Line("IKEA", Money(5_000, EUR), 4),), slots=4)
    clock.time = midnight(first) + DAY
    installation.take_balances()
    clock.pass_(6 * HOUR)
    for supplier, minor in (("wpay", 300_000), ("walleo", 20_000)):
        report = installation.reconcile(supplier, first)
        assert (report.status, report.lots, report.bridges[0].bought) == (Status.EQUAL, 1, minor)

    # a reversal and an order of which nobody told us, and a card that we call in doubt
    lost = installation.buy("wpay", (line(20, SKU, 1_000),))
    foreign = installation.shop.supplier("wpay").place("not-ours", (line(1, SKU, 4_300),))
    assert foreign.outcome is Outcome.COMMITTED
    single = installation.buy("walleo", (Line("IKEA", Money(5_000, EUR), 2),), slots=2)
    slots = [single.slots[0], replace(single.slots[1], state=LotState.REVIEW, was=LotState.POSTING, ask_at=0)]
    installation.orders.save_lot(with_slots(single, slots))
    reverse = installation.shop.supplier("wpay").reverse(lost.reference)
    assert reverse.value == "REVERSED"
    clock.time = midnight(first) + 2 * DAY
    installation.take_balances()
    clock.pass_(6 * HOUR)
    wpay = installation.reconcile("wpay", first + timedelta(days=1))
    balance, named = (finding for finding in wpay.findings if finding.kind.is_drift)
    assert (named.kind, named.reference, named.difference) == (Kind.ONLY_OURS, lost.reference, -20_000)
    assert (balance.kind, balance.difference) == (Kind.BALANCE_LOWER, -4_300)
    assert "it is an order, not a payment" in balance.hints[0]
    walleo = installation.reconcile("walleo", first + timedelta(days=1))
    (theirs,) = (finding for finding in walleo.findings if finding.kind.is_drift)
    assert (theirs.kind, theirs.reference, theirs.difference) == (
        Kind.ONLY_THEIRS,
        slot_reference(single, 1),
        5_000,
    )
    assert installation.reconcile("wpay", first).version == 2
    assert kept.reference in installation.files.text(f"reconciliations/wpay/{first}/0001/report.csv").decode()
