"""A tenant sees its own orders, their files and their cards, and nothing of anybody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.errors import Cancelled, NotFound, NotReady
from giftline.orders.lot import LotState
from giftline.orders.model import OrderStatus
from giftline.orders.pages import seal_page
from tests.fakes.house import TENANT, House, line, request
from tests.fakes.supplier import card_of


def test_a_foreign_refno_and_an_unknown_one_look_alike(house: House) -> None:
    house.planned(line(1))
    for tenant, refno in [("other", "refno-1"), (TENANT, "nobody's")]:
        with pytest.raises(NotFound):
            house.view_order(tenant, refno, may_see_cards=True)


def test_a_foreign_order_and_an_unknown_one_look_alike(house: House) -> None:
    order = house.closed(line(1))
    said = []
    for tenant, order_id in [("other", order.id), (TENANT, "X" * len(order.id))]:
        with pytest.raises(NotFound) as refused:
            house.view_cards(tenant, order_id, 0, 10)
        said.append(str(refused.value).replace(order_id, "…"))
    assert said[0] == said[1]


def test_an_order_that_nobody_planned_yet_can_be_seen(house: House) -> None:
    house.accept_order(request(line(1)))
    view = house.view_order(TENANT, "refno-1", may_see_cards=True)
    assert (view.order.status, view.lots, view.results) == (OrderStatus.PENDING, (), {})


def test_an_open_order_shows_no_files_and_no_cards(house: House) -> None:
    order = house.planned(line(1))
    assert house.view_order(TENANT, "refno-1", may_see_cards=True).results == {}
    with pytest.raises(NotReady):
        house.view_cards(TENANT, order.id, 0, 10)


def test_a_cancelled_order_says_so(house: House) -> None:
    order = house.closed(line(1))
    house.orders.records[order.id] = replace(order, status=OrderStatus.CANCELED)
    with pytest.raises(Cancelled):
        house.view_cards(TENANT, order.id, 0, 10)


def test_a_closed_order_links_to_its_three_files(house: House) -> None:
    house.closed(line(1))
    results = house.view_order(TENANT, "refno-1", may_see_cards=True).results
    assert list(results) == ["cards.csv", "cards.jsonl", "summary.json"]
    assert results["cards.csv"].endswith("as=refno-1-cards.csv")


def test_an_order_without_cards_links_to_its_summary_only(house: House) -> None:
    order = house.planned(line(1))
    house.close_order(order.id, {1: "x"})
    assert list(house.view_order(TENANT, "refno-1", may_see_cards=True).results) == ["summary.json"]


@pytest.mark.parametrize("limit", [1, 100, 499, 500])
def test_slices_over_the_pages_make_up_the_whole(house: House, limit: int) -> None:
    order = house.closed(line(1_103 if limit > 1 else 7))
    lot = house.orders.lot(order.id, 1)
    sold = [card.number.reveal() for card in house.supplier.sold[lot.reference]]
    got: list[str] = []
    for offset in range(0, order.quantity + limit, limit):
        part = house.view_cards(TENANT, order.id, offset, limit)
        assert part.total == order.quantity
        got += [card.number.reveal() for card in part.cards]
    assert got == sold


def test_a_slice_opens_only_the_pages_that_it_needs(house: House) -> None:
    order = house.closed(line(1_500))
    house.pages.opened = 0
    house.view_cards(TENANT, order.id, 500, 100)
    assert house.pages.opened == 1


def test_a_slice_past_the_end_is_empty(house: House) -> None:
    order = house.closed(line(3))
    part = house.view_cards(TENANT, order.id, 500, 500)
    assert (part.cards, part.total) == ((), 3)


def test_a_card_that_lies_in_two_pages_is_shown_once(house: House) -> None:
    order = house.collected(line(3))
    lot = house.orders.lot(order.id, 1)
    assert lot.state is LotState.COLLECTED
    again = house.supplier.sold[lot.reference][:2]
    house.pages.add(seal_page(house.vault.seal(order), order, lot, 0, 1, again))
    house.close_order(order.id, {})
    part = house.view_cards(TENANT, order.id, 0, 100)
    assert (len(part.cards), part.total) == (3, 3)
    assert house.orders.get(order.id).delivered_cards == 3


def test_links_to_cards_are_for_those_alone_who_may_see_cards(house: House) -> None:
    house.closed(line(2))
    assert list(house.view_order(TENANT, "refno-1", may_see_cards=False).results) == ["summary.json"]


def test_an_impossible_refno_or_order_id_is_simply_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        house.view_order(TENANT, "x" * 3_000, may_see_cards=True)
    with pytest.raises(NotFound):
        house.view_cards(TENANT, "a#b", 0, 10)


def test_cards_of_a_withheld_lot_are_neither_shown_nor_exported(house: House) -> None:
    lot = house.lot(10, LotState.READY)
    house.supplier.sold[lot.reference].append(card_of(line(), 10, lot.reference))
    house.fetch_cards(lot.order_id, 1)
    house.close_order(lot.order_id, {})
    order = closed = house.orders.get(lot.order_id)
    assert (closed.status, closed.delivered_cards) == (OrderStatus.REVIEW, 0)
    assert house.view_cards(TENANT, order.id, 0, 100).cards == ()
