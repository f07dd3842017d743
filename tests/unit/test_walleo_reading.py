"""What a Walleo answer proves, and what is asked: signed at each send, whole amounts only, one card a request."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from giftline.errors import Misconfigured
from giftline.money import Money, known_currency
from giftline.orders.model import Card, Line
from giftline.secret import Secret
from giftline.suppliers.http import Answer
from giftline.suppliers.port import Found, Outcome, Placed, Pulled, PullSupplier
from giftline.suppliers.walleo import POLL_INTERVAL, TERMS, Walleo, read_placed, read_status
from giftline.suppliers.walleo_signing import WalleoKeys, signature

REFERENCE = "GL-ORDER-1-7-1"
SHARED_KEY = "6F2CE47010CF4F79B9767042BAFB1EB4"
KEYS = WalleoKeys(Secret("api-key"), "b5245bbc-8ee7-4e55-92e0-b97e81085154", Secret(SHARED_KEY))
BASE_URL = "http://walleo.example:8080/api"
NOW = 1_648_559_273_999
EUR, JPY = known_currency("EUR"), known_currency("JPY")
LINE = Line("ikea-be", Money(5_000, EUR), 1, "IKEA")

CREATED: dict[str, Any] = {
    "id": "3db15189-ef10-49b4-8265-58e3fe946ffb",
    "status": "waiting",
    "request_id": REFERENCE,
    "amount_cents": 5_000,
    "card": None,
}
CARD: dict[str, Any] = {
    "id": "4fe88e46-eb22-436c-91ec-6bf874fcf2ae",
    "code": "345454545451154154",
    "expire_at": "2028-06-24T00:00:00.000+02:00",
    "pin_code": "1234",
    "amount": 50,
    "gift_card_code": "IKEA",
    "pdf_url": "https://url.pdf",
}
READY = CREATED | {"status": "success", "card": CARD}


def request(**changed: Any) -> dict[str, Any]:
    return {"pull_request": CREATED | changed}


def errors(*codes: object, message: str = "…") -> dict[str, Any]:
    return {"errors": [{"code": code, "message": message} for code in codes], "status": "unprocessable_entity"}


@dataclass
class Wire:
    """Answers everything alike, and keeps what it was asked."""

    answer: Answer = field(default_factory=lambda: Answer(200, request()))
    asked: list[tuple[str, str, Mapping[str, str], bytes | None]] = field(default_factory=list)

    def request(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
    ) -> Answer:
        self.asked.append((method, path, headers, body))
        return self.answer


def walleo(wire: Wire, now: int = NOW) -> Walleo:
    return Walleo(wire, BASE_URL, lambda: KEYS, lambda: now)


def pulled(answer: Answer, line: Line = LINE, *, needs_pin: bool = True) -> Pulled:
    return walleo(Wire(answer)).pull(REFERENCE, line, needs_pin=needs_pin)


def card_of(line: Line = LINE, *, needs_pin: bool = True, **changed: Any) -> Card:
    card = pulled(
        Answer(200, request(status="success", amount_cents=None, card=CARD | changed)), line, needs_pin=needs_pin
    ).card
    assert card is not None
    return card


# --- what is asked


def test_the_signature_is_the_one_of_the_protocols_page() -> None:
    signed = signature(
        SHARED_KEY,
        "POST",
        "http://www.example.com/partners/v1/cards",
        '{"card":{"amount":50,"gift_card_code":"E-ca"}}',
        KEYS.identifier,
        1_648_559_273,
    )
    assert signed == "434f3dd367edbe5c82a68f5b5a771a50d602c2868e10a4b132ae807df6982867"


def expected_authorization(token: bytes, seconds: int) -> str:
    signed = hmac.new(bytes.fromhex(SHARED_KEY), token, hashlib.sha256).hexdigest()
    return f"Bearer api-key, Id={KEYS.identifier}, Signature={signed}, Timestamp={seconds}"


@pytest.mark.parametrize("code", ["IKEA", "IKEA+FR", "Möbel-Ø", "家具"])
def test_the_bytes_that_are_sent_are_the_bytes_that_were_signed(code: str) -> None:
    wire = Wire()
    walleo(wire).place(REFERENCE, (Line("ikea-be", Money(5_000, EUR), 1, code),))
    [(verb, path, headers, body)] = wire.asked
    assert (verb, path) == ("POST", "/partners/v1/pull_requests")
    expected = f'{{"pull_request":{{"amount":50,"gift_card_code":"{code}","request_id":"{REFERENCE}"}}}}'.encode()
    assert body == expected
    token = b"POST+http://walleo.example:8080/api/partners/v1/pull_requests+%s+%s+1648559273" % (
        expected,
        KEYS.identifier.encode(),
    )
    assert headers["Authorization"] == expected_authorization(token, 1_648_559_273)
    assert headers["Content-Type"] == "application/json"


def test_of_a_get_the_payload_is_empty_and_its_plus_stays() -> None:
    wire = Wire()
    walleo(wire).look_up("nobody's/ref?x=1#y")
    [(verb, path, headers, body)] = wire.asked
    assert (verb, path, body) == ("GET", "/partners/v1/pull_requests/nobody%27s%2Fref%3Fx%3D1%23y", None)
    token = f"GET+{BASE_URL}{path}++{KEYS.identifier}+1648559273".encode()
    assert headers["Authorization"] == expected_authorization(token, 1_648_559_273)


def test_the_time_is_taken_at_each_send() -> None:
    wire, times = Wire(), iter((1_000_000, 2_000_999))
    supplier = Walleo(wire, BASE_URL + "/", lambda: KEYS, lambda: next(times))
    supplier.look_up(REFERENCE)
    supplier.look_up(REFERENCE)
    assert [asked[2]["Authorization"].rsplit("=")[-1] for asked in wire.asked] == ["1000", "2000"]


def test_a_post_uses_the_prepared_keys_and_a_look_up_the_newest() -> None:
    fetched: list[WalleoKeys] = []

    def keys() -> WalleoKeys:
        fetched.append(WalleoKeys(Secret(f"key-{len(fetched)}"), "us", Secret("ab")))
        return fetched[-1]

    wire = Wire()
    supplier = Walleo(wire, BASE_URL, keys, lambda: NOW)
    supplier.prepare()
    supplier.place(REFERENCE, (LINE,))
    supplier.look_up(REFERENCE)
    assert [asked[2]["Authorization"].split(",")[0] for asked in wire.asked] == ["Bearer key-0", "Bearer key-1"]


def test_threads_that_share_one_object_get_each_their_own_answer() -> None:
    class Echo(Wire):
        def request(
            self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
        ) -> Answer:
            return Answer(200, request(request_id=json.loads(body or b"{}")["pull_request"]["request_id"]))

    supplier = walleo(Echo())

    def buy(number: int) -> Placed:
        supplier.prepare()
        return supplier.place(f"r-{number}", (LINE,))

    with ThreadPoolExecutor(8) as pool:
        assert {placed.outcome for placed in pool.map(buy, range(200))} == {Outcome.COMMITTED}


@pytest.mark.parametrize("text", ["", "  ", "sandbox-key", "6F2", "6Fg0", "6F-2"])
def test_a_shared_key_that_is_not_hexadecimal_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        WalleoKeys(Secret("api-key"), "us", Secret(text))
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert not text.strip() or text not in str(caught.value)


def test_keys_do_not_show_themselves() -> None:
    assert "api-key" not in repr(KEYS)
    assert SHARED_KEY not in repr(KEYS)


def test_its_terms_are_those_of_single_cards() -> None:
    supplier: PullSupplier = walleo(Wire())
    assert supplier.terms is TERMS
    assert TERMS.is_single
    assert {supplier.poll_interval(quantity) for quantity in (1, 2_500)} == {POLL_INTERVAL}


@pytest.mark.parametrize("lines", [(), (LINE, LINE), (Line("IKEA", Money(5_000, EUR), 2),)])
def test_it_sells_one_card_a_request(lines: tuple[Line, ...]) -> None:
    wire = Wire()
    with pytest.raises(ValueError, match="one card"):
        walleo(wire).place(REFERENCE, lines)
    assert wire.asked == []


@pytest.mark.parametrize("amount", [Money(5_050, EUR), Money(1, EUR)])
def test_an_amount_that_is_not_whole_is_never_sent(amount: Money) -> None:
    wire = Wire()
    placed = walleo(wire).place(REFERENCE, (Line("IKEA", amount, 1),))
    assert placed == Placed(Outcome.NOT_COMMITTED, detail="amount is not whole")
    assert wire.asked == []


def test_a_yen_has_no_smaller_unit() -> None:
    wire = Wire(Answer(200, request(amount_cents=5_051)))
    yen = Line("IKEA", Money(5_051, JPY), 1)
    assert walleo(wire).place(REFERENCE, (yen,)).outcome is Outcome.COMMITTED
    assert json.loads(wire.asked[0][3] or b"")["pull_request"]["amount"] == 5_051
    assert card_of(yen, amount=5_051).flaw == ""


# --- what an answer to the POST proves


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("word", ["waiting", "processing", "success", "error", "sleeping", None])
def test_our_request_is_a_commitment_whatever_its_status_word(status: int, word: str | None) -> None:
    placed = read_placed(Answer(status, request(status=word)), REFERENCE, LINE)
    assert placed == Placed(Outcome.COMMITTED, CREATED["id"], str(status))


@pytest.mark.parametrize("amount", [None, 5_000, "5000", Decimal("5000.0")])
def test_the_amount_is_compared_where_it_is_given(amount: object) -> None:
    placed = read_placed(Answer(200, request(amount_cents=amount)), REFERENCE, LINE)
    assert placed.outcome is Outcome.COMMITTED


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"request_id": "another"}, "another request_id"),
        ({"request_id": None}, "another request_id"),
        ({"request_id": REFERENCE + " "}, "another request_id"),
        ({"id": None}, "no id"),
        ({"id": 17}, "no id"),
        ({"id": ""}, "no id"),
        ({"id": "a\nb"}, "no id"),
        ({"id": "x" * 101}, "no id"),
        ({"amount_cents": 4_999}, "another amount"),
        ({"amount_cents": 50}, "another amount"),
        ({"amount_cents": -5_000}, "another amount"),
        ({"amount_cents": True}, "another amount"),
        ({"amount_cents": [5_000]}, "another amount"),
    ],
)
def test_an_answer_about_anything_else_proves_nothing(changed: dict[str, Any], detail: str) -> None:
    placed = read_placed(Answer(200, request(**changed)), REFERENCE, LINE)
    assert placed == Placed(Outcome.UNKNOWN, detail=f"200 {detail}")


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "gift_card_not_found"), (422, "not_enough_funds"), (422, "out_of_stock"), (422, "invalid_amount")],
)
def test_a_documented_refusal_proves_that_nothing_was_sold(status: int, code: str) -> None:
    assert read_placed(Answer(status, errors(code)), REFERENCE, LINE) == Placed(Outcome.NOT_COMMITTED, detail=code)


def test_several_documented_refusals_prove_it_too() -> None:
    placed = read_placed(Answer(422, errors("out_of_stock", "invalid_amount", "out_of_stock")), REFERENCE, LINE)
    assert (placed.outcome, placed.detail) == (Outcome.NOT_COMMITTED, "invalid_amount out_of_stock")


@pytest.mark.parametrize(
    ("status", "body", "detail"),
    [
        (422, errors("gift_card_not_found"), "422 gift_card_not_found"),
        (404, errors("out_of_stock"), "404 out_of_stock"),
        (400, errors("invalid_amount"), "400 invalid_amount"),
        (422, errors("out_of_stock", "sold_already"), "422 out_of_stock sold_already"),
        (422, errors("out_of_stock", None), "422 out_of_stock"),
        (422, {"errors": [*errors("out_of_stock")["errors"], "and more"]}, "422 out_of_stock"),
        (422, {"errors": errors("out_of_stock")["errors"][0]}, "422"),
        (422, errors(), "422"),
        (422, errors("unprocessable_entity"), "422 unprocessable_entity"),
        (422, errors(*"abcdefgh"), "422 a b c"),
        (422, errors("345454545451154154"), "422"),
        (401, errors("unauthorized"), "401 unauthorized"),
        (401, errors("invalid_signature"), "401 invalid_signature"),
        (500, errors("out_of_stock"), "500 out_of_stock"),
        (202, request(), "202"),
        (302, request(), "302"),
        (404, None, "404"),
        (200, None, "200 another request_id"),
        (200, [request()], "200 another request_id"),
    ],
)
def test_whatever_is_not_listed_is_unknown(status: int, body: Any, detail: str) -> None:
    assert read_placed(Answer(status, body), REFERENCE, LINE) == Placed(Outcome.UNKNOWN, detail=detail)


@pytest.mark.parametrize("failure", ["timeout", "connection", "unsendable"])
def test_no_answer_is_unknown(failure: str) -> None:
    placed = read_placed(Answer(0, failure=failure), REFERENCE, LINE)
    assert placed == Placed(Outcome.UNKNOWN, detail=f"0 {failure}")


def test_a_page_of_html_is_unknown_and_says_so() -> None:
    assert read_placed(Answer(200, failure="not json"), REFERENCE, LINE).detail == "200 not json"


@pytest.mark.parametrize("message", ["Request id is already used", " request ID  is already used. "])
def test_a_used_request_id_is_taken_and_no_refusal(message: str) -> None:
    placed = read_placed(Answer(422, errors("unprocessable_entity", message=message)), REFERENCE, LINE)
    assert placed == Placed(Outcome.UNKNOWN, detail="422 unprocessable_entity", taken=True)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (422, "unprocessable_entity", "Request id is not valid"),
        (422, "invalid", "Request id is already used"),
        (400, "unprocessable_entity", "Request id is already used"),
    ],
)
def test_only_the_documented_words_say_taken(status: int, code: str, message: str) -> None:
    placed = read_placed(Answer(status, errors(code, message=message)), REFERENCE, LINE)
    assert (placed.outcome, placed.taken) == (Outcome.UNKNOWN, False)


@pytest.mark.parametrize("status", [429, 503])
def test_the_time_to_stay_away_is_handed_on(status: int) -> None:
    busy = Answer(status, errors("too_many_requests"), retry_after=7.0)
    assert read_placed(busy, REFERENCE, LINE).retry_after == 7.0
    assert read_status(busy, REFERENCE).retry_after == 7.0


# --- what a look-up tells


@pytest.mark.parametrize(
    ("status", "body", "found", "word"),
    [
        (200, request(), Found.UNDER_WAY, "waiting"),
        (200, request(status="processing"), Found.UNDER_WAY, "processing"),
        (200, request(status="sleeping"), Found.UNDER_WAY, "sleeping"),
        (200, request(status="SUCCESS", card=CARD), Found.UNDER_WAY, "SUCCESS"),
        (200, request(status="success", card=CARD), Found.READY, "success"),
        (200, request(status="success", card=CARD, id=None), Found.READY, "success"),
        (200, request(status="success"), Found.UNREADABLE, "success without card"),
        (200, request(status="success", card=[CARD]), Found.UNREADABLE, "success without card"),
        (200, request(status="success", card={}), Found.UNREADABLE, "success without card"),
        (200, request(status="error"), Found.CANCELLED, "error"),
        (200, request(status="error", card=CARD), Found.UNREADABLE, "error with card"),
        (200, request(status="Error"), Found.UNDER_WAY, "Error"),
        (200, request(request_id="another"), Found.DIFFERENT, "waiting"),
        (200, request(request_id=None), Found.UNREADABLE, "no status"),
        (200, request(status=None), Found.UNREADABLE, "no status"),
        (200, {"pull_request": [CREATED]}, Found.UNREADABLE, "no status"),
        (200, None, Found.UNREADABLE, "no status"),
        (201, request(), Found.UNREADABLE, "201"),
        (404, errors("pull_request_not_found"), Found.ABSENT, "pull_request_not_found"),
        (404, errors("card_not_found"), Found.ABSENT, "card_not_found"),
        (404, errors("card_not_found", "gone"), Found.UNREADABLE, "404 card_not_found gone"),
        (404, errors("gift_card_not_found"), Found.UNREADABLE, "404 gift_card_not_found"),
        (404, errors(), Found.UNREADABLE, "404"),
        (404, {"message": "no route"}, Found.UNREADABLE, "404"),
        (404, None, Found.UNREADABLE, "404"),
        (410, errors("card_not_found"), Found.UNREADABLE, "410 card_not_found"),
        (401, errors("unauthorized"), Found.UNREADABLE, "401 unauthorized"),
        (500, request(), Found.UNREADABLE, "500"),
    ],
)
def test_a_look_up_tells_what_its_answer_proves(status: int, body: Any, found: Found, word: str) -> None:
    answer = Answer(status, body)
    seen = walleo(Wire(answer)).look_up(REFERENCE)
    assert (seen.found, seen.word) == (found, word)
    assert pulled(answer).status == seen


@pytest.mark.parametrize("word", ["waiting", "success", "error"])
def test_another_amount_under_our_request_id_is_not_ours(word: str) -> None:
    answer = Answer(200, request(status=word, amount_cents=4_900, card=CARD if word == "success" else None))
    assert pulled(answer) == Pulled(pulled(answer).status)
    assert pulled(answer).status.found is Found.DIFFERENT
    assert read_status(answer, REFERENCE).found is not Found.DIFFERENT


def test_an_amount_that_is_no_amount_proves_nothing() -> None:
    assert pulled(Answer(200, {"pull_request": READY | {"amount_cents": ["x"]}})).status.found is Found.UNREADABLE


def test_a_look_up_never_holds_a_card() -> None:
    assert "3454" not in repr(walleo(Wire(Answer(200, {"pull_request": READY}))).look_up(REFERENCE))


# --- the card


def test_a_sound_card_is_of_our_sku_and_holds_all_that_came() -> None:
    assert card_of() == Card(
        sku="ikea-be",
        amount_minor=5_000,
        number=Secret("345454545451154154"),
        pin=Secret("1234"),
        activation_url=Secret("https://url.pdf"),
        validity="2028-06-24T00:00:00.000+02:00",
        supplier_card_id="4fe88e46-eb22-436c-91ec-6bf874fcf2ae",
    )


@pytest.mark.parametrize(
    ("changed", "flaw"),
    [
        ({"amount": "50.00"}, ""),
        ({"amount": Decimal("50.0")}, ""),
        ({"code": 345}, ""),
        ({"pin_code": 12}, ""),
        ({"code": None}, "no card number"),
        ({"code": "  "}, "no card number"),
        ({"code": True}, "no card number"),
        ({"code": "34\ud800"}, "no card number"),
        ({"amount": None}, "no amount"),
        ({"amount": "fifty"}, "no amount"),
        ({"amount": Decimal("50.001")}, "no amount"),
        ({"amount": 5_000}, "another amount"),
        ({"amount": Decimal("49.99")}, "another amount"),
        ({"gift_card_code": "IKEA-FR"}, "another product"),
        ({"gift_card_code": "ikea"}, "another product"),
        ({"gift_card_code": None}, "another product"),
        ({"pin_code": None}, "no PIN"),
        ({"pin_code": False}, "no PIN"),
        ({"pin_code": ""}, "no PIN"),
    ],
)
def test_a_card_that_cannot_be_handed_over_carries_its_flaw(changed: dict[str, Any], flaw: str) -> None:
    assert card_of(**changed).flaw == flaw


def test_a_flawed_card_keeps_the_name_of_its_product() -> None:
    assert card_of(gift_card_code="IKEA-FR").sku == "IKEA-FR"
    assert card_of(pin_code=None).sku == "IKEA"


def test_a_product_without_pin_needs_none() -> None:
    card = card_of(needs_pin=False, pin_code=None)
    assert (card.flaw, card.sku, card.pin) == ("", "ikea-be", Secret(""))


def test_what_is_as_good_as_cash_is_not_shown() -> None:
    seen = pulled(Answer(200, {"pull_request": READY}))
    for text in (repr(seen), repr(seen.card)):
        assert not any(secret in text for secret in ("345454", "1234", "url.pdf"))
