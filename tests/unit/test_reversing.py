"""A whole order is taken back where its suppliers take it back, and the money follows; otherwise it stays sold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.errors import Cancelled, InvalidRequest, NotFound, StaleWrite, Unanswered
from giftline.orders.cancelling import CancelOrder
from giftline.orders.lot import LotState
from giftline.orders.model import Order, OrderStatus
from giftline.orders.reversing import REVERSAL_HOURS, ReverseOrder
from giftline.suppliers.port import Found, Reversed, Status
from tests.fakes.house import AMPLE, AUD, TENANT, House, euro_line, line, request

HOUR = 3_600_000
UNREADABLE = Status(Found.UNREADABLE, word="0 timeout")


def reverse(house: House, refno: str = "refno-1") -> Order:
    cancel = CancelOrder(house.orders, house.clock)
    return ReverseOrder(house.orders, house.suppliers, house.clock, house.timing, house.pace, cancel)(TENANT, refno)


def go_on(house: House, order_id: str) -> OrderStatus:
    """What the sweep's execution does with an order that is open again."""
    for number in house.plan_order(order_id):
        house.clock.time = max(house.clock.time, house.orders.lot(order_id, number).ask_at)
        house.get_order_status(order_id, number)
        house.fetch_cards(order_id, number)
    return house.close_order(order_id, {}).status


def watch(house: House) -> dict[str, int]:
    house.clock.pass_(2 * HOUR)
    return house.watch_orders()


def closed(house: House, cards: int = 3, lots: int = 1) -> Order:
    house.supplier.terms = replace(house.supplier.terms, max_cards=cards // lots)
    return house.closed(line(cards))


def captured(house: House) -> tuple[int, int]:
    balance = house.ledger.balance(TENANT, AUD)
    assert balance.reserved == 0
    return balance.available, balance.delivered


def test_a_complete_order_is_taken_back_and_its_money_returned(house: House) -> None:
    order = closed(house)
    assert reverse(house).status is OrderStatus.PROCESSING
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert captured(house) == (AMPLE, 0)
    assert house.supplier.asked_back == [house.orders.lot(order.id, 1).reference]
    with pytest.raises(Cancelled):
        house.view_cards(TENANT, order.id, 0, 10)


def test_it_is_taken_back_once_however_often_that_is_asked(house: House) -> None:
    order = closed(house)
    reverse(house)
    assert reverse(house).status is OrderStatus.PROCESSING
    go_on(house, order.id)
    assert reverse(house).status is OrderStatus.CANCELED
    assert len(house.supplier.asked_back) == 1


def test_nothing_of_it_is_bought_anew_elsewhere(house: House) -> None:
    house.walleo.refuse = lambda reference: None
    order = house.planned(euro_line(2, "BOTH"))
    lot = house.orders.lot(order.id, 1)
    house.set(replace(lot, supplier="wpay", slots=(), reference=f"{lot.reference}-1"))
    house.create_order(order.id, 1)
    house.clock.time = house.orders.lot(order.id, 1).ask_at
    house.get_order_status(order.id, 1)
    house.fetch_cards(order.id, 1)
    assert house.close_order(order.id, {}).status is OrderStatus.COMPLETE
    reverse(house)
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert (len(house.supplier.posts), house.walleo.posts) == (1, [])


def test_an_order_of_which_a_card_was_used_stays_sold(house: House) -> None:
    order = closed(house)
    house.supplier.used.add(house.orders.lot(order.id, 1).reference)
    with pytest.raises(InvalidRequest, match="does not take it back"):
        reverse(house)
    assert house.orders.get(order.id).status is OrderStatus.COMPLETE
    assert house.orders.lot(order.id, 1).state is LotState.COLLECTED
    assert len(house.view_cards(TENANT, order.id, 0, 10).cards) == 3
    assert captured(house) == (AMPLE - 1_500, 1_500)


def test_where_one_lot_stays_sold_its_cards_stay_and_the_others_are_given_back(house: House) -> None:
    order = closed(house, 4, lots=2)
    house.supplier.used.add(house.orders.lot(order.id, 2).reference)
    reverse(house)
    assert go_on(house, order.id) is OrderStatus.PARTIAL
    assert house.orders.get(order.id).delivered_cards == 2
    assert captured(house) == (AMPLE - 1_000, 1_000)
    with pytest.raises(InvalidRequest, match="does not take it back"):
        reverse(house)
    assert house.orders.get(order.id).status is OrderStatus.PARTIAL


def test_a_supplier_without_such_a_call_is_not_asked(house: House) -> None:
    order = house.closed(euro_line(1))
    with pytest.raises(InvalidRequest, match="takes nothing back"):
        reverse(house)
    assert house.orders.get(order.id).status is OrderStatus.COMPLETE


def test_after_a_day_it_is_too_late(house: House) -> None:
    closed(house)
    house.clock.pass_(REVERSAL_HOURS * HOUR)
    with pytest.raises(InvalidRequest, match="of the last 24 hours"):
        reverse(house)
    assert house.supplier.asked_back == []


def test_an_order_that_is_under_way_is_called_off_instead_even_after_the_cancels_window(house: House) -> None:
    order = house.planned(line(3))
    house.clock.pass_(HOUR)
    assert reverse(house).is_called_off
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert house.supplier.posts == []


def test_a_foreign_order_and_an_unknown_one_look_alike(house: House) -> None:
    house.accept_order(request(refno="theirs", tenant="other"))
    for refno in ("theirs", "nobody's", "a/b"):
        with pytest.raises(NotFound):
            reverse(house, refno)


@pytest.mark.parametrize("status", [OrderStatus.FAILED, OrderStatus.REVIEW])
def test_an_order_without_cards_or_in_a_persons_hands_is_refused(house: House, status: OrderStatus) -> None:
    order = closed(house)
    house.orders.records[order.id] = replace(order, status=status)
    with pytest.raises(InvalidRequest, match=f"ended as {status.value}"):
        reverse(house)


def test_an_order_whose_cards_were_removed_is_refused(house: House) -> None:
    order = closed(house)
    house.orders.records[order.id] = replace(order, cards_removed_at=house.clock.now())
    with pytest.raises(InvalidRequest, match="removed"):
        reverse(house)


# --- without a clear answer


def test_an_answer_that_was_lost_is_found_by_a_look_up(house: House) -> None:
    order = closed(house)
    house.supplier.reversals.append(Reversed.UNKNOWN)
    reverse(house)
    assert go_on(house, order.id) is OrderStatus.CANCELED


def test_where_nothing_answers_the_same_call_asks_again(house: House) -> None:
    order = closed(house)
    house.supplier.reversals.append(Reversed.UNKNOWN)
    house.supplier.statuses.append(UNREADABLE)
    with pytest.raises(Unanswered):
        reverse(house)
    assert house.orders.lot(order.id, 1).state is LotState.REVIEW
    reverse(house)
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert captured(house) == (AMPLE, 0)


def test_a_refusal_after_an_unclear_answer_is_believed_only_if_the_order_stands(house: House) -> None:
    order = closed(house)
    house.supplier.reversals.extend([Reversed.UNKNOWN, Reversed.REFUSED])
    house.supplier.statuses.append(UNREADABLE)
    with pytest.raises(Unanswered):
        reverse(house)
    reverse(house)  # refused, and its status says CANCELED: the first one got through
    assert go_on(house, order.id) is OrderStatus.CANCELED


def test_the_watch_finds_out_what_nobody_asks_again_about(house: House) -> None:
    order = closed(house)
    house.supplier.reversals.append(Reversed.UNKNOWN)
    house.supplier.statuses.append(UNREADABLE)
    with pytest.raises(Unanswered):
        reverse(house)
    assert watch(house)["reopened"] == 1
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert captured(house) == (AMPLE, 0)


def test_the_watch_gives_the_cards_back_where_the_order_stands(house: House) -> None:
    order = closed(house)
    reference = house.orders.lot(order.id, 1).reference
    house.supplier.reversals.append(Reversed.UNKNOWN)
    house.supplier.statuses.append(UNREADABLE)
    with pytest.raises(Unanswered):
        reverse(house)
    house.supplier.cancelled.discard(reference)
    watch(house)
    assert go_on(house, order.id) is OrderStatus.COMPLETE
    assert house.orders.get(order.id).delivered_cards == 3
    assert captured(house) == (AMPLE - 1_500, 1_500)


@pytest.mark.parametrize("survived", range(12))
def test_a_worker_that_dies_anywhere_leaves_an_order_that_comes_to_its_end(house: House, survived: int) -> None:
    """Dies at its n-th write or question; then nobody asks again, or the client does."""
    for asks_again in (False, True):
        house = House()
        order = closed(house, 4, lots=2)
        left = [survived]

        class Killed(BaseException):
            pass

        def mortal(name: str, house: House = house, left: list[int] = left) -> None:
            port = house.supplier if name == "reverse" else house.orders
            whole = getattr(port, name)

            def call(*given: object) -> object:
                left[0] -= 1
                if left[0] == 0:
                    raise Killed
                done = whole(*given)
                left[0] -= 1
                if left[0] == 0:
                    raise Killed
                return done

            setattr(port, name, call)

        for name in ("save", "save_lot", "reverse"):
            mortal(name)
        try:
            reverse(house)
        except Killed:
            left[0] = -1
        if asks_again:
            reverse(house)
        watch(house)
        order = house.orders.get(order.id)
        status = go_on(house, order.id) if order.status.is_open else order.status
        taken = {reference for reference in house.supplier.asked_back if reference in house.supplier.cancelled}
        assert house.orders.get(order.id).delivered_cards == 4 - 2 * len(taken)
        assert captured(house) == (AMPLE - 500 * (4 - 2 * len(taken)), 500 * (4 - 2 * len(taken)))
        assert status is {0: OrderStatus.COMPLETE, 1: OrderStatus.PARTIAL, 2: OrderStatus.CANCELED}[len(taken)]
        assert len(taken) == 2 or not asks_again


def test_a_slow_supplier_is_not_asked_longer_than_a_caller_waits(house: House) -> None:
    order = closed(house, 4, lots=2)
    house.clock.tick = 6.0
    with pytest.raises(Unanswered):
        reverse(house)
    assert len(house.supplier.asked_back) == 1
    house.clock.tick = 0.0
    reverse(house)
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert len(house.supplier.asked_back) == 2


def test_two_calls_at_one_time_take_it_back_once(house: House) -> None:
    order = closed(house)
    whole = house.orders.save_lot
    raced: list[bool] = []

    def race(lot: object) -> object:
        if not raced:
            raced.append(True)
            reverse(house)
        return whole(lot)  # type: ignore[arg-type]

    house.orders.save_lot = race  # type: ignore[assignment, method-assign]
    with pytest.raises(StaleWrite):
        reverse(house)
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert captured(house) == (AMPLE, 0)


# --- the watch, and who closes, in between


def test_what_the_watch_saw_before_the_supplier_took_it_back_does_not_stand(house: House) -> None:
    order = closed(house)
    whole = house.supplier.reverse

    def slow(reference: str) -> Reversed:
        assert watch(house)["reopened"] == 1  # it stands as yet
        assert go_on(house, order.id) is OrderStatus.COMPLETE
        return whole(reference)

    house.supplier.reverse = slow  # type: ignore[method-assign]
    assert reverse(house).status is OrderStatus.PROCESSING
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert captured(house) == (AMPLE, 0)


def test_who_closes_with_the_lots_of_before_reads_them_again(house: House) -> None:
    order = closed(house)
    whole, save, late = house.supplier.reverse, house.orders.save, list[Order]()

    def keep(order: Order) -> Order:
        late.append(order)
        return order

    def slow(reference: str) -> Reversed:
        watch(house)
        house.orders.save = keep  # type: ignore[method-assign]
        assert go_on(house, order.id) is OrderStatus.COMPLETE
        house.orders.save = save  # type: ignore[method-assign]
        return whole(reference)

    house.supplier.reverse = slow  # type: ignore[method-assign]
    reverse(house)
    with pytest.raises(StaleWrite):
        house.orders.save(late[0])
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert captured(house) == (AMPLE, 0)


def test_the_files_of_what_was_taken_back_hold_its_cards_no_longer(house: House) -> None:
    order = closed(house)
    numbers = [card.number.reveal() for card in house.view_cards(TENANT, order.id, 0, 10).cards]
    reverse(house)
    assert go_on(house, order.id) is OrderStatus.CANCELED
    assert not [name for name, text in house.files.kept.items() if any(one.encode() in text for one in numbers)]
