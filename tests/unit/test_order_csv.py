"""A file becomes an order, or a list of every wrong cell as a spreadsheet counts them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.delivery.accepting_csv import AcceptCsv
from giftline.delivery.order_csv import MAX_FILE
from giftline.delivery.wrong_cells import WrongCell, error_report
from giftline.orders.catalogue import Catalogue, Offer, Product
from giftline.orders.model import OrderRequest, is_refno
from tests.fakes.house import AUD, CATALOGUE, SKU, House
from tests.fakes.parsed_csv import Parsed, parse_order_csv
from tests.fakes.storage import FakeDrops

HEAD = b"sku,amount,quantity\n"
FULL = b"sku,amount,quantity,currency,name,email,mobile,message,reference\n"


def parse(content: bytes, refno: str = "r-1") -> Parsed:
    parsed = parse_order_csv("acme", refno, content, CATALOGUE)
    assert (parsed.request is None) == bool(parsed.wrong)
    return parsed


def good(content: bytes) -> OrderRequest:
    parsed = parse(content)
    assert parsed.request is not None, parsed.wrong
    return parsed.request


def places(content: bytes) -> list[tuple[int, str]]:
    return [(wrong.row, wrong.column) for wrong in parse(content).wrong]


ROW = SKU.encode() + b",5.00,3\n"


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ROW,
        b"\xef\xbb\xbf" + HEAD + ROW,
        (HEAD + ROW).replace(b",", b";"),
        (HEAD + ROW).replace(b"\n", b"\r\n"),
        HEAD + b"\n\n" + ROW + b",,\n\n",
        b" SKU , Amount,QUANTITY \n" + ROW,
        b"quantity,sku,amount\n3," + SKU.encode() + b",5\n",
        HEAD + b'"' + SKU.encode() + b'","5.00","3"',
    ],
)
def test_a_file_in_any_usual_dress_is_the_same_order(content: bytes) -> None:
    request = good(content)
    assert [(part.sku, part.amount.minor, part.quantity) for part in request.lines] == [(SKU, 500, 3)]
    assert request.recipients == ()


def test_rows_of_one_sku_and_amount_are_one_line_and_each_is_a_recipient() -> None:
    jane = SKU.encode() + b',5,1,AUD,Jane,j@x.y,+61,"Hi, ""you""",R1\n'
    request = good(FULL + jane + SKU.encode() + b",5,2,036,,,,,\n")
    assert [part.quantity for part in request.lines] == [3]
    assert [(r.name, r.message, r.quantity) for r in request.recipients] == [("Jane", 'Hi, "you"', 1), ("", "", 2)]


def test_every_wrong_cell_is_listed() -> None:
    content = FULL + b"NOPE,5,0,AUD,,,,,\n" + SKU.encode() + b",1e3,1.5,EUR," + b"x" * 501 + b",,,,\nshort,1\n"
    assert places(content) == [(2, "sku"), (2, "quantity"), (3, "amount"), (3, "quantity"), (3, "currency"),
                               (3, "name"), (4, "")]  # fmt: skip


@pytest.mark.parametrize("amount", ["4.99", "500.01", "five", "", "-5", "5.005", "=5"])
def test_an_amount_that_the_sku_does_not_have_names_those_it_has(amount: str) -> None:
    (wrong,) = parse(HEAD + f"{SKU},{amount},1\n".encode()).wrong
    assert (wrong.row, wrong.column, wrong.value) == (2, "amount", amount)
    assert "5.00 to 500.00 AUD" in wrong.expected


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (b"", ["sku", "amount", "quantity"]),
        (b"sku,amount\n", ["quantity"]),
        (b"sku,amount,quantity,pin\n", ["pin"]),
        (b"sku,sku,amount,quantity\n", ["sku"]),
        (b"sku\tamount\tquantity\n", ["sku", "amount", "quantity", "sku\tamount\tquantity"]),
    ],
)
def test_a_wrong_header_is_named_column_by_column(header: bytes, columns: list[str]) -> None:
    assert places(header + ROW) == [(1, column) for column in columns] or header == b""
    assert parse(header).request is None


@pytest.mark.parametrize(
    "content",
    [
        HEAD,
        HEAD + b"\n,,\n",
        HEAD + ROW + b"\x00",
        HEAD + b'"' + ROW,
        HEAD + b'"a"b,5,1\n',
        b"PK\x03\x04" + bytes(range(256)) * 4,
        (HEAD + ROW).decode().encode("utf-16"),
    ],
)
def test_what_is_no_order_file_is_refused_in_words(content: bytes) -> None:
    assert parse(content).wrong


def test_latin_1_is_refused_at_its_row() -> None:
    content = FULL + ROW.replace(b"\n", b",,,,,,\n") + SKU.encode() + ",5,1,,Jürgen,,,,\n".encode("latin-1")
    (wrong,) = parse(content).wrong
    assert (wrong.row, wrong.problem) == (3, "not UTF-8")


def test_ragged_rows_are_listed_and_do_not_stop_the_rest() -> None:
    assert places(HEAD + ROW + b"a,b\n" + b"a,b,c,d\n" + b"NOPE,5,1\n") == [(3, ""), (4, ""), (5, "sku")]


def test_rows_below_a_quoted_line_break_are_counted_as_a_spreadsheet_does() -> None:
    quoted = SKU.encode() + b',5,1,,,,,"two\nlines",\n'
    assert places(FULL + quoted + b"NOPE,5,1,,,,,,\n") == [(3, "sku")]


def test_blank_rows_count_as_rows() -> None:
    assert places(HEAD + b"\n\n" + b"NOPE,5,1\n") == [(4, "sku")]


def test_two_currencies_in_one_file_are_refused() -> None:
    (wrong,) = parse(HEAD + ROW + b"FNAC,15,1\n").wrong
    assert (wrong.column, wrong.value) == ("currency", "AUD, EUR")


def test_more_cards_than_an_order_takes_are_refused() -> None:
    assert "100001 cards" in parse(HEAD + f"{SKU},5,100000\n{SKU},6,1\n".encode()).wrong[0].problem


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_formula_in_a_cell_is_neutral_in_the_report(start: str) -> None:
    report = b"".join(error_report([WrongCell(2, "sku", f"{start}cmd()", "wrong", "=right")])).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(report, newline="")))[1]
    assert row[2:] == [f"'{start}cmd()", "wrong", "'=right"]


def test_a_formula_behind_another_separator_is_neutral_too() -> None:
    """A spreadsheet that cuts at semicolons does so within quotes that a comma stands before."""
    report = b"".join(error_report([WrongCell(2, "name", "a;=cmd()|\uff1dx", "", "'@y")])).decode("utf-8-sig")
    assert report.splitlines()[1] == "2,name,a;'=cmd()|'\uff1dx,,''@y"


def test_a_sku_that_is_not_sold_any_more_is_a_wrong_sku() -> None:
    gone = Product("OLD", "Old", AUD, (), gone=(Offer("wpay", "OLD", gone_at=1_700_000_000_000),))
    (wrong,) = parse_order_csv("acme", "r-1", HEAD + b"OLD,5,1\n", Catalogue([gone])).wrong
    assert (wrong.column, wrong.problem) == ("sku", "OLD: it is not sold any more, since 2023-11-14")


@pytest.mark.parametrize(
    ("refno", "ok"),
    [("r", True), ("x" * 55, True), ("a.b_c:d@e+f=g-h", True), ("", False), ("x" * 56, False), ("a/b", False),
     ("a b", False), ("ä", False), ("a\n", False), (None, False), (5, False)],
)  # fmt: skip
def test_a_refno_has_safe_characters_and_at_most_55(refno: object, ok: bool) -> None:
    assert is_refno(refno) == ok


@given(st.binary(max_size=400))
def test_no_content_raises(content: bytes) -> None:
    parse(content)
    parse(HEAD + content)


# --- the drop


def drop(house: House, content: bytes, key: str = "orders/acme/r-1.csv") -> bool:
    drops = FakeDrops({key: content})
    known = {"acme"}.__contains__
    accept = AcceptCsv(drops, house.files, house.accept_order, CATALOGUE, known, MAX_FILE)
    return accept(key) is not None


def test_a_good_file_is_an_order_and_the_same_again_is_the_same(house: House) -> None:
    assert drop(house, HEAD + ROW)
    assert drop(house, HEAD + ROW)
    assert len(house.orders.records) == 1
    assert house.files.kept == {}


def test_a_wrong_file_orders_nothing_and_mended_it_takes_the_report_away(house: House) -> None:
    assert not drop(house, HEAD + ROW + b"NOPE,5,1\n")
    assert house.orders.records == {}
    assert list(house.files.kept) == ["rejected/acme/r-1.errors.csv"]
    assert drop(house, HEAD + ROW)
    assert house.files.kept == {}


def test_other_content_under_a_name_is_refused_with_the_difference(house: House) -> None:
    drop(house, HEAD + ROW)
    assert not drop(house, HEAD + ROW + ROW)
    report = house.files.kept["rejected/acme/r-1.errors.csv"].decode()
    assert "6 of WWQ651BHNWSH at 5.00" in report


MISPLACED = [
    "orders/nobody/r-1.csv",
    "orders/r-1.csv",
    "orders/acme/x/r-1.csv",
    "orders/acme/r.txt",
    "orders/acme/a b.csv",
    "orders/acme/.csv",
]


@pytest.mark.parametrize("key", MISPLACED)
def test_a_file_in_a_wrong_place_is_answered_with_a_report(house: House, key: str) -> None:
    assert not drop(house, HEAD + ROW, key)
    assert house.orders.records == {}
    assert len(house.files.kept) == 1
