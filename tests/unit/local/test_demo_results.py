"""What the demo shows at its end: sums that were checked, and nothing that is as good as cash."""

from decimal import Decimal
from pathlib import Path

import pytest

from local.demo_door import Answer
from local.demo_orders import DroppedFile
from local.demo_results import MaskedCard, check_cards, read_summary
from local.demo_summary import make_down, show_cards, show_files, show_next, show_table, show_takeovers
from local.settings import read_settings
from tests.unit.local.test_demo_ledgers import result
from tests.unit.local.test_demo_lots import REFUSED_AND_TAKEN_OVER, summary_lot

NUMBERS = ("6280001111111111", "6280002222222222")
PIN = "8642"


def rows(*numbers: str) -> list[dict[str, str]]:
    shared = {"sku": "WPAY-GROCERY", "currency": "AUD", "amount": "15.00", "pin": PIN}
    return [shared | {"card_number": number, "name": name} for number, name in zip(numbers, ("", "Ava"), strict=True)]


def test_the_summary_is_read_with_the_time_from_the_drop_on() -> None:
    summary = {
        "currency": "AUD",
        "ordered": {"cards": 2, "amount": "30.00"},
        "delivered": {"cards": 2, "amount": "30.00"},
        "closedAt": "1970-01-01T00:16:45.500Z",
        "lots": [
            summary_lot(1, supplierSeconds=1.5),
            summary_lot(2, supplierSeconds=None),
        ],
    }

    read = read_summary(result().file, Answer("O1", "COMPLETE", 2, 2, ()), summary)

    assert (read.seconds, read.supplier_seconds, read.giftline_seconds) == (5.5, 1.5, 4.0)


def test_cards_that_add_up_are_no_problem_and_a_card_for_somebody_is_kept_masked() -> None:
    checked = result()
    check_cards(checked, iter(rows(*NUMBERS)))

    assert checked.problems == []
    assert checked.samples == {
        "WPAY-GROCERY": MaskedCard("WPAY-GROCERY", "AUD", "15.00", "•••• •••• •••• 2222", "••••", "Ava")
    }


def test_the_same_card_twice_is_a_problem() -> None:
    checked = result()
    check_cards(checked, iter(rows(NUMBERS[0], NUMBERS[0])))

    assert "holds 2 cards, 1 of them different" in checked.problems[0]


def test_each_currency_has_its_own_sum_and_cards_are_counted_together(capsys: pytest.CaptureFixture[str]) -> None:
    euros = result(currency="EUR", ordered=3, received=3, ordered_amount=Decimal(120), delivered_amount=Decimal(120))

    show_table([result(), euros, result()])
    _, _, totals = capsys.readouterr().out.partition("All")
    first, second, *_ = totals.splitlines()

    assert first.split() == ["7", "7", "AUD", "60.00", "60.00", "3.0", "s", "2.0", "s"]
    assert second.split() == ["EUR", "120.00", "120.00"]


def test_one_order_alone_needs_no_sums(capsys: pytest.CaptureFixture[str]) -> None:
    show_table([result()])

    assert "All" not in capsys.readouterr().out


def test_a_takeover_is_said_with_the_name_of_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    show_takeovers([result(), result(lots=REFUSED_AND_TAKEN_OVER)])

    assert capsys.readouterr().out == (
        "rewards: 3 cards came from Wpay after Walleo refused them (3 × refused: out_of_stock)\n"
    )


def test_the_end_shows_figures_whole_links_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    file = DroppedFile("25000", "demo-25000-261121-050338", b"")
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
