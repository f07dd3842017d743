"""The document's own examples, verbatim: its requests read by our server, its answers held against ours."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from giftline.delivery.events import failed_body, success_body
from giftline.doors.answers import Reply
from giftline.doors.walletapp_answers import DONE
from giftline.wallet.batch import BatchStatus, Operation, Row, RowResult
from giftline.wallet.viewing import BatchView
from tests.fakes.time import START
from tests.fakes.walletapp_door import BATCH, BATCH_ID, DoorHouse, FakeCall

DOCUMENTS = Path(__file__).parent / "documents"
URL = "https://hooks.example.com/done"
PLACEHOLDERS = {
    "<brand_id>": "shop",
    "<coupon_id>": "ten-off",
    "<storecard_id>": "loyal",
    "<your_endpoints>": URL,
    "<your_endpoint>": URL,
    "<unique_batch_id>": BATCH_ID,
    "<member_id>": "m-1",
    "<identifier>": "m-1",
    "<qr_code>": "QR-1",
    "<expiration_date>": "2027-01-31",
    "<custom_tilte>": "For you",
    "<points>": "-5",
    "<integer>": 7,
    "<date>": "2026-02-01",
    "<email>": "Ann@example.com",
    "<first_name>": "Ann",
    "<last_name>": "Bee",
    "<unsubscribed>": "true",
    "<timestamp>": "2026-01-31 10:00:00",
    "<phone_number>": "+31 6 1",
    "<birth_day>": "1990-04-01",
    "<street>": "High Street",
    "<house_number>": "1",
    "<postcode>": "1234 AB",
    "<city>": "Town",
    "<country>": "NL",
    "<licenseplates>": "ab-12-c",
}
ROWS: dict[Operation, dict[str, Any]] = {
    Operation.COUPONS: {"qr_code": "QR-1", "expiration_date": "2027-01-31", "pass_title": "For you"},
    Operation.STORECARDS: {"qr_code": "QR-1", "pass_title": "For you"},
    Operation.POINTS: {"qr_code": "QR-1", "points": -5},
    Operation.SIGNUPS: {
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Bee",
        "unsubscribed": True,
        "subscribed_at": "2026-01-31 10:00:00",
    },
    Operation.MEMBERS: {
        "first_name": "Ann",
        "last_name": "Bee",
        "phone_number": "+31 6 1",
        "birth_day": "1990-04-01",
        "street": "High Street",
        "house_number": "1",
        "postcode": "1234 AB",
        "city": "Town",
        "country": "NL",
    },
    Operation.LICENSEPLATES: {"licenseplates": ["AB-12-C"]},
    Operation.PASSES: {"points": 7, "pass_code": "QR-1", "start_date": "2026-02-01"},
}
WITH_BATCH = [Operation.COUPONS, Operation.STORECARDS, Operation.POINTS]


def text_of(name: str) -> str:
    """The example as it stands, its placeholders filled; nothing else of it changes."""
    (path,) = DOCUMENTS.glob(f"walletapp_{name}.*")
    text = path.read_text(encoding="utf-8")
    for placeholder, value in PLACEHOLDERS.items():
        text = text.replace(f'"{placeholder}"', json.dumps(value))
    return text


def example(name: str) -> Any:
    return json.loads(text_of(name))


def sent(doors: DoorHouse, operation: Operation) -> Reply:
    call = FakeCall(text_of(f"{operation}_request"))
    call.headers |= {"Content-Type": "application/json", "Accept": "application/json"}
    return doors.door.bulk(operation, call)


@pytest.mark.parametrize("operation", list(Operation))
def test_the_documents_request_is_read_field_by_field(operation: Operation) -> None:
    doors = DoorHouse()
    sent(doors, operation)
    (request,) = doors.requests
    identifier = "" if operation is Operation.SIGNUPS else "m-1"
    assert request.rows == (Row(0, identifier, ROWS[operation]),)
    assert request.brand_id == ("" if operation is Operation.LICENSEPLATES else "shop")
    assert request.webhook_url == (URL if operation in WITH_BATCH else "")


@pytest.mark.parametrize("operation", WITH_BATCH)
def test_our_answer_is_the_documents_key_by_key(operation: Operation) -> None:
    reply = sent(DoorHouse(), operation)
    document = example(f"{operation}_accepted")
    assert list(reply.body["data"]) == list(document["data"])
    assert reply.body == document | {"data": document["data"] | {"not_found": []}}
    missed = sent(DoorHouse(missing=frozenset({"m-1"})), operation)
    assert missed.body == document | {"data": document["data"] | {"queued": []}}


@pytest.mark.parametrize("operation", list(DONE))
def test_our_answer_is_the_documents_word_for_word(operation: Operation) -> None:
    reply = sent(DoorHouse(), operation)
    assert (reply.status, reply.body) == (202, example(f"{operation}_accepted"))
    assert reply.headers["Batch-Id"] == BATCH_ID


@pytest.mark.parametrize("operation", WITH_BATCH)
def test_our_status_is_the_documents_key_by_key_and_ours_stand_beside_it(operation: Operation) -> None:
    doors = DoorHouse()
    held = doors.pass_("P1")
    batch = replace(BATCH, operation=operation, rows=1, finished_at=START + 2)
    doors.view = BatchView(
        batch, START + 1, BatchStatus.FINISHED, 0, 0, 1, 0, (RowResult(0, "m-1", "P1", "QR-1"),), None
    )
    ours = doors.door.status(operation, FakeCall(), BATCH_ID).body
    document = example(f"{operation}_status")
    assert list(ours) == list(document)
    assert [name for name in ours["data"] if name in document["data"]] == list(document["data"])
    assert set(ours["data"]) - set(document["data"]) == {"counts", "failed", "next"}
    assert [list(one) for one in ours["data"]["passes"]] == [list(one) for one in document["data"]["passes"]]
    assert ours["message"] == document["message"]
    assert ours["data"]["passes"] == [
        {
            "qr_code": "QR-1",
            "walletapp_code": "P1",
            "identifier": "m-1",
            "download_link": doors.links.url(held),
        }
    ]


def test_the_webhooks_bodies_are_the_documents_key_by_key() -> None:
    success = success_body("<batch_id>", "<link_where_results_can_be_fetched>")
    assert json.loads(success) == example("webhook_success")
    assert json.loads(failed_body("<batch_id>", "<error_message>")) == example("webhook_failed")


def test_no_example_of_the_document_is_left_out() -> None:
    found = {path.stem.removeprefix("walletapp_") for path in DOCUMENTS.glob("walletapp_*")}
    calls = {f"{operation}_{part}" for operation in Operation for part in ("request", "accepted")}
    assert found == calls | {f"{operation}_status" for operation in WITH_BATCH} | {"webhook_success", "webhook_failed"}
