"""A lot is bought exactly once: intent first, one POST, and only proof counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.errors import Misconfigured, StaleWrite
from giftline.orders.lot import Lot, LotState
from giftline.orders.verdict import Found
from giftline.suppliers.port import Outcome, Placed
from giftline.suppliers.wpay import TERMS
from tests.fakes.house import House
from tests.fakes.supplier import NO_ANSWER


def create(house: House, lot: Lot) -> str:
    return house.create_order(lot.order_id, lot.number).found.value


def test_the_intent_is_stored_before_anything_is_sent(house: House) -> None:
    lot = house.lot()
    seen: list[Lot] = []
    house.supplier.before_place = lambda: seen.append(house.now(lot))
    create(house, lot)
    (intent,) = seen
    assert intent.state is LotState.POSTING
    assert (intent.posts, intent.posting_at, bool(intent.nonce)) == (1, house.clock.now(), True)
    assert intent.reference == lot.reference


def test_a_commitment_places_the_lot_and_waits_the_documented_interval(house: House) -> None:
    lot = house.lot()
    assert create(house, lot) == "pending"
    after = house.now(lot)
    assert after.state is LotState.PLACED
    assert after.supplier_order_id
    assert after.ask_at == house.clock.now() + 5 * 60_000


def test_a_first_refusal_is_proof_once_a_look_up_after_settling_finds_nothing(house: House) -> None:
    lot = house.lot()
    house.supplier.placements.append(Placed(Outcome.NOT_COMMITTED, detail="5320"))
    assert create(house, lot) == "unknown"
    settled = (house.now(lot).posting_at or 0) + TERMS.settle
    assert (house.now(lot).state, house.now(lot).ask_at) == (LotState.POSTING, settled)
    house.clock.time = settled
    assert house.get_order_status(lot.order_id, lot.number).found == "rejected"
    assert house.now(lot).state is LotState.FAILED
    assert "5320" in house.now(lot).reason
    assert len(house.supplier.posts) == 1


def test_what_was_sold_and_refused_is_adopted(house: House) -> None:
    lot = house.lot(2)
    house.supplier.placements.append(Placed(Outcome.NOT_COMMITTED, detail="5320"))
    create(house, lot)
    house.supplier.sell(lot.reference, lot.lines)
    house.clock.time = house.now(lot).ask_at
    house.get_order_status(lot.order_id, lot.number)
    assert (house.now(lot).state, house.now(lot).refusal) == (LotState.READY, "")


def test_a_refusal_of_a_second_post_is_not_believed(house: House) -> None:
    lot = house.set(replace(house.lot(state=LotState.POSTING), state=LotState.ABSENT))
    house.supplier.placements.append(Placed(Outcome.NOT_COMMITTED, detail="5320"))
    assert create(house, lot) == "unknown"
    assert house.now(lot).state is LotState.POSTING
    assert house.now(lot).posts == 2


def test_no_clear_answer_leaves_the_lot_to_be_looked_up_after_thirty_seconds(house: House) -> None:
    lot = house.lot()
    house.supplier.placements.append(NO_ANSWER)
    assert create(house, lot) == "unknown"
    after = house.now(lot)
    assert (after.state, after.ask_at) == (LotState.POSTING, house.clock.now() + 30_000)


def test_running_again_after_a_lost_answer_sends_nothing(house: House) -> None:
    lot = house.lot()
    house.supplier.placements.append(NO_ANSWER)
    for _ in range(5):
        create(house, lot)
    assert len(house.supplier.posts) == 1


@pytest.mark.parametrize("state", [s for s in LotState if s not in (LotState.NEW, LotState.ABSENT)])
def test_a_lot_in_any_other_state_is_left_as_it_is(house: House, state: LotState) -> None:
    lot = house.lot(state=state)
    create(house, lot)
    assert house.now(lot) == lot
    assert house.supplier.posts == []


def test_a_worker_that_was_frozen_after_its_intent_does_not_send(house: House) -> None:
    lot = house.lot()
    house.clock.tick = 20.1
    assert create(house, lot) == "more"
    assert house.supplier.posts == []
    assert (house.now(lot).state, house.now(lot).posts) == (LotState.NEW, 0)


def test_a_worker_that_was_slow_but_not_frozen_sends(house: House) -> None:
    lot = house.lot()
    house.clock.tick = 19.9
    create(house, lot)
    assert len(house.supplier.posts) == 1


def test_two_workers_make_one_post(house: House) -> None:
    lot = house.lot()
    read_early = house.orders.lot(lot.order_id, lot.number)
    create(house, lot)

    class Late(type(house.orders)):  # type: ignore[misc]
        """A worker that read the lot before the other one wrote."""

        def lot(self, order_id: str, number: int) -> Lot:
            return read_early

    late = Late(house.orders.records, house.orders.parts, house.orders.refnos)
    worker = replace(house.create_order, orders=late)
    with pytest.raises(StaleWrite):
        worker(lot.order_id, lot.number)
    assert len(house.supplier.posts) == 1


def test_a_second_worker_during_the_post_sends_nothing(house: House) -> None:
    lot = house.lot()
    meanwhile: list[str] = []

    def interrupt() -> None:
        house.supplier.before_place = lambda: None
        meanwhile.append(create(house, lot))

    house.supplier.before_place = interrupt
    create(house, lot)
    assert meanwhile == ["unknown"]
    assert len(house.supplier.posts) == 1


def test_an_absent_lot_is_posted_again_under_the_same_reference(house: House) -> None:
    lot = house.set(replace(house.lot(state=LotState.POSTING), state=LotState.ABSENT))
    create(house, lot)
    assert house.supplier.posts == [lot.reference]
    after = house.now(lot)
    assert (after.posts, after.nonce != lot.nonce) == (2, True)
    assert after.first_posted_at == lot.first_posted_at


def test_after_four_posts_the_lot_goes_to_a_person(house: House) -> None:
    lot = house.lot()
    house.supplier.placements.extend([NO_ANSWER] * 10)
    for _ in range(6):
        create(house, lot)
        if house.now(lot).state is LotState.POSTING:
            house.set(replace(house.now(lot), state=LotState.ABSENT))
    assert len(house.supplier.posts) == 4
    assert house.now(lot).state is LotState.REVIEW
    assert house.create_order(lot.order_id, lot.number).found is Found.REVIEW


def test_a_whole_life_with_lost_answers_buys_once(house: House) -> None:
    """First POST never arrives, the second does but its answer is lost."""
    lot = house.lot(3)
    house.supplier.placements.append(NO_ANSWER)
    create(house, lot)
    house.supplier.lose_answers = 1
    for _ in range(6):
        house.clock.time = max(house.clock.time, house.now(lot).ask_at)
        if house.get_order_status(lot.order_id, lot.number).found is Found.ABSENT:
            create(house, lot)
    assert house.now(lot).state is LotState.READY
    assert house.supplier.posts == [lot.reference] * 2
    assert len(house.supplier.sold) == 1


def test_the_key_is_fetched_before_the_intent_so_that_a_missing_one_costs_no_post(house: House) -> None:
    lot = house.lot(1, LotState.NEW)

    def missing() -> None:
        raise Misconfigured("the suppliers' secret has no wpay_api_key")

    house.supplier.before_prepare = missing
    with pytest.raises(Misconfigured):
        house.create_order(lot.order_id, lot.number)
    assert (house.now(lot).state, house.now(lot).posts, house.supplier.posts) == (LotState.NEW, 0, [])
