"""The WalletApp document's server: who may, what is accepted, how far it is, and what an error looks like."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from giftline.accounts.model import Ability
from giftline.doors.answers import Reply
from giftline.doors.walletapp import GET, MAX_LIMIT, STORE
from giftline.doors.walletapp_answers import MAX_RESULTS, error_reply
from giftline.errors import (
    BrokenSeal,
    FieldProblem,
    Forbidden,
    GiftlineError,
    InvalidRequest,
    NotFound,
    Refused,
    StaleWrite,
    TooLarge,
    Unauthenticated,
)
from giftline.secret import Secret
from giftline.wallet.batch import BatchStatus, Operation, RowResult
from giftline.wallet.viewing import BatchView
from tests.fakes.time import START
from tests.fakes.walletapp_door import BATCH, BATCH_ID, TENANT, TOKEN, USER, DoorHouse, FakeCall, body

COUPONS = Operation.COUPONS
POINTS = Operation.POINTS
SIGNUPS = Operation.SIGNUPS
MEMBERS = Operation.MEMBERS
PLATES = Operation.LICENSEPLATES


@pytest.fixture
def doors() -> DoorHouse:
    return DoorHouse()


# --- who may


@pytest.mark.parametrize("operation", list(Operation))
def test_a_token_without_the_ability_hears_its_name_before_its_body_is_read(operation: Operation) -> None:
    doors = DoorHouse()
    rest = set(Ability) - {STORE[operation], GET[operation]}
    call = replace(doors.let_in("poor", TENANT, *rest), body="no json")
    attempts: list[tuple[Callable[[], Reply], Ability]] = [
        (lambda: doors.door.bulk(operation, call), STORE[operation]),
        (lambda: doors.door.status(operation, call, BATCH_ID), GET[operation]),
    ]
    for attempt, ability in attempts:
        with pytest.raises(Forbidden) as error:
            attempt()
        reply = error_reply(error.value)
        assert (reply.status, reply.body) == (
            403,
            {"message": f"this token lacks the ability '{ability}'", "errors": {}},
        )


def test_the_documents_abilities_are_the_ones_asked_for() -> None:
    assert {operation.value: ability.value for operation, ability in STORE.items()} == {
        "coupons": "coupons.store",
        "storecards": "storecards.store",
        "points": "storecards.store",
        "signups": "members.store",
        "members": "members.store",
        "licenseplates": "lpr.store",
        "passes": "storecards.store",
    }
    assert {operation.value: ability.value for operation, ability in GET.items()} == {
        "coupons": "coupons.get",
        "storecards": "storecards.get",
        "points": "storecards.get",
        "signups": "members.store",
        "members": "members.store",
        "licenseplates": "lpr.store",
        "passes": "storecards.get",
    }


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nobody"}, {"Authorization": TOKEN}])
def test_without_a_known_token_it_is_401(doors: DoorHouse, headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        doors.door.bulk("coupons", FakeCall("{}", headers))
    with pytest.raises(Unauthenticated):
        doors.door.status("coupons", FakeCall(headers=headers), BATCH_ID)


def test_a_call_that_the_document_does_not_know_is_not_found(doors: DoorHouse) -> None:
    with pytest.raises(NotFound):
        doors.door.bulk("vouchers", FakeCall("{}"))


# --- repeating a call


def test_the_idempotency_key_is_kept_as_its_digest(doors: DoorHouse) -> None:
    call = FakeCall(body(COUPONS, USER[COUPONS]))
    call.headers["idempotency-KEY"] = "once"
    doors.door.bulk("coupons", call)
    assert doors.requests[0].key == hashlib.sha256(b"once").hexdigest()


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_wrong(doors: DoorHouse, key: str) -> None:
    call = FakeCall(body(COUPONS, USER[COUPONS]))
    call.headers["Idempotency-Key"] = key
    with pytest.raises(InvalidRequest) as error:
        doors.door.bulk("coupons", call)
    assert list(error_reply(error.value).body["errors"]) == ["Idempotency-Key"]


def test_the_bodys_digest_tells_tokens_calls_and_bodies_apart(doors: DoorHouse) -> None:
    doors.let_in("second", TENANT, Ability.STORECARDS_STORE)
    for token, operation, points in [
        (TOKEN, "points", 1),
        (TOKEN, "points", 1),
        (TOKEN, "points", 2),
        (TOKEN, "passes", 1),
        ("second", "points", 1),
    ]:
        text = body(POINTS, {"identifier": "m", "points": points})
        doors.door.bulk(operation, FakeCall(text, {"Authorization": f"Bearer {token}"}))
    digests = [request.body_digest for request in doors.requests]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4
    assert Secret(TOKEN).reveal() not in str(doors.requests)


def test_the_same_body_again_is_accepted_with_a_word_of_the_first(doors: DoorHouse) -> None:
    call = FakeCall(body(SIGNUPS, USER[SIGNUPS]))
    assert "Duplicate-Of" not in doors.door.bulk("signups", call).headers
    doors.duplicate_of = "B" * 26
    assert doors.door.bulk("signups", call).headers["Duplicate-Of"] == "B" * 26


# --- how far it is


def view(*results: RowResult, operation: Operation = COUPONS, next_row: int | None = None) -> BatchView:
    batch = replace(BATCH, operation=operation, rows=len(results), finished_at=START + 5_000)
    done = sum(1 for result in results if not result.reason)
    return BatchView(
        batch=batch,
        started_at=START + 1_000,
        status=BatchStatus.FINISHED,
        queued=0,
        processing=0,
        done=done,
        failed=len(results) - done,
        results=results,
        next_row=next_row,
    )


def test_the_status_page_tells_passes_failures_and_counts(doors: DoorHouse) -> None:
    link = doors.links.url(doors.pass_("P1"))
    doors.view = view(RowResult(0, "m-1", "P1", "QR-1"), RowResult(1, "m-2", reason="member not found"))
    reply = doors.door.status("coupons", FakeCall(), BATCH_ID)
    assert reply.status == 200
    assert reply.body["data"] == {
        "requested_at": "2025-06-15T15:06:40.000Z",
        "started_processing_at": "2025-06-15T15:06:41.000Z",
        "finished_processing_at": "2025-06-15T15:06:45.000Z",
        "status": "finished",
        "passes": [{"qr_code": "QR-1", "walletapp_code": "P1", "identifier": "m-1", "download_link": link}],
        "counts": {"queued": 0, "processing": 0, "done": 1, "failed": 1, "total": 2},
        "failed": [{"row": 1, "identifier": "m-2", "reason": "member not found"}],
        "next": None,
    }


def test_a_batch_that_waits_has_started_nothing(doors: DoorHouse) -> None:
    waiting = replace(view(), batch=BATCH, started_at=None, status=BatchStatus.QUEUED, queued=3)
    doors.view = waiting
    data = doors.door.status("coupons", FakeCall(), BATCH_ID).body["data"]
    assert (data["status"], data["started_processing_at"], data["finished_processing_at"]) == ("queued", None, None)
    assert (data["passes"], data["counts"]["queued"], data["counts"]["total"]) == ([], 3, 3)


def test_links_are_those_of_now(doors: DoorHouse) -> None:
    doors.pass_("P1")
    doors.pass_("P2")
    doors.view = view(RowResult(0, "m-1", "P1", "Q1"), RowResult(1, "m-2", "P2", "Q2"))
    renewed = doors.pass_links.renew(FakeCall(), "P1").body["data"]["download_link"]
    doors.pass_links.revoke(FakeCall(), "P2")
    passes = doors.door.status("coupons", FakeCall(), BATCH_ID).body["data"]["passes"]
    assert [one["download_link"] for one in passes] == [renewed, None]


@pytest.mark.parametrize("operation", [SIGNUPS, MEMBERS, PLATES])
def test_calls_without_passes_tell_the_members(doors: DoorHouse, operation: Operation) -> None:
    doors.view = view(RowResult(0, "m-1"), RowResult(1, "", reason="no"), operation=operation)
    data = doors.door.status(operation, FakeCall(), BATCH_ID).body["data"]
    assert (data["passes"], data["members"]) == ([], [{"row": 0, "identifier": "m-1"}])


def test_pages_go_on_with_the_same_limit(doors: DoorHouse) -> None:
    doors.view = view(next_row=12)
    call = FakeCall(query_string_parameters={"offset": "7", "limit": "5"})
    assert doors.door.status("coupons", call, BATCH_ID).body["data"]["next"] == (
        f"/webhooks/coupons/{BATCH_ID}?offset=12&limit=5"
    )
    assert doors.door.status("coupons", FakeCall(), BATCH_ID).body["data"]["next"].endswith("?offset=12")
    assert doors.viewed == [(7, 5), (0, MAX_LIMIT)]


def test_a_page_never_outgrows_what_a_function_may_answer(doors: DoorHouse) -> None:
    doors.view = view(*[RowResult(at, "🎫" * 128, reason="🎫" * 128) for at in range(6_000)], next_row=None)
    reply = doors.door.status("coupons", FakeCall(), BATCH_ID)
    shown = reply.body["data"]["failed"]
    assert 0 < len(shown) < 6_000
    assert len(reply.text.encode()) < MAX_RESULTS
    assert reply.body["data"]["next"] == f"/webhooks/coupons/{BATCH_ID}?offset={len(shown)}"


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "10001"},
        {"limit": "x"},
        {"offset": "-1"},
        {"offset": "1.0"},
    ],
)
def test_a_page_that_is_none_is_named(doors: DoorHouse, query: dict[str, str]) -> None:
    doors.view = view()
    with pytest.raises(InvalidRequest) as error:
        doors.door.status("coupons", FakeCall(query_string_parameters=query), BATCH_ID)
    assert [problem.field for problem in error.value.problems] == list(query)


@pytest.mark.parametrize(
    ("operation", "batch_id", "tenant"),
    [
        ("coupons", "B" * 26, TENANT),
        ("points", BATCH_ID, TENANT),
        ("coupons", BATCH_ID, "globex"),
        ("coupons", "a/b", TENANT),
    ],
)
def test_unknown_foreign_and_other_batches_are_404_alike(
    doors: DoorHouse, operation: str, batch_id: str, tenant: str
) -> None:
    doors.view = view()
    call = doors.let_in("other", tenant, *Ability)
    with pytest.raises(NotFound):
        doors.door.status(operation, call, batch_id)


# --- the envelope of errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidRequest([FieldProblem("a", "b", "c")]), 422),
        (Unauthenticated("x"), 401),
        (Forbidden("coupons.get"), 403),
        (NotFound("x"), 404),
        (TooLarge("x"), 413),
        (Refused("x"), 409),
        (StaleWrite("x"), 503),
        (BrokenSeal("inside"), 500),
    ],
)
def test_each_error_has_its_status_and_envelope(error: GiftlineError, status: int) -> None:
    reply = error_reply(error)
    assert (reply.status, sorted(reply.body)) == (status, ["errors", "message"])
    assert reply.headers.get("Retry-After") == ("1" if status == 503 else None)
    assert "inside" not in reply.text
