"""Operators set for how long cards are kept; a tenant has the proof that its own are gone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from giftline.accounts.model import Ability, Access, token_hash
from giftline.doors.answers import error_reply
from giftline.doors.retention import RetentionDoor
from giftline.doors.retention_requests import MAX_BODY
from giftline.errors import Forbidden, InvalidRequest, NotFound, TooLarge, Unauthenticated
from giftline.orders.model import OrderStatus
from giftline.orders.retention_ports import Removal, RetentionRule
from giftline.orders.retention_setting import SetRetention, ViewRemoval
from giftline.secret import Secret
from tests.fakes.house import TENANT, House, an_order
from tests.fakes.retention import FakeKeptOrders, FakeRetentionRules
from tests.fakes.storage import FakeTokens


@dataclass
class FakeCall:
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    is_base64_encoded: bool | None = False
    query_string_parameters: dict[str, str] = field(default_factory=dict)


def call(who: str = "operator", body: Any = None) -> FakeCall:
    return FakeCall(body if isinstance(body, str) else json.dumps(body), {"X-Api-Key": who})


@dataclass
class Desk:
    house: House = field(default_factory=House)
    rules: FakeRetentionRules = field(default_factory=FakeRetentionRules)

    def __post_init__(self) -> None:
        self.kept = FakeKeptOrders(self.house.orders, self.house.pages)

    @property
    def door(self) -> RetentionDoor:
        accesses = {
            "operator": Access("ada", frozenset({Ability.ACCOUNTS})),
            TENANT: Access(TENANT, frozenset({Ability.ORDERS_GET})),
            "other": Access("other", frozenset({Ability.ORDERS_GET})),
        }
        tokens = FakeTokens({token_hash(Secret(name)): access for name, access in accesses.items()})
        house = self.house
        setting = SetRetention(self.rules, self.kept, lambda name: name == TENANT, house.clock, house.timing)
        return RetentionDoor(tokens, self.rules, setting, ViewRemoval(self.kept))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_operator_sets_a_tenants_days_and_is_told_how_many_orders_go(desk: Desk) -> None:
    old = an_order("OLD", OrderStatus.FAILED, due_at=None, closed_at=1)
    desk.house.orders.records[old.id] = old
    dry = desk.door.set(call(body={"days": 30, "dryRun": True}), TENANT).body
    assert (dry["due"], dry["dryRun"], desk.rules.kept) == (1, True, {})
    reply = desk.door.set(call(body={"days": 30, "who": " ada of books "}), TENANT)
    assert reply.status == 200
    assert reply.body == {
        "tenant": TENANT,
        "days": 30,
        "setAt": reply.body["setAt"],
        "setBy": "ada of books",
        "dryRun": False,
        "due": 1,
        "dueIsMore": False,
    }
    assert desk.door.list(call()).body["rules"][0]["days"] == 30
    assert desk.door.set(call(body={"days": None}), TENANT).body["setBy"] == "ada"
    assert desk.rules.kept[TENANT] == RetentionRule(TENANT, None, desk.house.clock.now(), "ada")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"days"}),
        ({"days": 0}, {"days"}),
        ({"days": "30"}, {"days"}),
        ({"days": True}, {"days"}),
        ({"days": 30, "who": 5, "dryRun": "x", "tenant": "t"}, {"who", "dryRun", "tenant"}),
        ({"days": 30, "\ud800": 1}, {"\ud800"}),
        ([], {"body"}),
        ("{", {"body"}),
    ],
)
def test_every_wrong_field_is_named(desk: Desk, body: Any, fields: set[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        desk.door.set(call(body=body), TENANT)
    assert {problem.field for problem in refused.value.problems} == fields
    assert error_reply(refused.value).text.encode(), "it can be sent"
    assert desk.rules.kept == {}


def test_an_unknown_tenant_and_a_body_that_is_too_large_are_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.door.set(call(body={"days": 30}), "nobody")
    with pytest.raises(TooLarge):
        desk.door.set(call(body=" " * (MAX_BODY + 1)), TENANT)


def test_a_tenants_own_token_neither_sets_nor_lists_rules(desk: Desk) -> None:
    with pytest.raises(Forbidden, match="accounts"):
        desk.door.set(call(TENANT, {"days": 1}), TENANT)
    with pytest.raises(Forbidden):
        desk.door.list(call(TENANT))
    with pytest.raises(Unauthenticated):
        desk.door.set(call("", {"days": 1}), TENANT)


def test_a_tenant_has_the_proof_of_its_own_order_alone(desk: Desk) -> None:
    removal = Removal("O1", TENANT, 30, "ada", 1_000, 2_000, ("a", "b"), ("c",))
    desk.kept.removals["O1"] = removal
    assert desk.door.removal(call(TENANT), "O1").body["finishedAt"] is None
    desk.kept.removals["O1"] = replace(removal, finished_at=3_000, pages=2, cards=900)
    assert desk.door.removal(call(TENANT), "O1").body == {
        "orderId": "O1",
        "days": 30,
        "ruleSetBy": "ada",
        "retainedUntil": "1970-01-01T00:00:01.000Z",
        "begunAt": "1970-01-01T00:00:02.000Z",
        "finishedAt": "1970-01-01T00:00:03.000Z",
        "cards": 900,
        "pages": 2,
        "files": 3,
    }
    assert desk.door.removal(call(), "O1").body == desk.door.removal(call(TENANT), "O1").body, (
        "an operator reads it too"
    )
    for token, order_id in (("other", "O1"), (TENANT, "O2"), (TENANT, "a/b"), ("operator", "O2"), ("operator", "a/b")):
        with pytest.raises(NotFound):
            desk.door.removal(call(token), order_id)
