"""Lots and references are written before anything is sent, and never made anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.orders.catalogue import Catalogue, Offer, Product
from giftline.orders.lot import LotState
from giftline.orders.model import OrderStatus
from giftline.orders.planning import lot_reference, plan_order, split_lines
from tests.fakes.house import AUD, House, line


@pytest.mark.parametrize(
    ("quantities", "parts"),
    [
        ((25_000,), [25_000]),
        ((25_001,), [25_000, 1]),
        ((60_000,), [25_000, 25_000, 10_000]),
        ((24_999, 2), [25_000, 1]),
        ((1, 25_000, 1), [25_000, 2]),
    ],
)
def test_an_order_is_split_into_lots_that_the_supplier_takes(
    house: House, quantities: tuple[int, ...], parts: list[int]
) -> None:
    lines = [line(quantity, minor=500 + at * 100) for at, quantity in enumerate(quantities)]
    order = house.planned(*lines)
    lots = house.orders.lots(order.id)
    assert [lot.quantity for lot in lots] == parts
    assert [lot.number for lot in lots] == list(range(1, len(parts) + 1))
    assert sum(lot.total.minor for lot in lots) == order.total.minor


def test_a_line_that_is_split_keeps_its_order_and_sum() -> None:
    lines = [line(3), line(4, minor=600), line(2, minor=700)]
    parts = [[(part.amount.minor, part.quantity) for part in lot] for lot in split_lines(lines, 4)]
    assert parts == [[(500, 3), (600, 1)], [(600, 3), (700, 1)], [(700, 1)]]


def test_references_are_derived_unique_and_short_enough(house: House) -> None:
    order = house.planned(line(60_000))
    references = [lot.reference for lot in house.orders.lots(order.id)]
    assert references == [lot_reference(order.id, number) for number in (1, 2, 3)]
    assert len(set(references)) == 3
    assert all(len(reference) <= 55 for reference in references)
    assert len(lot_reference("A" * 26, 9_999)) <= 55


def test_a_second_run_finds_the_first_ones_plan(house: House) -> None:
    order = house.planned(line(25_001))
    lots = house.orders.lots(order.id)
    assert house.plan_order(order.id) == [1, 2]
    assert house.orders.lots(order.id) == lots
    assert house.orders.get(order.id) == order
    assert house.vault.made == 1


def test_planning_starts_nothing_and_opens_the_order(house: House) -> None:
    order = house.planned(line(5))
    assert order.status is OrderStatus.PROCESSING
    assert order.wrapped_key
    assert [lot.state for lot in house.orders.lots(order.id)] == [LotState.NEW]
    assert house.supplier.posts == []


def test_only_lots_that_are_open_are_worked_on_again(house: House) -> None:
    order = house.planned(line(25_001))
    house.create_order(order.id, 1)
    house.clock.time = house.orders.lot(order.id, 1).ask_at
    house.get_order_status(order.id, 1)
    while house.orders.lot(order.id, 1).state is LotState.READY:
        house.fetch_cards(order.id, 1)
    assert house.plan_order(order.id) == [2]


def test_a_closed_order_has_nothing_left_to_do(house: House) -> None:
    order = house.closed(line(2))
    assert house.plan_order(order.id) == []


def test_two_skus_that_are_one_to_the_supplier_stand_in_lots_of_their_own(house: House) -> None:
    """Its cards come back under its own code, so that nothing would tell them apart."""
    twins = [Product(sku, sku, AUD, (Offer("wpay", "ONE", 1, 500, 50_000),)) for sku in ("A", "B")]
    order = replace(house.planned(), lines=(line(2, "A"), line(3, "B"), line(1, "A", 1_000)))
    lots = plan_order(order, house.suppliers, Catalogue(twins))
    assert [[(one.sku, one.quantity) for one in lot.lines] for lot in lots] == [[("A", 2), ("A", 1)], [("B", 3)]]
