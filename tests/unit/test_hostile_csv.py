"""Hostile files: each is answered with a clear report, orders nothing, and costs little memory and time."""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import pytest

from giftline.delivery.accepting_csv import AcceptCsv
from giftline.delivery.drops import Drop
from giftline.delivery.order_csv import MAX_FILE
from giftline.orders.model import Order
from tests.fakes.hostile_csv import FULL, GOOD, HEAD, HOSTILE, SKU, USABLE, Hostile, Parts, Said, of, row
from tests.fakes.house import CATALOGUE, House

KEY = "orders/acme/r-1.csv"
REPORT = "rejected/acme/r-1.errors.csv"
MOST_MEMORY = 32 * 2**20
MOST_SECONDS = 60.0
"""Of this process alone, slowed by what measures its memory: what grows with the square of a file takes hours."""


@dataclass(slots=True)
class Source:
    """The drop bucket with one file, which counts what is taken of it."""

    parts: Parts
    size: int
    read_bytes: int = 0

    @contextmanager
    def open(self, key: str) -> Iterator[Drop]:
        assert key == KEY
        yield Drop(self.size, self._counted())

    def is_replaced(self, key: str, tag: str) -> bool:
        return False

    def _counted(self) -> Iterator[bytes]:
        for part in self.parts():
            self.read_bytes += len(part)
            yield part


def accept(house: House, source: Source) -> Order | None:
    return AcceptCsv(source, house.files, house.accept_order, CATALOGUE, {"acme"}.__contains__, MAX_FILE)(KEY)


def drop(house: House, content: str | bytes) -> Order | None:
    file = of("", content)
    return accept(house, Source(file.parts, file.size))


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one file, and what it cost."""

    house: House
    order: Order | None
    lines: list[dict[str, str]]
    read_bytes: int
    peak: int
    seconds: float


@cache
def taken(file: Hostile) -> Taken:
    """Each file is taken once, for all who look at what came of it."""
    house, source, began = House(), Source(file.parts, file.size), time.process_time()
    if file.is_traced:
        tracemalloc.start()
    try:
        order = accept(house, source)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Taken(house, order, report_rows(house), source.read_bytes, peak, time.process_time() - began)


def report_rows(house: House) -> list[dict[str, str]]:
    text = house.files.kept[REPORT].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def fits(line: dict[str, str], said: Said) -> bool:
    place = (line["row"], line["column"]) == (str(said.row), said.column)
    return place and said.problem in line["problem"] and said.expected in line["expected"]


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.name)
def test_a_hostile_file_is_reported_clearly_and_nothing_of_it_is_ordered(file: Hostile) -> None:
    house, lines = taken(file).house, taken(file).lines
    assert taken(file).order is None
    for said in file.said:
        assert any(fits(line, said) for line in lines), (said, lines[:5])
    assert file.has_more or len(lines) == len(file.said), lines[:5]
    assert all(line["problem"] and line["expected"] for line in lines)
    assert (house.orders.records, house.files.people, house.messages.announced) == ({}, {}, [])
    assert taken(file).read_bytes <= file.most_read


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.name)
def test_a_hostile_file_costs_little_memory_and_time(file: Hostile) -> None:
    assert taken(file).peak < MOST_MEMORY
    assert taken(file).seconds < MOST_SECONDS


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.name)
def test_no_cell_of_a_report_starts_a_formula(file: Hostile) -> None:
    for line in taken(file).lines:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in line.values())


@pytest.mark.parametrize("content", USABLE.values(), ids=USABLE)
def test_an_odd_file_that_can_be_read_is_ordered(house: House, content: str) -> None:
    order = drop(house, content)
    assert order is not None, report_rows(house)
    assert [(line.sku, line.amount.minor, line.quantity) for line in order.lines] == [(SKU, 500, 1)]
    (person,) = house.files.recipients(order.recipients_key)
    assert person.name.replace('"', "") == "Ann"


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.name)
def test_the_mended_file_is_taken_under_the_same_name(house: House, file: Hostile) -> None:
    house.files.kept.update(taken(file).house.files.kept)
    assert drop(house, HEAD + GOOD) is not None
    assert house.files.kept == {}


def test_every_wrong_cell_of_a_long_file_is_in_the_one_report(house: House) -> None:
    assert drop(house, HEAD + "NOPE,x,0\n" * 2_000) is None
    lines = report_rows(house)
    assert [(line["row"], line["column"]) for line in lines] == [
        (str(row), column) for row in range(2, 2_002) for column in ("sku", "amount", "quantity")
    ]


def test_a_bad_quote_does_not_hide_the_rows_below(house: House) -> None:
    bad = row('"Ann" Lee')
    assert drop(house, FULL + (bad + row()) * 3 + row(sku="NOPE")) is None
    assert [(line["row"], line["column"]) for line in report_rows(house)] == [
        ("2", "name"), ("4", "name"), ("6", "name"), ("8", "sku")]  # fmt: skip
