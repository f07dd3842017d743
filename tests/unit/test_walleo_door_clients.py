"""How an operator lets a tenant in at the Walleo door: keys told once, changed at once, and never shown again."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from giftline.accounts.model import Ability, Access, token_hash
from giftline.doors.answers import Reply, error_reply
from giftline.doors.walleo_clients import WalleoClientsDoor
from giftline.errors import GiftlineError, StaleWrite
from giftline.secret import Secret
from tests.fakes.house import TENANT
from tests.fakes.storage import FakeTokens
from tests.fakes.walleo_door import IDENTIFIER, KEY, SHARED_KEY, SentCall, WalleoHouse

OPERATOR, STRANGER = "gl_operator", "gl_of_a_tenant"
OWN = {"apiKey": "a-key-that-they-had-before", "sharedKey": "AB" * 16}


@pytest.fixture
def walleo() -> WalleoHouse:
    return WalleoHouse()


@pytest.fixture
def door(walleo: WalleoHouse) -> WalleoClientsDoor:
    tokens = FakeTokens(
        {
            token_hash(Secret(OPERATOR)): Access("us", frozenset({Ability.ACCOUNTS})),
            token_hash(Secret(STRANGER)): Access(TENANT, frozenset(Ability) - {Ability.ACCOUNTS}),
        }
    )
    return WalleoClientsDoor(tokens, walleo.manage)


def asked(do: Any, identifier: str, body: Any = None, token: str = OPERATOR) -> Reply:
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    call = SentCall("PUT", f"/v1/walleo_clients/{identifier}", text, {"X-Api-Key": token})
    try:
        reply: Reply = do(call, identifier)
    except GiftlineError as error:
        return error_reply(error)
    return reply


def fields(reply: Reply) -> list[str]:
    return [one["field"] for one in reply.body["messages"]]


def test_a_new_client_is_told_its_keys_and_is_let_in_with_them(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    made = asked(door.register, "new-1", {"tenant": TENANT})
    keys = {"key": made.body["apiKey"], "shared_key": made.body["sharedKey"], "identifier": "new-1"}
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    assert made.body["abilities"] == ["cards.get", "orders.get", "orders.store"]
    assert (len(made.body["apiKey"]), len(made.body["sharedKey"])) == (46, 64)
    assert walleo.pull(**keys).status == 200
    assert walleo.order.tenant == TENANT


def test_two_clients_have_different_keys(door: WalleoClientsDoor) -> None:
    first, second = (asked(door.register, name, {"tenant": TENANT}).body for name in ("a", "b"))
    assert {first["apiKey"], first["sharedKey"]}.isdisjoint({second["apiKey"], second["sharedKey"]})


def test_the_same_call_again_changes_nothing_and_tells_no_key(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    asked(door.register, "new-1", {"tenant": TENANT})
    before = walleo.clients.known["new-1"]
    again = asked(door.register, "new-1", {"tenant": TENANT})
    assert (again.status, set(again.body)) == (200, {"identifier", "tenant", "abilities"})
    assert walleo.clients.known["new-1"] == before
    assert asked(door.show, "new-1").body == again.body


def test_a_client_may_keep_the_keys_that_it_has(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    made = asked(door.register, "new-1", {"tenant": TENANT, **OWN})
    assert (made.status, set(made.body)) == (201, {"identifier", "tenant", "abilities"})
    assert walleo.pull(key=OWN["apiKey"], shared_key=OWN["sharedKey"], identifier="new-1").status == 200


def test_new_keys_end_the_old_ones_at_once(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    renewed = asked(door.renew_keys, IDENTIFIER)
    assert walleo.pull().status == 401
    assert walleo.pull(key=KEY, shared_key=renewed.body["sharedKey"]).status == 401
    assert walleo.pull(key=renewed.body["apiKey"], shared_key=SHARED_KEY).status == 401
    assert walleo.pull(key=renewed.body["apiKey"], shared_key=renewed.body["sharedKey"]).status == 200


def test_two_who_renew_at_once_do_not_both_believe_it(
    walleo: WalleoHouse, door: WalleoClientsDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = walleo.clients.known[IDENTIFIER]
    asked(door.renew_keys, IDENTIFIER)
    monkeypatch.setattr(walleo.clients, "find", lambda _: stale)
    with pytest.raises(StaleWrite):
        door.manage.renew(IDENTIFIER)


def test_a_removed_client_is_not_authorized(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    assert asked(door.remove, IDENTIFIER).body["tenant"] == TENANT
    assert walleo.pull().body["errors"][0]["code"] == "unauthorized"
    assert [asked(do, IDENTIFIER).status for do in (door.show, door.remove, door.renew_keys)] == [404] * 3


def test_the_key_of_this_door_opens_no_other(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    key = asked(door.register, "new-1", {"tenant": TENANT}).body["apiKey"]
    assert door.tokens.find(token_hash(Secret(key))) is None


def test_only_operators_may(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    before = dict(walleo.clients.known)
    for do in (door.register, door.show, door.renew_keys, door.remove):
        assert asked(do, IDENTIFIER, {"tenant": TENANT}, token="").status == 401
        assert asked(do, IDENTIFIER, {"tenant": TENANT}, token=KEY).status == 401
        refused = asked(do, IDENTIFIER, {"tenant": TENANT}, token=STRANGER)
        assert (refused.status, "'accounts'" in refused.body["message"]) == (403, True)
    assert walleo.clients.known == before


def test_an_identifier_belongs_to_one_tenant(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    refused = asked(door.register, IDENTIFIER, {"tenant": "other"})
    assert (refused.status, fields(refused)) == (400, ["tenant"])
    assert walleo.clients.known[IDENTIFIER].tenant == TENANT


def test_an_unknown_tenant_is_let_in_nowhere(walleo: WalleoHouse, door: WalleoClientsDoor) -> None:
    assert asked(door.register, "new-1", {"tenant": "nobody"}).status == 404
    assert "new-1" not in walleo.clients.known


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (None, ["body"]),
        ("{", ["body"]),
        ("[" * 3_000, ["body"]),
        ("[]", ["body"]),
        ('{"tenant": "other", "tenant": "acme"}', ["body"]),
        ('{"tenant": "acme", "\\ud800": 1}', ["\ud800"]),
        ({"tenant": "\ud800"}, ["tenant"]),
        ({}, ["tenant"]),
        ({"tenant": 7}, ["tenant"]),
        ({"tenant": ""}, ["tenant"]),
        ({"tenant": TENANT, "key": 1}, ["key"]),
        ({"tenant": TENANT, "apiKey": OWN["apiKey"]}, ["sharedKey"]),
        ({"tenant": TENANT, "apiKey": 7, "sharedKey": 8}, ["apiKey", "sharedKey"]),
        ({"tenant": TENANT, "apiKey": "short-secret", "sharedKey": "XYZ"}, ["apiKey", "sharedKey"]),
        ({"tenant": TENANT, **OWN, "apiKey": "with a space and a ,"}, ["apiKey"]),
    ],
)
def test_every_wrong_field_is_named_and_no_key_repeated(door: WalleoClientsDoor, body: Any, wrong: list[str]) -> None:
    refused = asked(door.register, "new-1", body)
    assert (refused.status, fields(refused)) == (400, wrong)
    assert not any(key in refused.text for key in ("short-secret", "XYZ", *OWN.values()))
    assert refused.text.encode()


@pytest.mark.parametrize("identifier", ["a b", "a,b", "x" * 65, "é", "a#b"])
def test_an_identifier_is_what_a_header_can_carry(door: WalleoClientsDoor, identifier: str) -> None:
    assert fields(asked(door.register, identifier, {"tenant": TENANT})) == ["identifier"]
    assert asked(door.show, identifier).status == 404


def test_a_large_body_is_refused(door: WalleoClientsDoor) -> None:
    assert asked(door.register, "new-1", {"tenant": "x" * 5_000}).status == 413


def test_who_did_it_is_on_record_and_no_key(door: WalleoClientsDoor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = asked(door.register, "new-1", {"tenant": TENANT})
    renewed = asked(door.renew_keys, "new-1")
    asked(door.remove, "new-1")
    assert caplog.text.count("new-1 of acme") == 3
    shown = f"{caplog.text} {made!r} {renewed!r}"
    assert not any(reply.body[name] in shown for reply in (made, renewed) for name in ("apiKey", "sharedKey"))
