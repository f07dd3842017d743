"""Pages become sealed cards: none lost that was ever seen, none counted twice, none flawed delivered."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.errors import StaleWrite
from giftline.money import Money
from giftline.orders.keeping import MAX_SEALED
from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Card, Line, OrderStatus
from giftline.orders.pages import open_page, sound_cards, sound_positions
from giftline.orders.protocol import FETCH_ROUNDS
from giftline.orders.timing import LEAST_ASKS, Timing
from giftline.secret import Secret
from giftline.suppliers.port import CardsPage, Fetched
from tests.fakes.house import AUD, House, line
from tests.fakes.supplier import card_of, whole_page

UNREADABLE = CardsPage(Fetched.UNREADABLE)


def fetch(house: House, lot: Lot) -> str:
    return house.fetch_cards(lot.order_id, lot.number).found.value


def until_closed(house: House, lot: Lot, most: int = 40) -> Lot:
    """Fetch as the state machine does, at the times that the lot asks for."""
    for _ in range(most):
        if house.now(lot).state is not LotState.READY:
            break
        house.clock.time = max(house.clock.time, house.now(lot).ask_at)
        fetch(house, lot)
    return house.now(lot)


def numbers(house: House, lot: Lot) -> list[str]:
    order = house.orders.get(lot.order_id)
    positions = sound_positions(house.pages.refs(order.id), frozenset())
    return [card.number.reveal() for card in sound_cards(house.vault.seal(order), order, house.pages, positions)]


def sold(house: House, lot: Lot) -> list[str]:
    return [card.number.reveal() for card in house.supplier.sold[lot.reference]]


def short(cards: list[Card], offset: int, limit: int) -> CardsPage:
    return CardsPage(Fetched.CARDS, whole_page(cards, offset, limit).cards[:-3])


def previous(cards: list[Card], offset: int, limit: int) -> CardsPage:
    return whole_page(cards, max(0, offset - limit), limit)


def reordered(cards: list[Card], offset: int, limit: int) -> CardsPage:
    return CardsPage(Fetched.CARDS, whole_page(cards, offset, limit).cards[::-1])


def shifted(cards: list[Card], offset: int, limit: int) -> CardsPage:
    """Begins in the page before."""
    return whole_page(cards, max(0, offset - 7), limit)


@pytest.mark.parametrize("quantity", [1, 500, 501, 1_250])
def test_all_cards_come_in_one_round_of_pages(house: House, quantity: int) -> None:
    lot = house.lot(quantity, LotState.READY)
    assert fetch(house, lot) == "collected"
    after = house.now(lot)
    assert (after.state, after.received_cards) == (LotState.COLLECTED, quantity)
    assert house.supplier.reads == list(range(0, quantity, 500))
    assert numbers(house, lot) == sold(house, lot)


@pytest.mark.parametrize("fault", [short, previous, shifted])
def test_a_page_that_lacks_cards_is_read_again(house: House, fault: object) -> None:
    lot = house.lot(1_250, LotState.READY)
    house.supplier.fetches.extend([whole_page, fault])  # type: ignore[list-item]
    assert fetch(house, lot) == "pending"
    after = until_closed(house, lot)
    assert (after.state, after.received_cards) == (LotState.COLLECTED, 1_250)
    assert sorted(numbers(house, lot)) == sorted(sold(house, lot))
    assert house.supplier.reads.count(500) == 2
    assert house.supplier.reads.count(0) == 1


def test_a_reordered_page_is_as_good_as_any(house: House) -> None:
    lot = house.lot(700, LotState.READY)
    house.supplier.fetches.append(reordered)
    assert fetch(house, lot) == "collected"
    assert set(numbers(house, lot)) == set(sold(house, lot))


def test_reading_again_stores_only_what_is_new(house: House) -> None:
    lot = house.lot(500, LotState.READY)
    house.supplier.fetches.append(short)
    until_closed(house, lot)
    refs = house.pages.refs(lot.order_id)
    assert [(ref.version, len(ref.digests)) for ref in refs] == [(0, 497), (1, 3)]


def test_the_next_reading_waits_thirty_seconds(house: House) -> None:
    lot = house.lot(10, LotState.READY)
    house.supplier.fetches.append(short)
    fetch(house, lot)
    assert house.now(lot).ask_at == house.clock.now() + 30_000
    assert fetch(house, lot) == "pending"
    assert len(house.supplier.reads) == 1


def test_a_list_that_shifted_between_pages_is_read_anew_from_the_start(house: House) -> None:
    """Each page is full, but the cards of one fell between two of them."""
    lot = house.lot(1_000, LotState.READY)

    def turned(cards: list[Card], offset: int, limit: int) -> CardsPage:
        around = cards[10:] + cards[:10]
        return whole_page(around, offset, limit)

    house.supplier.fetches.extend([whole_page, turned])
    after = until_closed(house, lot)
    assert (after.state, after.received_cards) == (LotState.COLLECTED, 1_000)


FLAWS = {
    "no number": lambda card: replace(card, number=Secret(""), flaw="no card number"),
    "no PIN": lambda card: replace(card, pin=Secret(""), flaw="no PIN"),
    "another amount": lambda card: replace(card, amount_minor=card.amount_minor + 100),
    "a sku that was not ordered": lambda card: replace(card, sku="WPAY-GROCERY"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flawed_card_is_quarantined_and_ends_with_a_person(house: House, flaw: str) -> None:
    lot = house.lot(10, LotState.READY)
    reference = lot.reference
    good = house.supplier.sold[reference]
    house.supplier.sold[reference] = [FLAWS[flaw](good[0]), *good[1:]]
    after = until_closed(house, lot)
    assert after.state is LotState.REVIEW
    assert after.received_cards == 9
    assert len(house.supplier.reads) == FETCH_ROUNDS
    order = house.orders.get(lot.order_id)
    refs = house.pages.refs(lot.order_id)
    kept = [c for ref in refs for c in open_page(house.vault.seal(order), order, house.pages.get(ref))]
    assert any(card.flaw for card in kept)
    assert len(numbers(house, lot)) == 9


def test_a_flawed_card_that_comes_again_is_kept_once(house: House) -> None:
    lot = house.lot(10, LotState.READY)
    good = house.supplier.sold[lot.reference]
    house.supplier.sold[lot.reference] = [FLAWS["no PIN"](good[0]), *good[1:]]
    until_closed(house, lot)
    assert sum(ref.flawed for ref in house.pages.refs(lot.order_id)) == 1


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flawed_card_that_comes_sound_the_next_time_is_healed(house: House, flaw: str) -> None:
    lot = house.lot(10, LotState.READY)

    def spoiled(cards: list[Card], offset: int, limit: int) -> CardsPage:
        return CardsPage(Fetched.CARDS, (FLAWS[flaw](cards[0]), *cards[1:]))

    house.supplier.fetches.append(spoiled)
    after = until_closed(house, lot)
    assert (after.state, after.received_cards) == (LotState.COLLECTED, 10)
    assert sorted(numbers(house, lot)) == sorted(sold(house, lot))


def test_more_cards_than_slots_are_a_persons_business(house: House) -> None:
    lot = house.lot(10, LotState.READY)
    more = card_of(line(), 10, lot.reference)
    house.supplier.sold[lot.reference].append(more)
    after = until_closed(house, lot)
    assert after.state is LotState.REVIEW
    assert "11 cards for 10 slots" in after.reason


def test_too_many_of_one_line_do_not_make_up_for_too_few_of_another(house: House) -> None:
    """Ordered 5 at 5.00 and 5 at 10.00; ten cards at 5.00 came."""
    lot = house.lot(0, LotState.READY, line(5), line(5, minor=1_000))
    cheap = Line(lot.lines[0].sku, Money(500, AUD), 10)
    house.supplier.sold[lot.reference] = [card_of(cheap, at) for at in range(10)]
    until_closed(house, lot)
    assert house.close_order(lot.order_id, {}).status is OrderStatus.REVIEW


def test_not_yet_sends_the_lot_back_to_be_polled(house: House) -> None:
    lot = house.lot(10, LotState.READY)
    house.supplier.fetches.append(CardsPage(Fetched.NOT_YET))
    assert fetch(house, lot) == "pending"
    after = house.now(lot)
    assert (after.state, after.ask_at) == (LotState.PLACED, house.clock.now() + 5 * 60_000)


def test_a_lot_that_is_cancelled_by_the_cards_call_has_failed(house: House) -> None:
    lot = house.lot(10, LotState.READY)
    house.supplier.cancelled.add(lot.reference)
    assert fetch(house, lot) == "rejected"
    assert house.now(lot).state is LotState.FAILED


def test_a_cancellation_after_cards_came_is_a_persons_business(house: House) -> None:
    lot = house.lot(1_000, LotState.READY)
    house.supplier.fetches.extend([whole_page, CardsPage(Fetched.CANCELLED)])
    fetch(house, lot)
    assert house.now(lot).state is LotState.REVIEW


def test_unreadable_pages_wait_and_cost_no_round(house: House) -> None:
    lot = house.lot(10, LotState.READY)
    house.supplier.fetches.extend([UNREADABLE] * 20)
    assert fetch(house, lot) == "pending"
    assert house.now(lot).fetch_rounds == 0
    assert house.now(lot).ask_at > house.clock.now()
    assert until_closed(house, lot).state is LotState.COLLECTED


def test_unreadable_pages_to_the_deadline_are_a_persons_business(house: House) -> None:
    lot = house.lot(10, LotState.READY)
    house.supplier.fetches.extend([UNREADABLE] * 500)
    after = until_closed(house, lot, most=500)
    assert after.state is LotState.REVIEW
    assert "overdue" in after.reason


def test_a_task_out_of_time_says_that_there_is_more_and_goes_on_where_it_was(house: House) -> None:
    house.timing = Timing(task_budget=45)
    lot = house.lot(2_500, LotState.READY)
    house.supplier.before_fetch = lambda: setattr(house.clock, "ticks", house.clock.ticks + 30)
    found = []
    while house.now(lot).state is LotState.READY:
        found.append(fetch(house, lot))
    assert found == ["more", "more", "collected"]
    assert house.supplier.reads == [0, 500, 1_000, 1_500, 2_000]
    assert numbers(house, lot) == sold(house, lot)


def test_a_second_fetcher_at_the_same_time_loses_and_no_card_is_stored_twice(house: House) -> None:
    lot = house.lot(1_000, LotState.READY)

    def meanwhile() -> None:
        house.supplier.before_fetch = lambda: None
        fetch(house, lot)

    house.supplier.before_fetch = meanwhile
    with pytest.raises(StaleWrite):
        fetch(house, lot)
    assert house.now(lot).state is LotState.COLLECTED
    assert fetch(house, lot) == "collected"
    assert sorted(numbers(house, lot)) == sorted(sold(house, lot))


def test_a_crash_between_two_pages_loses_nothing(house: House) -> None:
    lot = house.lot(1_250, LotState.READY)

    def crash(cards: list[Card], offset: int, limit: int) -> CardsPage:
        raise MemoryError("the task was killed")

    house.supplier.fetches.extend([whole_page, crash])
    with pytest.raises(MemoryError):
        fetch(house, lot)
    assert fetch(house, lot) == "collected"
    assert house.supplier.reads == [0, 500, 500, 1_000]


@pytest.mark.parametrize("state", [s for s in LotState if s is not LotState.READY])
def test_a_lot_that_is_not_ready_is_left_as_it_is(house: House, state: LotState) -> None:
    lot = house.lot(1, state)
    fetch(house, lot)
    assert house.supplier.reads == []
    assert house.now(lot) == lot


def damaged(seed: int) -> object:
    """A page maker that drops, doubles, shuffles, shifts and spoils cards."""
    draw = random.Random(seed)

    def make(cards: list[Card], offset: int, limit: int) -> CardsPage:
        kind = draw.randrange(7)
        if kind == 0:
            return UNREADABLE
        at = max(0, offset + (draw.randrange(-20, 20) if kind == 1 else 0))
        page = list(whole_page(cards, at, limit).cards)
        if kind == 2:
            page = draw.sample(page, draw.randrange(len(page) + 1))
        if kind == 3:
            page = page + draw.sample(page, min(5, len(page)))
        if kind == 4:
            draw.shuffle(page)
        if kind == 5:
            page = [draw.choice(list(FLAWS.values()))(c) if draw.random() < 0.2 else c for c in page]
        return CardsPage(Fetched.CARDS, tuple(page))

    return make


@settings(max_examples=60, deadline=None)
@given(seeds=st.lists(st.integers(0, 10**6), max_size=25), quantity=st.sampled_from([1, 499, 500, 501, 730]))
def test_damaged_pages_never_lose_a_card_that_was_seen_and_never_count_one_twice(
    seeds: list[int], quantity: int
) -> None:
    house = House()
    lot = house.lot(quantity, LotState.READY)
    seen: set[str] = set()
    asked = house.supplier.fetch

    def watched(*arguments: object) -> CardsPage:
        page = asked(*arguments)  # type: ignore[arg-type]
        ordered = [c for c in page.cards if not c.flaw and (c.sku, c.amount_minor) == ("WWQ651BHNWSH", 500)]
        seen.update(card.number.reveal() for card in ordered)
        return page

    house.supplier.fetch = watched  # type: ignore[assignment, method-assign]
    house.supplier.fetches.extend(damaged(seed) for seed in seeds)  # type: ignore[misc]
    while house.now(lot).state is LotState.READY:
        house.clock.time = max(house.clock.time, house.now(lot).ask_at)
        fetch(house, lot)
        stored = numbers(house, lot)
        assert len(stored) == len(set(stored))
        assert set(stored) == seen
    after = house.now(lot)
    assert after.received_cards == len(seen)
    assert (after.state is LotState.COLLECTED) == (len(seen) == quantity)


def test_a_spent_budget_goes_on_where_it_stopped_and_the_round_ends(house: House) -> None:
    """Each page holds a card that stays flawed: none is ever filled, and yet all are read."""
    lot = house.lot(2_000, LotState.READY)
    offsets: list[int] = []

    def spoiled(cards: list[Card], offset: int, limit: int) -> CardsPage:
        offsets.append(offset)
        house.clock.pass_(46_000)
        return CardsPage(Fetched.CARDS, (FLAWS["no PIN"](cards[0]), *cards[1:]))

    house.supplier.fetches.extend([spoiled] * 200)
    for _ in range(4):
        assert house.fetch_cards(lot.order_id, lot.number).found.value in ("more", "pending")
    assert offsets == [0, 500, 1_000, 1_500]
    until_closed(house, lot, most=200)
    assert house.now(lot).state is LotState.REVIEW


def test_pages_that_hang_are_given_time_and_then_a_person(house: House) -> None:
    lot = house.set(replace(house.lot(1_000, LotState.READY), first_posted_at=house.clock.now()))

    def hanging(cards: list[Card], offset: int, limit: int) -> CardsPage:
        house.clock.pass_(30_000)
        return CardsPage(Fetched.UNREADABLE)

    house.supplier.fetches.extend([hanging] * 2_000)
    until_closed(house, lot, most=2_000)
    assert "overdue" in house.now(lot).reason


def test_cards_that_are_never_ready_after_all_are_a_persons_business_in_the_end(house: House) -> None:
    lot = house.set(replace(house.lot(1, LotState.READY), asks=LEAST_ASKS))
    house.clock.pass_(25 * 60 * 60_000)
    house.supplier.fetches.append(CardsPage(Fetched.NOT_YET))
    house.fetch_cards(lot.order_id, lot.number)
    assert house.now(lot).state is LotState.REVIEW


def test_cards_too_large_for_one_item_are_kept_in_several(house: House) -> None:
    lot = house.lot(500, LotState.READY)
    cards = house.supplier.sold[lot.reference]
    house.supplier.sold[lot.reference] = [
        replace(card, activation_url=Secret(random.Random(at).randbytes(800).hex())) for at, card in enumerate(cards)
    ]
    until_closed(house, lot)
    assert house.now(lot).state is LotState.COLLECTED
    pages = [house.pages.get(ref) for ref in house.pages.refs(lot.order_id)]
    assert len(pages) > 1
    assert max(len(page.sealed) for page in pages) <= MAX_SEALED


def test_cards_in_another_currency_than_ordered_are_quarantined(house: House) -> None:
    lot = house.lot(2, LotState.READY)
    sold = house.supplier.sold[lot.reference]
    house.supplier.fetches.extend([CardsPage(Fetched.CARDS, tuple(sold), "978")] * 30)
    until_closed(house, lot)
    after = house.now(lot)
    assert (after.state, after.received_cards) == (LotState.REVIEW, 0)
    assert all(ref.flawed for ref in house.pages.refs(lot.order_id))


def test_a_supplier_that_turns_us_away_is_left_alone_for_the_rest_of_the_round(house: House) -> None:
    lot = house.lot(1_500, LotState.READY)
    house.supplier.fetches.append(CardsPage(Fetched.UNREADABLE, retry_after=2.0))
    assert house.fetch_cards(lot.order_id, lot.number).found == "pending"
    assert house.supplier.reads == [0]
    assert house.now(lot).ask_at >= house.clock.now() + 5 * 60_000
