"""Twenty thousand damaged answers, as bytes through each adapter: nothing is raised, nothing false is proven.

What an answer may prove is told by oracles that are written from the documents alone: an adapter that shares
a mistake with its oracle shares it with the document. One file, as damage and oracles are only read together.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from giftline.money import Money, known_currency
from giftline.orders.model import Card, Line
from giftline.secret import Secret
from giftline.suppliers.http import Answer, read_answer
from giftline.suppliers.port import Fetched, Found, Outcome, Placed, Status
from giftline.suppliers.walleo import Walleo
from giftline.suppliers.walleo_signing import WalleoKeys
from giftline.suppliers.wpay import Wpay

DOCUMENTS = Path(__file__).parent / "documents"
AUD, EUR = known_currency("AUD"), known_currency("EUR")
SKU, FUEL = "WWQ651BHNWSH", "WPAY-FUEL"
PINS = {SKU: True, FUEL: False}
WPAY_LINES = (Line(SKU, Money(500, AUD), 3), Line(FUEL, Money(1_000, AUD), 2))
WALLEO_LINE = Line("ikea-be", Money(5_000, EUR), 1, "IKEA")
REFNO, REQUEST_ID = "aaaa-bbbb-0000-0007", "your_request_id"
SECRETS = ("6280-NUMBER-0001", "6280-NUMBER-0002", "PIN-7351", "9355-BARCODE", "ACTIVATE-77", "https://secret.link")
SECRETS_OF_WALLEO = ("345454545451154154", "PIN-7351", "https://secret.link")


@dataclass
class Wire:
    """Answers every request with the same bytes."""

    status: int = 200
    text: bytes = b""

    def request(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
    ) -> Answer:
        return read_answer(self.status, self.text)


WIRE = Wire()
WPAY = Wpay(WIRE, lambda: Secret("key"))
WALLEO = Walleo(WIRE, "https://walleo.example", lambda: WalleoKeys(Secret("key"), "us", Secret("6F2C")), lambda: 0)


def example(name: str) -> Any:
    return json.loads(re.sub(r",\s*//[^\n]*", "", (DOCUMENTS / name).read_text(encoding="utf-8")))


# --- damage

AGAIN = "@again"
"""Ends a key that is written a second time in its object."""
RAW = (
    "1e400", "-1E+4000", "1e-400", "5000.0", "5e3", "50.00", "-50", "-0", "5000.000000000000000000000001", "9" * 4_300,
    "9" * 5_000, "NaN", "Infinity", "-Infinity", "[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900,
)  # fmt: skip
"""JSON, or nearly, that Python's own writer does not write."""
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 4, 5, 35, 36, 50, 500, 4_999, 5_001, 10**40, 5.5, "", " ", "\x00", "\ud800",
    "\u202e", "x" * 5_000, "٣", "²", "0x32", "5_000", "1/2", "+5", "NaN", [], {}, [[]], [None], [{}], {"": None},
    REFNO, REFNO.upper(), REFNO + " ", REQUEST_ID + "\n", "another", SKU, FUEL, "IKEA-FR", "EUR", "978", "392", "5.00",
    "35", "5000", "50", "PENDING", "COMPLETE", "complete", "CANCELED", "Activate Error", "waiting", "processing",
    "success", "SUCCESS", "error", "Error", 5036, "5036", 5313, "5002", 5320, "5320", "GC-5555", "gift_card_not_found",
    "out_of_stock", "unprocessable_entity", "Request id is already used", "card_not_found", "pull_request_not_found",
    "unauthorized", *(f"@raw:{number}@" for number in range(len(RAW))),
)  # fmt: skip
NOT_THE_DOCUMENT = (
    b"", b" ", b"null", b"[]", b"{}", b'""', b"0", b"true", b"<html><body>502 Bad Gateway</body></html>", b"\xff\xfe",
    b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000, b"-", b"NaN", b'{"pull_request":', b"OK",
)  # fmt: skip
STATUSES = (0, 100, 200, 201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413,
            422, 423, 429, 500, 502, 503, 504, 599)  # fmt: skip


def junk(draw: random.Random) -> Any:
    """A copy: the next damage may well be done to it."""
    return copy.deepcopy(draw.choice(JUNK))


def put_junk(holder: Any, key: Any, draw: random.Random) -> None:
    holder[key] = junk(draw)


def remove(holder: Any, key: Any, draw: random.Random) -> None:
    del holder[key]


def nullify(holder: Any, key: Any, draw: random.Random) -> None:
    holder[key] = None


def rename(holder: Any, key: Any, draw: random.Random) -> None:
    if isinstance(holder, dict):
        holder[draw.choice((key + "_", key.upper() + "S", key.title(), f" {key}"))] = holder.pop(key)


def write_twice(holder: Any, key: Any, draw: random.Random) -> None:
    """An object gets the key a second time, before or after; a list gets the element twice."""
    if isinstance(holder, list):
        holder.insert(draw.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
        return
    entries = [*holder.items(), (f"{key}{AGAIN}", junk(draw))]
    entries = entries if draw.random() < 0.5 else entries[-1:] + entries[:-1]
    holder.clear()
    holder.update(entries)


def change_type(holder: Any, key: Any, draw: random.Random) -> None:
    value = holder[key]
    first = value[0] if isinstance(value, list) and value else value
    holder[key] = draw.choice((str(value), [value], {"value": value}, {"0": value}, bool(value), first))


def change_number(holder: Any, key: Any, draw: random.Random) -> None:
    value = holder[key]
    if isinstance(value, int):
        holder[key] = draw.choice((value + 1, value - 1, -value, value * 100, value / 100, str(value), float(value)))
    elif isinstance(value, str):
        holder[key] = draw.choice((value + "0", value + " ", value[:-1], value.swapcase(), f"\t{value}", f"-{value}"))


DAMAGES: tuple[Callable[[Any, Any, random.Random], None], ...] = (
    put_junk, put_junk, put_junk, remove, nullify, rename, write_twice, change_type, change_number,
)  # fmt: skip


def damage(document: Any, draw: random.Random) -> None:
    """One value somewhere in the document is put out of place; what has few fields is mostly gone into."""
    holder = document
    while holder:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        inner = [key for key in keys if isinstance(holder[key], dict | list)]
        if not inner or draw.random() > (0.9 if len(keys) < 5 else 0.4):
            draw.choice(DAMAGES)(holder, draw.choice(keys), draw)
            return
        holder = holder[draw.choice(inner)]


def damaged(document: Any, draw: random.Random) -> bytes:
    """An answer with up to four damages; a few of them cut, doubled, in another encoding, or another thing."""
    document = copy.deepcopy(document)
    for _ in range(draw.randrange(5)):
        damage(document, draw)
    written = json.dumps(document, ensure_ascii=True).replace(AGAIN, "")
    text = re.sub(r'"@raw:(\d+)@"', lambda found: RAW[int(found[1])], written).encode()
    if draw.random() < 0.9:
        return text
    cut = draw.randrange(len(text))
    return draw.choice((
        text[:cut], text[:cut] + b"\xff" + text[cut:], text * 2, text + b"}", b"[" + text + b"]",
        b"\xef\xbb\xbf" + text, text.decode().encode("utf-16"), *draw.choices(NOT_THE_DOCUMENT, k=2),
    ))  # fmt: skip


def damaged_answers(seed: int, count: int, documents: list[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """Each on the wire, and given as its HTTP status and as any reader of JSON reads it."""
    draw = random.Random(seed)
    for _ in range(count):
        status, document = draw.choice(documents)
        WIRE.status = draw.choice(STATUSES) if draw.random() < 0.2 else status
        WIRE.text = damaged(document, draw)
        yield WIRE.status, reading(WIRE.text)


# --- how the oracles read


def reading(text: bytes) -> Any:
    try:
        return json.loads(text, parse_float=Fraction, parse_constant=int)  # int("NaN") is a ValueError
    except (ValueError, RecursionError):
        return None


def within(body: Any, key: str) -> Any:
    return body.get(key) if isinstance(body, dict) else None


def number(value: Any) -> Fraction | None:
    try:
        return None if isinstance(value, bool | None) else Fraction(value)
    except (ValueError, TypeError, ZeroDivisionError):
        return None


def words(value: Any) -> str:
    """What a person would read there: a whole number, or text without half letters."""
    is_text = isinstance(value, str | int) and not isinstance(value, bool)
    return "" if not is_text or re.search("[\ud800-\udfff]", str(value)) else str(value).strip()


def given(entries: Any, key: str) -> list[Any] | None:
    """All values of a list of objects, or of an object of them by sku; None where it is something else."""
    entries = list(entries.values()) if isinstance(entries, dict) else entries or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return None
    return [entry[key] for entry in entries if entry.get(key) is not None]


def adds_up(values: list[Any] | None, expected: int) -> bool:
    """Where they are given at all, they are our sum."""
    if values is None:
        return False
    numbers = [number(value) for value in values]
    return not values or (None not in numbers and sum(n for n in numbers if n is not None) == expected)


def is_shown_safely(result: Placed | Status, seen: object, secrets: tuple[str, ...]) -> bool:
    """Short and printable, as it goes into the log and the table; and nothing of a card in it."""
    shown = (result.supplier_order_id, result.detail if isinstance(result, Placed) else result.word)
    is_short = all(len(text) <= 160 and text.isprintable() for text in shown)
    return is_short and not any(secret in repr((result, seen)) for secret in secrets)


def is_storable(card: Card) -> bool:
    secrets = (card.number, card.pin, card.barcode, card.activation_code, card.activation_url)
    texts = (*(secret.reveal() for secret in secrets), card.sku, card.validity, card.issued, card.supplier_card_id)
    return not any(re.search("[\ud800-\udfff]", text) for text in texts)


# --- Wpay


def wpay_sold(status: int, body: Any) -> bool:
    currency, order_id = within(body, "currency"), within(body, "orderId")
    return (
        status in (201, 202)
        and within(body, "refno") == REFNO
        and isinstance(order_id, str)
        and order_id.strip() != ""
        and isinstance(currency, dict | None)
        and within(currency, "code") in (None, "AUD")
        and within(currency, "numericCode") in (None, "036")
        and adds_up(given(body.get("payments"), "amount"), 35)
        and adds_up(given(body.get("products"), "qty"), 5)
    )


def wpay_code(body: Any) -> str:
    return words(within(body, "code"))


def test_wpay_sells_nothing_by_a_damaged_answer_to_the_post() -> None:
    accepted = example("wpay_order_accepted.json")
    with_sums = accepted | {
        "payments": [{"code": "svc", "amount": 35}],
        "products": [{"sku": SKU, "qty": 3}, {"sku": FUEL, "qty": 2}],
    }
    errors = [(400, {"code": code, "message": "…"}) for code in (5036, 5038, "5318", 5320, 11159, 5313, "5002", 5000)]
    outcomes: Counter[Outcome] = Counter()
    for status, body in damaged_answers(
        1, 3_400, [(202, accepted), *[(202, with_sums)] * 5, (201, with_sums), *errors]
    ):
        placed = WPAY.place(REFNO, WPAY_LINES)
        outcomes[placed.outcome] += 1
        if placed.outcome is Outcome.COMMITTED:
            assert wpay_sold(status, body), (status, body)
            assert placed.supplier_order_id == body["orderId"]
        if placed.outcome is Outcome.NOT_COMMITTED:
            assert status == 400
            assert wpay_code(body) in ("5036", "5038", "5318", "5320", "11159")
        assert not placed.taken or (status == 400 and wpay_code(body) in ("5313", "5002"))
        assert is_shown_safely(placed, placed, SECRETS)
    assert min(outcomes[outcome] for outcome in Outcome) > 300


def wpay_found(found: Found, status: int, body: Any) -> bool:
    """Whether that answer proves what was found; an answer that proves nothing is always a true reading."""
    word, refno, order_id = within(body, "status"), within(body, "refno"), within(body, "orderId")
    is_known = status == 200 and refno == REFNO and isinstance(word, str)
    is_cancelled = is_known and word.upper() in ("CANCELED", "CANCELLED")
    is_complete = is_known and word.upper() == "COMPLETE"
    has_name = isinstance(order_id, str) and order_id.strip() != ""
    return {
        Found.READY: is_complete and has_name,
        Found.CANCELLED: is_cancelled,
        Found.UNDER_WAY: is_known and has_name and not is_complete and not is_cancelled,
        Found.DIFFERENT: status == 200 and isinstance(refno, str) and refno != REFNO,
        Found.ABSENT: (status == 404 and isinstance(body, dict) and body != {})
        or (status == 400 and wpay_code(body) == "5320"),
        Found.UNREADABLE: True,
    }[found]


def test_wpay_finds_nothing_in_a_damaged_status_that_is_not_there() -> None:
    ready = example("wpay_order_status.json")
    wordings = ("PENDING", "PROCESSING", "COMPLETE", "CANCELED", "CANCELLED", "Activate Error")
    known = [(200, ready | {"status": word}) for word in wordings]
    absent = [(400, {"code": 5320, "message": "Order not available"}), (404, {"code": "5320"})]
    found: Counter[Found] = Counter()
    for status, body in damaged_answers(2, 3_300, [*known, (200, ready), *absent, (200, ready | {"refno": "another"})]):
        seen = WPAY.look_up(REFNO)
        found[seen.found] += 1
        assert wpay_found(seen.found, status, body), (seen, status, body)
        assert seen.found is not Found.READY or seen.supplier_order_id == body["orderId"]
        assert is_shown_safely(seen, seen, SECRETS)
    assert min(found[one] for one in Found) > 100


def is_sound_at_wpay(card: Card, came: Any, page: Any) -> bool:
    """A number, an exact amount in the page's currency, and a PIN where the product has one."""
    sku, has_minor_unit = words(within(came, "sku")), words(within(within(page, "currency"), "numericCode")) != "392"
    amount, pin = number(within(came, "amount")), words(within(came, "cardPin"))
    return (
        amount is not None
        and amount * (100 if has_minor_unit else 1) == card.amount_minor >= 0
        and card.number.reveal() == words(within(came, "cardNumber")) != ""
        and card.pin.reveal() == pin
        and (pin != "" or sku == FUEL)
        and card.sku == sku
    )


def test_wpay_hands_over_no_card_of_a_damaged_page_that_breaks_a_rule() -> None:
    page = example("wpay_cards.txt")
    number_1, number_2, pin, barcode, activation, link = SECRETS
    secrets = {"cardPin": pin, "barcode": barcode, "activationCode": activation, "activationUrl": link}
    first, second = (page["cards"][0] | secrets | {"cardNumber": n, "formats": []} for n in (number_1, number_2))
    page["cards"] = [first, second, second | {"sku": FUEL, "cardPin": None}]
    slim = {"cards": page["cards"], "currency": page["currency"], "total_cards": 1}
    documents = [(200, page), *[(200, slim)] * 4, *[(201, slim)] * 4, (409, {"code": 409}), (410, {"code": 410})]
    fetched: Counter[Fetched] = Counter()
    flaws: Counter[bool] = Counter()
    for status, body in damaged_answers(3, 3_300, documents):
        seen = WPAY.fetch("AAN9200073512", 0, 500, PINS)
        fetched[seen.fetched] += 1
        assert (seen.fetched is Fetched.NOT_YET) == (status == 409)
        assert (seen.fetched is Fetched.CANCELLED) == (status == 410)
        assert seen.fetched is Fetched.CARDS or seen.cards == ()
        if seen.fetched is Fetched.CARDS:
            assert status in (200, 201)
            for card, came in zip(seen.cards, body["cards"], strict=True):
                flaws[bool(card.flaw)] += 1
                assert card.flaw or is_sound_at_wpay(card, came, body), (card, came)
                assert is_storable(card)
        assert not any(secret in repr((seen, *seen.cards)) for secret in SECRETS)
    assert min(*(fetched[one] for one in Fetched), *flaws.values()) > 100


# --- Walleo

DOCUMENTED_REFUSALS = {404: {"gift_card_not_found"}, 422: {"not_enough_funds", "out_of_stock", "invalid_amount"}}
WALLEO_ERRORS = (
    (404, "gift_card_not_found"), (422, "not_enough_funds"), (422, "out_of_stock"), (422, "invalid_amount"),
    (422, "invalid_amount_range"), (401, "unauthorized"), (401, "invalid_signature"), (422, "request_id_used"),
    (422, "request_id_used"),
)  # fmt: skip


def walleo_example(name: str) -> Any:
    return example(f"walleo_{name}.json")


def all_codes(body: Any) -> list[Any]:
    errors = within(body, "errors")
    return [within(error, "code") for error in errors] if isinstance(errors, list) else []


def are_all_of(codes: list[Any], documented: set[str]) -> bool:
    return bool(codes) and all(isinstance(code, str) and code in documented for code in codes)


def says_taken(status: int, body: Any) -> bool:
    errors = within(body, "errors")
    return status == 422 and any(
        within(error, "code") == "unprocessable_entity"
        and "request id is already used" in words(within(error, "message")).lower()
        for error in (errors if isinstance(errors, list) else [])
    )


def is_ours(request: Any) -> bool:
    return isinstance(request, dict) and request.get("request_id") == REQUEST_ID


def has_our_amount(request: Any) -> bool:
    cents = within(request, "amount_cents")
    return cents is None or number(cents) == 5_000


def test_walleo_sells_nothing_by_a_damaged_answer_to_the_post() -> None:
    created = walleo_example("created")
    errors = [(status, walleo_example(name)) for status, name in WALLEO_ERRORS]
    several = {"errors": [errors[1][1]["errors"][0], errors[2][1]["errors"][0]], "status": "unprocessable_entity"}
    outcomes: Counter[Outcome] = Counter()
    taken = 0
    for status, body in damaged_answers(4, 3_400, [*[(200, created)] * 6, (201, created), *errors, (422, several)]):
        placed = WALLEO.place(REQUEST_ID, (WALLEO_LINE,))
        outcomes[placed.outcome] += 1
        taken += placed.taken
        if placed.outcome is Outcome.COMMITTED:
            request = within(body, "pull_request")
            assert status in (200, 201)
            assert is_ours(request), body
            assert has_our_amount(request), body
            assert isinstance(request["id"], str)
            assert placed.supplier_order_id == request["id"] != ""
        if placed.outcome is Outcome.NOT_COMMITTED:
            assert are_all_of(all_codes(body), DOCUMENTED_REFUSALS[status]), (status, body)
        assert not placed.taken or says_taken(status, body)
        assert is_shown_safely(placed, placed, SECRETS_OF_WALLEO)
    assert min(taken, *(outcomes[outcome] for outcome in Outcome)) > 50


def walleo_found(found: Found, status: int, body: Any, *, with_amount: bool) -> bool:
    request = within(body, "pull_request")
    word, request_id, card = (within(request, key) for key in ("status", "request_id", "card"))
    has_others_amount = with_amount and not has_our_amount(request)
    is_known = status == 200 and is_ours(request) and isinstance(word, str) and not has_others_amount
    return {
        Found.READY: is_known and word == "success" and isinstance(card, dict) and card != {},
        Found.CANCELLED: is_known and word == "error" and not card,
        Found.UNDER_WAY: is_known and word not in ("success", "error"),
        Found.DIFFERENT: status == 200
        and isinstance(request_id, str)
        and (request_id != REQUEST_ID or (has_others_amount and number(request["amount_cents"]) is not None)),
        Found.ABSENT: status == 404 and are_all_of(all_codes(body), {"pull_request_not_found", "card_not_found"}),
        Found.UNREADABLE: True,
    }[found]


def is_sound_at_walleo(card: Card, came: Any, *, needs_pin: bool) -> bool:
    """Ours in amount and product, with a number, and a PIN where it has one; under our own sku."""
    return (
        card.number.reveal() == words(came.get("code")) != ""
        and card.pin.reveal() == words(came.get("pin_code"))
        and (bool(card.pin) or not needs_pin)
        and number(came.get("amount")) == 50
        and card.amount_minor == 5_000
        and words(came.get("gift_card_code")) == "IKEA"
        and card.sku == "ikea-be"
    )


def test_walleo_finds_nothing_in_a_damaged_look_up_that_is_not_there() -> None:
    success, created = walleo_example("success"), walleo_example("created")
    success["pull_request"]["card"] |= {"pin_code": SECRETS_OF_WALLEO[1], "pdf_url": SECRETS_OF_WALLEO[2]}
    paid = {"pull_request": success["pull_request"] | {"amount_cents": 5_000}}
    wordings = ("waiting", "processing", "error", "error", "sleeping")
    known = [(200, {"pull_request": created["pull_request"] | {"status": word}}) for word in wordings]
    absent = [(404, walleo_example(name)) for name in ("pull_request_not_found", "card_not_found")]
    found: Counter[Found] = Counter()
    flaws: Counter[bool] = Counter()
    for at, (status, body) in enumerate(
        damaged_answers(5, 6_600, [*[(200, success)] * 5, *[(200, paid)] * 5, *known, *absent])
    ):
        needs_pin = at % 2 == 0
        looked = WALLEO.look_up(REQUEST_ID)
        pulled = WALLEO.pull(REQUEST_ID, WALLEO_LINE, needs_pin=needs_pin)
        found[pulled.status.found] += 1
        assert walleo_found(looked.found, status, body, with_amount=False), (looked, status, body)
        assert walleo_found(pulled.status.found, status, body, with_amount=True), (pulled, status, body)
        assert (pulled.card is not None) == (pulled.status.found is Found.READY)
        if pulled.card is not None:
            flaws[bool(pulled.card.flaw)] += 1
            came = body["pull_request"]["card"]
            assert pulled.card.flaw or is_sound_at_walleo(pulled.card, came, needs_pin=needs_pin), (pulled.card, came)
            assert is_storable(pulled.card)
        for status_seen in (looked, pulled.status):
            assert is_shown_safely(status_seen, (pulled, pulled.card), SECRETS_OF_WALLEO)
    assert min(*(found[one] for one in Found), *flaws.values()) > 100
