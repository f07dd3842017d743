"""What the demo shows at its end: sums that were checked, and nothing that is as good as cash."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from local.demo_door import Answer
from local.demo_ledger import Comparison, add_sale, judge
from local.demo_orders import DroppedFile
from local.demo_results import LotResult, MaskedCard, Result, check_cards, read_summary
from local.demo_summary import make_down, show_cards, show_files, show_next, show_table
from local.settings import read_settings

NUMBERS = ("6280001111111111", "6280002222222222")
PIN = "8642"


def result(**more: Any) -> Result:
    base = Result(
        file=DroppedFile("rewards", "demo-1", b"", dropped_at=1_000.0),
        order_id="O1",
        currency="AUD",
        ordered=2,
        ordered_amount=Decimal("30.00"),
        received=2,
        delivered_amount=Decimal("30.00"),
        seconds=5.0,
        lots=(LotResult("GL-1", 2, 3.0),),
        links={"cards.csv": "http://127.0.0.1/cards.csv?X-Amz-Signature=" + "a" * 300},
    )
    return replace(base, **more)


def rows(*numbers: str) -> list[dict[str, str]]:
    shared = {"sku": "WPAY-GROCERY", "amount": "15.00", "pin": PIN}
    return [shared | {"card_number": number, "name": name} for number, name in zip(numbers, ("", "Ava"), strict=True)]


def sale(**more: Any) -> dict[str, Any]:
    return {"status": "COMPLETE", "quantity": 2, "amount": 3_000, "polls": [{"kind": "in_time"}]} | more


def compared(sold: dict[str, Any] | None) -> Comparison:
    comparison = Comparison("AUD")
    add_sale(comparison, "GL-1", sold)
    judge(comparison, [result()])
    return comparison


def test_the_summary_is_read_with_the_time_from_the_drop_on() -> None:
    summary = {
        "currency": "AUD",
        "ordered": {"cards": 2, "amount": "30.00"},
        "delivered": {"cards": 2, "amount": "30.00"},
        "closedAt": "1970-01-01T00:16:45.500Z",
        "lots": [
            {"reference": "GL-1", "cards": {"received": 1}, "supplierSeconds": 1.5},
            {"reference": "GL-2", "cards": {"received": 1}, "supplierSeconds": None},
        ],
    }

    read = read_summary(result().file, Answer("O1", "COMPLETE", 2, 2, ()), summary)

    assert (read.seconds, read.supplier_seconds, read.giftline_seconds) == (5.5, 1.5, 4.0)


def test_cards_that_add_up_are_no_problem_and_a_card_for_somebody_is_kept_masked() -> None:
    checked = result()
    check_cards(checked, iter(rows(*NUMBERS)))

    assert checked.problems == []
    assert checked.samples == {
        "WPAY-GROCERY": MaskedCard("WPAY-GROCERY", "15.00", "•••• •••• •••• 2222", "••••", "Ava")
    }


def test_the_same_card_twice_is_a_problem() -> None:
    checked = result()
    check_cards(checked, iter(rows(NUMBERS[0], NUMBERS[0])))

    assert "holds 2 cards, 1 of them different" in checked.problems[0]


def test_the_ledger_that_agrees_is_said_in_one_line() -> None:
    comparison = compared(sale())

    assert comparison.differences == []
    assert comparison.agreed == "2 cards, AUD 30.00, 1 purchase, 0 polls under the interval"


@pytest.mark.parametrize(
    ("sold", "difference"),
    [
        (None, "it does not know GL-1"),
        (sale(quantity=3), "it sold 3 cards, and 2 were delivered"),
        (sale(amount=2_999), "it charged 29.99, and 30.00 was delivered"),
        (sale(polls=[{"kind": "under_interval"}]), "it was polled 1 times before its interval was over"),
        (sale(status="CANCELED"), "it sold 0 cards, and 2 were delivered"),
    ],
)
def test_a_ledger_that_differs_says_where(sold: dict[str, Any] | None, difference: str) -> None:
    assert difference in compared(sold).differences


def test_the_end_shows_figures_whole_links_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    file = DroppedFile("generated", "demo-25000-261121-050338", b"")
    amount = Decimal("1020865.00")
    largest = result(file=file, ordered=25_000, received=25_000, ordered_amount=amount, delivered_amount=amount)
    check_cards(largest, iter(rows(*NUMBERS)))

    show_table([largest])
    show_files([largest], {"Tenant": "demo", "ResultsBucketName": "results"})
    show_cards([largest])
    shown = capsys.readouterr().out

    assert "1,020,865.00" in shown
    assert "…" not in shown
    assert f"'{largest.links['cards.csv']}'" in shown
    assert not any(secret in shown for secret in (*NUMBERS, PIN))


def test_the_end_says_how_to_stop_this_very_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_down(read_settings({})) == "make down"
    assert make_down(read_settings({"GIFTLINE_PORT": "4600"})) == "make down GIFTLINE_PORT=4600"
    elsewhere = read_settings({"GIFTLINE_PORT": "4600", "STATE_DIR": str(tmp_path)})
    show_next([result().file], {"ApiUrl": "http://127.0.0.1/live", "Token": "t"}, elsewhere)
    assert f"make down GIFTLINE_PORT=4600 STATE_DIR={tmp_path}" in capsys.readouterr().out
