"""The supplier is never asked too soon, and what it says moves the lot only where it may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.errors import StaleWrite
from giftline.orders.lot import Lot, LotState
from giftline.orders.planning import lot_reference
from giftline.orders.timing import LEAST_PATIENCE, WAITED_SHARE, Timing
from giftline.suppliers.port import Found, Outcome, Placed, Status, Uniqueness
from tests.fakes.house import House
from tests.fakes.supplier import ABSENT, NONE_TERMS, UNREADABLE, order_id_of

MINUTE = 60_000
SUPPLIERS = order_id_of(lot_reference("ORDER000000000000000000001", 1))
"""What the supplier calls the first lot of a test."""


def ask(house: House, lot: Lot) -> str:
    return house.get_order_status(lot.order_id, lot.number).found.value


def waiting(house: House, state: LotState, quantity: int = 1, *said: Status) -> Lot:
    lot = house.lot(quantity, state)
    house.supplier.statuses.extend(said)
    return lot


def test_a_lot_is_never_asked_about_before_it_is_due(house: House) -> None:
    lot = waiting(house, LotState.PLACED)
    lot = house.set(replace(lot, ask_at=house.clock.now() + 1))
    assert ask(house, lot) == "pending"
    assert house.supplier.asked == []
    assert house.now(lot) == lot


@pytest.mark.parametrize(
    ("quantity", "minutes"),
    [(1, 5), (100, 5), (101, 15), (5_000, 15), (5_001, 35), (10_000, 35), (10_001, 60), (25_000, 60)],
)
def test_the_interval_is_that_of_the_first_bracket_that_holds_the_size(
    house: House, quantity: int, minutes: int
) -> None:
    lot = waiting(house, LotState.PLACED, quantity, Status(Found.UNDER_WAY, SUPPLIERS, "PROCESSING"))
    assert ask(house, lot) == "pending"
    assert house.now(lot).ask_at == house.clock.now() + minutes * MINUTE


def test_a_scaled_interval_is_rounded_up() -> None:
    assert Timing(scale=0.001).scaled(300_001) == 301


def test_complete_makes_the_lot_ready_at_once(house: House) -> None:
    lot = waiting(house, LotState.PLACED)
    assert ask(house, lot) == "ready"
    after = house.now(lot)
    assert (after.state, after.ready_at, after.ask_at) == (LotState.READY, house.clock.now(), house.clock.now())


def test_what_a_lost_post_did_is_adopted(house: House) -> None:
    lot = waiting(house, LotState.POSTING, 1, Status(Found.UNDER_WAY, "S-1", "PENDING"))
    assert ask(house, lot) == "pending"
    after = house.now(lot)
    assert (after.state, after.supplier_order_id, after.reason) == (LotState.PLACED, "S-1", "")


def test_absence_before_settling_is_no_proof(house: House) -> None:
    lot = waiting(house, LotState.POSTING, 1, ABSENT)
    house.clock.pass_(30_000)
    assert ask(house, lot) == "pending"
    after = house.now(lot)
    assert (after.state, after.ask_at) == (LotState.POSTING, (lot.posting_at or 0) + 5 * MINUTE)


def test_absence_after_settling_allows_another_post(house: House) -> None:
    lot = waiting(house, LotState.POSTING, 1, ABSENT)
    house.clock.pass_(5 * MINUTE)
    assert ask(house, lot) == "absent"
    assert house.now(lot).state is LotState.ABSENT


def test_without_uniqueness_an_absent_lot_goes_to_a_person(house: House) -> None:
    house.supplier.terms = NONE_TERMS
    assert NONE_TERMS.uniqueness is Uniqueness.NONE
    lot = waiting(house, LotState.POSTING, 1, ABSENT)
    house.clock.pass_(5 * MINUTE)
    assert ask(house, lot) == "review"


def test_a_placed_lot_that_turns_up_absent_is_never_posted_again(house: House) -> None:
    lot = waiting(house, LotState.PLACED, 1, *[ABSENT] * 500)
    while not house.now(lot).state.is_closed:
        house.clock.time = max(house.clock.time, house.now(lot).ask_at)
        assert ask(house, lot) in ("pending", "review")
        house.create_order(lot.order_id, lot.number)
    assert house.now(lot).state is LotState.REVIEW
    assert house.supplier.posts == []


@pytest.mark.parametrize("state", [LotState.POSTING, LotState.PLACED])
def test_a_reference_that_names_another_order_goes_to_a_person(house: House, state: LotState) -> None:
    lot = waiting(house, state, 1, Status(Found.DIFFERENT, word="COMPLETE"))
    assert ask(house, lot) == "review"


@pytest.mark.parametrize("state", [LotState.POSTING, LotState.PLACED])
def test_an_unreadable_answer_is_asked_for_again_after_fifteen_minutes(house: House, state: LotState) -> None:
    lot = waiting(house, state, 1, UNREADABLE)
    assert ask(house, lot) == "pending"
    after = house.now(lot)
    assert (after.state, after.ask_at) == (state, house.clock.now() + 15 * MINUTE)


@pytest.mark.parametrize("state", [LotState.POSTING, LotState.PLACED])
def test_cancelled_by_the_supplier_fails_the_lot(house: House, state: LotState) -> None:
    lot = waiting(house, state, 1, Status(Found.CANCELLED, SUPPLIERS, "CANCELED"))
    assert ask(house, lot) == "rejected"
    assert house.now(lot).state is LotState.FAILED


def test_an_unknown_word_is_polled_until_the_deadline_and_then_a_persons_business(house: House) -> None:
    lot = waiting(house, LotState.PLACED, 1, *[Status(Found.UNDER_WAY, SUPPLIERS, "VENDOR_HOLD")] * 1_000)
    while not house.now(lot).state.is_closed:
        house.clock.time = max(house.clock.time, house.now(lot).ask_at)
        ask(house, lot)
    after = house.now(lot)
    waited = house.clock.now() - (lot.first_posted_at or 0)
    assert after.state is LotState.REVIEW
    assert "overdue" in after.reason
    assert after.supplier_status == "VENDOR_HOLD"
    assert LEAST_PATIENCE < waited <= LEAST_PATIENCE + LEAST_PATIENCE // WAITED_SHARE + 5 * MINUTE


@pytest.mark.parametrize("state", [s for s in LotState if s not in (LotState.POSTING, LotState.PLACED)])
def test_a_lot_that_is_not_waiting_is_not_asked_about(house: House, state: LotState) -> None:
    lot = house.lot(1, state)
    ask(house, lot)
    assert house.supplier.asked == []
    assert house.now(lot) == lot


STATUSES = st.sampled_from(
    [
        Status(Found.UNDER_WAY, SUPPLIERS, "PROCESSING"),
        Status(Found.UNDER_WAY, SUPPLIERS, "Closed"),
        Status(Found.READY, SUPPLIERS, "COMPLETE"),
        Status(Found.CANCELLED, SUPPLIERS, "CANCELED"),
        Status(Found.DIFFERENT, word="COMPLETE"),
        ABSENT,
        UNREADABLE,
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(0, 90 * MINUTE), STATUSES), max_size=30),
    quantity=st.sampled_from([1, 100, 101, 5_001, 10_001]),
    state=st.sampled_from([LotState.POSTING, LotState.PLACED]),
)
def test_whatever_comes_the_supplier_is_not_asked_too_soon_and_the_lot_moves_only_where_it_may(
    steps: list[tuple[int, Status]], quantity: int, state: LotState
) -> None:
    house = House()
    lot = house.lot(quantity, state)
    interval = house.supplier.poll_interval(quantity)
    known_at = None
    for passed, said in steps:
        house.clock.pass_(passed)
        before = house.now(lot)
        house.supplier.statuses.clear()
        house.supplier.statuses.append(said)
        asked_before = len(house.supplier.asked)
        ask(house, lot)
        after = house.now(lot)
        assert after.state is before.state or before.state.may_become(after.state) or _by_way_of_placed(before, after)
        if len(house.supplier.asked) == asked_before:
            assert after == before
            continue
        now = house.clock.now()
        assert now >= before.ask_at
        assert known_at is None or now - known_at >= interval
        known_at = now if after.state is LotState.PLACED else None


def _by_way_of_placed(before: Lot, after: Lot) -> bool:
    """A look-up may find a lost POST and its end at once."""
    return before.state is LotState.POSTING and LotState.PLACED.may_become(after.state)


def test_after_an_unreadable_answer_a_large_lot_still_waits_its_interval(house: House) -> None:
    lot = waiting(house, LotState.PLACED, 25_000, UNREADABLE)
    ask(house, lot)
    assert house.now(lot).ask_at >= house.clock.now() + 60 * MINUTE


def test_a_reference_that_the_supplier_said_it_knows_is_never_posted_again(house: House) -> None:
    """Its POST answers 'refno used', and then its look-up does not find it."""
    lot = house.lot(1)
    house.supplier.placements.append(Placed(Outcome.UNKNOWN, detail="400 5313", taken=True))
    house.supplier.statuses.extend([ABSENT] * 1_000)
    house.create_order(lot.order_id, lot.number)
    while not house.now(lot).state.is_closed:
        house.clock.time = max(house.clock.time, house.now(lot).ask_at)
        assert ask(house, lot) in ("pending", "review")
        house.create_order(lot.order_id, lot.number)
    assert house.now(lot).state is LotState.REVIEW
    assert len(house.supplier.posts) == 1


def test_a_status_under_another_order_id_is_a_persons_business(house: House) -> None:
    lot = waiting(house, LotState.PLACED, 1, Status(Found.READY, "SOMEBODY-ELSES", "COMPLETE"))
    assert ask(house, lot) == "review"
    assert house.now(lot).supplier_order_id == SUPPLIERS


def test_a_cancellation_after_cards_came_withholds_them(house: House) -> None:
    lot = waiting(house, LotState.PLACED, 10, Status(Found.CANCELLED, SUPPLIERS, "CANCELED"))
    house.set(replace(lot, received_cards=5))
    assert ask(house, lot) == "review"
    assert house.now(lot).withheld


def test_the_question_is_claimed_before_it_is_asked_so_that_a_repeat_waits(house: House) -> None:
    lot = waiting(house, LotState.PLACED)
    asked_at = []

    def crash(reference: str) -> Status:
        asked_at.append(house.clock.now())
        raise ConnectionError("the worker died")

    house.supplier.look_up = crash  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        ask(house, lot)
    house.clock.pass_(2_000)
    assert ask(house, lot) == "pending"
    assert len(asked_at) == 1


def test_two_workers_that_claim_in_the_same_millisecond_ask_once(house: House) -> None:
    lot = waiting(house, LotState.PLACED, 1)
    read_by_both = house.orders.lot(lot.order_id, lot.number)
    look_up = house.supplier.look_up

    def twin_comes_first(reference: str) -> Status:
        house.supplier.look_up = look_up  # type: ignore[method-assign]
        house.orders.lot = lambda *_: read_by_both  # type: ignore[method-assign]
        with pytest.raises(StaleWrite):
            ask(house, lot)
        return look_up(reference)

    house.supplier.look_up = twin_comes_first  # type: ignore[method-assign]
    ask(house, lot)
    assert len(house.supplier.asked) == 1


def test_absent_just_before_settling_is_not_asked_about_again_at_once(house: House) -> None:
    lot = house.set(replace(waiting(house, LotState.POSTING), posting_at=house.clock.now()))
    house.clock.pass_(5 * MINUTE - 1)
    assert ask(house, lot) == "pending"
    assert house.now(lot).ask_at == house.clock.now() + 30_000
