"""A report as it is read: rows that no spreadsheet runs, a page without script, and nothing of a card in either."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from giftline.orders.lot import LotState
from giftline.reconciliation.model import WHOLE_LOT, Finding, Kind, Report, Status, Window
from giftline.reconciliation.report_html import report_page
from giftline.reconciliation.report_text import report_from, report_text
from giftline.reconciliation.writing import csv_key, page_key
from tests.unit.test_reconciliation import HOUR, START, D, World, fail_wrongly, usual_day


def made(world: World, supplier: str = "wpay") -> Report:
    world.after_midnight()
    return world.reconcile(supplier, D)


def rows_of(world: World, report: Report) -> list[dict[str, str]]:
    text = world.files.text(csv_key(report)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def drifting() -> World:
    world = World()
    lot, _ = usual_day(world)
    fail_wrongly(world, lot, None)  # type: ignore[arg-type]
    world.accounts["wpay"].move(-321, START + 2 * HOUR)
    world.in_doubt(START + 5 * HOUR)
    return world


def test_the_csv_has_a_row_a_purchase_and_one_for_what_is_left_over_and_adds_up() -> None:
    world = drifting()
    report = made(world)
    rows = rows_of(world, report)
    assert [row["what"] for row in rows] == ["ONLY_THEIRS", "MATCHED", "MATCHED", "IN_DOUBT", "BALANCE_LOWER"]
    figures = [(float(row["ours"] or 0), float(row["theirs"] or 0), float(row["difference"])) for row in rows]
    assert figures[0] == (0, 10, 10)
    assert figures[-1] == (0, 0, -3.21)
    (bridge,) = report.bridges
    assert sum(ours for ours, _, _ in figures) * 100 == bridge.bought


def test_single_cards_that_match_share_a_row_and_others_have_their_own() -> None:
    world = World()
    _, lot = usual_day(world)
    world.change_slot(lot, 2, state=LotState.REVIEW, was=LotState.POSTING, reason="no clear answer: timeout")
    rows = rows_of(world, made(world, "walleo"))
    assert [(row["what"], row["cards"], row["slot"]) for row in rows] == [
        ("MATCHED", "2", ""),
        ("ONLY_THEIRS", "1", "2"),
        ("MATCHED", "2", ""),
        ("MATCHED", "5", ""),
    ]


@pytest.mark.parametrize("hostile", ["=1+1", "@SUM(A1)", "+1", "-1", "\t=1", '=HYPERLINK("http://x")'])
def test_no_text_of_the_supplier_is_a_formula_or_markup(hostile: str) -> None:
    world = World()
    lot, _ = usual_day(world)
    world.put(replace(lot, supplier_order_id=hostile + "<script>", state=LotState.FAILED, reason=hostile + "<b>"))
    report = made(world)
    for row in rows_of(world, report):
        for name, cell in row.items():
            assert not cell.startswith(("=", "@", "+", "\t")), name
            assert not cell.startswith("-") or re.fullmatch(r"-\d+\.\d\d", cell), name
    page = world.files.text(page_key(report)).decode()
    assert "<script" not in page
    assert "<b>" not in page


class Page(HTMLParser):
    """Well-formed, and nothing that runs or fetches."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onload", "onclick", "srcset"}
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


def read(page: str) -> Page:
    reader = Page()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert "script" not in reader.seen
    return reader


def test_the_page_says_what_differs_in_words_and_pictures_and_runs_nothing() -> None:
    world = drifting()
    report = made(world)
    page = world.files.text(page_key(report)).decode()
    words = " ".join(read(page).words)
    assert "Not equal" in words
    assert "Only the supplier has it" in words
    assert "\N{MINUS SIGN}3.21 AUD" in words
    assert "@import" not in page
    assert "url(" not in page
    assert "prefers-color-scheme:dark" in page
    assert 'aria-label="Cards: matched 30, only theirs 2, in doubt 3"' in page
    assert 'aria-label="Balance: opening 100,000.00 AUD' in page


def test_an_equal_day_and_one_without_any_purchase_have_a_page_too() -> None:
    world = World()
    usual_day(world)
    report = made(world)
    assert "agree to the cent" in " ".join(read(world.files.text(page_key(report)).decode()).words)
    empty = made(World())
    assert empty.status is Status.EQUAL
    first = World()
    first.books.balances.clear()
    report = made(first)
    assert "Incomplete" in " ".join(read(first.files.text(page_key(report)).decode()).words)


def test_thousands_of_findings_stay_in_the_csv_and_the_page_shows_the_first_hundred() -> None:
    world = World()
    lot = world.walleo_lot(START + HOUR, cards=2_000)
    for position in range(1_000):
        lot = replace(
            lot,
            slots=(
                *lot.slots[:position],
                replace(lot.slots[position], state=LotState.FAILED),
                *lot.slots[position + 1 :],
            ),
        )
    world.put(lot)
    report = made(world, "walleo")
    assert (len(report.findings), report.more) == (100, 900)
    assert sum(row["what"] == "ONLY_THEIRS" for row in rows_of(world, report)) == 1_000
    assert len(report_page(report)) < 150_000


def test_a_report_is_read_back_as_it_was_written() -> None:
    report = made(drifting())
    assert report_from(report_text(report)) == report
    assert len(report_text(report)) < 10_000


def test_a_report_with_all_the_findings_it_may_hold_fits_an_item_of_the_table() -> None:
    finding = Finding(Kind.ONLY_THEIRS, "AUD", 500, "w" * 400, "r" * 60, "o" * 26, 1, WHOLE_LOT, ("h" * 200,) * 5)
    report = Report("wpay", D, 1, Window(1, 2), Status.UNEQUAL, 1, findings=(finding,) * 100)
    assert len(report_text(report).encode()) < 200_000


def test_nothing_of_a_card_stands_in_any_file_of_a_report() -> None:
    """It never opens a page: no port that could is handed to it. What the files hold are references and amounts."""
    world = drifting()
    report = made(world)
    text = b" ".join(world.files.kept.values()).decode() + json.dumps(report_text(report))
    assert not re.search(r"pin|card.?number|barcode", text, re.IGNORECASE)


def peak_of(lots: int) -> int:
    world = World()
    for hour in range(lots):
        world.walleo_lot(START + hour * HOUR, cards=200)
    world.after_midnight()
    tracemalloc.start()
    report = world.reconcile("walleo", D)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.status is Status.EQUAL
    return peak


def test_memory_does_not_grow_with_the_lots_of_a_day() -> None:
    peak_of(1)
    assert peak_of(9) < 1.3 * peak_of(3)
