"""The operators' calls on reconciliation: who may, what is told, and every wrong field at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from giftline.accounts.model import OPERATOR_ABILITIES, TENANT_ABILITIES, Access, token_hash
from giftline.doors.answers import error_reply
from giftline.doors.reconciliation import ReconciliationDoor
from giftline.errors import Forbidden, InvalidRequest, NotFound, ReferenceConflict, Unauthenticated
from giftline.orders.timing import timestamp
from giftline.reconciliation.topping_up import RecordTopUp
from giftline.secret import Secret
from tests.fakes.storage import FakeTokens
from tests.unit.test_reconciliation import CURRENCY, START, World, take_back, usual_day

OPERATOR = "gl_token_of_the_operator"
KNOWN = {OPERATOR: Access("operator", OPERATOR_ABILITIES), "gl_tenant": Access("acme", TENANT_ABILITIES)}
TOP_UP = {"reference": "BANK-1", "currency": "AUD", "amount": "1234.00", "at": timestamp(START), "note": "by wire"}


class FakeCall:
    def __init__(self, body: Any = None, token: str = OPERATOR, query: Mapping[str, Any] | None = None) -> None:
        self.body = body if isinstance(body, str | None) else json.dumps(body)
        self.headers: Mapping[str, str] = {"X-Api-Key": token}
        self.is_base64_encoded: bool | None = False
        self.query_string_parameters: Mapping[str, Any] = query or {}


def door_of(world: World) -> ReconciliationDoor:
    tokens = FakeTokens({token_hash(Secret(token)): access for token, access in KNOWN.items()})
    record = RecordTopUp(world.books, tuple(CURRENCY))
    return ReconciliationDoor(tokens, tuple(CURRENCY), world.books, world.files, record, world.clock)


@pytest.fixture
def world() -> World:
    world = World()
    lot, _ = usual_day(world)
    take_back(world, lot, None)  # type: ignore[arg-type]
    world.after_midnight()
    world.daily()
    return world


def test_only_those_who_run_the_installation_may(world: World) -> None:
    door = door_of(world)
    for token, refusal in (("", Unauthenticated), ("gl_tenant", Forbidden)):
        call = FakeCall(TOP_UP, token)
        for ask in (
            lambda call=call: door.list(call),
            lambda call=call: door.show(call, "wpay", "2026-11-20"),
            lambda call=call: door.page(call, "wpay", "2026-11-20"),
            lambda call=call: door.top_up(call, "wpay"),
        ):
            with pytest.raises(refusal):
                ask()


def test_the_list_tells_which_days_agree(world: World) -> None:
    listed = door_of(world).list(FakeCall()).body["reconciliations"]
    assert [(one["supplier"], one["day"], one["status"]) for one in listed] == [
        ("wpay", "2026-11-20", "UNEQUAL"),
        ("walleo", "2026-11-20", "EQUAL"),
    ]
    assert listed[1]["balances"][0]["expected"] == listed[1]["balances"][0]["closing"] == "99500.00"
    only = door_of(world).list(FakeCall(query={"supplier": "walleo", "day": "2026-11-20"}))
    assert [one["supplier"] for one in only.body["reconciliations"]] == ["walleo"]
    assert door_of(world).list(FakeCall(query={"day": "2026-11-19"})).body == {"reconciliations": []}


@pytest.mark.parametrize("day", ["", "yesterday", "20261120", "2026-11-31", "2026-W47-5"])
def test_a_day_that_is_none_is_refused_in_a_list_and_unknown_in_a_path(world: World, day: str) -> None:
    with pytest.raises(InvalidRequest):
        door_of(world).list(FakeCall(query={"day": day}))
    with pytest.raises(NotFound):
        door_of(world).show(FakeCall(), "wpay", day)


def test_a_day_is_told_in_full_with_links_to_its_files(world: World) -> None:
    body = door_of(world).show(FakeCall(), "wpay", "2026-11-20").body
    (finding,) = body["findings"]
    assert (finding["what"], finding["difference"], finding["differs"]) == ("ONLY_OURS", "-10.00", True)
    assert set(body["files"]) == {"report.csv", "report.html"}
    assert body["balances"][0]["unexplained"] == "0.00"
    json.dumps(body)


def test_an_earlier_version_can_be_read(world: World) -> None:
    world.daily()
    door = door_of(world)
    assert door.show(FakeCall(), "wpay", "2026-11-20").body["version"] == 2
    assert door.show(FakeCall(query={"version": "1"}), "wpay", "2026-11-20").body["version"] == 1
    for version in ("0", "3", "x"):
        with pytest.raises(NotFound):
            door.show(FakeCall(query={"version": version}), "wpay", "2026-11-20")


def test_what_is_not_there_is_not_found(world: World) -> None:
    for supplier, day in (("nobody", "2026-11-20"), ("wpay", "2026-11-19")):
        with pytest.raises(NotFound):
            door_of(world).show(FakeCall(), supplier, day)
    with pytest.raises(NotFound):
        door_of(world).list(FakeCall(query={"supplier": "nobody"}))
    with pytest.raises(NotFound):
        door_of(world).top_up(FakeCall(TOP_UP), "nobody")


def test_the_page_is_served_as_it_was_written_and_may_fetch_nothing(world: World) -> None:
    page = door_of(world).page(FakeCall(), "wpay", "2026-11-20")
    assert page.content.startswith(b"<!doctype html>")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_top_up_is_recorded_once_a_reference(world: World) -> None:
    door = door_of(world)
    first = door.top_up(FakeCall(TOP_UP), "wpay")
    assert (first.status, first.body["amount"], first.body["at"]) == (201, "1234.00", timestamp(START))
    world.clock.pass_(1_000)
    assert door.top_up(FakeCall(TOP_UP), "wpay").body == first.body
    with pytest.raises(ReferenceConflict):
        door.top_up(FakeCall(TOP_UP | {"amount": "1.00"}), "wpay")
    told = "it names a top-up of 1234.00 AUD at 2026-11-20T00:00:00"
    with pytest.raises(ReferenceConflict, match=told):
        door.top_up(FakeCall(TOP_UP | {"currency": "EUR"}), "wpay")
    fee = door.top_up(FakeCall({"reference": "FEE", "currency": "AUD", "amount": -2.5}), "wpay").body
    assert (fee["amount"], fee["at"]) == ("-2.50", timestamp(world.clock.now()))


def test_a_top_up_without_a_time_is_the_same_when_it_is_sent_again(world: World) -> None:
    door = door_of(world)
    undated = {name: value for name, value in TOP_UP.items() if name != "at"}
    first = door.top_up(FakeCall(undated), "wpay")
    world.clock.pass_(60_000)
    for again in (undated, undated | {"at": first.body["at"]}):
        assert (door.top_up(FakeCall(again), "wpay").status, door.top_up(FakeCall(again), "wpay").body) == (
            201,
            first.body,
        )
    for other in (undated | {"amount": "1.00"}, TOP_UP):
        with pytest.raises(ReferenceConflict):
            door.top_up(FakeCall(other), "wpay")
    assert len(world.books.paid) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reference": ""}, "reference"),
        ({"reference": None}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"currency": "aud"}, "currency"),
        ({"currency": 36}, "currency"),
        ({"amount": 0}, "amount"),
        ({"amount": "--1"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": None}, "amount"),
        ({"at": "2026-11-20"}, "at"),
        ({"at": "2026-11-20T00:00:00"}, "at"),
        ({"at": "2036-11-20T00:00:00Z"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"at": 1}, "at"),
        ({"note": "a\nb"}, "note"),
        ({"whence": "x"}, "whence"),
        ({"\ud800": "x"}, "\ud800"),
    ],
)
def test_each_wrong_field_of_a_top_up_is_named(world: World, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        door_of(world).top_up(FakeCall(TOP_UP | changed), "wpay")
    assert [problem.field for problem in refused.value.problems] == [field]
    assert error_reply(refused.value).text.encode(), "it can be sent"


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 4_000])
def test_a_body_that_is_no_object_is_refused(world: World, text: str) -> None:
    with pytest.raises(InvalidRequest):
        door_of(world).top_up(FakeCall(text), "wpay")
