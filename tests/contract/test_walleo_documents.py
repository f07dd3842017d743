"""The documents' own examples, verbatim, read as the client: every documented answer proves one thing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from giftline.money import Money, known_currency
from giftline.orders.model import Card, Line
from giftline.secret import Secret
from giftline.suppliers.http import Answer, read_answer
from giftline.suppliers.port import Found, Outcome, Placed, Status
from giftline.suppliers.walleo import Walleo
from giftline.suppliers.walleo_signing import WalleoKeys

DOCUMENTS = Path(__file__).parent / "documents"
REQUEST_ID = "your_request_id"
PULL_REQUEST_ID = "3db15189-ef10-49b4-8265-58e3fe946ffb"
LINE = Line("ikea-be", Money(5_000, known_currency("EUR")), 1, "IKEA")


@dataclass
class Wire:
    """Answers with one document, and keeps what it was sent."""

    answer: Answer
    sent: list[bytes | None] = field(default_factory=list)

    def request(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
    ) -> Answer:
        self.sent.append(body)
        return self.answer


def document(name: str) -> bytes:
    return (DOCUMENTS / f"walleo_{name}.json").read_bytes()


def walleo(wire: Wire) -> Walleo:
    keys = WalleoKeys(Secret("key"), "identifier", Secret("6F2C"))
    return Walleo(wire, "https://api.walleo.example", lambda: keys, lambda: 0)


def placed(status: int, name: str) -> Placed:
    return walleo(Wire(read_answer(status, document(name)))).place(REQUEST_ID, (LINE,))


def looked_up(status: int, name: str) -> Status:
    return walleo(Wire(read_answer(status, document(name)))).look_up(REQUEST_ID)


def test_our_request_has_the_documents_fields() -> None:
    wire = Wire(read_answer(200, document("created")))
    walleo(wire).place(REQUEST_ID, (LINE,))
    sent: dict[str, Any] = json.loads(wire.sent[0] or b"")
    assert sent == {"pull_request": {"amount": 50, "gift_card_code": "IKEA", "request_id": REQUEST_ID}}


def test_the_created_pull_request_of_the_document_is_a_commitment() -> None:
    assert placed(200, "created") == Placed(Outcome.COMMITTED, PULL_REQUEST_ID, "200")


def test_the_created_pull_request_of_the_document_is_under_way() -> None:
    assert looked_up(200, "created") == Status(Found.UNDER_WAY, PULL_REQUEST_ID, "waiting")


def test_the_successful_pull_request_of_the_document_brings_its_card() -> None:
    pulled = walleo(Wire(read_answer(200, document("success")))).pull(REQUEST_ID, LINE, needs_pin=True)
    assert pulled.status == looked_up(200, "success") == Status(Found.READY, PULL_REQUEST_ID, "success")
    assert pulled.card == Card(
        sku="ikea-be",
        amount_minor=5_000,
        number=Secret("345454545451154154"),
        pin=Secret("1234"),
        activation_url=Secret("https://url.pdf"),
        validity="2022-06-24T00:00:00.000+02:00",
        supplier_card_id="4fe88e46-eb22-436c-91ec-6bf874fcf2ae",
    )


@pytest.mark.parametrize(
    ("status", "name", "code"),
    [
        (404, "gift_card_not_found", "gift_card_not_found"),
        (422, "not_enough_funds", "not_enough_funds"),
        (422, "out_of_stock", "out_of_stock"),
        (422, "invalid_amount", "invalid_amount"),
        (422, "invalid_amount_range", "invalid_amount"),
    ],
)
def test_every_refusal_of_the_document_proves_that_nothing_was_sold(status: int, name: str, code: str) -> None:
    assert placed(status, name) == Placed(Outcome.NOT_COMMITTED, detail=code)


@pytest.mark.parametrize("name", ["unauthorized", "invalid_signature"])
def test_a_wrong_key_proves_nothing(name: str) -> None:
    assert placed(401, name) == Placed(Outcome.UNKNOWN, detail=f"401 {name}")
    assert looked_up(401, name).found is Found.UNREADABLE


def test_a_request_id_that_was_used_is_taken() -> None:
    assert placed(422, "request_id_used") == Placed(Outcome.UNKNOWN, detail="422 unprocessable_entity", taken=True)


@pytest.mark.parametrize("name", ["pull_request_not_found", "card_not_found"])
def test_both_pages_words_for_absence_are_absence(name: str) -> None:
    assert looked_up(404, name) == Status(Found.ABSENT, word=name)
