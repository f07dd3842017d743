"""A tenant's calls on its webhooks: who may, what each shows, and every wrong field at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from giftline.accounts.model import Ability, Access, token_hash
from giftline.delivery.events import EventState
from giftline.delivery.listing import shown_url
from giftline.doors.webhooks import WebhooksDoor
from giftline.doors.webhooks_requests import MAX_BODY, parse_list, parse_range
from giftline.errors import Forbidden, InvalidRequest, NotFound, TooLarge, Unauthenticated
from giftline.secret import Secret
from tests.fakes.storage import FakeTokens
from tests.fakes.time import START
from tests.fakes.webhooks import DELAYS, URL, Post, an_event

OURS = "acme's"
KNOWN = {
    OURS: Access("acme", frozenset({Ability.WEBHOOKS})),
    "another's": Access("another", frozenset({Ability.WEBHOOKS})),
    "weak": Access("acme", frozenset({Ability.ORDERS_GET})),
}
RANGE = {"from": "2025-06-15T00:00:00Z", "to": "2025-06-16T00:00:00+00:00"}


class FakeCall:
    def __init__(self, body: Any = None, token: str = OURS, **query: str) -> None:
        self.body = None if body is None else json.dumps(body)
        self.headers: Mapping[str, str] = {"Authorization": f"Bearer {token}"}
        self.is_base64_encoded: bool | None = False
        self.query_string_parameters: Mapping[str, Any] = query


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def door(post: Post) -> WebhooksDoor:
    tokens = FakeTokens({token_hash(Secret(token)): access for token, access in KNOWN.items()})
    return post.door(tokens)


@pytest.mark.parametrize(("token", "refusal"), [("nobody's", Unauthenticated), ("weak", Forbidden)])
def test_without_the_ability_nothing_is_read_or_done(
    door: WebhooksDoor, post: Post, token: str, refusal: type[Exception]
) -> None:
    event, call = post.announced(), FakeCall(RANGE, token)
    for act in (door.list, door.resend_all_failed, door.secret, door.rotate):
        with pytest.raises(refusal):
            act(call)
    for one in (door.show, door.resend):
        with pytest.raises(refusal):
            one(call, event.id)
    assert post.webhooks.sealed == {}
    assert len(post.deliveries.started) == 1


def test_the_list_shows_each_event_and_no_query_of_its_url(door: WebhooksDoor, post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.append(500)
    post.send_webhook("acme", event.id, 0, DELAYS)
    post.announced("B2", tenant="another")
    reply = door.list(FakeCall())
    assert reply.status == 200
    (shown,) = reply.body["events"]
    assert shown == {
        "id": event.id,
        "state": "pending",
        "subject": "B1",
        "url": "https://shop.example/hooks",
        "createdAt": "2025-06-15T15:06:40.000Z",
        "tries": 1,
        "lastStatus": 500,
        "lastProblem": "answered 500; expected 2xx",
        "nextTryAt": "2025-06-15T15:06:45.250Z",
    }
    assert "hidden" not in reply.text
    assert reply.body["next"] is None


def test_pages_and_states_can_be_asked_for(door: WebhooksDoor, post: Post) -> None:
    for number in range(5):
        event = post.webhooks.add(an_event(f"B{number}", at=START - number))
        post.webhooks.save(replace(event, state=EventState.FAILED if number % 2 else EventState.DELIVERED))
    first = door.list(FakeCall(state="delivered", limit="2")).body
    assert [one["subject"] for one in first["events"]] == ["B0", "B2"]
    second = door.list(FakeCall(state="delivered", limit="2", next=first["next"])).body
    assert ([one["subject"] for one in second["events"]], second["next"]) == (["B4"], None)


def test_one_event_is_shown_with_every_attempt(door: WebhooksDoor, post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.append(410)
    post.send_webhook("acme", event.id, 0, DELAYS)
    body = door.show(FakeCall(), event.id).body
    assert body["attempts"] == [
        {
            "number": 1,
            "run": 0,
            "at": "2025-06-15T15:06:40.000Z",
            "status": 410,
            "problem": "answered 410; expected 2xx",
            "milliseconds": 12,
        }
    ]
    assert (body["state"], body["endpointDisabled"], body["body"]) == ("failed", True, event.body)


@pytest.mark.parametrize("event_id", ["evt_" + "0" * 28, "evt_../../x", "", "x" * 500, "evt_" + "G" * 28])
def test_what_is_unknown_wrong_or_anothers_is_not_found_alike(door: WebhooksDoor, post: Post, event_id: str) -> None:
    post.announced()
    for one in (door.show, door.resend):
        with pytest.raises(NotFound, match="no webhook event with id"):
            one(FakeCall(), event_id)


def test_anothers_event_is_not_found(door: WebhooksDoor, post: Post) -> None:
    event = post.announced()
    for one in (door.show, door.resend):
        with pytest.raises(NotFound, match="no webhook event with id"):
            one(FakeCall(token="another's"), event.id)


def test_an_event_is_resent(door: WebhooksDoor, post: Post) -> None:
    event = post.announced()
    reply = door.resend(FakeCall(), event.id)
    assert (reply.status, reply.body["state"]) == (202, "pending")
    assert post.deliveries.started[-1] == ("acme", event.id, 1)


def test_what_failed_in_a_range_is_resent(door: WebhooksDoor, post: Post) -> None:
    event = post.webhooks.add(an_event())
    post.webhooks.save(replace(event, state=EventState.FAILED))
    reply = door.resend_all_failed(FakeCall(RANGE))
    assert (reply.status, reply.body) == (202, {"resent": 1, "events": [event.id], "next": None})


def test_the_secret_goes_to_its_tenant_and_into_no_cache_or_repr(door: WebhooksDoor, post: Post) -> None:
    shown = door.secret(FakeCall())
    secret = post.signing_secrets("acme").current.reveal()
    assert shown.body["secret"] == secret
    assert shown.headers["Cache-Control"] == "no-store"
    assert secret not in repr(shown)
    rotated = door.rotate(FakeCall()).body
    assert rotated["previousSecret"] == secret
    assert rotated["secret"] != secret
    assert rotated["previousSignsUntil"] == "2025-06-16T15:06:40.000Z"
    assert door.secret(FakeCall(token="another's")).body["secret"] not in (secret, rotated["secret"])


def test_every_wrong_parameter_of_a_list_is_named_at_once() -> None:
    query = {"state": "lost", "limit": "1000", "from": "yesterday", "to": "2025-06-15", "next": "x"}
    with pytest.raises(InvalidRequest) as refused:
        parse_list(query, START)
    assert {problem.field for problem in refused.value.problems} == set(query)


@pytest.mark.parametrize("limit", ["0", "-1", "101", "ten", "", "9" * 30])
def test_a_limit_is_1_to_100(limit: str) -> None:
    with pytest.raises(InvalidRequest, match="limit"):
        parse_list({"limit": limit}, START)


def test_a_list_without_parameters_is_everything_until_now() -> None:
    asked = parse_list({}, START)
    assert (asked.start, asked.end, asked.state, asked.limit, asked.after) == (0, START + 1, None, 50, "")


def test_a_plus_sign_that_became_a_space_is_read() -> None:
    assert parse_list({"from": "2025-06-15T15:06:40 00:00"}, START).start == START


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"from", "to"}),
        ({"from": 5, "to": "2025-06-16"}, {"from", "to"}),
        ({**RANGE, "to": RANGE["from"]}, {"to"}),
        ({**RANGE, "state": "failed", "next": 7}, {"state", "next"}),
        ({"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59-23:59"}, {"from", "to"}),
        ([], {"body"}),
    ],
)
def test_every_wrong_field_of_a_range_is_named_at_once(body: Any, fields: set[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_range(json.dumps(body))
    assert {problem.field for problem in refused.value.problems} >= fields - {"to"} | (fields & {"body"})


def test_what_is_no_json_or_too_large_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        parse_range("{")
    with pytest.raises(TooLarge):
        parse_range(" " * (MAX_BODY + 1))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, "https://shop.example/hooks"),
        ("https://user:pass@shop.example:8443/a?b#c", "https://shop.example:8443/a"),
        ("https://[::1/x", "(unreadable)"),
    ],
)
def test_a_shown_url_has_neither_user_nor_query(url: str, shown: str) -> None:
    assert shown_url(url) == shown
