"""The operators' calls: who may, every wrong field at once, and where the money of each lot stands."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from giftline.accounts.model import OPERATOR_ABILITIES, TENANT_ABILITIES, Ability, Access, token_hash
from giftline.doors.answers import error_reply
from giftline.doors.reviews import MAX_BODY, ReviewsDoor, parse_act
from giftline.doors.reviews_answers import AS_A_WHOLE, NEXT, history, in_doubt
from giftline.errors import Forbidden, InvalidRequest, NotFound, Refused, TooLarge, Unauthenticated
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Act, Order, OrderStatus
from giftline.orders.reviewing import Way
from giftline.orders.timing import NEVER, WATCH_FOR, timestamp
from giftline.secret import Secret
from tests.fakes.house import House, a_lot, an_order, euro_line, line
from tests.fakes.storage import FakeTokens

TOKEN = "gl_token_of_the_operator"
KNOWN = {
    TOKEN: Access("operator", OPERATOR_ABILITIES),
    "gl_tenant": Access("acme", TENANT_ABILITIES),
}


class FakeCall:
    def __init__(self, body: str | None = None, token: str = TOKEN, *, is_base64: bool = False) -> None:
        self.body = body
        self.headers: Mapping[str, str] = {"X-Api-Key": token}
        self.is_base64_encoded: bool | None = is_base64
        self.query_string_parameters: Mapping[str, Any] = {}


def door_of(house: House) -> ReviewsDoor:
    tokens = FakeTokens({token_hash(Secret(token)): access for token, access in KNOWN.items()})
    return ReviewsDoor(tokens, house.list_reviews, house.resolve_review, house.timing)


def body(**changed: Any) -> str:
    whole = {"act": "give_up", "why": "they never got it", "who": "Ada"} | changed
    return json.dumps({name: value for name, value in whole.items() if value is not ...})


def in_review(house: House, reason: str = "States.Timeout") -> Order:
    """An order of three cards at 5.00 whose only lot was sent once, and then parked."""
    order = house.planned(line(3))
    house.supplier.lose_answers = 1
    house.create_order(order.id, 1)
    house.clock.pass_(1_000)
    house.close_order(order.id, {1: reason})
    return house.orders.get(order.id)


def wrong(text: str) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as refused:
        parse_act(text)
    fields = [problem.field for problem in refused.value.problems]
    assert len(fields) == len(set(fields)) > 0
    return {problem.field: problem.problem for problem in refused.value.problems}


# --- who may


def test_the_ability_is_no_tenants() -> None:
    assert Ability.REVIEWS not in TENANT_ABILITIES
    assert {*TENANT_ABILITIES, *OPERATOR_ABILITIES} == set(Ability)


@pytest.mark.parametrize(("token", "refusal"), [("nobody's", Unauthenticated), ("gl_tenant", Forbidden)])
def test_without_the_ability_nothing_is_read(house: House, token: str, refusal: type[Exception]) -> None:
    door = door_of(house)
    with pytest.raises(refusal):
        door.list(FakeCall(token=token))
    with pytest.raises(refusal):
        door.resolve(FakeCall("not even JSON", token), "O1", "1")


# --- the body of an act


@pytest.mark.parametrize("way", list(Way))
def test_each_way_out_is_taken(way: Way) -> None:
    assert parse_act(body(act=way.value)).way is way


def test_every_wrong_field_is_named_at_once() -> None:
    assert set(wrong(body(act="sell", why="", who=7, wyh="x"))) == {"act", "why", "who", "wyh"}


@pytest.mark.parametrize(
    ("changed", "named", "problem"),
    [
        ({"act": ...}, "act", "missing"),
        ({"act": "GIVE_UP"}, "act", "'GIVE_UP' is no act"),
        ({"act": None}, "act", "None is no act"),
        ({"act": ["adopt"]}, "act", "['adopt'] is no act"),
        ({"why": ...}, "why", "missing"),
        ({"why": None}, "why", "missing"),
        ({"why": " "}, "why", "empty"),
        ({"why": 5}, "why", "not a text"),
        ({"why": "x" * 501}, "why", "501 characters"),
        ({"why": "two\nlines"}, "why", "holds a character that cannot be printed"),
        ({"why": "\ud800"}, "why", "holds a character that cannot be printed"),
        ({"who": ""}, "who", "empty"),
        ({"who": "x" * 101}, "who", "101 characters"),
        ({"who": {}}, "who", "not a text"),
        ({"lot": 1}, "lot", "not a field of this call"),
    ],
)
def test_a_wrong_field_is_named(changed: dict[str, Any], named: str, problem: str) -> None:
    assert wrong(body(**changed)) == {named: problem}


@pytest.mark.parametrize("text", ["", "{", "[]", '"act"', "null", "[" * 10_000, '{"why": ' + "9" * 5_000 + "}"])
def test_a_body_that_is_no_object_is_named(text: str) -> None:
    assert set(wrong(text)) == {"body"}


def test_a_body_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        parse_act(" " * (MAX_BODY + 1))


def test_the_longest_reason_is_taken_and_without_who_the_tokens_owner_acts(house: House) -> None:
    order = in_review(house)
    sent = FakeCall(base64.b64encode(body(why="x" * 500, who=...).encode()).decode(), is_base64=True)

    door_of(house).resolve(sent, order.id, "1")

    (act,) = house.orders.lot(order.id, 1).acts
    assert (act.who, act.why) == ("operator", "x" * 500)


# --- acts


def test_an_act_answers_the_lot_as_it_then_stands(house: House) -> None:
    order = in_review(house)

    reply = door_of(house).resolve(FakeCall(body()), order.id, "1")

    assert (reply.status, reply.body["orderId"], reply.body["lot"], reply.body["state"]) == (200, order.id, 1, "FAILED")
    assert (reply.body["value"], reply.body["next"]) == ("0.00", NEXT)
    assert reply.body["history"][-1] == {
        "at": timestamp(house.clock.now()),
        "event": "act",
        "act": "give_up",
        "who": "Ada",
        "why": "they never got it",
        "found": "the task kept failing: States.Timeout → FAILED",
    }


def test_lot_0_is_the_order_as_a_whole(house: House) -> None:
    order = in_review(house)
    house.set(replace(house.orders.lot(order.id, 1), state=LotState.FAILED))

    (told,) = door_of(house).list(FakeCall()).body["reviews"]
    reply = door_of(house).resolve(FakeCall(body(act="try_again")), order.id, "0")

    assert (told["lots"], told["hint"]) == ([], AS_A_WHOLE)
    assert reply.body == {"orderId": order.id, "lot": 0, "next": NEXT}
    assert house.orders.get(order.id).status is OrderStatus.PROCESSING


@pytest.mark.parametrize("lot", ["2", "x", "-1", "1.0", "²", "٣", "9" * 5_000, ""])
def test_a_lot_that_is_not_in_review_is_not_found(house: House, lot: str) -> None:
    order = in_review(house)
    with pytest.raises(NotFound):
        door_of(house).resolve(FakeCall(body()), order.id, lot)


@pytest.mark.parametrize("order_id", ["nobody's", "a/b", "", "x" * 500])
def test_an_order_that_nobody_recorded_is_not_found(house: House, order_id: str) -> None:
    with pytest.raises(NotFound):
        door_of(house).resolve(FakeCall(body()), order_id, "1")


def test_what_was_resolved_is_not_in_review_any_more(house: House) -> None:
    order = in_review(house)
    door_of(house).resolve(FakeCall(body()), order.id, "1")
    with pytest.raises(NotFound, match="it is FAILED"):
        door_of(house).resolve(FakeCall(body()), order.id, "1")
    assert door_of(house).list(FakeCall()).body == {"reviews": []}


def test_a_way_that_does_not_lead_out_is_a_conflict_in_the_words_of_the_rule(house: House) -> None:
    order = in_review(house)
    house.supplier.sold.clear()
    with pytest.raises(Refused) as refused:
        door_of(house).resolve(FakeCall(body(act="adopt")), order.id, "1")

    reply = error_reply(refused.value)

    assert (reply.status, reply.body["code"]) == (409, 409)
    assert reply.body["message"].startswith("nothing to adopt: the supplier does not show GL-")


# --- the list


def test_an_order_in_review_is_told_with_its_money_and_its_lots(house: House) -> None:
    order = in_review(house)
    lot = house.orders.lot(order.id, 1)

    (told,) = door_of(house).list(FakeCall()).body["reviews"]

    closed_at = order.closed_at or 0
    assert {name: told[name] for name in told if name != "lots"} == {
        "orderId": order.id,
        "tenant": "acme",
        "refno": "refno-1",
        "status": "REVIEW",
        "currency": "AUD",
        "ordered": {"cards": 3, "amount": "15.00"},
        "delivered": {"cards": 0, "amount": "0.00"},
        "closedAt": timestamp(closed_at),
        "watchedUntil": timestamp(closed_at + WATCH_FOR),
    }
    assert told["lots"] == [
        {
            "lot": 1,
            "state": "REVIEW",
            "supplier": "wpay",
            "reference": lot.reference,
            "supplierOrderId": None,
            "reason": "the task kept failing: States.Timeout",
            "cards": {"ordered": 3, "received": 0},
            "withheld": False,
            "value": "15.00",
            "slots": None,
            "history": [
                {"at": timestamp(order.created_at), "event": "ordered"},
                {"at": timestamp(lot.first_posted_at or 0), "event": "sent", "posts": 1},
                {"at": timestamp(closed_at), "event": "went into review"},
            ],
        }
    ]


def test_an_order_that_is_not_watched_any_more_says_so(house: House) -> None:
    order = in_review(house)
    house.orders.records[order.id] = replace(order, due_at=NEVER)
    (told,) = door_of(house).list(FakeCall()).body["reviews"]
    assert told["watchedUntil"] is None


def test_no_card_is_in_the_answer(house: House) -> None:
    order = house.collected(line(2))
    house.set(replace(house.orders.lot(order.id, 1), state=LotState.REVIEW, withheld=True, reason="3 cards for 2"))
    house.close_order(order.id, {})

    text = door_of(house).list(FakeCall()).text

    (cards,) = house.supplier.sold.values()
    assert '"withheld": true' in text
    assert not any(card.number.reveal() in text or card.barcode.reveal() in text for card in cards)


def test_the_history_of_a_lot_is_told_from_the_oldest_on() -> None:
    acts = (Act(7_000, "Ada", "try_again", "their outage is over", "overdue → PLACED"),)
    lot = replace(a_lot(), posts=3, first_posted_at=2_000, posting_at=4_000, placed_at=5_000, ready_at=6_000, acts=acts)

    told = history(lot, an_order(created_at=1_000, closed_at=8_000))

    assert [event["event"] for event in told] == [
        "ordered",
        "first sent",
        "last sent",
        "bought",
        "ready at the supplier",
        "act",
        "went into review",
    ]
    assert told[2] == {"at": "1970-01-01T00:00:04.000Z", "event": "last sent", "posts": 3}


def test_a_lot_of_single_cards_counts_its_slots_and_tells_its_last_post(house: House) -> None:
    order = house.planned(euro_line(3))
    first, last = Slot(LotState.COLLECTED, posting_at=2_000), Slot(LotState.REVIEW, posting_at=3_000)
    lot = replace(house.orders.lot(order.id, 1), slots=(first, last, last), state=LotState.REVIEW, posts=3)
    house.set(replace(lot, first_posted_at=2_000, received_cards=1))
    house.orders.records[order.id] = replace(order, status=OrderStatus.REVIEW)

    (told,) = door_of(house).list(FakeCall()).body["reviews"][0]["lots"]

    assert (told["slots"], told["value"]) == ({"COLLECTED": 1, "REVIEW": 2}, "100.00")
    assert {"at": "1970-01-01T00:00:03.000Z", "event": "last sent", "posts": 3, "cards": 3} in told["history"]


MIXED = (line(2), line(2, minor=1_000))
PARKED = (Slot(LotState.POSTING), Slot(LotState.FAILED), Slot(LotState.FAILED))


@pytest.mark.parametrize(
    ("lot", "value"),
    [
        (replace(a_lot(), state=LotState.REVIEW), "15.00"),
        (replace(a_lot(), state=LotState.REVIEW, received_cards=2), "5.00"),
        (replace(a_lot(), state=LotState.REVIEW, received_cards=4, withheld=True), "15.00"),
        (replace(a_lot(), state=LotState.PLACED), "15.00"),
        (replace(a_lot(), state=LotState.PARTIAL, received_cards=2), "0.00"),
        (replace(a_lot(), state=LotState.REVIEW, lines=MIXED, received_cards=3), "10.00"),
        (replace(a_lot(), state=LotState.REVIEW, slots=(Slot(LotState.COLLECTED),) * 3, received_cards=3), "15.00"),
        (
            replace(a_lot(), state=LotState.REVIEW, slots=PARKED),
            "5.00",
        ),
        (replace(a_lot(), state=LotState.FAILED, slots=(Slot(LotState.FAILED),) * 3), "0.00"),
    ],
)
def test_the_value_in_doubt_is_that_of_the_cards_of_which_nobody_knows(lot: Lot, value: str) -> None:
    assert str(in_doubt(lot)) == value
