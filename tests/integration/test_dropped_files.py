"""Orders by a CSV file dropped in S3, and the reports of files that cannot be ordered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.stack_support.door import cards_of_rows, download, rows_of
from tests.stack_support.orders import ClosedOrder, follow
from tests.stack_support.stack import Stack
from tests.stack_support.waiting import wait_for

pytestmark = pytest.mark.stack

PEOPLE = (
    "sku,amount,quantity,name,email,mobile,message,reference\n"
    'WWQ651BHNWSH,5.00,2,Ann Lee,ann@example.com,+61400000001,"Thanks, Ann",EMP-1\n'
    "WPAY-FUEL,10.00,1,Bo Chen,bo@example.com,,,=EMP-2\n"
    "WWQ651BHNWSH,5.00,1,Cy Day,cy@example.com,,,EMP-3\n"
)
WRONG = "sku,amount,quantity\nNO-SUCH-SKU,5.00,1\nWWQ651BHNWSH,4.99,zero\n"
MENDED = "sku,amount,quantity\nWWQ651BHNWSH,5.00,1\n"


def dropped(stack: Stack, refno: str, content: str | bytes) -> ClosedOrder:
    """Drop a file and follow its order to the end."""
    stack.drop(refno, content if isinstance(content, bytes) else content.encode())
    return follow(stack, wait_for(lambda: accepted(stack, refno), 60, f"the order of {refno}.csv"))


def accepted(stack: Stack, refno: str) -> dict[str, Any] | None:
    answer = stack.door.status(refno)
    body: dict[str, Any] = answer.json()
    return body if answer.status_code == 200 else None


def report_of(stack: Stack, refno: str, tenant: str = "demo") -> list[dict[str, str]]:
    return rows_of(wait_for(lambda: stack.report(refno, tenant), 60, f"the report of {refno}.csv"))


def test_each_row_of_a_file_finds_its_cards_in_the_export(stack: Stack, new_refno: Callable[[], str]) -> None:
    order = dropped(stack, new_refno(), PEOPLE)
    rows = rows_of(download(order.answer["results"]["files"]["cards.csv"]))

    assert order.status == "COMPLETE"
    assert cards_of_rows(rows) == stack.supplier.cards(order.id)
    assert sorted((row["name"], row["sku"], row["amount"], row["message"], row["reference"]) for row in rows) == [
        ("Ann Lee", "WWQ651BHNWSH", "5.00", "Thanks, Ann", "EMP-1"),
        ("Ann Lee", "WWQ651BHNWSH", "5.00", "Thanks, Ann", "EMP-1"),
        ("Bo Chen", "WPAY-FUEL", "10.00", "", "'=EMP-2"),
        ("Cy Day", "WWQ651BHNWSH", "5.00", "", "EMP-3"),
    ]


def test_a_spreadsheets_file_with_semicolons_and_a_mark_is_read_too(stack: Stack, new_refno: Callable[[], str]) -> None:
    content = "\ufeffsku;amount;quantity;name\r\nWWQ651BHNWSH;5.00;2;Zoë\r\n"

    order = dropped(stack, new_refno(), content)

    assert order.status == "COMPLETE"
    rows = rows_of(download(order.answer["results"]["files"]["cards.csv"]))
    assert [row["name"] for row in rows] == ["Zoë", "Zoë"]


def test_the_same_file_twice_is_one_order_and_the_same_name_with_other_content_a_report(
    stack: Stack, new_refno: Callable[[], str]
) -> None:
    refno = new_refno()
    order = dropped(stack, refno, MENDED)
    stack.drop(refno, MENDED.encode())
    # The report of the third file proves that the second was looked at: S3 hands them over in their order.
    stack.drop(refno, MENDED.replace("5.00,1", "5.00,3").encode())

    (difference,) = report_of(stack, refno)

    assert difference["problem"].startswith("3 of WWQ651BHNWSH at 5.00")
    assert difference["expected"].startswith("1, as first ordered")
    sold = stack.supplier.order(order.id)
    assert sold is not None
    assert (sold["quantity"], len(sold["posts"])) == (1, 1)
    assert stack.door.status(refno).json()["orderId"] == order.id


def test_wrong_cells_are_all_reported_and_a_mended_file_is_taken(stack: Stack, new_refno: Callable[[], str]) -> None:
    refno = new_refno()
    stack.drop(refno, WRONG.encode())

    report = report_of(stack, refno)

    assert [(cell["row"], cell["column"], cell["value"]) for cell in report] == [
        ("2", "sku", "NO-SUCH-SKU"),
        ("3", "amount", "4.99"),
        ("3", "quantity", "zero"),
    ]
    assert all(cell["problem"] and cell["expected"] for cell in report)
    assert report[1]["expected"] == "an amount from 5.00 to 500.00 AUD"
    refused = stack.door.status(refno).json()
    assert (refused["status"], refused["orderId"], refused["progress"]["file"]["problems"]) == ("FAILED", None, 3)
    assert download(refused["results"]["files"]["errors.csv"]) == stack.report(refno)

    order = dropped(stack, refno, MENDED)

    assert order.status == "COMPLETE"
    assert stack.report(refno) is None


def test_a_file_of_a_tenant_that_nobody_knows_is_reported(stack: Stack, new_refno: Callable[[], str]) -> None:
    refno = new_refno()
    stack.drop(refno, MENDED.encode(), tenant="nobody")

    (cell,) = report_of(stack, refno, "nobody")

    assert (cell["value"], cell["problem"]) == ("nobody", "unknown tenant")
    assert stack.door.status(refno).status_code == 404
