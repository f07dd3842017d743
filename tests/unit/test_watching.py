"""Closed orders are asked about for a week: what turns up is ours, and what turns up twice is a person's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from giftline.errors import GiftlineError, Misconfigured
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Order, OrderStatus
from giftline.orders.planning import lot_reference
from giftline.orders.protocol import FETCH_ROUNDS
from giftline.orders.reviewing import Way
from giftline.orders.slots import slot_reference, with_slots
from giftline.orders.sweeping import MAX_EXECUTIONS
from giftline.orders.timing import NEVER
from giftline.suppliers.port import Found, Status, Supplier
from tests.fakes.house import SKU, House, euro_line, line
from tests.fakes.supplier import UNREADABLE

HOUR = 3_600_000
WEEK = 7 * 24 * HOUR
NOTHING = {"watched": 0, "reopened": 0}
LOOKED = {"watched": 1, "reopened": 0}
REOPENED = {"watched": 1, "reopened": 1}


def closed(house: House, state: LotState = LotState.REVIEW, was: LotState | None = LotState.POSTING) -> Lot:
    """The only lot of a closed order, which was sent once."""
    lot = house.lot(3, LotState.POSTING)
    house.set(replace(lot, state=state, was=was, reason="as the test needs it"))
    house.close_order(lot.order_id, {})
    return house.now(lot)


def group(house: House, *slots: Slot, skus: str = "IKEA") -> Lot:
    """A lot of single cards whose order is closed."""
    order = house.planned(euro_line(len(slots), skus))
    lot = with_slots(house.orders.lot(order.id, 1), slots)
    house.set(replace(lot, posts=len(slots), first_posted_at=house.clock.now()))
    at = house.clock.now()
    review = replace(order, status=OrderStatus.REVIEW, closed_at=at, due_at=at + HOUR)
    house.orders.records[order.id] = review
    return house.now(lot)


def passed_on(house: House, lot: Lot) -> Lot:
    """Another lot of the order took over what this one was refused."""
    reference = lot_reference(lot.order_id, 2)
    other = replace(lot, number=2, reference=reference, slots=(), instead_of=1, state=LotState.FAILED, withheld=True)
    house.orders.parts[lot.order_id, 2] = other
    return other


def order_of(house: House, lot: Lot) -> Order:
    return house.orders.get(lot.order_id)


def test_a_closed_order_is_asked_about_after_an_hour(house: House) -> None:
    closed(house)
    house.clock.pass_(HOUR - 1)
    assert house.watch_orders() == NOTHING
    house.clock.pass_(1)
    assert house.watch_orders() == LOOKED
    assert len(house.supplier.asked) == 1


def test_a_complete_order_is_not_watched(house: House) -> None:
    house.closed(line(3))
    house.clock.pass_(WEEK)
    assert house.watch_orders() == NOTHING


@pytest.mark.parametrize("state", [LotState.REVIEW, LotState.FAILED])
def test_a_late_commit_is_adopted_and_the_order_goes_on(house: House, state: LotState) -> None:
    lot = closed(house, state, LotState.POSTING if state is LotState.REVIEW else None)
    house.supplier.sell(lot.reference, lot.lines)
    house.clock.pass_(HOUR)

    assert house.watch_orders() == REOPENED
    after = house.now(lot)
    assert (after.state, after.supplier_order_id, after.reason) == (LotState.READY, f"S-{lot.reference}", "")
    assert order_of(house, lot).status is OrderStatus.PROCESSING
    assert house.sweep()["started"] == 1

    house.get_order_status(lot.order_id, 1)
    house.fetch_cards(lot.order_id, 1)
    house.close_order(lot.order_id, {})
    assert (order_of(house, lot).status, order_of(house, lot).delivered_cards) == (OrderStatus.COMPLETE, 3)


def test_what_was_known_to_be_under_way_must_be_ready(house: House) -> None:
    lot = closed(house, was=LotState.PLACED)
    house.supplier.sell(lot.reference, lot.lines)
    house.supplier.ready_after = 2 * HOUR
    house.clock.pass_(HOUR)
    assert house.watch_orders() == LOOKED
    house.clock.pass_(HOUR)
    assert house.watch_orders() == REOPENED


@pytest.mark.parametrize("status", [UNREADABLE, Status(Found.DIFFERENT), Status(Found.ABSENT)])
def test_an_answer_that_proves_nothing_changes_nothing(house: House, status: Status) -> None:
    lot = closed(house)
    house.supplier.statuses.append(status)
    house.clock.pass_(HOUR)
    assert house.watch_orders() == LOOKED
    after = house.now(lot)
    assert (after.state, after.reason) == (lot.state, lot.reason)
    assert after.ask_at == house.clock.now() + 5 * 60_000  # claimed, as every question is


def test_what_the_supplier_cancelled_needs_nobody_any_more(house: House) -> None:
    lot = closed(house)
    house.supplier.statuses.append(Status(Found.CANCELLED))
    house.clock.pass_(HOUR)
    assert house.watch_orders() == REOPENED
    assert house.now(lot).state is LotState.FAILED
    house.close_order(lot.order_id, {})
    assert order_of(house, lot).status is OrderStatus.FAILED


@pytest.mark.parametrize("state", [LotState.REVIEW, LotState.PARTIAL])
def test_what_was_read_as_often_as_is_sensible_is_not_read_again_unasked(house: House, state: LotState) -> None:
    lot = closed(house, state, LotState.READY)
    house.set(replace(lot, fetch_rounds=FETCH_ROUNDS - 1, received_cards=2))
    house.supplier.sell(lot.reference, lot.lines)
    house.clock.pass_(HOUR)
    house.watch_orders()
    assert house.now(lot).state is state


# --- what was passed on


def test_a_lot_that_turns_up_after_it_was_passed_on_is_a_persons_and_withheld(house: House) -> None:
    house.supplier.refused_skus[SKU] = "5320"
    lot = closed(house, LotState.FAILED, None)
    passed_on(house, lot)
    house.supplier.sell(lot.reference, lot.lines)
    house.clock.pass_(HOUR)

    assert house.watch_orders() == REOPENED

    after = house.now(lot)
    assert (after.state, after.was, after.withheld) == (LotState.REVIEW, LotState.FAILED, True)
    assert "after another supplier was asked" in after.reason
    house.close_order(lot.order_id, {})
    assert order_of(house, lot).status is OrderStatus.REVIEW


def test_of_single_cards_the_one_that_turns_up_after_it_was_passed_on_is_a_persons(house: House) -> None:
    lot = group(house, Slot(LotState.FAILED, posts=1), Slot(LotState.REVIEW, posts=1, was=LotState.POSTING))
    passed_on(house, lot)
    house.walleo.sell(slot_reference(lot, 0), euro_line(1))
    for _ in range(3):
        house.clock.pass_(3 * HOUR)
        house.watch_orders()
        assert [slot.state for slot in house.now(lot).slots] == [LotState.REVIEW, LotState.REVIEW]
    assert [slot.was for slot in house.now(lot).slots] == [LotState.FAILED, LotState.POSTING]


@pytest.mark.parametrize("way", [Way.ADOPT, Way.GIVE_UP])
def test_what_a_person_said_about_it_stands(house: House, way: Way) -> None:
    lot = group(house, Slot(LotState.FAILED, posts=1))
    passed_on(house, lot)
    house.walleo.sell(slot_reference(lot, 0), euro_line(1))
    house.clock.pass_(HOUR)
    house.watch_orders()
    after = house.resolve_review(lot.order_id, 1, way, "Ada", "because")
    assert after
    assert after.state is (LotState.PLACED if way is Way.ADOPT else LotState.FAILED)
    house.close_order(lot.order_id, {})
    house.clock.pass_(HOUR)
    house.watch_orders()
    assert house.now(lot).state is after.state


def test_a_single_card_that_turned_up_twice_is_not_bought_again_when_it_is_cancelled(house: House) -> None:
    lot = group(house, Slot(LotState.REVIEW, posts=1, was=LotState.FAILED))
    passed_on(house, lot)
    house.walleo.sell(slot_reference(lot, 0), euro_line(1))
    house.walleo.is_dead = lambda reference: True
    house.clock.pass_(HOUR)
    house.watch_orders()
    assert house.now(lot).slots[0].state is LotState.REVIEW


# --- single cards


def test_single_cards_that_turned_up_are_adopted_and_the_others_stay(house: House) -> None:
    review = Slot(LotState.REVIEW, posts=1, was=LotState.POSTING)
    lot = group(house, review, review, Slot(LotState.COLLECTED, posts=1))
    house.walleo.sell(slot_reference(lot, 1), euro_line(1))
    house.clock.pass_(HOUR)
    assert house.watch_orders() == REOPENED
    assert [slot.state.value for slot in house.now(lot).slots] == ["REVIEW", "PLACED", "COLLECTED"]
    assert {reference for reference, _ in house.walleo.gets} == {slot_reference(lot, 0), slot_reference(lot, 1)}


# --- what is not asked


def test_withheld_lots_are_not_asked_about(house: House) -> None:
    lot = closed(house)
    house.set(replace(lot, withheld=True))
    house.clock.pass_(HOUR)
    assert house.watch_orders() == LOOKED
    assert house.supplier.asked == []


def test_a_lot_that_was_never_sent_is_not_asked_about(house: House) -> None:
    lot = house.set(replace(house.lot(), state=LotState.REVIEW, was=LotState.NEW))
    house.close_order(lot.order_id, {})
    house.clock.pass_(HOUR)
    assert house.watch_orders() == LOOKED
    assert house.supplier.asked == []


def test_what_nobody_sells_is_asked_of_nobody(house: House) -> None:
    lot = closed(house, LotState.FAILED, None)
    house.set(replace(lot, supplier="none"))
    house.clock.pass_(HOUR)
    assert house.watch_orders() == LOOKED
    assert house.supplier.asked == []


# --- how often, and how long


@pytest.mark.parametrize("state", [LotState.REVIEW, LotState.FAILED])
def test_the_pauses_double_and_the_questions_end_after_a_week(house: House, state: LotState) -> None:
    lot = closed(house, state, None)
    closed_at, visits = house.clock.now(), []
    while (due_at := order_of(house, lot).due_at) is not None and due_at < NEVER:
        house.clock.time = due_at
        assert house.watch_orders() == LOOKED
        visits.append((due_at - closed_at) // HOUR)
    assert visits == [1, 2, 4, 8, 16, 32, 64, 128, 168]
    house.clock.pass_(WEEK)
    assert house.watch_orders() == NOTHING


def test_an_order_in_review_stays_listed_after_the_questions_have_ended(house: House) -> None:
    lot = closed(house)
    house.clock.pass_(WEEK)
    house.watch_orders()
    assert order_of(house, lot).due_at == NEVER
    (review,) = house.list_reviews()
    assert review.order.id == lot.order_id
    house.resolve_review(lot.order_id, 1, Way.GIVE_UP, "Ada", "nobody will ever know")
    house.close_order(lot.order_id, {})
    assert order_of(house, lot).status is OrderStatus.FAILED


def test_a_failed_order_is_forgotten_after_a_week(house: House) -> None:
    lot = closed(house, LotState.FAILED, None)
    house.clock.pass_(WEEK)
    house.watch_orders()
    assert (order_of(house, lot).due_at, order_of(house, lot).watch) == (None, None)


def test_an_act_that_is_done_with_does_not_open_its_order_again(house: House) -> None:
    lot = closed(house)
    house.resolve_review(lot.order_id, 1, Way.GIVE_UP, "Ada", "because")
    house.close_order(lot.order_id, {})
    house.clock.pass_(HOUR)
    assert house.watch_orders() == LOOKED


def test_one_orders_trouble_does_not_keep_the_watch_from_the_others(house: House) -> None:
    first = closed(house)
    second = house.planned(line(3), refno="refno-2")
    house.create_order(second.id, 1)
    house.set(replace(house.orders.lot(second.id, 1), state=LotState.REVIEW, was=LotState.POSTING))
    house.close_order(second.id, {})
    look_up = house.supplier.look_up

    def broken(reference: str) -> Status:
        if reference == first.reference:
            raise RuntimeError("out of order")
        return look_up(reference)

    house.supplier.look_up = broken  # type: ignore[method-assign]
    house.clock.pass_(HOUR)
    with pytest.raises(GiftlineError, match=f"^the watch could not look after {first.order_id} .RuntimeError"):
        house.watch_orders()
    assert house.orders.get(second.id).status is OrderStatus.PROCESSING


def test_a_visit_that_stopped_before_the_order_was_written_is_made_good(house: House) -> None:
    lot = closed(house)
    house.set(replace(lot, state=LotState.FAILED, reason="cancelled by the supplier"))
    house.clock.pass_(HOUR)
    assert house.watch_orders() == REOPENED


def test_a_parked_lot_of_single_cards_goes_on_with_its_open_slots(house: House) -> None:
    """KMS was away while its cards were fetched: they are paid for."""
    order = house.planned(euro_line(2))
    house.create_order(order.id, 1)
    house.close_order(order.id, {1: "KMSInternalException"})
    assert house.orders.lot(order.id, 1).state is LotState.REVIEW
    house.clock.pass_(HOUR)
    assert house.watch_orders() == REOPENED
    assert house.orders.lot(order.id, 1).state is LotState.PLACED


def test_a_visit_whose_time_is_over_goes_on_soon_where_it_stopped(house: House) -> None:
    lot = closed(house)
    house.clock.pass_(HOUR)
    house.clock.tick = 40.0
    assert house.watch_orders() == LOOKED
    assert house.supplier.asked == []
    assert house.orders.get(lot.order_id).due_at == house.clock.now() + 5 * 60_000


def test_an_order_that_fails_at_each_visit_does_not_stand_before_the_others(house: House) -> None:
    lot = house.set(replace(closed(house), supplier="gone"))
    house.clock.pass_(HOUR)
    house.suppliers = gone  # type: ignore[method-assign]
    with pytest.raises(GiftlineError, match=lot.order_id):
        house.watch_orders()
    assert (house.orders.get(lot.order_id).due_at or 0) > house.clock.now()


def test_a_lot_in_review_is_listed_even_if_nobody_could_ever_be_asked_about_it(house: House) -> None:
    """Such as one that its supplier was asked to take back: the order was complete before, and says so."""
    order = house.closed(line(3))
    lot = house.set(replace(house.orders.lot(order.id, 1), state=LotState.REVIEW, reversing=True))
    house.orders.save(replace(order, due_at=house.clock.now() + HOUR))
    house.suppliers = gone  # type: ignore[method-assign]
    for _ in range(10):
        house.clock.pass_(24 * HOUR)
        with suppress(GiftlineError):
            house.watch_orders()
        house.close_order(order.id, {})
    (review,) = house.list_reviews()
    assert (review.order.id, review.lots) == (order.id, (lot,))
    assert order_of(house, lot).due_at == NEVER


def gone(name: str) -> Supplier:
    raise Misconfigured(f"no supplier is called {name}")


def test_an_order_that_got_stuck_waits_for_a_person(house: House) -> None:
    order = house.planned()
    house.set(replace(house.orders.lot(order.id, 1), state=LotState.COLLECTED))
    house.orders.save(replace(house.orders.get(order.id), executions=MAX_EXECUTIONS))
    house.clock.pass_(HOUR)
    house.sweep()
    house.clock.pass_(HOUR)
    assert house.watch_orders() == LOOKED
    assert house.orders.get(order.id).status is OrderStatus.REVIEW


def test_two_visits_that_claim_in_the_same_millisecond_ask_once(house: House) -> None:
    lot = closed(house)
    house.clock.pass_(HOUR)
    read_by_both = house.orders.lots(lot.order_id)
    look_up = house.supplier.look_up

    def twin_comes_first(reference: str) -> Status:
        house.supplier.look_up = look_up  # type: ignore[method-assign]
        house.orders.lots = lambda _: read_by_both  # type: ignore[method-assign, assignment]
        assert house.watch_orders() == {"watched": 0, "reopened": 0}
        return look_up(reference)

    house.supplier.look_up = twin_comes_first  # type: ignore[method-assign]
    house.watch_orders()
    assert len(house.supplier.asked) == 1


def test_a_supplier_that_wants_no_question_is_left_alone_by_everybody(house: House) -> None:
    closed(house)
    house.clock.pass_(HOUR)
    house.supplier.statuses.append(Status(Found.UNREADABLE, word="429", retry_after=60.0))
    house.watch_orders()
    assert house.pace.next_at == {"wpay": house.clock.now() + 60_000}
