"""Three ways out of review: each leads on, is refused where it does not, and is recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.errors import NotFound, Refused, StaleWrite
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Act, Order, OrderStatus
from giftline.orders.reviewing import Way
from giftline.orders.slots import slot_reference, with_slots
from giftline.suppliers.port import Found, Status
from tests.fakes.house import House, euro_line, line
from tests.fakes.supplier import UNREADABLE, cards_for, whole_page

HOUR = 3_600_000


def go_on(house: House, order_id: str, most: int = 100) -> Order:
    """What the state machine does, until the order is closed."""
    for _ in range(most):
        numbers = house.plan_order(order_id)
        for number in numbers:
            house.clock.time = max(house.clock.time, house.orders.lot(order_id, number).ask_at)
            house.create_order(order_id, number)
            house.get_order_status(order_id, number)
            house.fetch_cards(order_id, number)
        if not numbers and not house.close_order(order_id, {}).planned:
            break
    return house.orders.get(order_id)


def act(house: House, lot: Lot, way: Way) -> Lot:
    after = house.resolve_review(lot.order_id, lot.number, way, "Ada", "because")
    assert after
    return after


def in_review(house: House, quantity: int = 3, state: LotState = LotState.POSTING) -> Lot:
    """The only lot of an order, parked where it stood; the order is closed for now."""
    lot = house.lot(quantity, state)
    house.close_order(lot.order_id, {1: "States.Timeout"})
    assert house.orders.get(lot.order_id).status is OrderStatus.REVIEW
    return house.now(lot)


def group_in_review(house: House, *slots: Slot, reason: str = "overdue") -> Lot:
    """A lot of single cards at 50.00; those COLLECTED count as received."""
    order = house.planned(euro_line(len(slots)))
    lot = house.orders.lot(order.id, 1)
    told = [replace(slot, reason=reason) if slot.state is LotState.REVIEW else slot for slot in slots]
    house.set(replace(with_slots(lot, told), posts=len(slots), first_posted_at=house.clock.now()))
    house.orders.records[order.id] = replace(
        order, status=OrderStatus.REVIEW, closed_at=house.clock.now(), due_at=house.clock.now() + HOUR
    )
    return house.now(lot)


def slot(state: LotState, was: LotState | None = None, posts: int = 1) -> Slot:
    return Slot(state, was=was, posts=posts, posting_at=1_750_000_000_000, waiting_since=1_750_000_000_000)


def sell(house: House, lot: Lot, *positions: int) -> None:
    for position in positions:
        house.walleo.sell(slot_reference(lot, position), replace(lot.lines[0], quantity=1))


def states(lot: Lot) -> list[str]:
    return [one.state.value for one in lot.slots]


# --- the list


def test_nothing_is_in_review_at_first(house: House) -> None:
    house.closed(line(1))
    assert house.list_reviews() == []


def test_orders_in_review_are_listed_with_their_lots_in_review(house: House) -> None:
    order = house.planned(line(25_001))
    house.set(replace(house.orders.lot(order.id, 2), state=LotState.FAILED))
    house.close_order(order.id, {1: "States.Timeout"})

    (review,) = house.list_reviews()

    assert (review.order.id, [lot.number for lot in review.lots]) == (order.id, [1])


def test_an_order_that_was_never_planned_is_listed_without_lots(house: House) -> None:
    lot = in_review(house)
    order = house.orders.get(lot.order_id)
    house.orders.records[order.id] = replace(order, lot_count=0)
    (review,) = house.list_reviews()
    assert review.lots == ()


# --- adopt


def test_a_reference_that_turned_up_is_adopted_and_its_cards_are_delivered(house: House) -> None:
    lot = in_review(house)
    house.supplier.sell(lot.reference, lot.lines)

    after = act(house, lot, Way.ADOPT)
    order = go_on(house, lot.order_id)

    assert (after.state, after.supplier_order_id) == (LotState.READY, f"S-{lot.reference}")
    assert (order.status, order.delivered_cards) == (OrderStatus.COMPLETE, 3)
    assert house.supplier.posts == []


def test_what_is_under_way_is_adopted_where_a_person_says_so(house: House) -> None:
    lot = in_review(house, state=LotState.PLACED)
    house.supplier.ready_after = 2 * HOUR
    after = act(house, lot, Way.ADOPT)
    assert (after.state, after.asks, after.waiting_since) == (LotState.PLACED, 1, house.clock.now())
    assert go_on(house, lot.order_id).status is OrderStatus.COMPLETE


@pytest.mark.parametrize("answer", ["absent", "unreadable"])
def test_nothing_is_adopted_that_the_supplier_does_not_show(house: House, answer: str) -> None:
    lot = in_review(house)
    if answer == "unreadable":
        house.supplier.statuses.append(UNREADABLE)
    with pytest.raises(Refused, match=f"does not show {lot.reference}"):
        act(house, lot, Way.ADOPT)
    assert house.now(lot) == lot
    assert house.orders.get(lot.order_id).status is OrderStatus.REVIEW


def surplus(house: House) -> Lot:
    """Two slots, three different cards: withheld."""
    order = house.planned(line(2))
    house.create_order(order.id, 1)
    lot = house.orders.lot(order.id, 1)
    three = cards_for((line(3),), lot.reference)
    house.supplier.fetches.append(lambda cards, offset, limit: whole_page(three, offset, limit))
    assert go_on(house, order.id).status is OrderStatus.REVIEW
    return house.now(lot)


def test_withheld_cards_are_adopted_and_then_the_order_as_a_whole(house: House) -> None:
    lot = surplus(house)
    assert (lot.withheld, house.orders.get(lot.order_id).delivered_cards) == (True, 0)

    assert act(house, lot, Way.ADOPT).state is LotState.COLLECTED
    assert go_on(house, lot.order_id).status is OrderStatus.REVIEW
    (review,) = house.list_reviews()
    assert review.lots == ()
    assert house.resolve_review(lot.order_id, 0, Way.ADOPT, "Ada", "the supplier lets us keep it") is None

    order = go_on(house, lot.order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.COMPLETE, 3)


def test_withheld_cards_of_a_lot_that_was_cancelled_are_adopted_as_a_part(house: House) -> None:
    lot = surplus(house)
    house.set(replace(lot, lines=(line(5),)))
    assert act(house, lot, Way.ADOPT).state is LotState.PARTIAL


def test_a_withheld_lot_without_cards_is_looked_up_and_fetched(house: House) -> None:
    lot = house.set(replace(in_review(house), withheld=True, was=LotState.FAILED))
    house.supplier.sell(lot.reference, lot.lines)
    after = act(house, lot, Way.ADOPT)
    assert (after.state, after.withheld) == (LotState.READY, False)
    assert go_on(house, lot.order_id).status is OrderStatus.COMPLETE


def test_of_single_cards_those_that_turned_up_are_adopted(house: House) -> None:
    review = slot(LotState.REVIEW, LotState.POSTING)
    lot = group_in_review(house, review, review, slot(LotState.FAILED))
    sell(house, lot, 0)

    after = act(house, lot, Way.ADOPT)

    assert states(after) == ["PLACED", "REVIEW", "FAILED"]
    order = go_on(house, lot.order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.REVIEW, 1)


def test_no_single_card_is_adopted_that_the_supplier_does_not_show(house: House) -> None:
    lot = group_in_review(house, slot(LotState.REVIEW, LotState.POSTING))
    with pytest.raises(Refused, match="nothing to adopt"):
        act(house, lot, Way.ADOPT)
    assert house.now(lot).acts == ()


# --- give up


def test_a_lot_without_cards_is_given_up_and_its_money_is_given_back(house: House) -> None:
    lot = in_review(house)
    assert act(house, lot, Way.GIVE_UP).state is LotState.FAILED
    order = go_on(house, lot.order_id)
    assert (order.status, order.delivered_minor) == (OrderStatus.FAILED, 0)
    assert house.list_reviews() == []


def short(house: House) -> Lot:
    """Three slots, two cards, read as often as is sensible."""
    order = house.planned(line(3))
    house.create_order(order.id, 1)
    lot = house.orders.lot(order.id, 1)
    house.supplier.sold[lot.reference].pop()
    assert go_on(house, order.id).status is OrderStatus.REVIEW
    return house.now(lot)


def test_a_lot_with_cards_is_given_up_as_a_part_and_what_came_is_delivered(house: House) -> None:
    lot = short(house)
    assert act(house, lot, Way.GIVE_UP).state is LotState.PARTIAL
    order = go_on(house, lot.order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.PARTIAL, 2)


def test_withheld_cards_that_are_given_up_are_never_handed_over(house: House) -> None:
    lot = surplus(house)
    assert act(house, lot, Way.GIVE_UP).state is LotState.FAILED
    order = go_on(house, lot.order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.FAILED, 0)


def test_single_cards_are_given_up_slot_by_slot(house: House) -> None:
    lot = group_in_review(house, slot(LotState.REVIEW, LotState.PLACED), slot(LotState.COLLECTED))
    after = act(house, lot, Way.GIVE_UP)
    assert (states(after), after.state) == (["FAILED", "COLLECTED"], LotState.PARTIAL)
    assert after.reason == "1 × given up: overdue"


def test_a_parked_lot_of_single_cards_is_given_up_with_what_was_still_open(house: House) -> None:
    lot = group_in_review(house, slot(LotState.POSTING), slot(LotState.COLLECTED), slot(LotState.NEW))
    house.set(replace(lot, state=LotState.REVIEW, reason="the task kept failing"))
    after = act(house, lot, Way.GIVE_UP)
    assert states(after) == ["FAILED", "COLLECTED", "FAILED"]


def test_a_lot_whose_slots_share_a_card_has_give_up_as_its_only_way_out(house: House) -> None:
    lot = group_in_review(house, slot(LotState.COLLECTED), slot(LotState.COLLECTED))
    house.set(replace(lot, state=LotState.REVIEW, reason="1 different cards for 2 slots"))
    for way in (Way.ADOPT, Way.TRY_AGAIN):
        with pytest.raises(Refused, match="1 different cards for 2 slots"):
            act(house, lot, way)
    assert act(house, lot, Way.GIVE_UP).state is LotState.PARTIAL
    assert go_on(house, lot.order_id).status is not OrderStatus.REVIEW


def test_what_was_given_up_is_not_passed_on_to_another_supplier(house: House) -> None:
    order = house.planned(euro_line(1, "BOTH"))
    house.close_order(order.id, {1: "States.Timeout"})
    act(house, house.orders.lot(order.id, 1), Way.GIVE_UP)
    assert go_on(house, order.id).status is OrderStatus.FAILED
    assert len(house.orders.lots(order.id)) == 1


# --- try again


def test_a_lot_goes_on_from_where_it_stood_with_fresh_posts_and_patience(house: House) -> None:
    lot = house.set(replace(house.lot(3, LotState.ABSENT), posts=4, asks=9))
    house.create_order(lot.order_id, 1)
    house.close_order(lot.order_id, {})
    assert house.now(lot).reason.startswith("4 posts")
    house.clock.pass_(40 * HOUR)

    after = act(house, house.now(lot), Way.TRY_AGAIN)

    assert (after.state, after.posts, after.forgiven_posts) == (LotState.ABSENT, 4, 4)
    assert (after.waiting_since, after.asks) == (house.clock.now(), 0)
    assert (after.ask_at, after.was) == (house.clock.now(), None)
    assert go_on(house, lot.order_id).status is OrderStatus.COMPLETE
    assert house.supplier.posts == [lot.reference]


def test_a_lot_that_was_overdue_waits_anew(house: House) -> None:
    lot = house.lot(3, LotState.PLACED)
    house.supplier.ready_after = 30 * HOUR
    assert go_on(house, lot.order_id, most=200).status is OrderStatus.REVIEW
    assert act(house, house.now(lot), Way.TRY_AGAIN).state is LotState.PLACED
    assert go_on(house, lot.order_id, most=200).status is OrderStatus.COMPLETE


def test_pages_that_were_short_are_read_again(house: House) -> None:
    lot = short(house)
    house.supplier.sell(lot.reference, lot.lines)
    after = act(house, lot, Way.TRY_AGAIN)
    assert (after.state, after.fetch_rounds) == (LotState.READY, 0)
    assert go_on(house, lot.order_id).delivered_cards == 3


def test_single_cards_in_review_go_on_and_the_others_stay_as_they_are(house: House) -> None:
    lot = group_in_review(house, slot(LotState.REVIEW, LotState.ABSENT, posts=4), slot(LotState.FAILED))
    after = act(house, lot, Way.TRY_AGAIN)
    assert (states(after), after.slots[0].forgiven_posts) == (["ABSENT", "FAILED"], 4)
    order = go_on(house, lot.order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.PARTIAL, 1)


def test_a_parked_lot_of_single_cards_goes_on_with_fresh_patience(house: House) -> None:
    lot = group_in_review(house, slot(LotState.PLACED), slot(LotState.COLLECTED))
    house.set(replace(lot, state=LotState.REVIEW, reason="the task kept failing"))
    house.clock.pass_(40 * HOUR)
    after = act(house, lot, Way.TRY_AGAIN)
    assert (states(after), after.slots[0].waiting_since) == (["PLACED", "COLLECTED"], house.clock.now())


def test_withheld_cards_are_not_tried_again(house: House) -> None:
    lot = surplus(house)
    with pytest.raises(Refused, match="withheld"):
        act(house, lot, Way.TRY_AGAIN)


def test_a_single_card_that_turned_up_twice_is_not_tried_again(house: House) -> None:
    lot = group_in_review(house, slot(LotState.REVIEW, LotState.FAILED), reason="it turned up twice")
    with pytest.raises(Refused, match="it turned up twice"):
        act(house, lot, Way.TRY_AGAIN)


# --- lot 0


def stuck(house: House) -> Order:
    """Closed as REVIEW with no lot in review, as by the sweep after a hundred executions."""
    order = house.planned(line(3))
    review = replace(order, status=OrderStatus.REVIEW, closed_at=house.clock.now(), executions=100)
    house.orders.records[order.id] = review
    return review


def test_an_order_that_got_stuck_is_tried_again_with_fresh_executions(house: House) -> None:
    order = stuck(house)
    house.resolve_review(order.id, 0, Way.TRY_AGAIN, "Ada", "the permission is there again")
    after = house.orders.get(order.id)
    assert (after.status, after.due_at, after.closed_at) == (OrderStatus.PROCESSING, house.clock.now(), None)
    assert (after.forgiven_executions, after.surplus_accepted) == (100, False)
    assert house.sweep()["started"] == 1


def test_lot_0_cannot_be_given_up(house: House) -> None:
    with pytest.raises(Refused, match="adopt its surplus, or try again"):
        house.resolve_review(stuck(house).id, 0, Way.GIVE_UP, "Ada", "because")


def test_lot_0_is_for_orders_without_a_lot_in_review(house: House) -> None:
    lot = in_review(house)
    with pytest.raises(Refused):
        house.resolve_review(lot.order_id, 0, Way.TRY_AGAIN, "Ada", "because")


def test_lot_0_of_an_order_that_is_not_in_review_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        house.resolve_review(house.closed(line(1)).id, 0, Way.TRY_AGAIN, "Ada", "because")


# --- records, races and crashes


def test_each_act_is_recorded_with_who_and_why_and_what_it_found(house: House) -> None:
    lot = in_review(house)
    first_at = house.clock.now()
    house.resolve_review(lot.order_id, 1, Way.TRY_AGAIN, "Ada", "their outage is over")
    house.close_order(lot.order_id, {1: "States.Timeout"})
    house.clock.pass_(1_000)
    house.resolve_review(lot.order_id, 1, Way.GIVE_UP, "Bo", "they never got it")

    parked = "the task kept failing: States.Timeout"
    assert house.now(lot).acts == (
        Act(first_at, "Ada", "try_again", "their outage is over", f"{parked} → POSTING"),
        Act(first_at + 1_000, "Bo", "give_up", "they never got it", f"{parked} → FAILED"),
    )


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_not_in_review_is_not_found(house: House, number: int) -> None:
    order = house.closed(line(1))
    with pytest.raises(NotFound):
        house.resolve_review(order.id, number, Way.ADOPT, "Ada", "because")


def test_a_lot_may_be_resolved_while_the_orders_other_lots_are_under_way(house: House) -> None:
    order = house.planned(line(25_001))
    house.set(replace(house.orders.lot(order.id, 2), state=LotState.REVIEW, was=LotState.NEW))
    act(house, house.orders.lot(order.id, 2), Way.TRY_AGAIN)
    assert house.orders.get(order.id) == replace(order, version=order.version + 1)
    assert house.orders.lot(order.id, 2).state is LotState.NEW


@pytest.mark.parametrize("way", [Way.GIVE_UP, Way.TRY_AGAIN])
def test_who_closes_with_the_lots_of_before_an_act_reads_them_again(house: House, way: Way) -> None:
    order = house.planned(line(3))
    lot = house.set(replace(house.orders.lot(order.id, 1), state=LotState.REVIEW, was=LotState.NEW))
    save = house.orders.save

    def late(closed: Order) -> Order:
        house.orders.save = save  # type: ignore[method-assign]
        act(house, lot, way)
        return save(closed)

    house.orders.save = late  # type: ignore[method-assign, assignment]
    with pytest.raises(StaleWrite):
        house.close_order(order.id, {})
    ends = {Way.GIVE_UP: OrderStatus.FAILED, Way.TRY_AGAIN: OrderStatus.COMPLETE}
    assert go_on(house, order.id).status is ends[way]


@pytest.mark.parametrize("when", ["before the act", "while the supplier is asked"])
def test_an_order_whose_cards_are_being_removed_is_not_opened_again(house: House, when: str) -> None:
    lot = in_review(house, state=LotState.PLACED)
    look_up = house.supplier.look_up

    def remove() -> None:
        order = house.orders.get(lot.order_id)
        house.orders.save(replace(order, status=OrderStatus.COMPLETE, cards_removed_at=house.clock.now()))

    def meanwhile(reference: str) -> Status:
        remove()
        return look_up(reference)

    house.supplier.look_up = meanwhile  # type: ignore[method-assign]
    if when == "before the act":
        remove()
    with pytest.raises(Refused, match="were removed"):
        act(house, lot, Way.ADOPT)
    assert house.orders.get(lot.order_id).status is OrderStatus.COMPLETE
    assert (house.now(lot) == lot) is (when == "before the act")


def test_of_two_acts_at_once_one_is_refused(house: House) -> None:
    lot = in_review(house)
    act(house, lot, Way.GIVE_UP)
    house.orders.lot = lambda order_id, number: lot  # type: ignore[method-assign]
    with pytest.raises(StaleWrite):
        act(house, lot, Way.TRY_AGAIN)


def test_the_watch_may_move_the_order_while_the_supplier_is_asked(house: House) -> None:
    lot = in_review(house)
    house.supplier.sell(lot.reference, lot.lines)
    look_up = house.supplier.look_up

    def moved(reference: str) -> object:
        house.orders.save(house.orders.get(lot.order_id))
        return look_up(reference)

    house.supplier.look_up = moved  # type: ignore[method-assign, assignment]
    assert act(house, lot, Way.ADOPT).state is LotState.READY
    assert house.orders.get(lot.order_id).status is OrderStatus.PROCESSING


@pytest.mark.parametrize("way", [Way.GIVE_UP, Way.TRY_AGAIN])
def test_an_act_whose_worker_stopped_before_the_order_was_written_is_picked_up(house: House, way: Way) -> None:
    order = house.planned(line(25_001))
    house.close_order(order.id, {1: "States.Timeout", 2: "States.Timeout"})
    house.clock.pass_(60_000)

    def stopped(order: Order) -> Order:
        raise ConnectionError("the worker is gone")

    save, house.orders.save = house.orders.save, stopped  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        act(house, house.orders.lot(order.id, 1), way)
    house.orders.save = save  # type: ignore[method-assign]
    assert house.orders.get(order.id).status is OrderStatus.REVIEW

    house.clock.pass_(HOUR)
    assert house.watch_orders() == {"watched": 1, "reopened": 1}
    assert house.sweep()["started"] == 1


def test_an_adoption_that_a_supplier_puts_off_is_told_to_everybody(house: House) -> None:
    lot = in_review(house)
    house.supplier.statuses.append(Status(Found.UNREADABLE, word="429", retry_after=60.0))
    with pytest.raises(Refused):
        act(house, lot, Way.ADOPT)
    assert house.pace.next_at == {"wpay": house.clock.now() + 60_000}
