"""A second Walleo, written from the document alone; it shares nothing with the sandbox and is odd where it may be.

It believes no request whose signature is not that of the address the client sees, calls an unknown request by either
of the two documented codes, leaves out of an answer what the document's example leaves out, and never says a word
more than the document about a card that is not ready.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from tests.stack_support.door import Cards
from tests.stack_support.foreign_accidents import Accident, Accidents
from tests.stack_support.foreign_server import Call, ForeignSupplier, Reply, serve

KEY = "a-bearer-key-of-another-supplier"
IDENTIFIER = "b5245bbc-8ee7-4e55-92e0-b97e81085154"
SHARED_KEY = "6F2CE47010CF4F79B9767042BAFB1EB4"

PULL_REQUESTS = "/partners/v1/pull_requests"
PULL_REQUEST = re.compile(r"/partners/v1/pull_requests/([^/?]+)")
AUTHORIZATION = re.compile(r"Bearer (\S+), Id=(\S+), Signature=([0-9a-f]{64}), Timestamp=(\d{10})")
CLOCK_SECONDS = 300
"""Between the client's clock and ours."""
WORK_SECONDS = 0.005
"""From waiting to the end: a few seconds of the document, a thousand times as fast."""
CENTS = 100

FIXED = {"FNAC": (15, 30, 100)}
RANGES = {"IKEA": (20, 500, 10), "IKEA-FR": (20, 500, 10)}


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull request; `number` counts them, and with it the cards."""

    number: int
    request_id: str
    code: str
    amount: int
    at: float
    known_from: float
    is_dead: bool

    def status(self, now: float) -> str:
        if now < self.at + WORK_SECONDS / 2:
            return "waiting"
        if now < self.at + WORK_SECONDS:
            return "processing"
        return "error" if self.is_dead else "success"

    @property
    def card(self) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"card {self.number}")),
            "code": f"8{self.number * 7_919 % 1_000_000_007:018d}",
            "expire_at": "2031-06-24T00:00:00.000+02:00",
            "pin_code": f"{self.number * 7 % 10_000:04d}",
            "amount": self.amount,
            "gift_card_code": self.code,
            "pdf_url": f"https://cards.example/{uuid.uuid5(uuid.NAMESPACE_OID, f'pdf {self.number}')}.pdf",
        }


@dataclass
class ForeignWalleo(ForeignSupplier):
    """Its books: pull requests by request_id. A request that ends in `error` costs nothing in the end."""

    balance: int = 10_000_000
    sold_out: set[str] = field(default_factory=set)
    pulls: dict[str, Pull] = field(default_factory=dict)
    refused_signatures: int = 0

    def sold_to(self, order_id: str) -> Cards:
        """What died was never sold."""
        sold = (pull for pull in self.pulls.values() if order_id in pull.request_id and not pull.is_dead)
        return Counter((pull.code, pull.card["code"], pull.card["pin_code"], f"{pull.amount}.00") for pull in sold)

    def numbers(self) -> list[str]:
        return [pull.card["code"] for pull in self.pulls.values() if not pull.is_dead]

    @property
    def dead(self) -> int:
        return sum(pull.is_dead for pull in self.pulls.values())

    def reference(self, call: Call) -> str:
        wanted = call.body.get("pull_request")
        return str(wanted.get("request_id", "")) if isinstance(wanted, dict) else ""

    def oddities(self, call: Call) -> tuple[Accident, ...]:
        return (Accident.STALE,) if PULL_REQUEST.fullmatch(call.path) else ()

    def reply(self, call: Call, accident: Accident | None) -> Reply:
        if refusal := self.refusal(call):
            self.refused_signatures += 1
            return refusal
        if call.method == "POST" and call.path == PULL_REQUESTS:
            return self.create(call.body.get("pull_request"))
        if call.method == "GET" and (found := PULL_REQUEST.fullmatch(call.path)):
            return self.show(unquote(found[1]), accident)
        return error(404, "not_found", "Not found")

    def refusal(self, call: Call) -> Reply | None:
        """None where the request is signed as it must be."""
        found = AUTHORIZATION.fullmatch(call.headers.get("Authorization", ""))
        if found is None or found[1] != KEY or found[2] != IDENTIFIER:
            return error(401, "unauthorized", "Not authorized")
        is_of_now = abs(time.time() - int(found[4])) <= CLOCK_SECONDS
        if is_of_now and hmac.compare_digest(found[3], signature(call, self.url, found[4])):
            return None
        return error(401, "invalid_signature", "Your request does not match your signature")

    def create(self, wanted: Any) -> Reply:
        fields = wanted if isinstance(wanted, dict) else {}
        request_id, code, amount = (fields.get(name) for name in ("request_id", "gift_card_code", "amount"))
        if not isinstance(request_id, str) or not request_id:
            return error(422, "unprocessable_entity", "Request id can't be blank")
        if request_id in self.pulls:
            self.refused_twice += 1
            return error(422, "unprocessable_entity", "Request id is already used")
        return self.refused(code, amount) or self.accept(request_id, str(code), int(amount or 0))

    def refused(self, code: Any, amount: Any) -> Reply | None:
        if code not in FIXED and code not in RANGES:
            return error(404, "gift_card_not_found", f"Gift card not found with code '{code}'")
        if problem := amount_problem(code, amount):
            return error(422, "invalid_amount", problem)
        if code in self.sold_out:
            return error(422, "out_of_stock", f"Out of stock gift card '{code}'")
        if amount > self.balance:
            return error(422, "not_enough_funds", "Your balance account is not high enough")
        return None

    def accept(self, request_id: str, code: str, amount: int) -> Reply:
        now = time.monotonic()
        known_from = now + self.accidents.lag_of_an_order()
        pull = Pull(len(self.pulls) + 1, request_id, code, amount, now, known_from, self.accidents.is_dead())
        self.pulls[request_id] = pull
        self.balance -= 0 if pull.is_dead else amount
        return 200, {"pull_request": shown(pull, "waiting") | {"amount_cents": amount * CENTS}}

    def show(self, request_id: str, accident: Accident | None) -> Reply:
        pull, now = self.pulls.get(request_id), time.monotonic()
        if pull is None or now < pull.known_from:
            return self.unknown(request_id)
        word = pull.status(now)
        if accident is Accident.STALE:
            word = "waiting" if word == "processing" else "processing"
        return 200, {"pull_request": shown(pull, word)}

    def unknown(self, request_id: str) -> Reply:
        """Each of the two pages of the document has its own words for it."""
        if self.requests % 2:
            return error(404, "card_not_found", f"Card not found with id '{request_id}'")
        return error(404, "pull_request_not_found", f"Pull request not found with request_id: {request_id}")


def signature(call: Call, base_url: str, timestamp: str) -> str:
    """Of VERB+URL+PAYLOAD+IDENTIFIER+TIMESTAMP under the shared key; no payload without a body."""
    payload = json.dumps(call.body, separators=(",", ":"), sort_keys=True) if call.text else ""
    token = f"{call.method}+{base_url}{call.path}+{payload}+{IDENTIFIER}+{timestamp}"
    return hmac.new(bytes.fromhex(SHARED_KEY), token.encode(), hashlib.sha256).hexdigest()


def amount_problem(code: str, amount: Any) -> str | None:
    is_whole = isinstance(amount, int) and not isinstance(amount, bool)
    if code in FIXED:
        *first, last = FIXED[code]
        is_one_of = is_whole and amount in FIXED[code]
        return None if is_one_of else f"Amount must be one of {', '.join(map(str, first))} or {last}."
    least, most, step = RANGES[code]
    if is_whole and least <= amount <= most and (amount - least) % step == 0:
        return None
    return f"Amount must be within range from {least} to {most} with steps of {step}."


def shown(pull: Pull, word: str) -> dict[str, Any]:
    """As the document's Show pull request has it: without `amount_cents`."""
    moment = datetime.now(tz=UTC).isoformat(timespec="milliseconds")
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"pull request {pull.number}")),
        "status": word,
        "request_id": pull.request_id,
        "created_at": moment,
        "updated_at": moment,
        "card": pull.card if word == "success" else None,
    }


def error(status: int, code: str, message: str) -> Reply:
    words = {401: "unauthorized", 404: "not_found", 422: "unprocessable_entity"}
    return status, {"errors": [{"code": code, "message": message}], "status": words[status]}


@contextmanager
def serving(accidents: Accidents | None = None, **books: Any) -> Iterator[ForeignWalleo]:
    """The supplier on a free port of this machine; `books`: balance, sold_out."""
    walleo = ForeignWalleo(accidents or Accidents(), **books)
    with serve(walleo):
        yield walleo
