"""The Walleo door's answers: pull requests from waiting to their card, cards at once, catalogue and balance."""

from __future__ import annotations

import json
import logging
import uuid
from bisect import bisect_left
from dataclasses import replace
from typing import Any

import pytest

from giftline.doors.answers import Reply
from giftline.doors.walleo import HOLD_SECONDS, SOURCE, has_offers
from giftline.doors.walleo_requests import refno_of
from giftline.errors import StaleWrite
from giftline.money import Money, known_currency
from giftline.orders.catalogue import Catalogue, Offer, Product
from giftline.orders.model import Order, OrderStatus, is_refno
from giftline.suppliers.port import Outcome, Placed
from tests.fakes.house import AUD, EUR, TENANT
from tests.fakes.walleo_door import (
    CARDS,
    IDENTIFIER,
    KEY,
    PULL_REQUESTS,
    SHARED_KEY,
    URL,
    SentCall,
    WalleoHouse,
    sign,
)

JPY = known_currency("JPY")
REQUEST_IDS = ("a", "REQ-ID-1", "a b", "é", "x" * 255, "walleo-" + "0" * 48, str(uuid.UUID(int=7)))
NO_REQUEST_IDS: tuple[Any, ...] = (
    None,
    "",
    " ",
    7,
    True,
    [],
    "a/b",
    "a\nb",
    " a",
    "a?b",
    "a%b",
    "x" * 256,
    "..",
    "\x00",
)
HALF_A_PAIR = "\\ud800"
"""As JSON names what is no text by itself."""
WELL_SIGNED = ("[]", "{}", '{"pull_request":1}', '{"pull_request":null}')
NOT_JSON = ("{", '{"a": NaN}', "[" * 3_000, "9" * 5_000)


@pytest.fixture
def walleo() -> WalleoHouse:
    return WalleoHouse()


def code(reply: Reply) -> str:
    return str(reply.body["errors"][0]["code"]) if "errors" in reply.body else ""


def message(reply: Reply) -> str:
    return str(reply.body["errors"][0]["message"])


def status(reply: Reply) -> str:
    return str(reply.body["pull_request"]["status"])


def change(walleo: WalleoHouse, **how: Any) -> Order:
    order = replace(walleo.order, **how)
    walleo.house.orders.records[order.id] = order
    return order


# --- pull requests


def test_a_pull_request_is_an_order_of_one_card_announced_at_once(walleo: WalleoHouse) -> None:
    assert walleo.pull("r-1").status == 200
    order = walleo.order
    assert (order.tenant, order.refno, order.source) == (TENANT, "walleo:r-1", SOURCE)
    assert (order.quantity, order.total) == (1, Money(5_000, EUR))
    assert walleo.house.messages.announced == [order.id]
    assert walleo.house.ledger.balance(TENANT, EUR).reserved == 5_000


def test_a_pull_request_goes_from_waiting_over_processing_to_success(walleo: WalleoHouse) -> None:
    created = walleo.pull()
    seen = [status(walleo.shown())]
    walleo.house.plan_order(walleo.order.id)
    seen.append(status(walleo.shown()))
    walleo.close()
    shown = walleo.shown()
    assert [*seen, status(shown)] == ["waiting", "processing", "success"]
    assert shown.body["pull_request"]["id"] == created.body["pull_request"]["id"]
    assert shown.body["pull_request"]["card"]["amount"] == 50


@pytest.mark.parametrize(
    ("ended", "word"),
    [
        (OrderStatus.REVIEW, "processing"),
        (OrderStatus.FAILED, "error"),
        (OrderStatus.CANCELED, "error"),
        (OrderStatus.PARTIAL, "error"),
    ],
)
def test_an_end_without_a_card_is_an_error_and_what_is_in_doubt_is_not_over(
    walleo: WalleoHouse, ended: OrderStatus, word: str
) -> None:
    walleo.pull()
    change(walleo, status=ended)
    shown = walleo.shown()
    assert (status(shown), shown.body["pull_request"]["card"]) == (word, None)


def test_a_used_request_id_announces_again_what_nobody_has_begun(walleo: WalleoHouse) -> None:
    walleo.house.messages.broken = True
    with pytest.raises(ConnectionError):
        walleo.pull()
    walleo.house.messages.broken = False
    walleo.house.clock.pass_(1_000)
    assert message(walleo.pull()) == "Request id is already used"
    assert walleo.house.messages.announced == [walleo.order.id]


@pytest.mark.parametrize("request_id", NO_REQUEST_IDS)
def test_a_request_id_that_no_path_can_name_is_refused(walleo: WalleoHouse, request_id: Any) -> None:
    reply = walleo.pull(request_id)
    assert (reply.status, code(reply)) == (422, "unprocessable_entity")
    assert "already used" not in message(reply)
    assert not walleo.house.orders.records


@pytest.mark.parametrize("request_id", REQUEST_IDS)
def test_each_request_id_has_a_refno_of_its_own(walleo: WalleoHouse, request_id: str) -> None:
    assert is_refno(refno_of(request_id))
    assert refno_of(request_id) != refno_of(request_id + "x")
    assert refno_of(refno_of(request_id)) != refno_of(request_id)
    assert walleo.pull(request_id).status == 200
    assert walleo.shown(request_id).body["pull_request"]["request_id"] == request_id


@pytest.mark.parametrize("body", ["", *WELL_SIGNED, *NOT_JSON])
def test_a_body_of_another_shape_is_a_bad_request(walleo: WalleoHouse, body: str) -> None:
    payload = json.loads(body) if body in WELL_SIGNED else None
    reply = walleo.answer(walleo.door.create_pull_request, walleo.signed("POST", PULL_REQUESTS, payload, sent=body))
    assert (reply.status, code(reply), reply.body["status"]) == (400, "bad_request", "bad_request")


def signed_as_sent(walleo: WalleoHouse, path: str, text: str) -> SentCall:
    """For bodies that no client would spell anew."""
    signature = sign(SHARED_KEY, "POST", URL + path, text, IDENTIFIER, walleo.now)
    header = f"Bearer {KEY}, Id={IDENTIFIER}, Signature={signature}, Timestamp={walleo.now}"
    return walleo.signed("POST", path, sent=text, header=header, headers={"X-RequestId": "r"})


def test_a_body_of_any_depth_has_its_answer(walleo: WalleoHouse) -> None:
    """Where it can just be read, and not be written any more, too."""

    def is_too_deep(depth: int) -> bool:
        call = signed_as_sent(walleo, PULL_REQUESTS, "[" * depth + "]" * depth)
        reply = walleo.answer(walleo.door.create_pull_request, call)
        assert (reply.status, code(reply)) == (400, "bad_request")
        return message(reply) == "The body is not JSON"

    assert 500 < bisect_left(range(2_000), True, key=is_too_deep) < 2_000


def test_a_body_that_is_no_text_is_a_bad_request(walleo: WalleoHouse) -> None:
    call = replace(walleo.signed("POST", PULL_REQUESTS, sent="//79"), is_base64_encoded=True)
    reply = walleo.answer(walleo.door.create_pull_request, call)
    assert (reply.status, code(reply)) == (400, "bad_request")


@pytest.mark.parametrize(
    "doubled", ['"amount":20,"amount":50', '"amount":50,"request_id":"r-2"', '"gift_card_code":"FNAC","amount":50']
)
def test_a_field_that_stands_twice_orders_nothing(walleo: WalleoHouse, doubled: str) -> None:
    """Its signature is of the last of the two, and somebody in between may have read the first."""
    good = {"pull_request": {"amount": 50, "gift_card_code": "IKEA", "request_id": "r"}}
    sent = f'{{"pull_request":{{{doubled},"gift_card_code":"IKEA","request_id":"r"}}}}'
    reply = walleo.answer(walleo.door.create_pull_request, walleo.signed("POST", PULL_REQUESTS, good, sent=sent))
    assert (reply.status, code(reply)) == (400, "bad_request")
    assert "twice" in message(reply)
    assert not walleo.house.orders.records


def test_half_a_character_is_answered_as_text(walleo: WalleoHouse) -> None:
    pull = f'{{"pull_request":{{"amount":50,"gift_card_code":"{HALF_A_PAIR}","request_id":"r"}}}}'
    card = f'{{"card":{{"amount":50,"gift_card_code":"{HALF_A_PAIR}"}}}}'
    replies = [
        walleo.answer(walleo.door.create_pull_request, signed_as_sent(walleo, PULL_REQUESTS, pull)),
        walleo.answer(walleo.door.create_card, signed_as_sent(walleo, CARDS, card)),
    ]
    for reply in replies:
        assert (code(reply), message(reply)) == ("gift_card_not_found", "Gift card not found with code '?'")
        assert reply.text.encode()
    assert all(kept.encode() for *_, kept in walleo.refusals.kept.values())


def test_a_body_of_many_bytes_is_too_large(walleo: WalleoHouse) -> None:
    reply = walleo.pull("x" * 70_000)
    assert (reply.status, code(reply)) == (413, "payload_too_large")


@pytest.mark.parametrize("amount", [0, -50, 50.5, "50", None, True, 10**30, 45, 19, 510])
def test_an_amount_that_is_none_of_the_products_is_told_its_range(walleo: WalleoHouse, amount: Any) -> None:
    reply = walleo.pull(amount=amount)
    assert (reply.status, code(reply)) == (422, "invalid_amount")
    assert message(reply) == "Amount must be within range from 20 to 500 with steps of 10."


@pytest.mark.parametrize("name", [None, "", "ikea", 7, ["IKEA"], "IKEA "])
def test_a_code_that_nobody_sells_is_not_found(walleo: WalleoHouse, name: Any) -> None:
    assert (walleo.pull(code=name).status, code(walleo.pull("r-2", code=name))) == (404, "gift_card_not_found")


def test_a_write_that_lost_asks_to_come_again(walleo: WalleoHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(order: Order) -> Order:
        raise StaleWrite("another was faster")

    body = {"pull_request": {"amount": 50, "gift_card_code": "IKEA", "request_id": "r"}}
    call = walleo.signed("POST", PULL_REQUESTS, body)
    with monkeypatch.context() as during:
        during.setattr(walleo.house.orders, "add", lose)
        lost = walleo.answer(walleo.door.create_pull_request, call)
    assert (lost.status, lost.headers["Retry-After"]) == (503, "1")
    assert walleo.answer(walleo.door.create_pull_request, call).status == 200  # the very same bytes


# --- cards at once


def test_a_card_at_once_is_held_until_it_is_there(walleo: WalleoHouse) -> None:
    walleo.meanwhile.does = walleo.close
    reply = walleo.buy("r-1")
    assert (reply.status, reply.headers["X-RequestId"]) == (200, "r-1")
    assert reply.body["card"]["gift_card_code"] == "IKEA"
    assert walleo.order.at_once
    assert len(walleo.meanwhile.slept) == 1


def test_a_call_is_held_no_longer_than_its_time_and_goes_on_without_its_client(walleo: WalleoHouse) -> None:
    reply = walleo.buy("r-1")
    assert (reply.status, code(reply), message(reply)) == (202, "come_back_later", "come back later")
    assert reply.headers["Retry-After"] == "10"
    assert sum(walleo.meanwhile.slept) == pytest.approx(HOLD_SECONDS)
    card = walleo.close()
    assert card.delivered_cards == 1
    assert walleo.buy("r-1").status == 200
    assert walleo.house.walleo.posts == [f"GL-{card.id}-1-0-1"]


def test_the_same_id_has_the_same_answer_whatever_else_is_sent(walleo: WalleoHouse) -> None:
    walleo.meanwhile.does = walleo.close
    first = walleo.buy("r-1")
    walleo.meanwhile.does = None
    again = [walleo.buy("r-1"), walleo.buy("r-1", "FNAC", 30), walleo.buy("r-1", "NOBODY", 1)]
    assert [(reply.status, reply.body) for reply in again] == [(200, first.body)] * 3
    assert len(walleo.house.walleo.posts) == 1


def test_the_first_refusal_is_every_later_ones_answer(walleo: WalleoHouse) -> None:
    walleo.house.ledger.withdraw(TENANT, EUR, 10**12, "all of it", 0)
    first = walleo.buy("r-1")
    walleo.house.ledger.deposit(TENANT, EUR, 10**6, "more", 0)
    walleo.house.clock.pass_(1_000)
    again = walleo.buy("r-1")
    assert (first.status, code(first)) == (422, "not_enough_funds")
    assert (again.status, again.body) == (first.status, first.body)
    walleo.house.clock.pass_(1_000)
    assert walleo.buy("r-2").status == 202


def test_a_call_without_id_is_told_the_one_that_it_can_come_back_with(walleo: WalleoHouse) -> None:
    made = walleo.buy("").headers["X-RequestId"]
    walleo.close()
    assert str(uuid.UUID(made)) == made
    assert walleo.buy(made).status == 200
    assert len(walleo.house.walleo.posts) == 1


def test_a_card_whose_pull_failed_is_told_so_every_time(walleo: WalleoHouse) -> None:
    walleo.buy("r-1")
    change(walleo, status=OrderStatus.FAILED)
    answers = [walleo.buy("r-1"), walleo.buy("r-1")]
    assert [(one.status, message(one)) for one in answers] == [(422, "The card could not be pulled")] * 2
    assert status(walleo.shown("r-1")) == "error"


def test_what_the_supplier_has_no_more_of_is_out_of_stock(walleo: WalleoHouse) -> None:
    house = walleo.house
    house.walleo.refuse = lambda _: Placed(Outcome.NOT_COMMITTED, detail="422 out_of_stock")
    walleo.buy("r-1")
    order = walleo.order
    house.plan_order(order.id)
    for _ in range(4):
        house.create_order(order.id, 1)
        house.clock.pass_(10 * 60_000)
        house.get_order_status(order.id, 1)
    house.close_order(order.id, {})
    reply = walleo.buy("r-1")
    assert (reply.status, code(reply), message(reply)) == (422, "out_of_stock", "Out of stock gift card 'IKEA'")
    assert house.ledger.balance(TENANT, EUR).reserved == 0


def test_what_is_in_review_is_never_bought_again(walleo: WalleoHouse) -> None:
    walleo.buy("r-1")
    change(walleo, status=OrderStatus.REVIEW)
    assert [walleo.buy("r-1").status, walleo.buy("r-1").status] == [202, 202]
    assert len(walleo.house.orders.records) == 1


def test_a_pull_request_of_that_id_is_the_same_card(walleo: WalleoHouse) -> None:
    walleo.pull("r-1")
    walleo.close()
    assert walleo.buy("r-1").body["card"] == walleo.shown("r-1").body["pull_request"]["card"]


# --- one card


def show(walleo: WalleoHouse, card_id: str) -> Reply:
    return walleo.get(f"{CARDS}/{card_id}", lambda call: walleo.door.card(call, card_id))


def test_a_card_is_shown_by_its_id_and_by_no_other(walleo: WalleoHouse) -> None:
    walleo.meanwhile.does = walleo.close
    card = walleo.buy("r-1").body["card"]
    assert show(walleo, card["id"]).body == {"card": card}
    for other in (card["id"].replace("-", ""), walleo.order.id, "", "x" * 300, str(uuid.uuid4()), "%00", "é"):
        assert (show(walleo, other).status, code(show(walleo, other))) == (404, "card_not_found")
    assert walleo.shown("r-1").body["pull_request"]["id"] != card["id"]


def test_a_card_whose_time_is_over_is_gone_and_its_request_is_still_told(walleo: WalleoHouse) -> None:
    walleo.meanwhile.does = walleo.close
    card = walleo.buy("r-1").body["card"]
    change(walleo, cards_removed_at=walleo.house.clock.now())
    shown = walleo.shown("r-1").body["pull_request"]
    assert (shown["status"], shown["card"]) == ("success", None)
    assert (code(walleo.buy("r-1")), code(show(walleo, card["id"]))) == ("card_not_found", "card_not_found")


def test_an_open_order_has_no_card_to_show(walleo: WalleoHouse) -> None:
    walleo.pull()
    for order in (walleo.order, change(walleo, status=OrderStatus.CANCELED)):
        found = show(walleo, str(uuid.UUID(order.id + "000001")))
        assert code(found) == "card_not_found"


# --- catalogue, inventories, balance


def ask(walleo: WalleoHouse, path: str) -> Reply:
    door, last = walleo.door, path.rpartition("/")[2]
    do = {
        "/gift_cards": door.gift_cards,
        f"/gift_cards/{last}": lambda call: door.gift_card(call, last),
        f"/inventories/{last}": lambda call: door.inventory(call, last),
        "/balance": door.balance,
    }[path]
    return walleo.get(f"/partners/v1{path}", do)


def test_the_catalogue_lists_what_can_be_ordered_here(walleo: WalleoHouse) -> None:
    listed = {one["code"]: one["facial_values"] for one in ask(walleo, "/gift_cards").body}
    assert listed["IKEA"] == {"type": "free", "min_amount": 20, "max_amount": 500, "step_amount": 10}
    assert listed["FNAC"] == {"type": "fixed", "amounts": [15, 30, 100]}
    assert listed["GONE"] == {"type": "fixed", "amounts": []}


def test_one_gift_card_is_shown_as_in_the_list_and_unknown_ones_are_not_found(walleo: WalleoHouse) -> None:
    listed = {one["code"]: one for one in ask(walleo, "/gift_cards").body}
    assert ask(walleo, "/gift_cards/IKEA").body == listed["IKEA"]
    assert code(ask(walleo, "/gift_cards/NOBODY")) == code(ask(walleo, "/inventories/NOBODY")) == "gift_card_not_found"


def test_an_inventory_says_what_can_be_bought_and_holds_no_stock(walleo: WalleoHouse) -> None:
    shown = ask(walleo, "/inventories/FNAC").body["inventories"]
    assert shown["gift_card"] == {"code": "FNAC", "name": "FNAC"}
    assert shown["end_to_end_api"] == {"enabled": True, "available_amount": "unlimited"}
    assert [stock["facial_value"] for stock in shown["stocks"]] == [15, 30, 100]
    assert ask(walleo, "/inventories/GONE").body["inventories"]["end_to_end_api"]["enabled"] is False


def test_the_balance_is_what_is_available_by_currency(walleo: WalleoHouse) -> None:
    walleo.available[TENANT] = [Money(12_345, EUR), Money(7, AUD)]
    both = [{"amount_cents": 12_345, "currency": "EUR"}, {"amount_cents": 7, "currency": "AUD"}]
    assert ask(walleo, "/balance").body == {"balance": both[0], "balances": both}


def test_who_has_no_balance_has_nought(walleo: WalleoHouse) -> None:
    assert ask(walleo, "/balance").body["balance"] == {"amount_cents": 0, "currency": "EUR"}


@pytest.mark.parametrize(
    ("offers", "words"),
    [
        ((Offer("a", "x", 1, 550, 2_000, 50),), "within range from 6 to 20 with steps of 1"),
        ((Offer("a", "x", 1, 250, 1_000, 250),), "within range from 5 to 10 with steps of 5"),
        ((Offer("a", "x", fixed=(1_050, 1_500)),), "one of 15"),
        ((Offer("a", "x", fixed=(1_500,)), Offer("b", "y", 2, fixed=(3_000,))), "one of 15 or 30"),
    ],
)
def test_amounts_are_told_in_whole_units(walleo: WalleoHouse, offers: tuple[Offer, ...], words: str) -> None:
    walleo.catalogue = Catalogue([Product("ODD", "Odd", EUR, offers)])
    assert message(walleo.pull(code="ODD", amount=7_777)) == f"Amount must be {words}."


def test_yen_have_no_cents(walleo: WalleoHouse) -> None:
    walleo.catalogue = Catalogue([Product("YEN", "Yen", JPY, (Offer("walleo", "YEN", 1, 1_000, 9_000, 1_000),))])
    walleo.house.ledger.deposit(TENANT, JPY, 10**6, "yen", 0)
    assert walleo.pull(code="YEN", amount=3_000).body["pull_request"]["amount_cents"] == 3_000


def test_a_card_of_cents_alone_is_not_sold_here(walleo: WalleoHouse) -> None:
    walleo.catalogue = Catalogue([Product("CENTS", "Cents", EUR, (Offer("walleo", "C", fixed=(1_050,)),))])
    assert code(walleo.pull(code="CENTS", amount=10)) == "gift_card_not_found"
    assert ask(walleo, "/gift_cards").body == []


def test_what_stock_is_may_be_told_by_somebody_else(walleo: WalleoHouse) -> None:
    door = replace(walleo.door, is_in_stock=lambda product: product.sku != "IKEA")
    body = {"pull_request": {"amount": 50, "gift_card_code": "IKEA", "request_id": "r"}}
    call = walleo.signed("POST", PULL_REQUESTS, body)
    assert code(walleo.answer(door.create_pull_request, call)) == "out_of_stock"
    assert has_offers(walleo.catalogue.product("IKEA"))


# --- secrets


def test_no_card_is_in_a_log_or_in_the_repr_of_an_answer(walleo: WalleoHouse, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    walleo.meanwhile.does = walleo.close
    reply = walleo.buy("r-1")
    card = reply.body["card"]
    shown = f"{caplog.text} {reply!r} {walleo.shown('r-1')!r}"
    assert card["code"] not in shown
    assert all(reply.headers["Cache-Control"] == "no-store" for reply in (walleo.shown("r-1"), walleo.pull("r-1")))
