"""Without accidents the simulated suppliers behave as the documents say; with them, one seed is one run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from giftline.suppliers.http import Answer
from tests.simulation.suppliers.accidents import ACCIDENTS, GENTLE, HARSH
from tests.simulation.suppliers.shop import HOUR, SECONDS, Rates, Shop, complete, sold_numbers

Post = Callable[[Shop], Answer]
POSTS: list[Post] = [Shop.order, Shop.pull]
either = pytest.mark.parametrize("post", POSTS, ids=["wpay", "walleo"])


# --- without accidents


def test_wpay_acknowledges_processes_and_hands_over_the_cards_that_it_sold() -> None:
    shop = Shop()
    placed = shop.order()
    assert (placed.status, placed.body["status"], placed.body["refno"]) == (202, "PROCESSING", "R-1")
    assert shop.cards(placed.body["orderId"]).status == 409
    words = set()
    for _ in range(360):
        words.add(shop.status().body["status"])
        shop.time += HOUR // 100
    assert words >= {"PENDING", "COMPLETE"}
    page = shop.cards(placed.body["orderId"])
    shown = [(card["cardNumber"], card["cardPin"], card["amount"]) for card in page.body["cards"]]
    assert page.status == 200
    assert shown == [(card.number, card.pin, "5.25") for card in shop.wpay.ledger.sold_cards()]
    assert shop.wpay.ledger.sales[0].lines == (("WWQ651BHNWSH", 525, 3),)


def test_wpay_pages_follow_one_another_to_an_empty_one() -> None:
    shop = complete({}, quantity=5)
    assert shop.numbers(0, 2) + shop.numbers(2, 2) + shop.numbers(4, 2) == sold_numbers(shop)
    assert shop.cards(offset=2, limit=2).status == 201
    assert shop.numbers(6, 2) == []


def test_wpay_answers_up_to_ten_cards_at_once_or_goes_on_with_them_as_a_batch() -> None:
    shops = [Shop(seed=seed) for seed in range(12)]
    answers = [shop.order(quantity=10, syncOnly=True) for shop in shops]
    assert {(answer.status, answer.body["status"]) for answer in answers} == {(201, "COMPLETE"), (202, "PROCESSING")}
    for shop, answer in zip(shops, answers, strict=True):
        if answer.status == 201:
            assert [card["cardNumber"] for card in answer.body["cards"]] == sold_numbers(shop) == shop.numbers()
    assert Shop().order(quantity=11, syncOnly=True).body["code"] == 11159
    assert Shop().order(syncOnly="yes").body["code"] == 5000


def test_wpay_takes_back_what_is_complete_and_says_so_again() -> None:
    shop = Shop()
    shop.order()
    assert shop.reverse().status == shop.reverse("R-2").status == 400
    shop.time += 4 * HOUR
    for _ in range(2):
        assert (shop.reverse().body["status"], shop.status().body["status"]) == ("CANCELED", "CANCELED")
        assert shop.cards().status == 410
    assert shop.wpay.ledger.sold_cards() == []
    assert [sale.dead for sale in shop.wpay.ledger.sales_of("R-1")] == [True]


def test_wpay_refuses_what_its_document_forbids() -> None:
    shop = complete({})
    assert shop.cards(offset=3, limit=2).status == 400
    assert shop.cards(limit=501).status == 400
    assert shop.cards("AAN0").status == 404
    assert shop.order("R-2", payments=[{"code": "svc", "amount": 1}]).body["code"] == 5036
    assert shop.order("R-2", quantity=25_001).body["code"] == 11159
    assert shop.order("R" * 56).status == 400
    assert shop.wpay.request("GET", "/v1/partner/giftcards/order/R-1/status", {}, SECONDS).status == 401
    assert len(shop.wpay.ledger.sales) == 1


def test_walleo_waits_processes_and_shows_the_same_card_at_every_look() -> None:
    shop = Shop()
    created = shop.pull().body["pull_request"]
    assert (created["status"], created["amount_cents"], created["card"]) == ("waiting", 5000, None)
    words = []
    for _ in range(200):
        words.append(shop.pulled().body["pull_request"]["status"])
        shop.time += 310
    assert list(dict.fromkeys(words)) == ["waiting", "processing", "success"]
    (sold,) = shop.walleo.ledger.sold_cards()
    card = shop.pulled().body["pull_request"]["card"]
    assert (card["code"], card["pin_code"], card["amount"]) == (sold.number, sold.pin, 50)
    assert shop.pulled().body["pull_request"]["card"] == card


def test_walleo_refuses_what_its_documents_forbid() -> None:
    shop = Shop()
    assert shop.pull(amount=50.5).body["errors"][0]["code"] == "invalid_amount"
    assert shop.pulled("unknown").status == 404
    assert shop.walleo.request("GET", "/partners/v1/pull_requests/R-1", {}, SECONDS).status == 401
    assert shop.walleo.ledger.sales == []


@either
def test_a_reference_sells_once_where_it_is_unique(post: Post) -> None:
    shop = Shop()
    post(shop)
    again = post(shop)
    assert shop.sales() == 1
    if post is Shop.order:
        assert (again.status, again.body["code"] in {5313, 5002}) == (400, True)
    else:
        assert (again.status, again.body["errors"][0]["message"]) == (422, "Request id is already used")


@either
def test_a_reference_sells_twice_where_it_is_not_unique(post: Post) -> None:
    shop = Shop(unique=False)
    assert post(shop).status == post(shop).status
    assert shop.sales() == 2
    cards = shop.wpay.ledger.sold_cards() + shop.walleo.ledger.sold_cards()
    assert len({card.number for card in cards}) == len(cards)


def test_no_number_or_pin_stands_inside_another_one() -> None:
    shop = Shop(unique=False)
    for _ in range(12):
        shop.order(quantity=3)
        shop.pull()
    cards = shop.wpay.ledger.sold_cards() + shop.walleo.ledger.sold_cards()
    secrets = [word for card in cards for word in (card.number, card.pin)]
    assert all(len(card.number) >= 16 and len(card.pin) >= 8 for card in cards)
    assert [word for word in secrets if any(word in other for other in secrets if other is not word)] == []
    assert len(set(secrets)) == 2 * len(cards)


# --- profiles and runs


def test_the_profiles_rate_every_accident() -> None:
    assert set(HARSH) == set(GENTLE) == set(ACCIDENTS)
    assert all(GENTLE[name] == pytest.approx(HARSH[name] / 10) for name in HARSH)


def run(seed: int, rates: Rates) -> tuple[list[Answer], Shop]:
    shop = Shop(rates, seed)
    answers = []
    for n in range(8):
        answers += [shop.order(f"R-{n}"), shop.pull(f"R-{n}"), shop.status(f"R-{n}"), shop.pulled(f"R-{n}")]
        shop.time += HOUR // 2
    answers += [shop.cards(f"AAN92{n:08d}", offset, 2) for n in range(8) for offset in (0, 2)]
    answers.append(shop.reverse("R-0"))
    return answers, shop


def test_one_seed_is_one_run() -> None:
    first, second = run(7, HARSH), run(7, HARSH)
    assert first[0] == second[0]
    assert first[1].wpay.ledger.sales == second[1].wpay.ledger.sales
    assert first[1].walleo.ledger.sales == second[1].walleo.ledger.sales
    assert first[0] != run(8, HARSH)[0]


def test_a_harsh_mix_draws_every_accident_and_sells_no_reference_twice() -> None:
    shops = [run(seed, HARSH)[1] for seed in range(60)]
    drawn = set().union(*(shop.draw.drawn for shop in shops))
    assert drawn == set(ACCIDENTS)
    for shop in shops:
        shop.sales()
        for ledger in (shop.wpay.ledger, shop.walleo.ledger):
            assert all(len(ledger.sales_of(sale.reference)) == 1 for sale in ledger.sales)
