"""A tenant's calls on its standing orders: who may, every wrong field at once, and what is shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.accounts.model import Ability, Access
from giftline.doors.standing import StandingDoor
from giftline.doors.standing_requests import MAX_BODY, parse_standing
from giftline.errors import FieldProblem, Forbidden, InvalidRequest, NotFound, Refused, TooLarge, Unauthenticated
from giftline.standing.model import StandingRequest
from tests.fakes.house import CATALOGUE, SKU
from tests.fakes.standing import StandingHouse

OURS = "acme's"
KNOWN = {
    OURS: Access("acme", frozenset({Ability.ORDERS_STORE, Ability.ORDERS_GET})),
    "another's": Access("another", frozenset({Ability.ORDERS_STORE, Ability.ORDERS_GET})),
    "reader": Access("acme", frozenset({Ability.ORDERS_GET})),
    "weak": Access("acme", frozenset({Ability.WEBHOOKS})),
}
ORDER = {
    "payments": [{"code": "svc", "amount": 15}],
    "products": [{"sku": SKU, "price": 5, "qty": 3, "currency": "036"}],
}
DAILY = {"every": "day", "at": "09:00", "time_zone": "Europe/Berlin"}
UNKNOWN = "A" * 26


def body(**changed: Any) -> dict[str, Any]:
    return {"name": "daily coffee", "order": ORDER, "schedule": DAILY} | changed


@dataclass
class FakeCall:
    content: Any = None
    token: str = OURS
    query_string_parameters: dict[str, str] = field(default_factory=dict)
    is_base64_encoded: bool | None = False

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def body(self) -> str | None:
        return None if self.content is None else json.dumps(self.content)


@pytest.fixture
def home() -> StandingHouse:
    home = StandingHouse()
    home.at("2026-11-30T12:00")
    return home


@pytest.fixture
def door(home: StandingHouse) -> StandingDoor:
    return home.door(KNOWN, lambda url: "" if url.startswith("https://") else "a URL of http; expected https")


def parsed(content: Any) -> StandingRequest:
    return parse_standing("acme", content if isinstance(content, str) else json.dumps(content), CATALOGUE, lambda _: "")


def wrong(content: Any) -> dict[str, FieldProblem]:
    with pytest.raises(InvalidRequest) as refused:
        parsed(content)
    return {problem.field: problem for problem in refused.value.problems}


@pytest.mark.parametrize(("token", "refusal"), [("nobody's", Unauthenticated), ("weak", Forbidden)])
def test_without_the_ability_nothing_is_read_or_done(
    door: StandingDoor, home: StandingHouse, token: str, refusal: type[Exception]
) -> None:
    for act in (door.create, door.list):
        with pytest.raises(refusal):
            act(FakeCall(body(), token))
    for one in (door.show, door.delete, door.pause, door.resume):
        with pytest.raises(refusal):
            one(FakeCall(None, token), UNKNOWN)
    assert home.standing_orders.records == {}


def test_who_may_only_look_changes_nothing(door: StandingDoor, home: StandingHouse) -> None:
    created = door.create(FakeCall(body())).body
    assert door.show(FakeCall(token="reader"), created["id"]).status == 200
    for act in (door.delete, door.pause, door.resume):
        with pytest.raises(Forbidden):
            act(FakeCall(token="reader"), created["id"])
    with pytest.raises(Forbidden):
        door.create(FakeCall(body(name="another"), "reader"))
    assert len(home.standing_orders.records) == 1


def test_one_is_shown_in_the_words_in_which_it_was_asked_for(door: StandingDoor) -> None:
    skip = {
        "dates": ["2026-12-24"],
        "holidays": ["12-25", "easter-2"],
        "weekends": True,
        "if_previous_open": True,
    }
    order = ORDER | {"webhook_url": "https://shop.example/hooks?key=hidden"}
    asked = body(start="2026-12-01", end="2027-12-31", skip=skip, order=order)
    reply = door.create(FakeCall(asked))
    assert reply.status == 201
    shown = reply.body
    assert shown["id"].isalnum()
    assert {name: shown[name] for name in ("name", "schedule", "start", "end", "skip")} == {
        name: asked[name] for name in ("name", "schedule", "start", "end", "skip")
    }
    assert shown["order"] == {
        "payments": [{"code": "svc", "amount": "15.00"}],
        "products": [{"sku": SKU, "price": "5.00", "qty": 3, "currency": "036"}],
        "syncOnly": False,
        "webhook_url": "https://shop.example/hooks",
    }
    assert (shown["state"], shown["cause"], shown["reason"]) == ("ACTIVE", None, None)
    assert shown["next_at"] == "2026-12-01T08:00:00.000Z"
    assert shown["is_scheduled"] is True
    assert "hidden" not in reply.text
    again = parsed(asked | {"order": {**shown["order"], "webhook_url": None}, "schedule": shown["schedule"]})
    assert again.lines == parsed(asked).lines


def test_the_same_call_again_is_answered_alike_and_makes_nothing_new(door: StandingDoor, home: StandingHouse) -> None:
    first = door.create(FakeCall(body()))
    home.at("2026-12-05T12:00")
    again = door.create(FakeCall(body()))
    assert (again.status, again.body["id"]) == (201, first.body["id"])
    assert len(home.standing_orders.records) == 1
    with pytest.raises(InvalidRequest, match="name: names a standing order with other content"):
        door.create(FakeCall(body(schedule=DAILY | {"at": "10:00"})))


def test_get_shows_why_it_is_paused_and_what_came_of_its_times(door: StandingDoor, home: StandingHouse) -> None:
    created = door.create(FakeCall(body())).body
    standing = home.standing_orders.get("acme", created["id"])
    home.at("2026-12-01T08:00")
    home.event(standing, "2026-12-01T08:00")
    home.catalogue = type(CATALOGUE)([])
    home.at("2026-12-02T08:00")
    home.event(standing, "2026-12-02T08:00")
    shown = door.show(FakeCall(), created["id"]).body
    assert (shown["state"], shown["cause"], shown["next_at"]) == ("PAUSED", "catalogue", None)
    assert shown["reason"].startswith(f"order.products.0.sku: unknown sku '{SKU}'")
    later, earlier = shown["firings"]
    assert (later["outcome"], later["cause"], later["order_id"]) == ("REFUSED", "catalogue", None)
    assert (earlier["outcome"], earlier["local"]) == ("ORDERED", "2026-12-01T09:00")
    assert earlier["order_id"] == home.made[0].id
    assert earlier["refno"] == home.made[0].refno


def test_pause_resume_and_delete_may_each_be_asked_for_twice(door: StandingDoor, home: StandingHouse) -> None:
    key = door.create(FakeCall(body())).body["id"]
    for _ in range(2):
        paused = door.pause(FakeCall(), key).body
        assert (paused["state"], paused["cause"]) == ("PAUSED", "tenant")
    for _ in range(2):
        assert door.resume(FakeCall(), key).body["state"] == "ACTIVE"
    for _ in range(2):
        ended = door.delete(FakeCall(), key).body
        assert (ended["state"], ended["cause"], ended["is_scheduled"]) == ("ENDED", "tenant", False)
    assert home.schedules.there == {}
    assert door.show(FakeCall(), key).body["state"] == "ENDED"
    for act in (door.pause, door.resume):
        with pytest.raises(Refused, match="has ended: deleted by its tenant"):
            act(FakeCall(), key)


def test_another_tenants_standing_order_is_not_found(door: StandingDoor) -> None:
    key = door.create(FakeCall(body())).body["id"]
    for act in (door.show, door.delete, door.pause, door.resume):
        with pytest.raises(NotFound):
            act(FakeCall(token="another's"), key)
        for unknown in (UNKNOWN, "", "../" * 9, key.lower()):
            with pytest.raises(NotFound):
                act(FakeCall(), unknown)
    assert door.list(FakeCall(token="another's")).body == {"standing_orders": [], "next": None}


def test_the_list_goes_on_where_it_stopped(door: StandingDoor) -> None:
    made = {door.create(FakeCall(body(name=f"number {number}"))).body["id"] for number in range(5)}
    found, query = list[str](), dict[str, Any](limit="2")
    for _ in range(3):
        page = door.list(FakeCall(query_string_parameters=query)).body
        found += [one["id"] for one in page["standing_orders"]]
        query = {"limit": "2", "next": page["next"]}
    assert (set(found), len(found), query["next"]) == (made, 5, None)
    with pytest.raises(InvalidRequest) as refused:
        door.list(FakeCall(query_string_parameters={"limit": "0", "next": "x"}))
    assert [problem.field for problem in refused.value.problems] == ["limit", "next"]


# --- what is wrong


def test_every_wrong_field_is_named_with_what_it_holds_and_what_is_expected() -> None:
    found = wrong(
        {
            "name": " x",
            "order": ORDER | {"refno": "mine", "syncOnly": True, "products": [{"sku": "NO", "price": 5, "qty": 0}]},
            "schedule": {"every": "week", "at": "9", "on": ["monday"], "time_zone": "Berlin"},
            "start": "2026-12-02",
            "end": "2026-12-01",
            "skip": {"dates": ["24.12."], "holidays": ["christmas"], "weekends": "yes", "holiday": []},
            "amount": 5,
        }
    )
    assert set(found) == {
        "name",
        "order.refno",
        "order.syncOnly",
        "order.products.0.sku",
        "order.products.0.qty",
        "order.products.0.currency",
        "schedule.at",
        "schedule.on",
        "schedule.time_zone",
        "end",
        "skip.dates.0",
        "skip.holidays.0",
        "skip.weekends",
        "skip.holiday",
        "amount",
    }
    assert all(problem.problem and problem.expected for problem in found.values())
    assert str(found["schedule.at"]) == "schedule.at: '9'; expected a time of the day from 00:00 to 23:59"
    assert found["order.products.0.qty"].code == "11159"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"order": None}, "order"),
        ({"order": [ORDER]}, "order"),
        ({"order": ORDER | {"payments": [{"code": "svc", "amount": 14}]}}, "order.payments.0.amount"),
        ({"order": {"products": ORDER["products"]}}, "order.payments"),
        ({"order": ORDER | {"products": []}}, "order.products"),
        ({"schedule": None}, "schedule"),
        ({"schedule": "daily"}, "schedule"),
        ({"schedule": {}}, "schedule.every"),
        ({"schedule": DAILY | {"on": 5}}, "schedule.on"),
        ({"schedule": DAILY | {"every": "month", "on": 32}}, "schedule.on"),
        ({"schedule": DAILY | {"every": "month", "on": True}}, "schedule.on"),
        ({"schedule": DAILY | {"every": "year"}}, "schedule.every"),
        ({"schedule": DAILY | {"hour": 9}}, "schedule.hour"),
        ({"schedule": {"expression": "cron(0 9 * * * *)", "time_zone": "UTC"}}, "schedule.expression"),
        ({"schedule": {"expression": "rate(0 days)", "time_zone": "UTC"}}, "schedule.expression"),
        ({"schedule": {"expression": 5, "time_zone": "UTC"}}, "schedule.expression"),
        ({"schedule": {"expression": "rate(1 day)"}}, "schedule.time_zone"),
        ({"schedule": {"expression": "rate(1 day)", "time_zone": "../UTC"}}, "schedule.time_zone"),
        ({"schedule": {"expression": "rate(1 day)", "time_zone": "UTC", "at": "09:00"}}, "schedule.at"),
        ({"start": "2026-02-30"}, "start"),
        ({"end": 20261231}, "end"),
        ({"end": "9999-12-31"}, "end"),
        ({"skip": []}, "skip"),
        ({"skip": {"dates": "2026-12-24"}}, "skip.dates"),
        ({"skip": {"dates": ["2026-12-24"] * 101}}, "skip.dates"),
        ({"skip": {"dates": [None]}}, "skip.dates.0"),
        ({"skip": {"holidays": None}}, "skip.holidays"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
    ],
)
def test_one_wrong_field_is_the_one_that_is_named(changed: dict[str, Any], named: str) -> None:
    assert named in wrong(body(**changed))


@pytest.mark.parametrize("text", ["", "[]", "5", "{", "null", "[" * 100_000])
def test_what_is_no_object(text: str) -> None:
    assert set(wrong(text)) == {"body"}


def test_a_body_that_is_too_large_is_not_read() -> None:
    with pytest.raises(TooLarge):
        parsed(json.dumps(body(name="x" * MAX_BODY)))


@pytest.mark.parametrize("amount", ["5.001", "1e-2", "5.00000000000000000001", "NaN", "1e99999"])
def test_an_amount_is_judged_as_it_was_written(amount: str) -> None:
    text = json.dumps(body()).replace('"price": 5', f'"price": {amount}')
    assert "order.products.0.price" in wrong(text)


def test_an_amount_with_a_point_is_an_amount() -> None:
    text = json.dumps(body()).replace('"price": 5', '"price": 5.00')
    assert parsed(text).lines == parsed(body()).lines


def test_without_webhooks_no_url_is_taken() -> None:
    content = json.dumps(body(order=ORDER | {"webhook_url": "https://shop.example/hooks"}))
    with pytest.raises(InvalidRequest, match=r"order\.webhook_url: webhooks are not sent from here"):
        parse_standing("acme", content, CATALOGUE)


def test_a_url_that_is_wrong_is_told_by_the_doors_own_rule(door: StandingDoor) -> None:
    with pytest.raises(InvalidRequest, match=r"order\.webhook_url: a URL of http; expected https"):
        door.create(FakeCall(body(order=ORDER | {"webhook_url": "http://shop.example"})))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
WHEN = [f"schedule.{name}" for name in ("at", "on", "every", "time_zone", "expression")]
SKIP = [f"skip.{name}" for name in ("dates", "holidays", "weekends")]
PLACES = ["name", "order", "order.products", "order.payments", "start", "end", "schedule", *WHEN, "skip", *SKIP]


@given(place=st.sampled_from(PLACES), junk=JUNK)
def test_whatever_stands_there_it_is_taken_or_named(place: str, junk: Any) -> None:
    content: Any = json.loads(json.dumps(body(skip={})))
    inner = content
    *way, last = place.split(".")
    for name in way:
        inner = inner[name]
    inner[last] = junk
    try:
        parsed(json.dumps(content))
        problems = [FieldProblem("none", "none", "anything")]
    except InvalidRequest as error:
        problems = list(error.problems)
    assert problems
    assert all(problem.field and problem.problem and problem.expected for problem in problems)
