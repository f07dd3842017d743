"""The Walleo pull request protocol, as its client: one card a request (docs/protocols.md, Walleo)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from giftline.money import Money, parse_minor
from giftline.orders.model import Card, Line, Millis
from giftline.secret import Secret
from giftline.suppliers.http import Answer
from giftline.suppliers.listing import Listing
from giftline.suppliers.port import Found, Outcome, Placed, Pulled, Status, Terms, Uniqueness
from giftline.suppliers.reading import Http, as_object, as_text, detail, is_name, printable
from giftline.suppliers.walleo_catalogue import read_gift_cards
from giftline.suppliers.walleo_signing import WalleoKeys, authorization

MINUTE: Final[Millis] = 60_000

TERMS: Final = Terms(
    uniqueness=Uniqueness.ENFORCED,
    max_cards=2_500,
    page_size=1,
    lookup_after=2_000,
    settle=5 * MINUTE,
    retry_lookup=10_000,
    first_poll=2_000,
    posts=12,
    attempts=3,
)
POLL_INTERVAL: Final[Millis] = 5_000

POST_SECONDS: Final = 15.0
GET_SECONDS: Final = 15.0

PULL_REQUESTS: Final = "/partners/v1/pull_requests"
GIFT_CARDS: Final = "/partners/v1/gift_cards"
LIST_SECONDS: Final = 30.0

REFUSALS: Final = {
    404: frozenset(("gift_card_not_found",)),
    422: frozenset(("not_enough_funds", "out_of_stock", "invalid_amount")),
}
"""Codes that, with their HTTP status, say that nothing was sold."""
ABSENT_CODES: Final = frozenset(("pull_request_not_found", "card_not_found"))
"""One page of the document has the first, the other page the second."""
FOUND: Final = {
    "waiting": Found.UNDER_WAY,
    "processing": Found.UNDER_WAY,
    "success": Found.READY,
    "error": Found.CANCELLED,
}
NOT_WHOLE: Final = "amount is not whole"
MOST_CODES: Final = 3
"""Codes that are kept of one answer."""


class Walleo:
    """One Walleo account. `keys` is asked for at each call, so that rotated ones are used.

    Threads may share it: the keys that `prepare` keeps are one value, replaced as a whole.
    """

    terms = TERMS

    def __init__(self, http: Http, base_url: str, keys: Callable[[], WalleoKeys], now: Callable[[], Millis]) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._keys = keys
        self._now = now
        self._prepared: WalleoKeys | None = None

    def prepare(self) -> None:
        self._prepared = self._keys()

    def poll_interval(self, quantity: int) -> Millis:  # noqa: ARG002 - each card is asked for by itself
        return POLL_INTERVAL

    def place(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        if len(lines) != 1 or lines[0].quantity != 1:
            raise ValueError("Walleo sells one card a request")
        amount = major_units(lines[0].amount)
        if amount is None:
            return Placed(Outcome.NOT_COMMITTED, detail=NOT_WHOLE)
        payload = request_body(reference, lines[0].supplier_code, amount)
        answer = self._send("POST", PULL_REQUESTS, POST_SECONDS, self._prepared or self._keys(), payload)
        return read_placed(answer, reference, lines[0])

    def look_up(self, reference: str) -> Status:
        return read_status(self._get(reference), reference)

    def pull(self, reference: str, line: Line, *, needs_pin: bool) -> Pulled:
        answer = self._get(reference)
        status = read_status(answer, reference, line.amount.minor)
        if status.found is not Found.READY:
            return Pulled(status)
        return Pulled(status, read_card(_pull_request(answer)["card"], line, needs_pin=needs_pin))

    def gift_cards(self) -> Listing:
        """Everything that this account can buy."""
        return read_gift_cards(self._send("GET", GIFT_CARDS, LIST_SECONDS, self._keys()))

    def _get(self, reference: str) -> Answer:
        path = f"{PULL_REQUESTS}/{quote(reference, safe='')}"
        return self._send("GET", path, GET_SECONDS, self._keys())

    def _send(self, verb: str, path: str, seconds: float, keys: WalleoKeys, payload: str = "") -> Answer:
        """The payload goes out as the bytes that were signed, at the second that was signed."""
        timestamp = self._now() // 1_000
        url = self._base_url + path
        headers = {"Accept": "application/json", "Authorization": authorization(keys, verb, url, payload, timestamp)}
        if payload:
            headers["Content-Type"] = "application/json"
        return self._http.request(verb, path, headers, seconds, payload.encode() or None)


def request_body(reference: str, code: str, amount: int) -> str:
    """The documented request in the form that is signed: compact, keys sorted.

    Letters beyond ASCII stay as they are, in UTF-8: a server that checks the signature against JSON written
    anew from what it read is then likelier to write the same bytes, as most languages do not escape them.
    """
    body = {"pull_request": {"amount": amount, "gift_card_code": code, "request_id": reference}}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def major_units(amount: Money) -> int | None:
    """Walleo's `amount` is an Integer of major units; None where ours is not one."""
    units, rest = divmod(amount.minor, 10**amount.currency.decimals)
    return None if rest else units


def read_placed(answer: Answer, reference: str, line: Line) -> Placed:
    """What an answer to the POST proves; whatever is not listed here is UNKNOWN.

    A 401 is UNKNOWN too: with the right key the same request may be taken.
    """
    if answer.status in (200, 201):
        return _read_created(answer, reference, line)
    codes = _codes(answer.body)
    if codes and codes <= REFUSALS.get(answer.status, frozenset()):
        return Placed(Outcome.NOT_COMMITTED, detail=_joined(codes))
    taken = answer.status == 422 and _says_taken(answer.body)
    return Placed(Outcome.UNKNOWN, "", detail(answer, _joined(codes)), taken, answer.retry_after)


def _read_created(answer: Answer, reference: str, line: Line) -> Placed:
    """Its status word proves nothing more: it is looked up, even where it is an end already."""
    request = _pull_request(answer)
    wrong = ""
    if request.get("request_id") != reference:
        wrong = "another request_id"
    elif not is_name(request.get("id")):
        wrong = "no id"
    elif _cents(request, line.amount.minor) != line.amount.minor:
        wrong = "another amount"
    if wrong:
        return Placed(Outcome.UNKNOWN, detail=detail(answer, "" if answer.failure else wrong))
    return Placed(Outcome.COMMITTED, request["id"], str(answer.status))


def read_status(answer: Answer, reference: str, minor: int | None = None) -> Status:
    """What a look-up tells; `minor` is our amount, where it is to be compared.

    Absence leads to another POST under the same request_id, which Walleo itself takes only once.
    """
    if answer.status == 200 and not answer.failure:
        return _read_known(_pull_request(answer), reference, minor)
    codes = _codes(answer.body)
    if answer.status == 404 and codes and codes <= ABSENT_CODES:
        return Status(Found.ABSENT, word=_joined(codes))
    return Status(Found.UNREADABLE, "", detail(answer, _joined(codes)), answer.retry_after)


def _read_known(request: dict[str, Any], reference: str, minor: int | None) -> Status:
    word, request_id = request.get("status"), request.get("request_id")
    if not isinstance(word, str) or not isinstance(request_id, str):
        return Status(Found.UNREADABLE, word="no status")
    if request_id != reference:
        return Status(Found.DIFFERENT, word=printable(word))
    name = request["id"] if is_name(request.get("id")) else ""
    cents = None if minor is None else _cents(request, minor)
    if cents != minor:
        return Status(Found.UNREADABLE if cents is None else Found.DIFFERENT, name, printable(word))
    found = FOUND.get(word, Found.UNDER_WAY)
    if found is Found.READY and not as_object(request.get("card")):
        return Status(Found.UNREADABLE, name, "success without card")
    if found is Found.CANCELLED and request.get("card"):
        # Under a new request_id it would be bought again, while this one has something to show.
        return Status(Found.UNREADABLE, name, "error with card")
    return Status(found, name, printable(word))


def read_card(card: dict[str, Any], line: Line, *, needs_pin: bool) -> Card:
    """A card as it came, with its flaw where it cannot be handed over; a sound one is of our sku."""
    number, pin, code = as_text(card.get("code")), as_text(card.get("pin_code")), as_text(card.get("gift_card_code"))
    minor = parse_minor(card.get("amount"), line.amount.currency.decimals)
    flaw = ""
    if not number:
        flaw = "no card number"
    elif minor is None:
        flaw = "no amount"
    elif minor != line.amount.minor:
        flaw = "another amount"
    elif code != line.supplier_code:
        flaw = "another product"
    elif needs_pin and not pin:
        flaw = "no PIN"
    return Card(
        sku=code if flaw else line.sku,
        amount_minor=minor or 0,
        number=Secret(number),
        pin=Secret(pin),
        activation_url=Secret(as_text(card.get("pdf_url"))),
        validity=as_text(card.get("expire_at")),
        supplier_card_id=as_text(card.get("id")),
        flaw=flaw,
    )


def _pull_request(answer: Answer) -> dict[str, Any]:
    return as_object(as_object(answer.body).get("pull_request"))


def _cents(request: dict[str, Any], expected: int) -> int | None:
    """`amount_cents`, whole minor units of any currency; what is expected where it is not given."""
    given = request.get("amount_cents")
    return expected if given is None else parse_minor(given, 0)


def _errors(body: Any) -> list[dict[str, Any]]:
    errors = as_object(body).get("errors")
    return [as_object(error) for error in errors] if isinstance(errors, list) else []


def _codes(body: Any) -> frozenset[str]:
    """The codes of all errors; "" stands for one that has none, and belongs to no documented set."""
    return frozenset(_code(error) for error in _errors(body))


def _code(error: dict[str, Any]) -> str:
    code = error.get("code")
    is_code = isinstance(code, str) and len(code) <= 40 and code.isascii() and code.replace("_", "").isalpha()
    return str(code) if is_code else ""


def _joined(codes: frozenset[str]) -> str:
    return " ".join(sorted(codes - {""})[:MOST_CODES])


def _says_taken(body: Any) -> bool:
    """The document has no code of its own for this, so its message is read: the one place where text decides."""
    return any(
        _code(error) == "unprocessable_entity" and _plain(error.get("message")) == "request id is already used"
        for error in _errors(body)
    )


def _plain(message: Any) -> str:
    return " ".join(message.split()).rstrip(" .!").casefold() if isinstance(message, str) else ""
