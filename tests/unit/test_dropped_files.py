"""A dropped file as its tenant sees it: how far it is, what became of it, and what of a file dropped in its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest

from giftline.accounts.ledger import Limits
from giftline.delivery.accepting_csv import AcceptCsv
from giftline.delivery.drops import Drop, Drops
from giftline.delivery.file_progress import SILENT, FileReading, FileState
from giftline.delivery.order_csv import MAX_FILE
from giftline.delivery.viewing_files import ViewFile
from giftline.doors import file_answers
from giftline.doors.answers import error_reply
from giftline.doors.files import FilesDoor
from giftline.errors import NotFound, Unauthenticated
from giftline.money import Money
from giftline.orders.accepting import AcceptOrder
from giftline.orders.model import Order, OrderRequest, is_refno
from tests.fakes.house import AMPLE, AUD, CATALOGUE, SKU, TENANT, TOKEN, House
from tests.fakes.storage import FakeDrops, FakeFileProgress, tag_of
from tests.fakes.time import FakeClock

KEY = f"orders/{TENANT}/r-1.csv"
REPORT = f"rejected/{TENANT}/r-1.errors.csv"
HEAD = b"sku,amount,quantity\n"
ROW = SKU.encode() + b",5.00,3\n"
WRONG = HEAD + b"NOPE,5,1\n"
LINK = f"https://files.test/{REPORT}?as=r-1.errors.csv"


@dataclass
class Yard:
    """A house with a drop bucket; `put` is a drop whose event comes at once."""

    house: House = field(default_factory=House)
    drops: FakeDrops = field(default_factory=FakeDrops)
    progress: FakeFileProgress = field(default_factory=FakeFileProgress)

    def put(self, content: bytes, drops: Drops | None = None, accept_order: AcceptOrder | None = None) -> Order | None:
        self.drops.dropped_at += 1_000
        self.drops.kept[KEY] = content
        return self.accept_csv(drops, accept_order)(KEY)

    def accept_csv(self, drops: Drops | None = None, accept_order: AcceptOrder | None = None) -> AcceptCsv:
        house, known = self.house, {TENANT}.__contains__
        accept = accept_order or house.accept_order
        return AcceptCsv(drops or self.drops, house.files, accept, CATALOGUE, known, MAX_FILE, self.progress)

    @property
    def view_file(self) -> ViewFile:
        return ViewFile(self.progress, self.house.files, self.house.clock)

    def shown(self, name: str = "r-1", token: str = TOKEN) -> dict[str, Any]:
        door = FilesDoor(self.house.door.tokens, self.view_file)
        call: Any = SimpleNamespace(headers={"Authorization": f"Bearer {token}"})
        body: dict[str, Any] = door.show(call, name).body
        return body

    def report(self) -> list[dict[str, str]]:
        text = self.house.files.kept[REPORT].decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture
def yard() -> Yard:
    return Yard()


# --- how far it is


def test_a_long_file_is_told_of_while_it_is_read(yard: Yard) -> None:
    content = HEAD + ROW * 10_000
    order = yard.put(content)
    assert order is not None
    *reading, last = yard.progress.history
    assert [(one.rows, one.state) for one in reading] == [(n * 2_500 - 1, FileState.READING) for n in (1, 2, 3, 4)]
    assert 0 < reading[0].read_bytes < reading[2].read_bytes < len(content)
    assert all(one.size == len(content) for one in reading)
    assert (last.rows, last.read_bytes, last.order_id) == (10_000, len(content), order.id)


def test_problems_are_counted_while_a_long_file_is_read(yard: Yard) -> None:
    yard.put(HEAD + (ROW + b"NOPE,5,1\n") * 5_000)
    assert [one.problems for one in yard.progress.history] == [1_249, 2_499, 3_749, 4_999, 5_000]


def test_an_accepted_file_names_its_order(yard: Yard) -> None:
    order = yard.put(HEAD + ROW)
    assert order is not None
    size = len(HEAD + ROW)
    assert yard.shown("r-1.csv") == {
        "refno": "r-1",
        "state": "accepted",
        "bytes": {"size": size, "read": size},
        "rows": 1,
        "problems": 0,
        "droppedAt": "1970-01-01T00:00:01.001Z",
        "at": "2025-06-15T15:06:40.000Z",
        "orderId": order.id,
    }


def test_a_refused_file_links_to_its_report(yard: Yard) -> None:
    yard.put(WRONG)
    shown = yard.shown()
    assert (shown["state"], shown["problems"], shown["orderId"]) == ("refused", 1, None)
    assert shown["report"] == {"url": LINK, "expiresInMinutes": 15}


def test_a_mended_file_is_no_longer_refused(yard: Yard) -> None:
    yard.put(WRONG)
    yard.put(HEAD + ROW)
    assert (yard.shown()["state"], yard.house.files.kept) == ("accepted", {})


def test_a_reading_that_is_not_heard_of_has_stopped(yard: Yard) -> None:
    now = yard.house.clock.now()
    yard.progress.save(FileReading(TENANT, "r-1", 100, now, 50, 2_500, 0, now))
    assert yard.shown()["state"] == "reading"
    yard.house.clock.pass_(SILENT + 1)
    assert yard.shown()["state"] == "stopped"


def test_a_file_that_nobody_dropped_and_one_of_another_tenant_are_not_found(yard: Yard) -> None:
    yard.progress.save(FileReading("other", "r-1", 100, 1, 50, 2_500, 0, 1))
    with pytest.raises(NotFound):
        yard.shown()
    with pytest.raises(Unauthenticated):
        yard.shown(token="gl_nobody")


def test_what_no_file_can_be_called_is_not_looked_for(yard: Yard) -> None:
    """Its name would be no key of a table."""
    door = FilesDoor(yard.house.door.tokens, cast("Any", None))
    for name in ("", "x" * 1_025, "%C3%A9" * 513, "\ud800"):
        with pytest.raises(NotFound) as refused:
            door.show(cast("Any", SimpleNamespace(headers={"X-Api-Key": TOKEN})), name)
        assert error_reply(refused.value).text.encode()


@pytest.mark.parametrize(
    ("content", "word", "results"),
    [(None, "PENDING", None), (WRONG, "FAILED", {"files": {"errors.csv": LINK}, "expiresInMinutes": 15})],
)
def test_a_file_speaks_as_the_status_of_the_order_that_is_not_there(
    yard: Yard, content: bytes | None, word: str, results: dict[str, Any] | None
) -> None:
    if content:
        yard.put(content)
    else:
        yard.progress.save(FileReading(TENANT, "r-1", 100, 1, 50, 2_500, 0, yard.house.clock.now()))
    view = yard.view_file.find(TENANT, "r-1")
    assert view is not None
    status = file_answers.status(view)
    assert (status["status"], status["orderId"], status["refno"]) == (word, None, "r-1")
    assert (status["progress"]["file"], status.get("results")) == (file_answers.file(view), results)


# --- what only the whole order can break


def poor(house: House) -> None:
    house.ledger.withdraw(TENANT, AUD, AMPLE - 1_499, "all but 14.99", 1)


def limited(house: House) -> None:
    house.ledger.set_limits(TENANT, AUD, Limits(per_order=1_499), 0)


@pytest.mark.parametrize(
    ("broken", "problem"),
    [(poor, "15.00 AUD needed, 14.99 AUD available"), (limited, "15.00 AUD needed, and the limit of ")],
)
def test_an_order_that_is_not_covered_is_refused_as_a_whole(
    yard: Yard, broken: Callable[[House], None], problem: str
) -> None:
    broken(yard.house)
    assert yard.put(HEAD + ROW) is None
    (line,) = yard.report()
    assert (line["row"], line["column"], line["expected"]) == ("0", "amount", "at most 14.99 AUD")
    assert line["problem"].startswith(problem)
    assert (yard.house.orders.records, yard.shown()["problems"]) == ({}, 1)


def test_the_same_file_is_taken_once_the_funds_are_there(yard: Yard) -> None:
    poor(yard.house)
    yard.put(HEAD + ROW)
    yard.house.ledger.deposit(TENANT, AUD, 1, "a cent", 1)
    order = yard.put(HEAD + ROW)
    assert order is not None
    assert (order.total, yard.house.files.kept) == (Money(1_500, AUD), {})


# --- a file in the place of another


@dataclass
class Overtaken:
    """The drop bucket, when another file takes the place of one that is being read, and its event is faster."""

    yard: Yard
    second: bytes

    @contextmanager
    def open(self, key: str) -> Iterator[Drop]:
        with self.yard.drops.open(key) as drop:
            yield drop
        self.yard.put(self.second)

    def is_replaced(self, key: str, tag: str) -> bool:
        return self.yard.drops.is_replaced(key, tag)


@dataclass
class BrokenOff:
    """The drop bucket, whose connection ends before the file does."""

    yard: Yard

    @contextmanager
    def open(self, key: str) -> Iterator[Drop]:
        with self.yard.drops.open(key) as drop:
            yield replace(drop, parts=self._parts(drop))

    def is_replaced(self, key: str, tag: str) -> bool:
        return self.yard.drops.is_replaced(key, tag)

    def _parts(self, drop: Drop) -> Iterator[bytes]:
        yield next(iter(drop.parts))[: len(HEAD + ROW)]
        raise ConnectionError("the bucket does not answer")


@pytest.mark.parametrize("first", [WRONG, HEAD + ROW * 3])
def test_of_two_files_under_one_name_the_later_counts_however_long_the_first_is_read(yard: Yard, first: bytes) -> None:
    assert yard.put(first, Overtaken(yard, HEAD + ROW)) is None
    (order,) = yard.house.orders.records.values()
    assert (order.quantity, yard.house.files.kept) == (3, {})
    assert (yard.shown()["state"], yard.shown()["orderId"]) == ("accepted", order.id)


@dataclass
class SlowToOrder:
    """AcceptOrder, in whose time another file is dropped under the same name, and is faster."""

    yard: Yard
    second: bytes
    clock: FakeClock

    def __call__(self, request: OrderRequest) -> Order:
        order = self.yard.house.accept_order(request)
        self.yard.put(self.second)
        return order


def test_the_report_on_a_file_dropped_while_another_is_ordered_stays(yard: Yard) -> None:
    first: Any = SlowToOrder(yard, WRONG, yard.house.clock)
    order = yard.put(HEAD + ROW, accept_order=first)
    assert order is not None
    assert [line["problem"] for line in yard.report()] == ["unknown sku 'NOPE'"]
    assert (yard.shown()["state"], yard.shown()["report"]["url"]) == ("refused", LINK)


def test_a_doubled_event_of_a_file_is_one_order_and_the_file_stays_accepted(yard: Yard) -> None:
    content = HEAD + ROW * 2_500
    order = yard.put(content)
    yard.drops.dropped_at -= 1_000
    told = len(yard.progress.history)
    assert yard.put(content) == order
    assert len(yard.house.orders.records) == 1
    assert {one.state for one in yard.progress.history[told:]} == {FileState.ACCEPTED}


def test_a_file_that_breaks_off_is_no_order_and_is_tried_again(yard: Yard) -> None:
    with pytest.raises(ConnectionError):
        yard.put(HEAD + ROW * 3, BrokenOff(yard))
    assert (yard.house.orders.records, yard.house.files.kept) == ({}, {})
    assert yard.put(HEAD + ROW * 3) is not None


@pytest.mark.parametrize("name", ['\u540d\u524d "x"\r\n', "x" * 1_013, "\u00fc" * 506])
def test_a_file_whose_name_is_no_refno_has_a_report_that_can_be_fetched(yard: Yard, name: str) -> None:
    key = f"orders/{TENANT}/{name}.csv"
    yard.drops.kept[key] = HEAD + ROW
    assert yard.accept_csv()(key) is None
    ((place, report),) = yard.house.files.kept.items()
    assert b"not a refno" in report
    assert len(place.encode()) <= 1_024
    url = yard.shown(quote(name))["report"]["url"]
    at, saved_as = url.removeprefix("https://files.test/").split("?as=")
    assert (at, is_refno(saved_as[:50]), saved_as.isascii()) == (place, True, True)


def test_a_file_that_was_taken_away_after_its_drop_is_still_told_of(yard: Yard) -> None:
    assert not yard.drops.is_replaced(KEY, tag_of(WRONG))
    yard.drops.kept[KEY] = HEAD
    assert yard.drops.is_replaced(KEY, tag_of(WRONG))
