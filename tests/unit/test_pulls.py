"""Lots of single cards: placing, resolving and taking, and whole executions over them."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.errors import StaleWrite
from giftline.orders.closing import results_keys
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Card, Order, OrderStatus
from giftline.orders.pages import open_page
from giftline.orders.ports import Turn
from giftline.orders.protocol import FETCH_ROUNDS
from giftline.orders.reviewing import Way
from giftline.orders.slots import slot_reference, when_to_ask, with_slots
from giftline.orders.timing import Timing
from giftline.orders.verdict import Verdict
from giftline.suppliers.port import Found, Outcome, Placed, Status
from giftline.suppliers.walleo import POLL_INTERVAL, TERMS
from tests.fakes.house import House, euro_line, request
from tests.fakes.supplier import NO_ANSWER, UNREADABLE, card_of
from tests.fakes.walks import walked

SECOND = 1_000
FROZEN = 20 * SECOND
REFUSED = Placed(Outcome.NOT_COMMITTED, detail="out_of_stock")
NEW, ABSENT, POSTING, PLACED = LotState.NEW, LotState.ABSENT, LotState.POSTING, LotState.PLACED
COLLECTED, FAILED, REVIEW = LotState.COLLECTED, LotState.FAILED, LotState.REVIEW


def a_pull_lot(house: House, cards: int = 3) -> Lot:
    return house.orders.lot(house.planned(euro_line(cards)).id, 1)


def place(house: House, lot: Lot) -> Verdict:
    return house.create_order(lot.order_id, lot.number)


def resolve(house: House, lot: Lot) -> Verdict:
    return house.get_order_status(lot.order_id, lot.number)


def take(house: House, lot: Lot) -> Verdict:
    return house.fetch_cards(lot.order_id, lot.number)


def states(house: House, lot: Lot) -> list[LotState]:
    return [slot.state for slot in house.now(lot).slots]


def kept_cards(house: House, order: Order) -> list[Card]:
    order = house.orders.get(order.id)
    seal = house.vault.seal(order)
    return [card for page in house.pages.kept.values() for card in open_page(seal, order, page)]


def sold(house: House, *slots: LotState) -> Lot:
    """A lot whose slots stand so; what is PLACED, the supplier has, and it is time to ask."""
    lot, now = a_pull_lot(house, len(slots)), house.clock.now()
    for position, state in enumerate(slots):
        if state is PLACED:
            house.walleo.sell(slot_reference(lot, position), euro_line())
    made = [Slot(s, posts=int(s is not NEW), posting_at=now, waiting_since=now, ask_at=now) for s in slots]
    return house.set(with_slots(replace(lot, first_posted_at=now), made))


# --- placing


def test_each_slot_is_sent_once_under_a_reference_of_its_own(house: House) -> None:
    lot = a_pull_lot(house, 450)
    verdict = place(house, lot)
    assert house.walleo.posts == [f"{lot.reference}-{position}-1" for position in range(450)]
    assert set(states(house, lot)) == {PLACED}
    assert {slot.posts for slot in house.now(lot).slots} == {1}
    assert house.now(lot).posts == 450
    assert (verdict.found, verdict.wait_until) == ("pending", house.clock.now() + TERMS.lookup_after)


def test_a_lot_that_was_placed_is_not_sent_again(house: House) -> None:
    lot = a_pull_lot(house)
    place(house, lot)
    place(house, lot)
    assert len(house.walleo.posts) == 3


def test_a_lost_answer_is_looked_up_two_seconds_later_and_adopted(house: House) -> None:
    lot = a_pull_lot(house)
    house.walleo.lose = lambda reference: reference.endswith("-1-1")
    place(house, lot)
    assert states(house, lot) == [PLACED, POSTING, PLACED]
    assert house.now(lot).slots[1].ask_at == house.clock.now() + TERMS.lookup_after
    assert resolve(house, lot).found == "pending"
    assert house.walleo.gets == []
    house.clock.pass_(TERMS.lookup_after)
    assert resolve(house, lot).found == "ready"
    assert states(house, lot) == [PLACED] * 3
    assert [reference for reference, _ in house.walleo.gets] == [f"{lot.reference}-1-1"]
    assert len(house.walleo.posts) == 3


def test_absence_counts_only_after_settling_and_then_the_same_reference_is_sent(house: House) -> None:
    lot = a_pull_lot(house, 1)
    house.walleo.placements.append(NO_ANSWER)
    place(house, lot)
    sent_at = house.clock.now()
    house.clock.pass_(TERMS.lookup_after)
    assert resolve(house, lot).wait_until == sent_at + TERMS.settle
    assert states(house, lot) == [POSTING]
    house.clock.time = sent_at + TERMS.settle
    assert resolve(house, lot).found == "absent"
    assert (states(house, lot), house.now(lot).state) == ([ABSENT], NEW)
    place(house, lot)
    assert house.walleo.posts == [f"{lot.reference}-0-1"] * 2
    assert (states(house, lot), house.now(lot).slots[0].posts) == ([PLACED], 2)


def test_a_refusal_is_proven_only_by_absence_after_settling(house: House) -> None:
    lot = a_pull_lot(house, 2)
    house.walleo.placements.append(REFUSED)
    verdict = place(house, lot)
    assert states(house, lot) == [POSTING, PLACED]
    assert verdict.found == "pending"
    house.clock.pass_(TERMS.settle)
    resolve(house, lot)
    assert states(house, lot) == [FAILED, PLACED]
    assert house.now(lot).slots[0].reason == "refused: out_of_stock"
    assert house.walleo.posts == [f"{lot.reference}-{position}-1" for position in range(2)]


def test_what_was_refused_and_sold_all_the_same_is_adopted(house: House) -> None:
    lot = a_pull_lot(house, 1)
    house.walleo.placements.append(REFUSED)
    place(house, lot)
    house.walleo.sell(house.walleo.posts[0], euro_line())
    house.clock.pass_(TERMS.settle)
    resolve(house, lot)
    assert states(house, lot) == [PLACED]


def test_the_refusal_of_a_second_post_is_not_believed(house: House) -> None:
    house.walleo.placements.extend([NO_ANSWER, REFUSED])
    order_id = house.accept_order(request(euro_line())).id
    walked(house, order_id)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE
    assert len(house.walleo.posts) == 3
    assert len(set(house.walleo.posts)) == 1


def test_twelve_posts_of_one_card_are_enough_and_the_others_are_delivered(house: House) -> None:
    house.walleo.refuse = lambda reference: NO_ANSWER if reference.endswith("-1-1") else None
    order_id = house.accept_order(request(euro_line(3))).id
    walked(house, order_id)
    order, lot = house.orders.get(order_id), house.orders.lot(order_id, 1)
    assert Counter(house.walleo.posts)[slot_reference(lot, 1)] == 12
    assert [slot.state for slot in lot.slots] == [COLLECTED, REVIEW, COLLECTED]
    assert (order.status, order.delivered_cards) == (OrderStatus.REVIEW, 2)
    assert "12 posts" in lot.reason


def test_a_frozen_worker_hands_back_what_it_did_not_send() -> None:
    house = House(timing=Timing(task_budget=10.0))
    house.walleo.latency = 3 * SECOND
    lot = a_pull_lot(house, 12)
    verdict = place(house, lot)
    sent = len(house.walleo.posts)
    slots = house.now(lot).slots
    assert 1 < sent < 12
    assert [slot.state for slot in slots] == [PLACED] * sent + [NEW] * (12 - sent)
    assert [slot.posts for slot in slots] == [1] * sent + [0] * (12 - sent)
    assert {slot.state for slot in house.orders.history[-2].slots} == {POSTING}
    assert verdict.found == "more"
    while place(house, lot).found == "more":
        assert len(house.walleo.posts) <= 12
    assert len(set(house.walleo.posts)) == len(house.walleo.posts) == 12


def test_a_retry_after_holds_everybody_who_asks_that_account(house: House) -> None:
    busy = Placed(Outcome.UNKNOWN, detail="429 too_many_requests", retry_after=60.0)
    house.walleo.placements.append(busy)
    place(house, a_pull_lot(house, 1))
    until = house.clock.now() + 60 * SECOND
    another = house.orders.lot(house.planned(euro_line(2), refno="refno-2").id, 1)
    verdict = place(house, another)
    assert (verdict.found, verdict.wait_until) == ("more", until)
    assert len(house.walleo.posts) == 1
    house.clock.time = until
    place(house, another)
    assert len(house.walleo.posts) == 3


def test_the_rest_of_a_block_is_not_sent_once_one_was_turned_away(house: House) -> None:
    busy = Placed(Outcome.UNKNOWN, detail="429 too_many_requests", retry_after=60.0)
    house.walleo.placements.append(busy)
    lot = a_pull_lot(house, 5)
    place(house, lot)
    assert len(house.walleo.posts) == 1
    assert [slot.state for slot in house.now(lot).slots] == [POSTING] + [NEW] * 4


def test_a_lookup_that_is_sent_away_holds_everybody_too(house: House) -> None:
    lot = sold(house, PLACED)
    house.walleo.statuses.append(Status(Found.UNREADABLE, word="503", retry_after=90.0))
    take(house, lot)
    assert house.pace.reserve("walleo", 1, house.clock.now()).start == house.clock.now() + 90 * SECOND
    assert house.now(lot).slots[0].ask_at >= house.clock.now() + 90 * SECOND


def test_more_is_said_when_the_time_is_over_and_the_rest_is_sent_then() -> None:
    house = House(timing=Timing(task_budget=10.0))
    house.pace.rates["walleo"] = 2.0
    lot = a_pull_lot(house, 70)
    rounds = 1
    while (verdict := place(house, lot)).found == "more":
        assert Counter(states(house, lot)) == {PLACED: len(house.walleo.posts), NEW: 70 - len(house.walleo.posts)}
        house.clock.time = max(house.clock.time, verdict.wait_until)
        rounds += 1
    assert 2 <= rounds <= 5
    assert len(set(house.walleo.posts)) == len(house.walleo.posts) == 70


def test_a_rate_that_has_no_room_in_time_sends_nothing_and_names_the_time(house: House) -> None:
    house.pace.hold("walleo", house.clock.now() + 200 * SECOND)
    lot = a_pull_lot(house)
    verdict = place(house, lot)
    assert (verdict.found, verdict.wait_until) == ("more", house.clock.now() + 200 * SECOND)
    assert (house.walleo.posts, house.orders.history) == ([], [])


# --- resolving


def test_only_what_is_in_doubt_is_looked_up_and_no_card_is_kept(house: House) -> None:
    lot = sold(house, PLACED, POSTING, PLACED)
    house.walleo.sell(slot_reference(lot, 1), euro_line())
    verdict = resolve(house, lot)
    assert [reference for reference, _ in house.walleo.gets] == [slot_reference(lot, 1)]
    assert states(house, lot) == [PLACED] * 3
    assert house.pages.kept == {}
    assert verdict.found == "ready"


def test_doubt_is_looked_up_though_the_placed_ones_are_due(house: House) -> None:
    lot = sold(house, PLACED, POSTING)
    take(house, lot)
    assert states(house, lot) == [COLLECTED, POSTING]


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ((PLACED, PLACED), "ready"),
        ((FAILED, PLACED), "ready"),
        ((POSTING, POSTING), "pending"),
        ((NEW, PLACED), "absent"),
        ((ABSENT, PLACED), "absent"),
        ((COLLECTED, FAILED), "rejected"),
        ((FAILED, FAILED), "rejected"),
        ((COLLECTED, COLLECTED), "collected"),
        ((COLLECTED, REVIEW, FAILED), "review"),
    ],
)
def test_what_resolving_says_about_slots(house: House, slots: tuple[LotState, ...], expected: str) -> None:
    lot = sold(house, *slots)
    assert resolve(house, lot).found == expected


def test_slots_that_are_due_within_an_interval_are_asked_about_together(house: House) -> None:
    lot = sold(house, PLACED, PLACED, PLACED)
    slots = [replace(slot, ask_at=ask_at) for slot, ask_at in zip(lot.slots, (1_000, 4_000, 99_000), strict=True)]
    assert when_to_ask(with_slots(lot, slots), 5_000) == 6_000
    assert when_to_ask(with_slots(lot, slots[:2]), 5_000) == 4_000


# --- taking


def test_cards_lie_in_the_vault_before_their_slots_count(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    lot = sold(house, PLACED, PLACED)
    save, crashed = house.orders.save_lot, list[Lot]()

    def dies(lot: Lot) -> Lot:
        if lot.received_cards:
            crashed.append(lot)
            raise MemoryError("killed between the page and the lot")
        return save(lot)

    monkeypatch.setattr(house.orders, "save_lot", dies)
    with pytest.raises(MemoryError):
        take(house, lot)
    assert len(kept_cards(house, house.orders.get(lot.order_id))) == 2
    assert states(house, lot) == [PLACED, PLACED]
    monkeypatch.undo()
    assert take(house, lot).found == "pending"
    assert len(house.walleo.gets) == 2
    house.clock.pass_(FROZEN + POLL_INTERVAL)
    assert take(house, lot).found == "collected"
    assert len(house.walleo.gets) == 4
    assert len(kept_cards(house, house.orders.get(lot.order_id))) == 2
    house.close_order(lot.order_id, {})
    assert house.orders.get(lot.order_id).delivered_cards == 2


def test_the_same_card_for_two_slots_is_a_persons_business(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.walleo, "card", lambda reference: card_of(euro_line(), 0, "W"))
    order_id = house.accept_order(request(euro_line(2))).id
    walked(house, order_id)
    order, lot = house.orders.get(order_id), house.orders.lot(order_id, 1)
    assert (order.status, order.delivered_cards) == (OrderStatus.REVIEW, 1)
    assert [slot.state for slot in lot.slots] == [COLLECTED, REVIEW]
    assert lot.reason == "1 × another slot has the same card"


def test_the_same_card_for_two_slots_is_never_given_back_though_another_was_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.walleo, "card", lambda reference: card_of(euro_line(), 0, "W"))
    house.walleo.refuse = lambda reference: REFUSED if reference.endswith("-2-1") else None
    order_id = house.accept_order(request(euro_line(3))).id
    walked(house, order_id)
    order, lot = house.orders.get(order_id), house.orders.lot(order_id, 1)
    assert [slot.state for slot in lot.slots] == [COLLECTED, REVIEW, FAILED]
    assert order.status is OrderStatus.REVIEW
    (outcome,) = json.loads(house.files.kept[results_keys(order)["summary.json"]])["lines"]
    assert (outcome["delivered"], outcome["released"], outcome["inReview"]) == (1, 1, 1)


def test_a_card_that_came_twice_is_not_asked_about_by_the_watch_and_can_be_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.walleo, "card", lambda reference: card_of(euro_line(), 0, "W"))
    order_id = house.accept_order(request(euro_line(2))).id
    walked(house, order_id)
    house.clock.pass_(2 * 3_600 * SECOND)
    assert house.watch_orders() == {"watched": 1, "reopened": 0}
    house.resolve_review(order_id, 1, Way.GIVE_UP, "ann", "the supplier gives the money back")
    walked(house, order_id)
    assert house.orders.get(order_id).status is OrderStatus.PARTIAL


def test_a_card_that_came_twice_can_be_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.walleo, "card", lambda reference: card_of(euro_line(), 0, "W"))
    order_id = house.accept_order(request(euro_line(2))).id
    walked(house, order_id)
    monkeypatch.undo()
    house.resolve_review(order_id, 1, Way.TRY_AGAIN, "ann", "the supplier has mended it")
    walked(house, order_id)
    order = house.orders.get(order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.COMPLETE, 2)


def test_a_flawed_card_is_kept_apart_and_asked_for_again(house: House) -> None:
    house.walleo.flaw = "no PIN"
    lot = sold(house, PLACED)
    take(house, lot)
    assert states(house, lot) == [PLACED]
    assert house.now(lot).slots[0].ask_at == house.clock.now() + POLL_INTERVAL
    house.clock.pass_(POLL_INTERVAL)
    take(house, lot)
    assert [card.flaw for card in kept_cards(house, house.orders.get(lot.order_id))] == ["no PIN"]
    house.walleo.flaw = ""
    house.clock.pass_(POLL_INTERVAL)
    assert take(house, lot).found == "collected"
    house.close_order(lot.order_id, {})
    assert house.orders.get(lot.order_id).delivered_cards == 1


def test_a_card_that_stays_flawed_is_a_persons_business_after_20_readings(house: House) -> None:
    house.walleo.flaw = "no PIN"
    order_id = house.accept_order(request(euro_line(2))).id
    walked(house, order_id)
    order, lot = house.orders.get(order_id), house.orders.lot(order_id, 1)
    assert (order.status, order.delivered_cards) == (OrderStatus.REVIEW, 0)
    assert lot.reason == "2 × its card is quarantined: no PIN"
    assert set(Counter(reference for reference, _ in house.walleo.gets).values()) == {FETCH_ROUNDS}


@pytest.mark.parametrize(
    "wrong", [euro_line(1, "FNAC"), euro_line(1, minor=6_000)], ids=["another product", "another amount"]
)
def test_a_card_that_was_not_ordered_is_never_delivered(
    house: House, monkeypatch: pytest.MonkeyPatch, wrong: object
) -> None:
    monkeypatch.setattr(house.walleo, "card", lambda reference: card_of(wrong, 1, "W"))  # type: ignore[arg-type]
    lot = sold(house, PLACED)
    take(house, lot)
    assert states(house, lot) == [PLACED]
    assert [card.flaw for card in kept_cards(house, house.orders.get(lot.order_id))] == [
        "sku or amount was not ordered"
    ]


def test_an_error_of_the_supplier_is_followed_by_a_new_derived_reference(house: House) -> None:
    house.walleo.is_dead = lambda reference: reference.endswith("-1-1")
    order_id = house.accept_order(request(euro_line(3))).id
    walk = walked(house, order_id)
    lot = house.orders.lot(order_id, 1)
    assert house.walleo.posts == [f"{lot.reference}-{end}" for end in ("0-1", "1-1", "2-1", "1-2")]
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE
    assert walk.visits("CreateOrder") == 2


def test_three_references_end_in_error_and_the_others_are_delivered(house: House) -> None:
    house.walleo.is_dead = lambda reference: "-1-" in reference.removeprefix("GL-")[-4:]
    order_id = house.accept_order(request(euro_line(3))).id
    walked(house, order_id)
    order, lot = house.orders.get(order_id), house.orders.lot(order_id, 1)
    assert [slot.state for slot in lot.slots] == [COLLECTED, FAILED, COLLECTED]
    assert lot.slots[1].reason == "cancelled by the supplier, 3 times"
    assert [reference for reference in house.walleo.posts if "-1-" in reference[-4:]] == [
        f"{lot.reference}-1-{attempt}" for attempt in (1, 2, 3)
    ]
    assert (lot.state, order.status, order.delivered_cards) == (LotState.PARTIAL, OrderStatus.PARTIAL, 2)


def test_a_word_that_nobody_knows_is_waited_for(house: House) -> None:
    house.walleo.statuses.extend([Status(Found.UNDER_WAY, "P-1", "polishing")] * 7)
    order_id = house.accept_order(request(euro_line())).id
    walked(house, order_id)
    assert len(house.walleo.gets) == 8
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE


def test_absence_of_what_was_placed_is_waited_for(house: House) -> None:
    house.walleo.statuses.extend([Status(Found.ABSENT, word="card_not_found")] * 3)
    order_id = house.accept_order(request(euro_line())).id
    walked(house, order_id)
    assert (len(house.walleo.posts), len(house.walleo.gets)) == (1, 4)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE


def test_a_supplier_that_never_finishes_ends_with_a_person_and_within_the_history(house: House) -> None:
    house.walleo.ready_after = 10**12
    order_id = house.accept_order(request(euro_line(3))).id
    walk = walked(house, order_id)
    assert house.orders.get(order_id).status is OrderStatus.REVIEW
    assert walk.events < 25_000 // 4


def test_a_supplier_that_never_answers_a_question_does_not_make_the_machine_spin(house: House) -> None:
    house.walleo.placements.append(NO_ANSWER)
    house.walleo.statuses.extend([UNREADABLE] * 10_000)
    order_id = house.accept_order(request(euro_line(3))).id
    walk = walked(house, order_id)
    assert house.orders.get(order_id).status is OrderStatus.REVIEW
    assert walk.events < 25_000 // 4


# --- two workers at once


def test_of_two_workers_that_read_the_same_lot_only_one_sends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    lot = a_pull_lot(house)
    reserve, entered = house.pace.reserve, list[str]()

    def meanwhile(account: str, wanted: int, latest: int) -> Turn:
        if not entered:
            entered.append("the other one is faster")
            place(house, lot)
        return reserve(account, wanted, latest)

    monkeypatch.setattr(house.pace, "reserve", meanwhile)
    with pytest.raises(StaleWrite):
        place(house, lot)
    assert len(house.walleo.posts) == len(set(house.walleo.posts)) == 3
    assert states(house, lot) == [PLACED] * 3


@pytest.mark.parametrize("moment", range(1, 8, 2))
def test_two_workers_amid_their_blocks_send_each_slot_once(house: House, moment: int) -> None:
    house.pace.rates["walleo"] = 0.4
    order_id = house.accept_order(request(euro_line(10))).id
    house.plan_order(order_id)
    lot, sends = house.orders.lot(order_id, 1), itertools.count(1)

    def interrupted(_reference: str) -> bool:
        if next(sends) == moment:
            place(house, lot)
        return False

    house.walleo.lose = interrupted
    with pytest.raises(StaleWrite):
        place(house, lot)
    walked(house, order_id)
    assert len(house.walleo.posts) == len(set(house.walleo.posts)) == 10
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE


def test_two_workers_that_take_the_same_cards_store_each_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    lot = sold(house, PLACED, PLACED)
    look, entered = house.walleo._status, list[str]()

    def meanwhile(reference: str) -> Status:
        if not entered:
            entered.append("a twin begins while this one asks, later than the claim forbids")
            house.set(with_slots(house.now(lot), [replace(slot, ask_at=0) for slot in house.now(lot).slots]))
            take(house, lot)
        return look(reference)

    monkeypatch.setattr(house.walleo, "_status", meanwhile)
    with pytest.raises(StaleWrite):
        take(house, lot)
    assert states(house, lot) == [COLLECTED, COLLECTED]
    assert len(kept_cards(house, house.orders.get(lot.order_id))) == 2


# --- whole executions


@pytest.mark.parametrize("lost", ["-0-1", "-1-1", "-2-1"])
def test_one_execution_closes_a_lot_of_placed_and_doubtful_slots(house: House, lost: str) -> None:
    house.walleo.lose = lambda reference: reference.endswith(lost)
    order_id = house.accept_order(request(euro_line(3))).id
    walk = walked(house, order_id)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE
    assert (walk.visits("LotClosed"), walk.visits("OrderClosed")) == (1, 1)


def test_fetching_a_lot_in_doubt_leads_back_to_asking(house: House) -> None:
    lot = sold(house, PLACED, POSTING)
    house.set(with_slots(lot, [lot.slots[0], replace(lot.slots[1], ask_at=house.clock.now() + 300 * SECOND)]))
    verdict = take(house, lot)
    assert (verdict.found, verdict.wait_until) == ("pending", house.clock.now() + 300 * SECOND)


def test_fetching_a_lot_whose_slot_is_to_be_bought_anew_leads_back_to_buying(house: House) -> None:
    house.walleo.is_dead = lambda reference: reference.endswith("-1-1")
    lot = sold(house, PLACED, PLACED)
    assert take(house, lot).found == "absent"
    assert states(house, lot) == [COLLECTED, NEW]


def test_running_the_whole_machine_again_buys_and_asks_nothing(house: House) -> None:
    order_id = house.accept_order(request(euro_line(5))).id
    walked(house, order_id)
    before = (list(house.walleo.posts), list(house.walleo.gets), dict(house.files.kept))
    walked(house, order_id)
    assert (house.walleo.posts, house.walleo.gets, house.files.kept) == before


def assert_spaced(house: House) -> None:
    """No reference is asked about under 2 s after it was sold, nor under 5 s after the last time."""
    by_reference: dict[str, list[int]] = {}
    for reference, at in house.walleo.gets:
        by_reference.setdefault(reference, []).append(at)
    for reference, times in by_reference.items():
        sold_at = house.walleo.sold[reference][1] if reference in house.walleo.sold else 0
        assert all(at - sold_at >= TERMS.lookup_after for at in times if at > sold_at)
        for earlier, later in itertools.pairwise(times):
            assert later - earlier >= POLL_INTERVAL or earlier <= sold_at


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_happens_to_single_answers_no_card_is_lost_bought_twice_or_asked_for_too_often(
    data: st.DataObject,
) -> None:
    house = House()
    cards = data.draw(st.integers(1, 14), "cards")
    house.walleo.latency = data.draw(st.integers(0, 3 * SECOND), "latency")
    house.walleo.ready_after = data.draw(st.sampled_from([0, 1_500, 3_000, 9_000, 400_000]), "ready after")
    house.pace.rates["walleo"] = data.draw(st.sampled_from([0.0, 0.3, 5.0, 50.0]), "rate")
    ends = st.sampled_from(["good", "good", "good", "lost", "refused", "never arrives once", "dead once"])
    fates = data.draw(st.lists(ends, min_size=cards, max_size=cards), "fates")
    arrived: Counter[str] = Counter()

    def fate(reference: str) -> str:
        *_, position, attempt = reference.split("-")
        return fates[int(position)] if attempt == "1" else "good"

    def refuse(reference: str) -> Placed | None:
        arrived[reference] += 1
        if fate(reference) == "never arrives once" and arrived[reference] == 1:
            return NO_ANSWER
        return REFUSED if fate(reference) == "refused" else None

    house.walleo.refuse = refuse
    house.walleo.lose = lambda reference: fate(reference) == "lost"
    house.walleo.is_dead = lambda reference: fate(reference) == "dead once"
    order_id = house.accept_order(request(euro_line(cards))).id
    walk = walked(house, order_id)
    order, refused = house.orders.get(order_id), fates.count("refused")
    expected = OrderStatus.COMPLETE if not refused else OrderStatus.PARTIAL
    assert order.status is (OrderStatus.FAILED if refused == cards else expected)
    assert order.delivered_cards == cards - refused
    assert len(house.walleo.sold) == cards - refused + fates.count("dead once")
    assert walk.visits("OrderClosed") == 1
    assert_spaced(house)
