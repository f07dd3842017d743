"""What a Wpay answer proves, read with suspicion: ten thousand damaged answers prove nothing false."""

from __future__ import annotations

import copy
import json
import random
from decimal import Decimal
from typing import Any

import pytest

from giftline.suppliers.http import MAX_ANSWER, Answer, read_answer
from giftline.suppliers.port import Fetched, Found, Outcome
from giftline.suppliers.wpay import order_body, read_page, read_placed, read_status
from tests.fakes.house import SKU, line

REFNO = "GL-ORDER-1-1"
LINES = (line(3), line(2, minor=1_000))
PLACED: dict[str, Any] = {
    "status": "PROCESSING",
    "orderId": "AAN9200073512",
    "refno": REFNO,
    "cancel": {"allowed": True, "allowedWithIn": 15},
    "currency": {"code": "AUD", "numericCode": "036", "symbol": "$"},
    "payments": [{"code": "svc", "amount": 35}],
    "products": [{"sku": SKU, "qty": 3}, {"sku": SKU, "qty": 2}],
}
STATUS: dict[str, Any] = {"status": "COMPLETE", "statusLabel": "Complete", "orderId": "AAN9200073512", "refno": REFNO}
CARD: dict[str, Any] = {
    "sku": SKU,
    "cardNumber": "6280000000001",
    "cardPin": "1234",
    "amount": "5.00",
    "barcode": None,
    "cardId": 7,
}
PAGE: dict[str, Any] = {"cards": [CARD, CARD | {"cardNumber": "6280000000002"}], "total_cards": 1}
PINS = {SKU: True}


def test_the_request_is_the_documented_one_with_the_right_payment() -> None:
    body = order_body(REFNO, LINES)
    assert body["payments"] == [{"code": "svc", "amount": Decimal(35)}]
    assert [(p["sku"], p["price"], p["qty"], p["currency"]) for p in body["products"]] == [
        (SKU, Decimal(5), 3, "036"),
        (SKU, Decimal(10), 2, "036"),
    ]
    assert (body["refno"], body["syncOnly"]) == (REFNO, False)


@pytest.mark.parametrize("status", [201, 202])
def test_an_acknowledgement_of_our_order_is_a_commitment(status: int) -> None:
    placed = read_placed(Answer(status, PLACED), REFNO, LINES)
    assert (placed.outcome, placed.supplier_order_id) == (Outcome.COMMITTED, "AAN9200073512")


@pytest.mark.parametrize(
    "changed",
    [
        {"refno": "another"},
        {"refno": None},
        {"orderId": ""},
        {"orderId": 17},
        {"orderId": "x" * 101},
        {"orderId": "a\nb"},
        {"currency": {"numericCode": "978"}},
        {"payments": [{"code": "svc", "amount": 34.99}]},
        {"payments": [{"code": "svc", "amount": True}]},
        {"products": [{"sku": SKU, "qty": 4}]},
    ],
)
def test_an_acknowledgement_of_anything_else_proves_nothing(changed: dict[str, Any]) -> None:
    assert read_placed(Answer(202, PLACED | changed), REFNO, LINES).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("quantity", ["4", "3.5", Decimal("4.0"), True, [3], {"value": 3}])
def test_a_quantity_of_another_type_is_still_another_quantity(quantity: object) -> None:
    changed = {"products": [{"sku": SKU, "qty": quantity}]}
    assert read_placed(Answer(202, PLACED | changed), REFNO, LINES).outcome is Outcome.UNKNOWN


def test_a_quantity_that_is_ours_in_another_type_is_ours() -> None:
    changed = {"products": [{"sku": SKU, "qty": "3"}, {"sku": SKU, "qty": Decimal("2.0")}]}
    assert read_placed(Answer(202, PLACED | changed), REFNO, LINES).outcome is Outcome.COMMITTED


@pytest.mark.parametrize("currency", [{"code": "EUR"}, {"code": "EUR", "numericCode": "036"}, "EUR", ["978"], False])
def test_a_currency_that_is_not_ours_by_every_name_it_has_proves_nothing(currency: object) -> None:
    assert read_placed(Answer(202, PLACED | {"currency": currency}), REFNO, LINES).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "changed",
    [
        {"payments": {"code": "svc", "amount": 34}},
        {"payments": [[{"code": "svc", "amount": 34}]]},
        {"payments": "34"},
        {"payments": [{"code": "svc", "amount": 35}, {"code": "svc", "amount": "x"}]},
        {"products": {"sku": SKU, "qty": 4}},
        {"products": {SKU: {"sku": SKU, "qty": 4}}},
        {"products": [{"sku": SKU, "qty": 5}, "and more"]},
    ],
)
def test_sums_in_another_form_are_not_passed_over(changed: dict[str, Any]) -> None:
    assert read_placed(Answer(202, PLACED | changed), REFNO, LINES).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "changed",
    [
        {"currency": None, "payments": None, "products": None},
        {"currency": {"code": None, "numericCode": "036"}, "payments": [], "products": {}},
        {"payments": [{"code": "svc"}], "products": {SKU: {"sku": SKU, "name": "eGift"}}},
    ],
)
def test_what_is_not_given_is_not_compared(changed: dict[str, Any]) -> None:
    assert read_placed(Answer(202, PLACED | changed), REFNO, LINES).outcome is Outcome.COMMITTED


def test_a_blank_order_id_names_no_order() -> None:
    assert read_placed(Answer(202, PLACED | {"orderId": "  "}), REFNO, LINES).outcome is Outcome.UNKNOWN
    assert read_status(Answer(200, STATUS | {"orderId": " "}), REFNO).found is Found.UNREADABLE


@pytest.mark.parametrize("name", ["cardNumber", "cardPin", "barcode", "activationUrl", "validity", "cardId", "sku"])
def test_half_a_letter_in_a_card_never_reaches_the_vault(name: str) -> None:
    [card] = read_page(read_answer(200, b'{"cards":[%s]}' % json.dumps(CARD | {name: "62\ud800"}).encode()), PINS).cards
    secrets = (card.number, card.pin, card.barcode, card.activation_url)
    for text in (*(secret.reveal() for secret in secrets), card.sku, card.validity, card.supplier_card_id):
        text.encode()
    assert bool(card.flaw) == (name in ("cardNumber", "cardPin"))


@pytest.mark.parametrize("code", ["5036", 5038, "5318", "5320", 11159])
def test_a_documented_refusal_proves_that_nothing_was_sold(code: object) -> None:
    placed = read_placed(Answer(400, {"code": code, "message": "…"}), REFNO, LINES)
    assert (placed.outcome, placed.detail) == (Outcome.NOT_COMMITTED, str(code))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"code": 5313}),
        (400, {"code": "5002"}),
        (400, {"code": 5000}),
        (400, {}),
        (400, None),
        (200, PLACED),
        (204, PLACED),
        (302, PLACED),
        (401, {"code": 5320}),
        (404, {"code": 5320}),
        (409, {"code": 5036}),
        (429, {"code": 5320}),
        (500, {"code": 5320}),
        (503, PLACED),
        (0, None),
    ],
)
def test_whatever_is_not_listed_is_unknown(status: int, body: Any) -> None:
    assert read_placed(Answer(status, body), REFNO, LINES).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, STATUS, Found.READY),
        (200, STATUS | {"status": "complete"}, Found.READY),
        (200, STATUS | {"status": "PENDING"}, Found.UNDER_WAY),
        (200, STATUS | {"status": "Activate Error"}, Found.UNDER_WAY),
        (200, STATUS | {"status": "Closed"}, Found.UNDER_WAY),
        (200, STATUS | {"status": "CANCELED"}, Found.CANCELLED),
        (200, STATUS | {"status": "CANCELLED"}, Found.CANCELLED),
        (200, STATUS | {"refno": "another"}, Found.DIFFERENT),
        (200, STATUS | {"refno": None}, Found.UNREADABLE),
        (200, STATUS | {"orderId": None}, Found.UNREADABLE),
        (200, STATUS | {"status": 1}, Found.UNREADABLE),
        (200, [STATUS], Found.UNREADABLE),
        (404, {"code": 5320}, Found.ABSENT),
        (400, {"code": "5320"}, Found.ABSENT),
        (400, {"code": "5313"}, Found.UNREADABLE),
        (404, {"message": "no such order"}, Found.ABSENT),
        (404, None, Found.UNREADABLE),
        (500, {"code": 5320}, Found.UNREADABLE),
        (429, STATUS, Found.UNREADABLE),
        (0, None, Found.UNREADABLE),
    ],
)
def test_a_look_up_tells_what_its_answer_proves(status: int, body: Any, found: Found) -> None:
    assert read_status(Answer(status, body), REFNO).found is found


@pytest.mark.parametrize(
    ("changed", "flaw"),
    [
        ({}, ""),
        ({"amount": 5}, ""),
        ({"amount": Decimal("5.0")}, ""),
        ({"cardNumber": ""}, "no card number"),
        ({"cardNumber": None}, "no card number"),
        ({"cardNumber": "   "}, "no card number"),
        ({"cardPin": None}, "no PIN"),
        ({"amount": "five"}, "no amount"),
        ({"amount": None}, "no amount"),
        ({"sku": None, "cardPin": ""}, "no PIN"),
    ],
)
def test_a_card_that_cannot_be_handed_over_carries_its_flaw(changed: dict[str, Any], flaw: str) -> None:
    page = read_page(Answer(200, {"cards": [CARD | changed]}), PINS)
    assert page.cards[0].flaw == flaw


def test_a_product_without_pin_needs_none() -> None:
    page = read_page(Answer(200, {"cards": [CARD | {"cardPin": None}]}), {SKU: False})
    assert page.cards[0].flaw == ""


@pytest.mark.parametrize(
    ("status", "body", "fetched"),
    [
        (200, PAGE, Fetched.CARDS),
        (201, PAGE, Fetched.CARDS),
        (200, {"cards": []}, Fetched.CARDS),
        (409, PAGE, Fetched.NOT_YET),
        (410, None, Fetched.CANCELLED),
        (200, {"cards": {}}, Fetched.UNREADABLE),
        (200, None, Fetched.UNREADABLE),
        (202, PAGE, Fetched.UNREADABLE),
        (500, PAGE, Fetched.UNREADABLE),
        (0, None, Fetched.UNREADABLE),
    ],
)
def test_a_page_is_read_by_its_status_and_its_cards(status: int, body: Any, fetched: Fetched) -> None:
    assert read_page(Answer(status, body), PINS).fetched is fetched


def test_total_cards_is_not_looked_at() -> None:
    for total in (0, 1, 10**9, "x", None):
        assert len(read_page(Answer(200, PAGE | {"total_cards": total}), PINS).cards) == 2


@pytest.mark.parametrize(
    "text", [b"", b"<html>", b'{"a":', b"\xff", b"NaN", b'{"a": NaN}', b"[" * 100_000, b"9" * 5_000]
)
def test_what_is_not_json_is_a_failure_and_no_exception(text: bytes) -> None:
    answer = read_answer(200, text)
    assert (answer.body, answer.failure) == (None, "not json")


def test_the_largest_answer_holds_the_largest_page() -> None:
    assert len(json.dumps({"cards": [CARD | {"x": "y" * 2_000}] * 500})) < MAX_ANSWER


# --- damage

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**40, 1.5, Decimal("1e400"), Decimal("-0"), "", " ", "\x00", "\ud800", "x" * 10_000,
    "COMPLETE", "CANCELED", REFNO, REFNO + " ", REFNO.lower(), [], {}, [[]], [None], {"": None}, [{}], "5.00", "٣", "²",
)  # fmt: skip
STATUSES = (0, 100, 200, 200, 200, 201, 201, 202, 202, 202, 204, 301, 307, 400, 400, 401, 404, 409, 410, 429, 500, 503)


def mutated(body: Any, draw: random.Random) -> Any:
    """The body with up to three values put out of place."""
    damaged = copy.deepcopy(body)
    for _ in range(draw.randrange(4)):
        holder: Any = damaged
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw.choice(keys)
            if isinstance(holder[key], dict | list) and holder[key] and draw.random() < 0.6:
                holder = holder[key]
                continue
            if isinstance(holder, dict) and draw.random() < 0.3:
                del holder[key]
            else:
                holder[key] = draw.choice(JUNK)
            break
    return draw.choice(JUNK) if draw.random() < 0.03 else damaged


def test_ten_thousand_damaged_answers_raise_nothing_and_prove_nothing_false() -> None:
    draw = random.Random(20_260_501)
    committed = ready = carded = 0
    for _ in range(3_334):
        answer = Answer(draw.choice(STATUSES), mutated(PLACED, draw))
        placed = read_placed(answer, REFNO, LINES)
        if placed.outcome is Outcome.COMMITTED:
            committed += 1
            assert answer.status in (201, 202)
            assert answer.body["refno"] == REFNO
            assert isinstance(placed.supplier_order_id, str)
            assert placed.supplier_order_id.isprintable()
            assert placed.supplier_order_id == answer.body["orderId"] != ""
        assert len(placed.detail) < 60

        answer = Answer(draw.choice(STATUSES), mutated(STATUS, draw))
        status = read_status(answer, REFNO)
        if status.found is Found.READY:
            ready += 1
            assert answer.status == 200
            assert answer.body["refno"] == REFNO
            assert answer.body["status"] == "COMPLETE"
            assert status.supplier_order_id
        assert len(status.word) <= 60

        answer = Answer(draw.choice(STATUSES), mutated(PAGE, draw))
        page = read_page(answer, PINS)
        for card in page.cards:
            carded += 1
            assert card.flaw or (card.number and card.pin and card.amount_minor >= 0)
    assert min(committed, ready, carded) > 100
