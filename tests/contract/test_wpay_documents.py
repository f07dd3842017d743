"""The document's own examples, verbatim: read as the client, and held against our answers as the server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from giftline.doors import wpay_answers
from giftline.money import Money
from giftline.orders.model import Line
from giftline.orders.viewing import ViewCards, ViewOrder
from giftline.suppliers.http import read_answer
from giftline.suppliers.port import Fetched, Found, Outcome
from giftline.suppliers.wpay import order_body, read_page, read_placed, read_status
from tests.fakes.house import AUD, CATALOGUE, SKU, TENANT, House, line, request

DOCUMENTS = Path(__file__).parent / "documents"
REFNO = "aaaa-bbbb-0000-0007"
LINES = (Line("*********", Money(500, AUD), 1_000),)


def text_of(name: str) -> bytes:
    """The example as it stands; of the cards only the line of a comment goes, and the comma before it."""
    text = (DOCUMENTS / name).read_text(encoding="utf-8")
    return re.sub(r",\s*//[^\n]*", "", text).encode()


def example(name: str) -> Any:
    return json.loads(text_of(name))


def shape(value: Any) -> Any:
    """Keys and types; of a list, the shape of its first element."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_the_acknowledgement_of_the_document_is_a_commitment() -> None:
    placed = read_placed(read_answer(202, text_of("wpay_order_accepted.json")), REFNO, LINES)
    assert (placed.outcome, placed.supplier_order_id) == (Outcome.COMMITTED, "AAN9200073512")


def test_the_status_of_the_document_is_ready() -> None:
    status = read_status(read_answer(200, text_of("wpay_order_status.json")), REFNO)
    assert (status.found, status.supplier_order_id, status.word) == (Found.READY, "AAN9200073512", "COMPLETE")


@pytest.mark.parametrize("status", [200, 201])
def test_the_cards_of_the_document_are_three_sound_cards(status: int) -> None:
    page = read_page(read_answer(status, text_of("wpay_cards.txt")), {SKU: True})
    assert page.fetched is Fetched.CARDS
    assert [(card.sku, card.amount_minor, card.flaw) for card in page.cards] == [(SKU, 500, "")] * 3
    assert {card.number.reveal() for card in page.cards} == {"*" * 19}
    assert {(card.supplier_card_id, card.validity) for card in page.cards} == {("378470", "2023-05-04T18:30:00+00:00")}


def test_our_request_has_the_documents_fields_and_a_payment_that_adds_up() -> None:
    ours = json.loads(json.dumps(order_body(REFNO, LINES), default=int))
    document = example("wpay_order_request.json")
    assert shape(ours) == shape(document)
    document["payments"][0]["amount"] = 5 * 1_000
    assert ours == document


def test_our_acknowledgement_is_the_documents_key_by_key() -> None:
    ours = wpay_answers.accepted(House().accept_order(request(line(1_000), refno=REFNO)))
    document = example("wpay_order_accepted.json")
    assert shape(ours) == shape(document)
    assert list(ours) == list(document)
    for name in ("status", "refno", "currency", "payments"):
        assert ours[name] == document[name]


def test_our_status_is_the_documents_key_by_key_and_ours_stand_beside_it() -> None:
    house = House()
    house.closed(line(2))
    ours = wpay_answers.status(ViewOrder(house.orders, house.files)(TENANT, "refno-1", may_see_cards=True))
    document = example("wpay_order_status.json")
    assert shape({name: ours[name] for name in document}) == shape(document)
    assert set(ours) - set(document) == {"progress", "results"}
    assert (ours["status"], ours["statusLabel"]) == (document["status"], document["statusLabel"])


def test_our_cards_are_the_documents_key_by_key() -> None:
    house = House()
    order = house.closed(line(3))
    part = ViewCards(house.orders, house.pages, house.vault)(TENANT, order.id, 0, 100)
    ours = json.loads(json.dumps(wpay_answers.cards(part, CATALOGUE)))
    document = example("wpay_cards.txt")
    assert list(ours) == list(document)
    masked = document["products"].popitem()[1]
    assert shape(ours["products"][SKU]) == shape(masked)
    assert len(ours["cards"]) == 3
    for mine, theirs in zip(ours["cards"], document["cards"], strict=True):
        # Whom Wpay's own delivery went to: we deliver, so nobody.
        people = {name: None for name, value in theirs["recipientDetails"].items() if isinstance(value, str) and value}
        theirs["recipientDetails"] |= people
        assert shape(mine) == shape(theirs)
        assert list(mine) == list(theirs)
    assert shape(ours["delivery"]) == shape(document["delivery"])
    assert ours["currency"] == document["currency"]
    assert isinstance(ours["total_cards"], int)
