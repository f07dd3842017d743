"""The Wpay batch order protocol, as its client (docs/protocols.md, Wpay)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from giftline.money import Currency, currency_named, parse_minor
from giftline.orders.model import Card, Line, Millis, total_of
from giftline.secret import Secret
from giftline.suppliers.http import Answer
from giftline.suppliers.port import (
    CardsPage,
    Fetched,
    Found,
    Outcome,
    Placed,
    Reversed,
    Status,
    Terms,
    Uniqueness,
)
from giftline.suppliers.reading import Http, as_object, as_text, detail, is_name, printable
from giftline.suppliers.wpay_reversing import CANCELLED_WORDS, PATH, SECONDS, read_reversed, reversal_body

MINUTE: Final[Millis] = 60_000

TERMS: Final = Terms(
    uniqueness=Uniqueness.ENFORCED,
    max_cards=25_000,
    page_size=500,
    lookup_after=30_000,
    settle=5 * MINUTE,
    retry_lookup=15 * MINUTE,
    at_once=10,
    reverses=True,
)
POLL_INTERVALS: Final = ((100, 5 * MINUTE), (5_000, 15 * MINUTE), (10_000, 35 * MINUTE))
LONGEST_INTERVAL: Final = 60 * MINUTE

POST_SECONDS: Final = 30.0
STATUS_SECONDS: Final = 15.0
PAGE_SECONDS: Final = 30.0

REFUSALS: Final = frozenset(("5036", "5038", "5318", "5320", "11159"))
"""Codes that, with a 400, say that nothing was sold."""
REFERENCE_TAKEN: Final = frozenset(("5313", "5002"))
"""Codes that say that the refno is known: not a failure, ask for its status."""
NOT_AVAILABLE: Final = "5320"
READY_WORDS: Final = frozenset(("COMPLETE",))


class Wpay:
    """One Wpay account. `api_key` is asked for at each call, so that a rotated key is used."""

    terms = TERMS

    def __init__(self, http: Http, api_key: Callable[[], Secret]) -> None:
        self._http = http
        self._api_key = api_key
        self._prepared: Secret | None = None

    def prepare(self) -> None:
        self._prepared = self._api_key()

    def poll_interval(self, quantity: int) -> Millis:
        """Of the first bracket that holds the size (docs/protocols.md, polling intervals)."""
        return next((ms for most, ms in POLL_INTERVALS if quantity <= most), LONGEST_INTERVAL)

    def place(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        return read_placed(self._post(order_body(reference, lines)), reference, lines)

    def place_at_once(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        """Its answer may hold the cards: they are left there, and read by the cards call as all are."""
        answer = self._post(order_body(reference, lines) | {"syncOnly": True})
        placed = read_placed(answer, reference, lines)
        word = as_text(as_object(answer.body).get("status")).upper()
        return replace(placed, ready=placed.outcome is Outcome.COMMITTED and word in READY_WORDS)

    def reverse(self, reference: str) -> Reversed:
        return read_reversed(self._call("POST", PATH, SECONDS, self._api_key(), reversal_body(reference)), reference)

    def look_up(self, reference: str) -> Status:
        path = f"/v1/partner/giftcards/order/{quote(reference, safe='')}/status"
        return read_status(self._call("GET", path, STATUS_SECONDS, self._api_key()), reference)

    def fetch(self, supplier_order_id: str, offset: int, limit: int, needs_pin: Mapping[str, bool]) -> CardsPage:
        order_id = quote(supplier_order_id, safe="")
        path = f"/v1/partner/giftcards/order/{order_id}/cards?offset={offset}&limit={limit}"
        return read_page(self._call("GET", path, PAGE_SECONDS, self._api_key()), needs_pin)

    def _post(self, order: Mapping[str, Any]) -> Answer:
        body = json.dumps(order, default=_number).encode()
        key = self._prepared or self._api_key()
        return self._call("POST", "/v1/partner/giftcards/orders", POST_SECONDS, key, body)

    def _call(self, method: str, path: str, seconds: float, key: Secret, body: bytes | None = None) -> Answer:
        headers = {"Accept": "application/json", "X-Api-Key": key.reveal()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._http.request(method, path, headers, seconds, body)


def order_body(reference: str, lines: tuple[Line, ...]) -> dict[str, Any]:
    """The documented request; the payment is the sum of price × qty."""
    return {
        "payments": [{"code": "svc", "amount": total_of(lines).decimal}],
        "products": [
            {
                "sku": line.supplier_code,
                "price": line.amount.decimal,
                "qty": line.quantity,
                "currency": line.amount.currency.numeric,
            }
            for line in lines
        ],
        "refno": reference,
        "syncOnly": False,
    }


def read_placed(answer: Answer, reference: str, lines: tuple[Line, ...]) -> Placed:
    """What an answer to the POST proves; whatever is not listed here is UNKNOWN."""
    body = as_object(answer.body)
    if answer.status in (201, 202) and _is_acknowledgement(body, reference, lines):
        return Placed(Outcome.COMMITTED, body["orderId"], str(answer.status))
    if answer.status == 400 and (code := _code(body)) in REFUSALS:
        return Placed(Outcome.NOT_COMMITTED, detail=code)
    taken = answer.status == 400 and _code(body) in REFERENCE_TAKEN
    known = detail(answer, _code(body))
    return Placed(Outcome.UNKNOWN, detail=known, taken=taken, retry_after=answer.retry_after)


def _is_acknowledgement(body: dict[str, Any], reference: str, lines: tuple[Line, ...]) -> bool:
    """It names our refno and an order; currency, amounts and quantities, where given, are ours."""
    if body.get("refno") != reference or not is_name(body.get("orderId")):
        return False
    total = total_of(lines)
    return (
        _is_currency(body.get("currency"), total.currency)
        and _adds_up(body.get("payments"), "amount", total.minor, total.currency.decimals)
        and _adds_up(body.get("products"), "qty", sum(line.quantity for line in lines), 0)
    )


def _is_currency(given: Any, ours: Currency) -> bool:
    """Not given, or ours by each name that it has."""
    if not isinstance(given, dict):
        return given is None
    return given.get("code") in (None, ours.code) and given.get("numericCode") in (None, ours.numeric)


def _adds_up(entries: Any, key: str, expected: int, decimals: int) -> bool:
    """What a list of objects, or an object of them by sku, has under the key is together what we asked for."""
    entries = list(entries.values()) if isinstance(entries, dict) else entries
    if not isinstance(entries, list):
        return entries is None
    if not all(isinstance(entry, dict) for entry in entries):
        return False
    minors = [parse_minor(entry[key], decimals) for entry in entries if entry.get(key) is not None]
    return not minors or (None not in minors and sum(minor for minor in minors if minor is not None) == expected)


def read_status(answer: Answer, reference: str) -> Status:
    """What a look-up tells. Absence is 'Order not available' (5320), or a 404 with a JSON body:
    it leads to another POST under the same refno, which Wpay itself takes only once.
    """
    body = as_object(answer.body)
    if answer.status == 200:
        return _read_known(body, reference)
    if (answer.status == 404 and body) or (answer.status == 400 and _code(body) == NOT_AVAILABLE):
        return Status(Found.ABSENT, word=_code(body))
    return Status(Found.UNREADABLE, word=detail(answer, _code(body)), retry_after=answer.retry_after)


def _read_known(body: dict[str, Any], reference: str) -> Status:
    word, order_id = body.get("status"), body.get("orderId")
    if not isinstance(word, str) or not isinstance(body.get("refno"), str):
        return Status(Found.UNREADABLE, word="no status")
    if body["refno"] != reference:
        return Status(Found.DIFFERENT, word=printable(word))
    if word.upper() in CANCELLED_WORDS:
        return Status(Found.CANCELLED, word=printable(word))
    if not is_name(order_id):
        return Status(Found.UNREADABLE, word="no orderId")
    found = Found.READY if word.upper() in READY_WORDS else Found.UNDER_WAY
    return Status(found, str(order_id), printable(word))


def read_page(answer: Answer, needs_pin: Mapping[str, bool]) -> CardsPage:
    """One page: first 200, later 201, both are fine; `total_cards` is not looked at."""
    if answer.status == 409:
        return CardsPage(Fetched.NOT_YET)
    if answer.status == 410:
        return CardsPage(Fetched.CANCELLED)
    body = as_object(answer.body)
    cards = body.get("cards")
    if answer.status not in (200, 201) or not isinstance(cards, list):
        return CardsPage(Fetched.UNREADABLE, retry_after=answer.retry_after)
    read = tuple(_card(as_object(card), needs_pin, _decimals(body)) for card in cards)
    return CardsPage(Fetched.CARDS, read, _currency(body))


def _card(body: dict[str, Any], needs_pin: Mapping[str, bool], decimals: int) -> Card:
    """A card as it came, with its flaw where it cannot be handed over."""
    sku = as_text(body.get("sku"))
    number, pin = as_text(body.get("cardNumber")), as_text(body.get("cardPin"))
    amount = parse_minor(body.get("amount"), decimals)
    flaw = ""
    if not number:
        flaw = "no card number"
    elif amount is None:
        flaw = "no amount"
    elif not pin and needs_pin.get(sku, True):
        flaw = "no PIN"
    return Card(
        sku=sku,
        amount_minor=amount or 0,
        number=Secret(number),
        pin=Secret(pin),
        barcode=Secret(as_text(body.get("barcode"))),
        activation_code=Secret(as_text(body.get("activationCode"))),
        activation_url=Secret(as_text(body.get("activationUrl"))),
        validity=as_text(body.get("validity")),
        issued=as_text(body.get("issuanceDate")),
        supplier_card_id=as_text(body.get("cardId")),
        flaw=flaw,
    )


def _decimals(body: dict[str, Any]) -> int:
    """Of the currency that the page names; the documents' currencies have two."""
    currency = currency_named(_currency(body))
    return currency.decimals if currency else 2


def _currency(body: dict[str, Any]) -> str:
    return as_text(as_object(body.get("currency")).get("numericCode"))


def _code(body: dict[str, Any]) -> str:
    """An error's code; five to seven letters and digits, or it is not one."""
    code = as_text(body.get("code"))
    return code if code.replace("-", "").isalnum() and len(code) <= 10 else ""


def _number(value: object) -> float | int:
    """A Decimal as the JSON number the document shows: 5, not 5.00 nor "5"."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is not JSON")
    return int(value) if value == value.to_integral_value() else float(value)
