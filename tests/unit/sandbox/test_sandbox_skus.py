"""Each test sku always does its one thing."""

from typing import Any

import pytest

from sandbox.connections import ConnectionDropped
from sandbox.wpay.catalogue import Behaviour


def test_stuck_never_ends(shop: Any) -> None:
    shop.order(sku="WPAY-TEST-STUCK")
    shop.wait(100_000)
    assert (shop.word(), shop.page().status_code) == ("PROCESSING", 409)
    assert shop.report()["money"] == {"AUD": 5_00}


def test_timeout_then_complete_drops_the_answer_and_keeps_the_order(shop: Any) -> None:
    with pytest.raises(ConnectionDropped):
        shop.order(sku="WPAY-TEST-TIMEOUT-THEN-COMPLETE")
    assert shop.about()["posts"][0]["answered"] is False
    assert shop.order(sku="WPAY-TEST-TIMEOUT-THEN-COMPLETE").get_json()["code"] == 5313
    shop.wait(10)
    assert (shop.word(), len(shop.numbers())) == ("COMPLETE", 1)
    assert shop.breaches() == []


def test_error_after_commit_keeps_the_order(shop: Any) -> None:
    assert shop.order(sku="WPAY-TEST-ERROR-AFTER-COMMIT").status_code == 500
    assert (shop.status().status_code, shop.report()["cards_sold"]) == (200, 1)


@pytest.mark.parametrize(("sku", "status"), [("WPAY-TEST-UNAVAILABLE", 503), ("WPAY-TEST-TOO-MANY-REQUESTS", 429)])
def test_what_is_turned_away_is_not_sold(shop: Any, sku: str, status: int) -> None:
    answers = [shop.order(sku=sku), shop.order(sku=sku)]
    assert [answer.status_code for answer in answers] == [status] * 2
    assert ("Retry-After" in answers[0].headers) == (status == 429)
    assert (shop.report()["orders"], shop.status().status_code) == (0, 404)


def test_hang_commits_at_once_and_answers_late(open_shop: Any, clock: Any) -> None:
    shop = open_shop(hang_seconds=33.0)
    assert (shop.order(sku="WPAY-TEST-HANG").status_code, clock.slept) == (202, [33.0])


def test_out_of_stock_sells_nothing(shop: Any) -> None:
    assert shop.order(sku="WPAY-TEST-OUT-OF-STOCK").get_json()["code"] == 5320
    assert (shop.report()["orders"], shop.breaches()) == (0, [])


@pytest.mark.parametrize(
    ("sku", "word"), [("WPAY-TEST-ACTIVATE-ERROR", "Activate Error"), ("WPAY-TEST-CANCELED", "CANCELED")]
)
def test_an_order_that_fails_gives_its_money_back_when_it_does(shop: Any, sku: str, word: str) -> None:
    shop.order(sku=sku)
    assert shop.report()["money"] == {"AUD": 5_00}
    shop.wait(5)
    assert (shop.word(), shop.page().status_code) == (word, 410)
    assert (shop.report()["money"], shop.report()["cards_sold"]) == ({"AUD": 0}, 0)


def test_unknown_status_shows_at_documented_intervals_and_ends(shop: Any) -> None:
    shop.order(sku="WPAY-TEST-UNKNOWN-STATUS")
    words = []
    for _ in range(3):
        shop.wait(5)
        words.append(shop.word())
    assert words == ["VENDOR_HOLD", "VENDOR_HOLD", "COMPLETE"]


def test_short_page_is_short_once(shop: Any) -> None:
    shop.order(sku="WPAY-TEST-SHORT-PAGE", qty=20)
    shop.wait(10)
    reads = [len(shop.numbers(offset=offset)) for offset in (0, 0, 10, 10)]
    assert reads == [7, 10, 7, 10]


def test_duplicate_page_repeats_the_page_before_once(shop: Any) -> None:
    shop.order(sku="WPAY-TEST-DUPLICATE-PAGE", qty=20)
    shop.wait(10)
    first, repeated, second = shop.numbers(), shop.numbers(offset=10), shop.numbers(offset=10)
    assert repeated == first
    assert [*first, *second] == [card["cardNumber"] for card in shop.sold()]


def test_reordered_cards_are_the_same_cards(shop: Any) -> None:
    shop.order(sku="WPAY-TEST-REORDERED-CARDS", qty=10)
    shop.wait(10)
    reads = [shop.numbers() for _ in range(3)]
    assert len({tuple(read) for read in reads}) == 3
    assert {tuple(sorted(read)) for read in reads} == {tuple(sorted(reads[0]))}


def test_wrong_amount_is_in_one_card(shop: Any) -> None:
    shop.order(sku="WPAY-TEST-WRONG-AMOUNT", qty=3)
    shop.wait(10)
    assert [card["amount"] for card in shop.page().get_json()["cards"]] == ["6.00", "5.00", "5.00"]


def test_no_pin_is_missing_in_one_card(shop: Any) -> None:
    shop.order(sku="WPAY-TEST-NO-PIN", qty=3)
    shop.wait(10)
    assert [card["cardPin"] is None for card in shop.page().get_json()["cards"]] == [True, False, False]


def test_every_test_sku_is_in_the_readme(readme: str) -> None:
    assert [sku for one in Behaviour if (sku := f"`WPAY-TEST-{one}`") not in readme] == []
