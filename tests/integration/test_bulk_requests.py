"""The WalletApp document's bulk calls on the stack, from the call to the last row."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from giftline.wallet.batch import BatchRequest, Operation, Row
from tests.stack_support.queues import giving_up
from tests.stack_support.stack import Stack
from tests.stack_support.waiting import wait_for
from tests.stack_support.wallet import BRAND, STORECARD, WalletDoor, batch_of, identified, people
from tests.stack_support.wallet_books import WalletBooks, chunk_event
from tests.stack_support.wallet_tenants import token_of

pytestmark = pytest.mark.stack

NewName = Callable[[], str]
WORDS = {
    "signups": "Members imported",
    "members": "Members updated",
    "licenseplates": "Licenseplates added",
    "passes": "Passes updated",
}


def members(wallet: WalletDoor, name: str, count: int) -> list[dict[str, str]]:
    """People who have signed up."""
    found = people(name, count)
    wallet.finished("signups", batch_of(wallet.signups(found)))
    return found


def holders(wallet: WalletDoor, name: str, count: int, points: int = 0) -> list[dict[str, str]]:
    """Members with a storecard that has so many points."""
    found = members(wallet, name, count)
    body = {"brand_id": BRAND, "storecard_id": STORECARD, "users": identified(found, points=points)}
    data = wallet.finished("passes", batch_of(wallet.call("POST", "bulk/passes", body)))
    assert data["counts"]["done"] == count
    return found


@pytest.mark.parametrize("kind", ["coupons", "storecards"])
def test_passes_are_made_for_members_and_the_unknown_are_named(
    kind: str, wallet: WalletDoor, new_name: NewName
) -> None:
    known = members(wallet, new_name(), 2)
    call = {"coupons": wallet.coupons, "storecards": wallet.storecards}[kind]

    answer = call(identified([known[0], {"identifier": "nobody"}, known[1]], pass_title="A title of its own"))
    data = wallet.finished(kind, batch_of(answer))

    names = [user["identifier"] for user in known]
    assert answer.json() == {
        "message": "Request successful",
        "data": {
            "webhook_url": wallet.hook,
            "batch_id": batch_of(answer),
            "queued": names,
            "not_found": ["nobody"],
        },
    }
    assert data["requested_at"] <= data["started_processing_at"] <= data["finished_processing_at"]
    assert data["status"] == "finished"
    assert [one["identifier"] for one in data["passes"]] == names
    assert all(set(one) == {"qr_code", "walletapp_code", "identifier", "download_link"} for one in data["passes"])
    assert data["counts"] == {"queued": 0, "processing": 0, "done": 2, "failed": 1, "total": 3}
    assert data["failed"] == [{"row": 1, "identifier": "nobody", "reason": "member not found"}]


def test_points_are_added_to_what_is_there_and_only_where_a_storecard_is(
    wallet: WalletDoor, wallet_books: WalletBooks, new_name: NewName
) -> None:
    with_card, without = holders(wallet, new_name(), 2, points=10), members(wallet, new_name(), 1)

    answer = wallet.points([*identified(with_card, points="-3"), *identified(without, points=1)])
    data = wallet.finished("points", batch_of(answer))

    assert answer.json()["data"]["not_found"] == [without[0]["identifier"]]
    assert data["failed"][0]["reason"] == "the member has no storecard of this brand"
    assert [one["identifier"] for one in data["passes"]] == [user["identifier"] for user in with_card]
    assert wallet_books.balances(with_card) == {7: 2}


@pytest.mark.parametrize(
    ("method", "operation", "head", "values"),
    [
        ("PUT", "members", {"brand_id": BRAND}, {"first_name": "Ada", "city": "London"}),
        ("POST", "licenseplates", {}, {"licenseplates": ["ab-12-cd", "AB-12-CD"]}),
        ("POST", "passes", {"brand_id": BRAND, "storecard_id": STORECARD}, {"points": 5, "start_date": "2026-01-31"}),
    ],
)
def test_the_calls_that_answer_in_words_have_a_status_page_too(
    method: str, operation: str, head: dict[str, Any], values: dict[str, Any], wallet: WalletDoor, new_name: NewName
) -> None:
    known = members(wallet, new_name(), 2)
    users = identified([*known, {"identifier": "nobody"}], **values)

    answer = wallet.call(method, f"bulk/{operation}", head | {"users": users})
    data = wallet.finished(operation, batch_of(answer))

    assert answer.json() == {"message": "Request successful", "data": WORDS[operation]}
    assert data["counts"] == {"queued": 0, "processing": 0, "done": 2, "failed": 1, "total": 3}
    assert [one["row"] for one in data["failed"]] == [2]
    listed = data["passes"] if operation == "passes" else data["members"]
    assert [one["identifier"] for one in listed] == [user["identifier"] for user in known]


def test_what_is_written_of_a_member_is_there(wallet: WalletDoor, wallet_books: WalletBooks, new_name: NewName) -> None:
    (one,) = members(wallet, new_name(), 1)
    name = one["identifier"]
    changed = {"brand_id": BRAND, "users": [{"identifier": name, "first_name": "Ada", "postcode": "1011 AB"}]}
    plates = {"users": [{"identifier": name, "licenseplates": ["ab-12-cd"]}]}
    batches = {
        "members": batch_of(wallet.call("PUT", "bulk/members", changed)),
        "licenseplates": batch_of(wallet.call("POST", "bulk/licenseplates", plates)),
    }
    for operation, batch_id in batches.items():
        wallet.finished(operation, batch_id)

    held = wallet_books.wallets.members("demo", [name])[name]
    assert (held.email, held.first_name, held.licenseplates) == (one["email"], "Ada", ("AB-12-CD",))


def test_who_signs_up_twice_is_one_member_and_stands_on_the_page(wallet: WalletDoor, new_name: NewName) -> None:
    email = f"{new_name()}@example.com"
    batches = [batch_of(wallet.signups([{"email": one}])) for one in (email, email.upper())]

    first, second = (wallet.finished("signups", batch_id)["members"] for batch_id in batches)

    assert first[0]["identifier"]
    assert first == second


def test_a_row_that_cannot_be_applied_stops_no_other(wallet: WalletDoor, new_name: NewName) -> None:
    name = new_name()
    first, second, third = members(wallet, name, 3)
    rows = [
        {**identified([first])[0], "qr_code": f"{name}-code"},
        {**identified([second])[0], "qr_code": f"{name}-code"},
        {**identified([third])[0], "qr_code": f"{name}-other"},
    ]

    data = wallet.finished("storecards", batch_of(wallet.storecards(rows)))

    assert (data["status"], data["counts"]["done"], data["counts"]["failed"]) == ("finished", 2, 1)
    assert [one["qr_code"] for one in data["passes"]] == [f"{name}-code", f"{name}-other"]
    (failed,) = data["failed"]
    assert (failed["row"], failed["identifier"]) == (1, second["identifier"])
    assert failed["reason"]


def test_a_batch_without_one_good_row_has_failed(wallet: WalletDoor) -> None:
    data = wallet.finished("coupons", batch_of(wallet.coupons([{"identifier": "nobody"}])))

    assert (data["status"], data["passes"]) == ("failed", [])


@pytest.mark.parametrize("token", ["", "gl_of_nobody"])
def test_without_a_known_token_nothing_is_taken_or_told(token: str, wallet: WalletDoor) -> None:
    stranger = wallet.with_token(token)

    answers = [stranger.coupons([{"identifier": "x"}]), stranger.status("coupons", "A" * 26)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("Authorization: Bearer" in answer.json()["message"] for answer in answers)


@pytest.mark.parametrize(
    ("method", "path", "ability"),
    [
        ("POST", "bulk/coupons", "coupons.store"),
        ("POST", "bulk/storecards", "storecards.store"),
        ("POST", "bulk/points", "storecards.store"),
        ("POST", "bulk/passes", "storecards.store"),
        ("POST", "bulk/signups", "members.store"),
        ("PUT", "bulk/members", "members.store"),
        ("POST", "bulk/licenseplates", "lpr.store"),
        ("GET", "webhooks/coupons/0", "coupons.get"),
        ("GET", "webhooks/points/0", "storecards.get"),
        ("PUT", f"v1/brands/{BRAND}", "brands.store"),
    ],
)
def test_a_token_that_lacks_an_ability_is_told_which(
    method: str, path: str, ability: str, stack: Stack, wallet: WalletDoor
) -> None:
    weak = wallet.with_token(token_of(stack, "demo", "orders.get"))

    answer = weak.call(method, path, None if method == "GET" else {})

    assert answer.status_code == 403
    assert ability in answer.json()["message"]


def test_every_wrong_field_of_every_row_is_named_at_once(wallet: WalletDoor) -> None:
    body = {
        "brand_id": "no-brand-of-ours",
        "storecard_id": "no id!",
        "webhook_url": "http://hooks.example.com/plain",
        "users": [{"points": "many"}, {"identifier": "m", "points": 1.5}, "no object"],
    }

    answer = wallet.call("POST", "bulk/points", body)

    assert (answer.status_code, answer.json()["message"]) == (422, "7 fields are wrong")
    wrong = {"brand_id", "storecard_id", "webhook_url", "users.0.identifier", "users.0.points", "users.1.points"}
    assert set(answer.json()["errors"]) == wrong | {"users.2"}
    assert "https" in answer.json()["errors"]["webhook_url"][0]


def test_another_tenants_batch_and_another_calls_are_not_there(
    wallet: WalletDoor, hooked: WalletDoor, new_name: NewName
) -> None:
    batch_id = batch_of(wallet.signups(people(new_name(), 1)))

    foreign, other_call = hooked.status("signups", batch_id), wallet.status("members", batch_id)
    unknown = wallet.status("signups", "0" * 26)

    assert [one.status_code for one in (foreign, other_call, unknown)] == [404, 404, 404]
    assert foreign.json() == other_call.json() == unknown.json()
    assert wallet.finished("signups", batch_id)["status"] == "finished"


def test_a_call_with_the_same_key_is_one_batch_however_often_it_comes(
    wallet: WalletDoor, wallet_books: WalletBooks, new_name: NewName
) -> None:
    name = new_name()
    users = identified(holders(wallet, name, 2), points=4)
    key = {"Idempotency-Key": f"key of {name}"}

    with ThreadPoolExecutor(3) as callers:
        answers = list(callers.map(lambda _: wallet.points(users, **key), range(3)))
    other = wallet.points(identified(users, points=5), **key)

    assert len({batch_of(answer) for answer in answers}) == 1
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert (other.status_code, list(other.json()["errors"])) == (422, ["Idempotency-Key"])
    wallet.finished("points", batch_of(answers[0]))
    assert wallet_books.balances(users) == {4: 2}


def test_the_same_body_without_a_key_is_taken_and_called_a_duplicate(wallet: WalletDoor, new_name: NewName) -> None:
    users = people(new_name(), 1)

    first, second = wallet.signups(users), wallet.signups(users)

    assert "Duplicate-Of" not in first.headers
    assert second.headers["Duplicate-Of"] == batch_of(first) != batch_of(second)


def test_a_page_leads_to_the_next_until_every_row_was_shown(wallet: WalletDoor, new_name: NewName) -> None:
    users = [*holders(wallet, new_name(), 4), {"identifier": "nobody"}]
    batch_id = batch_of(wallet.points(identified(users, points=1)))
    wallet.finished("points", batch_id)

    pages, query = [], "?limit=2"
    while query:
        page = wallet.status("points", batch_id, query).json()["data"]
        pages.append([one["identifier"] for one in [*page["passes"], *page["failed"]]])
        query = page["next"] and f"?{page['next'].partition('?')[2]}"

    names = [user["identifier"] for user in users]
    assert pages == [names[:2], names[2:4], names[4:]]


def test_points_are_added_once_however_often_their_messages_come(
    stack: Stack, wallet: WalletDoor, wallet_books: WalletBooks, new_name: NewName
) -> None:
    crowd = holders(wallet, new_name(), 50, points=1)
    batch_id = batch_of(wallet.points([*identified(crowd * 21, points=7), *identified(crowd[:25] * 2, points=-2)]))
    places = [(batch_id, chunk.number) for chunk in wallet_books.chunks(batch_id)]
    bodies = [record["body"] for record in chunk_event(places)["Records"]]
    entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies * 3)]
    stack.client("sqs").send_message_batch(QueueUrl=stack.outputs["BatchChunksQueueUrl"], Entries=entries)
    with ThreadPoolExecutor(2) as beside:
        found = list(beside.map(lambda _: stack.invoke("ApplyChunkFunction", chunk_event(places)), range(2)))

    data = wallet.finished("points", batch_id)

    assert len(places) == 2
    assert found == [{"batchItemFailures": []}] * 2
    assert data["counts"] == {"queued": 0, "processing": 0, "done": 1_100, "failed": 0, "total": 1_100}
    assert wallet_books.balances(crowd) == {148: 25, 144: 25}


def test_of_several_messages_only_the_bad_ones_come_back(
    stack: Stack, wallet: WalletDoor, wallet_books: WalletBooks, new_name: NewName
) -> None:
    batch_id = wallet_books.accept_without_a_message(signup(new_name()))

    answer = stack.invoke("ApplyChunkFunction", chunk_event([("0" * 26, 0), (batch_id, 0), "{not json"]))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m2"}]}
    assert wallet.finished("signups", batch_id)["counts"]["done"] == 1


def test_the_sweep_takes_up_a_batch_whose_message_was_lost(
    stack: Stack, wallet: WalletDoor, wallet_books: WalletBooks, new_name: NewName
) -> None:
    batch_id = wallet_books.accept_without_a_message(signup(new_name()))

    def swept() -> bool | None:
        stack.invoke("RunScheduleFunction", {"job": "sweep_batches"})
        return wallet_books.batch(batch_id).closed_as is not None or None

    wait_for(swept, 60, "a batch that only the sweep knows")
    assert wallet.finished("signups", batch_id)["counts"]["done"] == 1


def test_what_keeps_failing_goes_to_the_dead_letter_queue(stack: Stack) -> None:
    found = giving_up(stack, "BatchChunksQueue")

    assert "BatchChunksDeadLetterQueue" in found.dead_letters
    assert (found.receives, found.hidden) == (5, 6 * 60)


def signup(name: str) -> BatchRequest:
    """One person's, as the door hands it on."""
    row = Row(0, name, {"email": f"{name}@example.com"})
    return BatchRequest("demo", Operation.SIGNUPS, BRAND, (row,), f"the body of {name}")
