"""A client calls an order off: what is not bought stops, what was sold comes, and the money follows."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from giftline.errors import InvalidRequest, NotFound, StaleWrite
from giftline.orders.cancelling import CANCEL_MINUTES, TRIES, CancelOrder, stopped
from giftline.orders.closing import results_keys
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Order, OrderStatus
from giftline.storage.items import lot_from_item, lot_to_item, order_from_item, order_to_item
from giftline.suppliers.port import Outcome, Placed
from tests.fakes.house import AMPLE, AUD, EUR, SKU, TENANT, House, a_lot, an_order, euro_line, line, request
from tests.fakes.storage import FakeExport
from tests.fakes.supplier import NO_ANSWER

MINUTE = 60_000


def cancel(house: House, refno: str = "refno-1") -> Order:
    return CancelOrder(house.orders, house.clock)(TENANT, refno)


def run(house: House, order_id: str) -> OrderStatus:
    """What the state machine does with it, to its end."""
    while True:
        for number in house.plan_order(order_id):
            lot = house.orders.lot(order_id, number)
            house.clock.time = max(house.clock.time, lot.ask_at)
            house.create_order(order_id, number)
            house.get_order_status(order_id, number)
            house.fetch_cards(order_id, number)
        house.close_order(order_id, {})
        if not house.orders.get(order_id).status.is_open:
            return house.orders.get(order_id).status


def held(house: House, order_id: str) -> tuple[int, int, int]:
    order = house.orders.get(order_id)
    assert house.ledger.balance(TENANT, order.currency).reserved == order.held_minor
    return order.held_minor, order.captured_minor, order.released_minor


def test_an_order_that_nobody_took_up_yet_is_never_bought(house: House) -> None:
    order = house.accept_order(request(line(3)))
    assert cancel(house).is_called_off
    assert run(house, order.id) is OrderStatus.CANCELED
    assert house.supplier.posts == []
    assert held(house, order.id) == (0, 0, 1_500)
    assert house.ledger.balance(TENANT, AUD).available == AMPLE


def test_a_planned_order_stops_before_its_first_post(house: House) -> None:
    order = house.planned(line(25_001))
    assert [lot.state for lot in house.orders.lots(order.id)] == [LotState.NEW] * 2
    cancel(house)
    assert [lot.state for lot in house.orders.lots(order.id)] == [LotState.FAILED] * 2
    assert run(house, order.id) is OrderStatus.CANCELED
    assert house.supplier.posts == []


def test_what_was_sold_already_is_delivered_and_the_rest_given_back(house: House) -> None:
    house.supplier.terms = replace(house.supplier.terms, max_cards=3)
    order = house.planned(line(4))
    house.create_order(order.id, 1)
    cancel(house)
    assert [lot.state for lot in house.orders.lots(order.id)] == [LotState.PLACED, LotState.FAILED]
    assert run(house, order.id) is OrderStatus.PARTIAL
    assert house.orders.get(order.id).delivered_cards == 3
    assert held(house, order.id) == (0, 3 * 500, 500)


def test_where_everything_was_sold_the_order_is_complete(house: House) -> None:
    order = house.planned(line(3))
    house.create_order(order.id, 1)
    assert cancel(house).status is OrderStatus.PROCESSING
    assert run(house, order.id) is OrderStatus.COMPLETE


def test_a_post_whose_answer_was_lost_is_looked_up_and_not_sent_again(house: House) -> None:
    order = house.planned(line(3))
    house.supplier.placements.append(NO_ANSWER)
    house.create_order(order.id, 1)
    cancel(house)
    assert house.orders.lot(order.id, 1).state is LotState.POSTING
    assert run(house, order.id) is OrderStatus.CANCELED
    assert len(house.supplier.posts) == 1
    assert "never had it" in house.orders.lot(order.id, 1).reason


def test_a_post_whose_answer_was_lost_and_that_sold_is_adopted(house: House) -> None:
    order = house.planned(line(3))
    house.supplier.lose_answers = 1
    house.create_order(order.id, 1)
    cancel(house)
    assert run(house, order.id) is OrderStatus.COMPLETE


def test_single_cards_that_were_not_sent_stop_and_the_others_come(house: House) -> None:
    order = house.planned(euro_line(4))
    lot = house.orders.lot(order.id, 1)
    sent = replace(Slot(), state=LotState.POSTING, posts=1, posting_at=house.clock.now(), waiting_since=1)
    house.walleo.sell("GL-" + order.id + "-1-0-1", replace(lot.lines[0], quantity=1))
    house.set(replace(lot, slots=(sent, *lot.slots[1:])))
    cancel(house)
    states = [slot.state for slot in house.orders.lot(order.id, 1).slots]
    assert states == [LotState.POSTING] + [LotState.FAILED] * 3
    assert run(house, order.id) is OrderStatus.PARTIAL
    assert house.walleo.posts == []
    assert held(house, order.id) == (0, 5_000, 15_000)


def test_single_cards_that_were_never_sent_are_never_asked_about(house: House) -> None:
    order = house.planned(euro_line(3))
    cancel(house)
    assert run(house, order.id) is OrderStatus.CANCELED
    house.clock.pass_(2 * 3_600_000)
    assert house.watch_orders() == {"watched": 1, "reopened": 0}
    assert house.walleo.gets == []


def test_what_one_supplier_refused_is_not_bought_from_the_next(house: House) -> None:
    order = house.planned(euro_line(2, "BOTH"))
    house.walleo.refuse = lambda reference: Placed(Outcome.NOT_COMMITTED, detail="out_of_stock")
    house.create_order(order.id, 1)
    cancel(house)
    assert run(house, order.id) is OrderStatus.CANCELED
    assert house.supplier.posts == []
    assert house.ledger.balance(TENANT, EUR).available == AMPLE


def test_a_lot_taken_up_before_the_order_was_called_off_loses_its_turn_to_it(house: House) -> None:
    """The worker has read the order; then the cancel is whole; then the worker writes its intent."""
    order = house.planned(line(3))
    called_off: list[Order] = []
    house.supplier.before_prepare = lambda: called_off.append(cancel(house))
    with pytest.raises(StaleWrite):
        house.create_order(order.id, 1)
    house.supplier.before_prepare = lambda: None
    assert house.create_order(order.id, 1).found == "rejected"
    assert house.supplier.posts == []


def test_a_worker_that_meets_an_order_whose_lots_nobody_stopped_yet_stops_them(house: House) -> None:
    order = house.planned(line(3))
    house.orders.save(replace(house.orders.get(order.id), cancel_asked_at=house.clock.now()))
    assert house.create_order(order.id, 1).found == "rejected"
    assert house.supplier.posts == []


def test_an_order_is_called_off_once_however_often_that_is_asked(house: House) -> None:
    order = house.planned(line(3))
    first = cancel(house)
    house.clock.pass_(16 * MINUTE)
    assert cancel(house).cancel_asked_at == first.cancel_asked_at
    run(house, order.id)
    assert cancel(house).status is OrderStatus.CANCELED


def test_after_the_window_it_is_too_late(house: House) -> None:
    house.planned(line(3))
    house.clock.pass_(CANCEL_MINUTES * MINUTE)
    with pytest.raises(InvalidRequest, match="of the last 15 minutes"):
        cancel(house)


@pytest.mark.parametrize("status", [s for s in OrderStatus if not s.is_open and s is not OrderStatus.CANCELED])
def test_an_order_that_has_ended_cannot_be_called_off(house: House, status: OrderStatus) -> None:
    order = house.planned(line(3))
    house.orders.records[order.id] = replace(house.orders.get(order.id), status=status)
    with pytest.raises(InvalidRequest, match=f"ended as {status.value}"):
        cancel(house)


@pytest.mark.parametrize("refno", ["nobody's", "a/b", "x" * 56])
def test_an_unknown_order_and_a_foreign_one_look_alike(house: House, refno: str) -> None:
    house.accept_order(request(refno="theirs", tenant="other"))
    for name in (refno, "theirs"):
        with pytest.raises(NotFound):
            cancel(house, name)


def test_a_person_who_tries_again_buys_nothing_for_an_order_that_was_called_off(house: House) -> None:
    order = house.planned(line(3))
    cancel(house)
    lot = house.set(replace(house.orders.lot(order.id, 1), state=LotState.NEW))
    house.create_order(order.id, lot.number)
    assert house.supplier.posts == []


def test_the_summary_says_that_it_was_cancelled_and_why_nothing_came(house: House) -> None:
    order = house.planned(line(3))
    cancel(house)
    run(house, order.id)
    told = json.loads(house.files.kept[results_keys(order)["summary.json"]])
    assert (told["status"], told["released"]["amount"]) == ("CANCELED", "15.00")
    assert "called off" in told["lines"][0]["reasons"][0]


def test_who_closed_it_as_it_was_before_does_not_have_the_last_word_in_its_files(house: House) -> None:
    """A worker is held up before it writes the summary, and another one closes the order meanwhile."""
    house.supplier.refused_skus[SKU] = "5320"
    order = house.refused(line(3))
    whole = house.files.export

    def held_up(key: str, content_type: str) -> FakeExport:
        house.files.export = whole  # type: ignore[method-assign]
        cancel(house)
        assert house.close_order(order.id, {}).status is OrderStatus.CANCELED
        return whole(key, content_type)

    house.files.export = held_up  # type: ignore[method-assign]
    with pytest.raises(StaleWrite):
        house.close_order(order.id, {})
    told = json.loads(house.files.kept[results_keys(order)["summary.json"]])
    assert told["status"] == "CANCELED"


def test_an_order_that_never_stands_still_is_tried_again_later(house: House) -> None:
    order = house.planned(line(3))
    moves: list[int] = []

    def move_first(lot: Lot) -> Lot:
        moves.append(1)
        raise StaleWrite("somebody was faster")

    house.orders.save_lot = move_first  # type: ignore[method-assign]
    with pytest.raises(StaleWrite):
        cancel(house)
    assert len(moves) == TRIES**2
    assert house.orders.get(order.id).is_called_off


@pytest.mark.parametrize("state", [s for s in LotState if s not in (LotState.NEW, LotState.ABSENT)])
def test_what_went_out_or_has_ended_stays_as_it_is(state: LotState) -> None:
    lot = replace(a_lot(), state=state)
    assert stopped(lot) is lot


def test_what_is_called_off_is_read_as_it_was_written() -> None:
    order, lot = an_order(at_once=True, cancel_asked_at=5), replace(a_lot(), reversing=True)
    assert order_from_item(order_to_item(order)) == order
    assert lot_from_item(lot_to_item(lot)) == lot
