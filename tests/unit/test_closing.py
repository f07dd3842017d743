"""An order is closed by what its lots hold; its files are written whole, again without harm."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from giftline.errors import StaleWrite
from giftline.money import Money
from giftline.orders.closing import Closed, results_keys
from giftline.orders.keeping import open_store
from giftline.orders.lot import LotState
from giftline.orders.model import Line, Order, OrderStatus, Recipient
from giftline.orders.pages import open_page
from giftline.orders.settling import outcome_of, settle
from giftline.orders.watching import reopened
from giftline.secret import Secret
from tests.fakes.house import AUD, SKU, House, a_lot, an_order, line

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"]


def rows(house: House, order: Order) -> list[dict[str, str]]:
    text = house.files.kept[results_keys(order)["cards.csv"]].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def records(house: House, order: Order) -> list[dict[str, str]]:
    text = house.files.kept[results_keys(order)["cards.jsonl"]].decode()
    return [json.loads(record) for record in text.split("\n") if record]


def summary(house: House, order: Order) -> Any:
    return json.loads(house.files.kept[results_keys(order)["summary.json"]])


@pytest.mark.parametrize(
    ("states", "cards", "status"),
    [
        ([LotState.COLLECTED] * 2, 2, OrderStatus.COMPLETE),
        ([LotState.COLLECTED, LotState.FAILED], 1, OrderStatus.PARTIAL),
        ([LotState.FAILED, LotState.FAILED], 0, OrderStatus.FAILED),
        ([LotState.COLLECTED, LotState.REVIEW], 1, OrderStatus.REVIEW),
        ([LotState.FAILED, LotState.REVIEW], 0, OrderStatus.REVIEW),
    ],
)
def test_the_lots_decide_what_became_of_the_order(states: list[LotState], cards: int, status: OrderStatus) -> None:
    order, delivered = an_order(lines=(line(2),)), Counter({(SKU, 500): cards} if cards else {})
    lots = [replace(a_lot(number=number), state=state) for number, state in enumerate(states, start=1)]
    assert outcome_of(settle(order, lots, delivered)) is status


@pytest.mark.parametrize("cards", [1, 3])
def test_another_number_of_cards_than_the_lots_say_is_a_persons_business(cards: int) -> None:
    order = an_order(lines=(line(2),))
    lots = [replace(a_lot(), state=LotState.COLLECTED)]
    assert outcome_of(settle(order, lots, Counter({(SKU, 500): cards}))) is OrderStatus.REVIEW


def test_a_complete_order_has_every_card_in_both_files(house: House) -> None:
    order = house.closed(line(3), line(2, minor=1_000))
    assert order.status is OrderStatus.COMPLETE
    assert (order.delivered_cards, order.delivered_minor, order.due_at) == (5, 3_500, None)
    lot = house.orders.lot(order.id, 1)
    sold = [card.number.reveal() for card in house.supplier.sold[lot.reference]]
    assert [row["card_number"] for row in rows(house, order)] == sold
    assert records(house, order) == rows(house, order)
    assert [row["amount"] for row in rows(house, order)] == ["5.00"] * 3 + ["10.00"] * 2


def test_the_summary_tells_the_money_and_no_secret(house: House) -> None:
    order = house.closed(line(3))
    told = summary(house, order)
    assert told["status"] == "COMPLETE"
    assert told["ordered"] == {"cards": 3, "amount": "15.00"} == told["delivered"]
    assert (told["released"], told["inReview"]) == ({"amount": "0.00"}, {"amount": "0.00"})
    text = json.dumps(told)
    assert not any(row["card_number"] in text or row["barcode"] in text for row in rows(house, order))


def test_an_order_without_a_card_has_a_summary_and_no_cards_file(house: House) -> None:
    house.supplier.refused_skus[SKU] = "5320"
    order = house.refused(line(3))
    assert house.close_order(order.id, {}).status is OrderStatus.FAILED
    assert [key.rpartition("/")[2] for key in house.files.kept] == ["summary.json"]
    assert summary(house, order)["released"] == {"amount": "15.00"}


def test_an_order_with_a_lot_under_way_is_not_closed(house: House) -> None:
    order = house.planned(line(25_001))
    assert house.close_order(order.id, {}).status is OrderStatus.PROCESSING
    assert house.files.kept == {}


def test_a_parked_lot_goes_to_a_person_with_the_name_of_the_error(house: House) -> None:
    order = house.planned(line(3))
    assert house.close_order(order.id, {1: "Lambda.Unknown"}).status is OrderStatus.REVIEW
    lot = house.orders.lot(order.id, 1)
    assert lot.state is LotState.REVIEW
    assert "Lambda.Unknown" in lot.reason
    assert summary(house, order)["inReview"] == {"amount": "15.00"}


def test_a_lot_that_was_parked_after_it_had_closed_stays_as_it_is(house: House) -> None:
    order = house.collected(line(3))
    assert house.close_order(order.id, {1: "States.Timeout"}).status is OrderStatus.COMPLETE


def test_closing_again_changes_nothing(house: House) -> None:
    order = house.closed(line(3))
    files = dict(house.files.kept)
    house.clock.pass_(1_000)
    assert house.close_order(order.id, {}).status is OrderStatus.COMPLETE
    assert house.orders.get(order.id) == order
    assert house.files.kept == files


def test_a_crash_before_the_status_was_written_is_made_good(house: House) -> None:
    order = house.collected(line(3))
    save = house.orders.save

    def lost(order: Order) -> Order:
        raise StaleWrite("another worker wrote first")

    house.orders.save = lost  # type: ignore[method-assign]
    with pytest.raises(StaleWrite):
        house.close_order(order.id, {})
    house.orders.save = save  # type: ignore[method-assign]
    assert house.close_order(order.id, {}).status is OrderStatus.COMPLETE
    assert len(rows(house, order)) == 3


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_shown_by_the_spreadsheet_and_untouched_for_programs(house: House, formula: str) -> None:
    order = house.closed(line(1), recipients=(Recipient(SKU, 500, 1, message=formula),))
    assert rows(house, order)[0]["message"] == "'" + formula
    assert records(house, order)[0]["message"] == formula


def test_what_a_supplier_sends_is_neutralised_too(house: House) -> None:
    house.supplier.before_place = lambda: None
    order = house.planned(line(1))
    house.create_order(order.id, 1)
    reference = house.orders.lot(order.id, 1).reference
    (card,) = house.supplier.sold[reference]
    house.supplier.sold[reference] = [replace(card, activation_url=Secret("=HYPERLINK(1)"))]
    house.clock.time = house.orders.lot(order.id, 1).ask_at
    house.get_order_status(order.id, 1)
    house.fetch_cards(order.id, 1)
    house.close_order(order.id, {})
    assert rows(house, order)[0]["activation_url"] == "'=HYPERLINK(1)"


def test_each_row_of_the_request_gets_cards_of_its_own_sku_and_amount(house: House) -> None:
    people = (
        Recipient(SKU, 1_000, 1, name="Ten"),
        Recipient(SKU, 500, 2, name="Two of five"),
        Recipient(SKU, 500, 1, name="One of five"),
    )
    order = house.closed(line(3), line(1, minor=1_000), recipients=people)
    got = [(row["amount"], row["name"]) for row in rows(house, order)]
    five = [("5.00", "Two of five")] * 2 + [("5.00", "One of five")]
    assert got == [*five, ("10.00", "Ten")]


def test_a_quote_a_comma_and_a_newline_come_back_as_they_were(house: House) -> None:
    said = 'Dear "Jane",\r\nhappy birthday; yours'
    order = house.closed(line(1), recipients=(Recipient(SKU, 500, 1, name="ÄÖ–日本", message=said),))
    (row,) = rows(house, order)
    assert (row["name"], row["message"]) == ("ÄÖ–日本", said)


def test_cards_of_a_lot_in_review_are_delivered_and_the_order_says_review(house: House) -> None:
    order = house.collected(line(3))
    lot = house.orders.lot(order.id, 1)
    house.set(replace(lot, state=LotState.REVIEW))
    assert house.close_order(order.id, {}).status is OrderStatus.REVIEW
    assert len(rows(house, order)) == 3


def test_a_lot_that_another_worker_planned_at_the_same_time_is_worked_on(house: House) -> None:
    """The twin planned the next supplier's lot; this one read the order before and the lots after."""
    order = house.planned(line(2))
    lot = house.orders.lot(order.id, 1)
    house.set(replace(lot, state=LotState.FAILED, posts=1))
    house.set(replace(lot, number=2, instead_of=1))
    assert house.close_order(order.id, {}) == Closed(OrderStatus.PROCESSING, planned=True)
    house.set(replace(lot, number=2, instead_of=1, state=LotState.POSTING, posts=1))
    assert house.close_order(order.id, {}) == Closed(OrderStatus.PROCESSING, planned=False)


def test_what_comes_later_is_delivered_after_what_came_before(house: House) -> None:
    """Whoever sent the first file's cards out must find each of them at its place in the next one."""
    people = tuple(Recipient(SKU, 500, 1, name=name) for name in ("Ann", "Bo", "Cy"))
    order = house.collected(line(3), recipients=people)
    (only,) = house.pages.kept.values()
    cards = open_page(house.vault.seal(order), order, only)
    lot = house.orders.lot(order.id, 1)
    house.pages.kept.clear()
    store = open_store(house.pages, house.vault.seal(order), order, lot)
    store.keep(lot, 500, cards[2:])
    house.set(replace(lot, state=LotState.REVIEW, received_cards=1))
    house.close_order(order.id, {})
    (first,) = rows(house, order)
    store.keep(lot, 0, cards[:2])  # a page that lies before the one that was delivered
    house.set(replace(house.orders.lot(order.id, 1), state=LotState.COLLECTED, received_cards=3))
    house.orders.save(reopened(house.orders.get(order.id), house.clock.now()))
    house.close_order(order.id, {})
    again = rows(house, order)
    assert (again[0], len(again), len({row["card_number"] for row in again})) == (first, 3, 3)
    shown = house.view_cards(order.tenant, order.id, 0, 10).cards
    assert [card.number.reveal() for card in shown] == [row["card_number"] for row in again]


def test_a_line_whose_lots_say_it_is_bought_is_never_given_back_because_another_failed() -> None:
    other = Line("OTHER", Money(500, AUD), 1)
    order = an_order(lines=(line(4), other))
    bought = [replace(a_lot(number=number, quantity=2), state=LotState.COLLECTED) for number in (1, 2)]
    refused = replace(a_lot(number=3), lines=(other,), state=LotState.FAILED, posts=1)
    settlement = settle(order, [*bought, refused], Counter({(SKU, 500): 3}))
    assert [(one.released, one.in_review) for one in settlement.lines] == [(0, 1), (1, 0)]
    assert outcome_of(settlement) is OrderStatus.REVIEW
