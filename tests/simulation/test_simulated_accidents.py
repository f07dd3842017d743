"""Each accident of the simulated suppliers does what its name says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from giftline.suppliers.http import Answer
from tests.simulation.suppliers.road import TELLS_RETRY_AFTER
from tests.simulation.suppliers.shop import HOUR, SECONDS, START, Shop, always, complete, sold_numbers

Post = Callable[[Shop], Answer]
POSTS: list[Post] = [Shop.order, Shop.pull]
either = pytest.mark.parametrize("post", POSTS, ids=["wpay", "walleo"])
seeds = pytest.mark.parametrize("seed", range(8))


# --- accidents of any request


@either
@pytest.mark.parametrize("name", ["lost before", "500 before", "503", "429"])
@seeds
def test_an_accident_before_leaves_nothing_done(post: Post, name: str, seed: int) -> None:
    shop = Shop(always(name), seed)
    answer = post(shop)
    assert shop.sales() == 0
    assert answer.status == {"lost before": 0, "500 before": 500}.get(name, answer.status)
    assert shop.draw.drawn == {name: 1}


@either
@pytest.mark.parametrize("name", ["lost after", "500 after", "truncated", "slow"])
@seeds
def test_an_accident_after_leaves_the_sale_standing(post: Post, name: str, seed: int) -> None:
    shop = Shop(always(name), seed)
    answer = post(shop)
    assert shop.sales() == 1
    assert answer.status == {"lost after": 0, "500 after": 500}.get(name, answer.status)
    assert (answer.failure == "not json") == (name == "truncated")


@either
@pytest.mark.parametrize(("name", "statuses"), [("html", {200, 202, 502}), ("redirect", {301, 302, 307, 308})])
def test_a_foreign_page_tells_nothing_about_the_sale(post: Post, name: str, statuses: set[int]) -> None:
    shops = [Shop(always(name), seed) for seed in range(40)]
    answers = [post(shop) for shop in shops]
    assert {answer.status for answer in answers} == statuses
    assert {answer.failure for answer in answers} == {"not json"}
    assert {shop.sales() for shop in shops} == {0, 1}


@pytest.mark.parametrize("name", ["lost before", "lost after"])
def test_a_lost_answer_is_a_broken_connection_at_once_or_the_whole_time(name: str) -> None:
    shops = [Shop(always(name), seed) for seed in range(20)]
    found = {(shop.status().failure, shop.time - START) for shop in shops}
    assert found == {("connection", 0), ("timeout", SECONDS * 1000)}


def test_a_slow_answer_keeps_within_the_time() -> None:
    shops = [Shop(always("slow"), seed) for seed in range(20)]
    assert all(shop.pull().status == 200 and 0 < shop.time - START < SECONDS * 1000 for shop in shops)


@pytest.mark.skipif(not TELLS_RETRY_AFTER, reason="an Answer has no room for it")
@pytest.mark.parametrize(("name", "may_be_silent"), [("429", False), ("503", True)])
def test_who_is_sent_away_is_told_when_to_come_again(name: str, may_be_silent: bool) -> None:
    answers = [Shop(always(name), seed).pulled() for seed in range(20)]
    told = [getattr(answer, "retry_after", None) for answer in answers]
    assert (None in told) == may_be_silent
    assert all(1 <= seconds <= 120 for seconds in told if seconds is not None)


# --- accidents of a POST


@either
@seeds
def test_a_late_commit_sells_when_the_request_arrives(post: Post, seed: int) -> None:
    shop = Shop(always("late commit"), seed)
    assert post(shop).failure == "timeout"
    shop.time = START + 999
    assert shop.sales() == 0
    shop.time = START + HOUR
    assert shop.sales() == 1
    (sale,) = shop.wpay.ledger.sales or shop.walleo.ledger.sales
    assert START + 1_000 <= sale.at_ms <= START + HOUR


@either
def test_a_late_commit_finds_its_reference_taken(post: Post) -> None:
    mix = always("late commit")
    shop = Shop(mix)
    post(shop)
    mix.clear()
    shop.time = START
    post(shop)
    shop.time += HOUR
    assert shop.sales() == 1


@either
def test_late_commits_stand_in_the_order_in_which_they_arrived(post: Post) -> None:
    shop = Shop(always("late commit"), unique=False)
    for _ in range(20):
        post(shop)
    shop.time += HOUR
    assert shop.sales() == 20
    moments = [sale.at_ms for sale in shop.wpay.ledger.sales + shop.walleo.ledger.sales]
    assert moments == sorted(moments)


def refusals(post: Post, name: str) -> set[Any]:
    answers = [post(Shop(always(name), seed)) for seed in range(40)]
    return {answer.body.get("code") or answer.body["errors"][0]["code"] for answer in answers}


@pytest.mark.parametrize(("name", "sales"), [("refused", 0), ("refused after commit", 1)])
def test_a_refusal_is_a_documented_one_and_sells_as_its_name_says(name: str, sales: int) -> None:
    assert refusals(Shop.order, name) == {5320, 5318, 5038}
    assert refusals(Shop.pull, name) == {"out_of_stock", "not_enough_funds", "gift_card_not_found"}
    shop = Shop(always(name))
    assert shop.order().status == 400
    assert shop.pull("R-2").status in {422, 404}
    assert (shop.sales("R-1"), shop.sales("R-2")) == (sales, sales)


def test_an_order_of_which_a_card_was_used_is_not_taken_back() -> None:
    shop = complete(always("card used"))
    assert shop.reverse().status == 400
    assert (shop.status().body["status"], shop.sales()) == ("COMPLETE", 1)
    assert len(sold_numbers(shop)) == 6


# --- accidents of a look-up


@seeds
def test_lookup_lag_hides_a_sale_for_up_to_a_minute(seed: int) -> None:
    shop = Shop(always("lookup lag"), seed)
    shop.order()
    shop.pull()
    hidden = shop.status()
    assert (hidden.status in {400, 404}, hidden.body["code"]) == (True, 5320)
    assert shop.pulled().body["errors"][0]["code"] in {"card_not_found", "pull_request_not_found"}
    shop.time += 60_000
    assert (shop.status().status, shop.pulled().status) == (200, 200)
    assert shop.draw.drawn == {"lookup lag": 2}


@seeds
def test_a_stale_status_is_an_earlier_one(seed: int) -> None:
    shop = complete(always("stale status"), seed=seed)
    assert shop.status().body["status"] in {"PENDING", "PROCESSING"}
    shop.pull()
    assert shop.pulled().body["pull_request"]["status"] == "waiting"
    shop.time += HOUR
    stale = shop.pulled().body["pull_request"]
    assert (stale["status"] in {"waiting", "processing"}, stale["card"]) == (True, None)


@seeds
def test_a_strange_status_is_no_documented_word(seed: int) -> None:
    shop = complete(always("strange status"), seed=seed)
    shop.pull()
    shop.time += HOUR
    assert shop.status().body["status"] not in {"PENDING", "PROCESSING", "COMPLETE", "CANCELED", "CANCELLED"}
    strange = shop.pulled().body["pull_request"]
    assert (strange["status"] in {"waiting", "processing", "success", "error"}, strange["card"]) == (False, None)


@pytest.mark.parametrize("others", [0, 2])
def test_another_order_is_told_under_its_own_reference(others: int) -> None:
    shop = Shop(always("other order"))
    for n in range(1 + others):
        shop.order(f"R-{n}")
        shop.pull(f"R-{n}")
    assert shop.status("R-0").body["refno"] != "R-0"
    assert shop.pulled("R-0").body["pull_request"]["request_id"] != "R-0"


# --- accidents of Wpay


@seeds
def test_a_cancelled_order_is_dead_and_its_cards_are_gone(seed: int) -> None:
    shop = Shop(always("cancelled"), seed)
    shop.order()
    assert shop.cards().status == 409
    shop.time += 4 * HOUR
    assert shop.status().body["status"] in {"CANCELED", "CANCELLED"}
    assert shop.cards().status == 410
    assert shop.wpay.ledger.sales[0].dead
    assert shop.wpay.ledger.sold_cards() == []
    assert shop.order().body["code"] in {5313, 5002}


def test_cards_that_are_ready_may_be_said_not_to_be() -> None:
    assert complete(always("not yet")).cards().status == 409


@seeds
def test_a_short_page_lacks_the_end(seed: int) -> None:
    shop = complete(always("short page"), seed=seed)
    numbers = shop.numbers()
    assert len(numbers) < 6
    assert numbers == sold_numbers(shop)[: len(numbers)]


def test_a_repeated_page_is_the_one_before() -> None:
    shop = complete(always("repeated page"))
    assert shop.numbers(0, 3) == sold_numbers(shop)[:3]
    assert shop.numbers(3, 3) == sold_numbers(shop)[:3]


@seeds
def test_a_wrong_page_begins_elsewhere(seed: int) -> None:
    shop = complete(always("wrong page"), seed=seed)
    numbers = shop.numbers(2, 2)
    assert numbers
    assert numbers[0] != sold_numbers(shop)[2]
    assert set(numbers) <= set(sold_numbers(shop))


def test_a_reordered_page_has_the_same_cards() -> None:
    shop = complete(always("reordered"), quantity=50)
    numbers = shop.numbers()
    assert numbers != sold_numbers(shop)
    assert sorted(numbers) == sorted(sold_numbers(shop))


@seeds
def test_a_repeated_card_takes_the_place_of_another(seed: int) -> None:
    numbers = complete(always("repeated card"), seed=seed).numbers()
    assert (len(numbers), len(set(numbers))) == (6, 5)


@seeds
def test_a_card_lacks_its_pin_only_when_first_shown(seed: int) -> None:
    shop = complete(always("card without pin"), seed=seed)
    first = [card["cardPin"] for card in shop.cards().body["cards"]]
    again = [card["cardPin"] for card in shop.cards().body["cards"]]
    assert first.count(None) == 1
    assert again == [card.pin for card in shop.wpay.ledger.sold_cards()]


def test_a_wrong_total_is_one_or_any_number() -> None:
    assert complete({}).cards().body["total_cards"] == 6
    totals = {complete(always("wrong total_cards"), seed=seed).cards().body["total_cards"] for seed in range(20)}
    assert 1 in totals
    assert len(totals) > 3


# --- accidents of Walleo


@seeds
def test_an_error_status_ends_a_pull_for_ever(seed: int) -> None:
    shop = Shop(always("error status"), seed)
    shop.pull()
    shop.time += 60_000
    ended = shop.pulled().body["pull_request"]
    assert (ended["status"], ended["card"]) == ("error", None)
    assert shop.walleo.ledger.sales[0].dead
    assert shop.walleo.ledger.sold_cards() == []
    assert shop.pull().body["errors"][0]["message"] == "Request id is already used"
