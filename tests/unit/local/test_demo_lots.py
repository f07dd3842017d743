"""What the demo says of an order that several suppliers had a part in."""

from dataclasses import replace
from typing import Any

from local.demo_lots import LotResult, read_lot, supplier_seconds, takeovers

REFUSED_AND_TAKEN_OVER = (
    LotResult(1, "walleo", "GL-O1-1", "PARTIAL", 54, 2.0, 0, "3 × refused: out_of_stock"),
    LotResult(2, "wpay", "GL-O1-2-1", "COLLECTED", 3, 1.5, 1, ""),
)


def summary_lot(number: int, **more: Any) -> dict[str, Any]:
    """A lot as summary.json has it."""
    return {
        "lot": number,
        "supplier": "wpay",
        "reference": f"GL-O1-{number}-1",
        "insteadOf": None,
        "state": "COLLECTED",
        "cards": {"ordered": 1, "received": 1},
        "supplierSeconds": 3.0,
        "reason": "",
    } | more


def test_a_lot_of_the_summary_is_read() -> None:
    lots = (summary_lot(1, supplierSeconds=None), summary_lot(2, insteadOf=1, reason="late"))

    assert list(map(read_lot, lots)) == [
        LotResult(1, "wpay", "GL-O1-1-1", "COLLECTED", 1, 0.0, 0, ""),
        LotResult(2, "wpay", "GL-O1-2-1", "COLLECTED", 1, 3.0, 1, "late"),
    ]


def test_lots_side_by_side_take_as_long_as_the_slowest() -> None:
    first, second = REFUSED_AND_TAKEN_OVER

    assert supplier_seconds([first, replace(second, instead_of=0)]) == 2.0
    assert supplier_seconds([]) == 0.0


def test_a_lot_that_takes_over_begins_after_the_refused_one() -> None:
    assert supplier_seconds(REFUSED_AND_TAKEN_OVER) == 3.5


def test_cards_of_a_second_supplier_are_said_with_the_reason_of_the_first() -> None:
    assert list(takeovers(REFUSED_AND_TAKEN_OVER)) == [
        "3 cards came from Wpay after Walleo refused them (3 × refused: out_of_stock)"
    ]


def test_a_single_card_is_said_as_one() -> None:
    first, second = REFUSED_AND_TAKEN_OVER

    (line,) = takeovers([first, replace(second, received=1)])

    assert line.startswith("1 card came from Wpay after Walleo refused it (")


def test_a_second_supplier_that_had_none_either_is_not_said_to_have_delivered() -> None:
    first, second = REFUSED_AND_TAKEN_OVER

    assert list(takeovers([first, replace(second, received=0, state="FAILED")])) == []
