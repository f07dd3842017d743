"""Calls on money: who may, every wrong field at once, and each move once a reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from giftline.accounts.funding import ManageFunds, ViewFunds
from giftline.accounts.model import OPERATOR_ABILITIES, TENANT_ABILITIES, Ability, Access, token_hash
from giftline.doors.accounts import AccountsDoor
from giftline.doors.accounts_requests import MAX_BODY, parse_entries, parse_limits, parse_move
from giftline.errors import Forbidden, InvalidRequest, NotFound, TooLarge, Unauthenticated
from giftline.secret import Secret
from tests.fakes.house import AUD, House, line, request
from tests.fakes.ledger import FakeLedger
from tests.fakes.storage import FakeTokens
from tests.fakes.time import FakeClock

OPERATOR, OURS = "the operator's", "acme's"
KNOWN = {
    OPERATOR: Access("operator", OPERATOR_ABILITIES),
    OURS: Access("acme", TENANT_ABILITIES),
    "another's": Access("another", TENANT_ABILITIES),
    "weak": Access("acme", frozenset({Ability.ORDERS_GET})),
}
MOVE = {"currency": "AUD", "amount": "15.00", "reference": "bank 2026-11/1"}
AT = "2025-06-15T15:06:40.000Z"
DEPOSITED = {
    "tenant": "acme",
    "currency": "AUD",
    "number": 1,
    "kind": "DEPOSIT",
    "amount": "15.00",
    "from": "FUNDING",
    "to": "AVAILABLE",
    "at": AT,
    "orderId": None,
    "reference": "bank 2026-11/1",
    "available": "15.00",
    "reserved": "0.00",
}


class FakeCall:
    def __init__(self, body: Any = None, token: str = OPERATOR, **query: str) -> None:
        self.body = None if body is None else json.dumps(body)
        self.headers: Mapping[str, str] = {"Authorization": f"Bearer {token}"}
        self.is_base64_encoded: bool | None = False
        self.query_string_parameters: Mapping[str, Any] = query


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def door(ledger: FakeLedger) -> AccountsDoor:
    tokens = FakeTokens({token_hash(Secret(token)): access for token, access in KNOWN.items()})
    manage = ManageFunds(ledger, lambda tenant: tenant in ("acme", "another"), FakeClock().now)
    return AccountsDoor(
        tokens, manage, ViewFunds(ledger), lambda url: "" if "good" in url else "bad; expected a good one"
    )


def wrong(parse: Any, given: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as refused:
        parse(given)
    fields = [problem.field for problem in refused.value.problems]
    assert len(fields) == len(set(fields)) > 0
    assert all(problem.expected for problem in refused.value.problems)
    return {problem.field: problem.problem for problem in refused.value.problems}


# --- who may


@pytest.mark.parametrize(("token", "refusal"), [("nobody's", Unauthenticated), (OURS, Forbidden)])
def test_money_is_moved_by_an_operator_alone(
    door: AccountsDoor, ledger: FakeLedger, token: str, refusal: type[Exception]
) -> None:
    for act in (door.deposit, door.withdraw, door.set_limits, door.balances_of, door.entries_of):
        with pytest.raises(refusal):
            act(FakeCall(MOVE, token), "acme")
    assert ledger.kept == {}


@pytest.mark.parametrize(
    ("token", "refusal"), [("nobody's", Unauthenticated), ("weak", Forbidden), (OPERATOR, Forbidden)]
)
def test_a_tenant_looks_with_its_own_ability(door: AccountsDoor, token: str, refusal: type[Exception]) -> None:
    for act in (door.balances, door.entries):
        with pytest.raises(refusal):
            act(FakeCall(token=token, currency="AUD"))


def test_nobody_sees_another_tenants_money(door: AccountsDoor) -> None:
    door.deposit(FakeCall(MOVE), "acme")
    assert door.balances(FakeCall(token="another's")).body == {"tenant": "another", "balances": []}
    assert door.entries(FakeCall(token="another's", currency="AUD")).body["entries"] == []


@pytest.mark.parametrize("tenant", ["nobody", "", "x" * 65, "acm%C3%A9", "acme%23AUD"])
def test_a_tenant_that_is_not_there_is_not_found(door: AccountsDoor, ledger: FakeLedger, tenant: str) -> None:
    for act, body in ((door.deposit, MOVE), (door.withdraw, MOVE), (door.set_limits, {"currency": "AUD"})):
        with pytest.raises(NotFound):
            act(FakeCall(body), tenant)
    for look in (door.balances_of, door.entries_of):
        with pytest.raises(NotFound):
            look(FakeCall(currency="AUD"), tenant)
    assert ledger.kept == {}


# --- money in and out


def test_a_deposit_answers_the_same_each_time_and_is_made_once(door: AccountsDoor, ledger: FakeLedger) -> None:
    replies = [door.deposit(FakeCall(MOVE), "acme") for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].body == replies[1].body == DEPOSITED
    assert ledger.balance("acme", AUD).available == 1_500


def test_a_reference_of_another_move_is_told(door: AccountsDoor) -> None:
    door.deposit(FakeCall(MOVE), "acme")
    with pytest.raises(InvalidRequest, match="reference"):
        door.deposit(FakeCall(MOVE | {"amount": "16.00"}), "acme")


def test_no_more_is_paid_out_than_is_available_in_the_words_of_the_call(door: AccountsDoor) -> None:
    door.deposit(FakeCall(MOVE), "acme")
    asked = MOVE | {"amount": "15.01", "reference": "out"}
    assert wrong(lambda body: door.withdraw(FakeCall(body), "acme"), asked) == {
        "amount": "15.01 AUD needed, 15.00 AUD available"
    }
    reply = door.withdraw(FakeCall(asked | {"amount": 15}), "acme")
    assert (reply.status, reply.body["kind"], reply.body["available"]) == (201, "WITHDRAWAL", "0.00")


# --- looking


def test_a_balance_shows_what_is_available_and_what_is_reserved(house: House, door: AccountsDoor) -> None:
    ledger = FakeLedger()
    house.orders.ledger = ledger
    ledger.deposit("acme", AUD, 2_000, "in", house.clock.now())
    order = house.accept_order(request(line(3)))
    shown = AccountsDoor(door.tokens, ManageFunds(ledger, bool, house.clock.now), ViewFunds(ledger))

    (balance,) = shown.balances(FakeCall(token=OURS)).body["balances"]
    assert {name: balance[name] for name in ("currency", "available", "reserved", "delivered", "funded")} == {
        "currency": "AUD",
        "available": "5.00",
        "reserved": "15.00",
        "delivered": "0.00",
        "funded": "20.00",
    }
    assert (balance["lastEntry"], balance["acceptedOn"], balance["acceptedThatDay"]) == (2, AT[:10], "15.00")
    assert shown.balances_of(FakeCall(), "acme").body == shown.balances(FakeCall(token=OURS)).body
    entry = shown.entries(FakeCall(token=OURS, currency="AUD", after="1")).body["entries"][0]
    assert (entry["kind"], entry["orderId"], entry["from"], entry["to"]) == (
        "RESERVE",
        order.id,
        "AVAILABLE",
        "RESERVED",
    )


def test_entries_are_read_a_part_at_a_time(door: AccountsDoor) -> None:
    for number in range(3):
        door.deposit(FakeCall(MOVE | {"reference": f"in {number}"}), "acme")
    first = door.entries_of(FakeCall(currency="AUD", limit="2"), "acme").body
    assert ([one["number"] for one in first["entries"]], first["next"]) == ([1, 2], 2)
    rest = door.entries_of(FakeCall(currency="AUD", limit="2", after="2"), "acme").body
    assert ([one["number"] for one in rest["entries"]], rest["next"]) == ([3], None)


# --- limits


def test_limits_replace_those_that_were(door: AccountsDoor) -> None:
    body = {
        "currency": "AUD",
        "perOrder": 10,
        "perDay": "99.90",
        "lowBalance": "0.00",
        "webhookUrl": "https://good/?k=1",
    }
    reply = door.set_limits(FakeCall(body), "acme")
    assert reply.status == 200
    assert reply.body["limits"] == {
        "perOrder": "10.00",
        "perDay": "99.90",
        "lowBalance": "0.00",
        "webhookUrl": "https://good/",
    }
    after = door.set_limits(FakeCall({"currency": "AUD", "perOrder": None}), "acme").body
    assert set(after["limits"].values()) == {None}


# --- what is wrong


def test_every_wrong_field_of_a_move_is_named_at_once() -> None:
    text = json.dumps({"currency": "XXX", "amount": "-1", "reference": "", "refrence": "x"})
    assert set(wrong(parse_move, text)) == {"currency", "amount", "reference", "refrence"}
    assert wrong(parse_move, "{}") == dict.fromkeys(("currency", "amount", "reference"), "missing")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": 1.005}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": [1]}, "amount"),
        ({"amount": 10**13}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": None}, "amount"),
        ({"currency": "JPY", "amount": "1.50"}, "amount"),
        ({"currency": "aud"}, "currency"),
        ({"currency": 36}, "currency"),
        ({"reference": " x"}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"reference": "two\nlines"}, "reference"),
        ({"reference": "\ud800"}, "reference"),
        ({"reference": 7}, "reference"),
    ],
)
def test_a_wrong_field_of_a_move_is_named(changed: dict[str, Any], named: str) -> None:
    assert set(wrong(parse_move, json.dumps(MOVE | changed))) == {named}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 10_000, '{"amount": ' + "9" * 5_000 + "}"])
def test_a_body_that_is_no_object_is_named(text: str) -> None:
    assert set(wrong(parse_move, text)) == set(wrong(parse_limits, text)) == {"body"}


def test_a_body_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        parse_move(" " * (MAX_BODY + 1))


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"currency"}),
        ({"currency": "AUD", "perOrder": "x", "perDay": -1, "lowBalance": []}, {"perOrder", "perDay", "lowBalance"}),
        ({"currency": "AUD", "lowBalance": 1, "webhookUrl": "https://bad"}, {"webhookUrl"}),
        ({"currency": "AUD", "lowBalance": 1, "webhookUrl": 7}, {"webhookUrl"}),
        ({"currency": "AUD", "webhookUrl": "https://good"}, {"lowBalance"}),
        ({"currency": "AUD", "per_order": 1}, {"per_order"}),
    ],
)
def test_wrong_limits_are_named(body: dict[str, Any], named: set[str]) -> None:
    def parse(text: str) -> object:
        return parse_limits(text, lambda url: "" if "good" in url else "bad; expected a good one")

    assert set(wrong(parse, json.dumps(body))) == named


def test_where_no_webhooks_are_sent_no_url_is_taken() -> None:
    text = json.dumps({"currency": "AUD", "lowBalance": 1, "webhookUrl": "https://good"})
    assert set(wrong(parse_limits, text)) == {"webhookUrl"}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({}, {"currency"}),
        ({"currency": "AUD", "limit": "0"}, {"limit"}),
        ({"currency": "AUD", "limit": "501", "after": "-1"}, {"limit", "after"}),
        ({"currency": "AUD", "after": "x"}, {"after"}),
    ],
)
def test_wrong_parameters_are_named(query: dict[str, str], named: set[str]) -> None:
    assert set(wrong(parse_entries, query)) == named
