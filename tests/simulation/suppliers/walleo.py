"""Walleo's asynchronous pulls in memory, as its documents say, with the accidents of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import unquote

from giftline.suppliers.http import Answer
from tests.simulation.suppliers.course import Course, begin
from tests.simulation.suppliers.ledger import Sale, SoldCard
from tests.simulation.suppliers.road import ON_SALES, Reply, header
from tests.simulation.suppliers.simulated import SimulatedSupplier

PULLS: Final = "/partners/v1/pull_requests"
PULL: Final = f"{PULLS}/"
SIGNED: Final = ("Bearer ", "Id=", "Signature=", "Timestamp=")

STRANGE: Final = ("on_hold", "canceled", "delivering", "SUCCESS!", "")
SUCCESS: Final = "success"
PROCESSING_TIMES: Final = (*((500, 2_000),) * 8, (2_000, 7_000), (7_000, 60_000))
CREATED: Final = "2026-02-05T11:33:39.999+01:00"
UPDATED: Final = "2026-02-05T11:33:41.488+01:00"

Refusal = tuple[int, str, str, str]
"""HTTP status, code, message, and the word for the status."""

REFUSALS: Final = (
    (422, "out_of_stock", "Out of stock gift card '{}'", "unprocessable_entity"),
    (422, "not_enough_funds", "Your balance account is not high enough", "unprocessable_entity"),
    (404, "gift_card_not_found", "Gift card not found with code '{}'", "not_found"),
)
WRONG_AMOUNT: Final = (422, "invalid_amount", "Amount must be a whole number", "unprocessable_entity")
INCOMPLETE: Final = (422, "unprocessable_entity", "Pull request is incomplete", "unprocessable_entity")
TAKEN: Final = (422, "unprocessable_entity", "Request id is already used", "unprocessable_entity")
ABSENT: Final = (
    (404, "card_not_found", "Card not found with id '{}'", "not_found"),
    (404, "pull_request_not_found", "Pull request not found with request_id: {}", "not_found"),
)
UNSIGNED: Final = (401, "unauthorized", "Not authorized", "unauthorized")
NO_RESOURCE: Final = (404, "not_found", "Not found", "not_found")


def refusal(refused: Refusal, about: str = "") -> Reply:
    status, code, message, word = refused
    body = {"errors": [{"code": code, "message": message.format(about)}], "status": word}
    return status, json.dumps(body).encode()


def _error(status: int, word: str) -> bytes:
    return refusal((status, word, "Please try again", word))[1]


ERRORS: Final = {
    429: _error(429, "too_many_requests"),
    500: _error(500, "internal_server_error"),
    503: _error(503, "service_unavailable"),
}


@dataclass(frozen=True, slots=True)
class Pull:
    """`serial` makes the ids; `code` is the gift card's code, `amount` its major units."""

    serial: int
    request_id: str
    code: str
    amount: int
    course: Course
    card: SoldCard | None


class SimulatedWalleo(SimulatedSupplier):
    """Sells under a request_id, or twice under it where it is not `unique`."""

    errors = ERRORS
    brand = 9

    def _open(self) -> None:
        self._pulls: list[Pull] = []
        self._by_request_id: dict[str, list[Pull]] = {}

    def request(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
    ) -> Answer:
        """One request; what it does happens at `now()`, before any of `seconds` has passed."""
        self.catch_up()
        signed = header(headers, "authorization")
        if not all(part in signed for part in SIGNED):
            return self._road.carry(lambda _: refusal(UNSIGNED), seconds)
        if method == "POST" and path == PULLS:
            return self._road.carry(partial(self._place, body), seconds, ON_SALES)
        if method == "GET" and path.startswith(PULL):
            return self._road.carry(partial(self._show, unquote(path.removeprefix(PULL))), seconds)
        return self._road.carry(lambda _: refusal(NO_RESOURCE), seconds)

    def _place(self, body: bytes | None, at: int) -> Reply:
        request = read_pull(body)
        if request is None:
            return refusal(INCOMPLETE)
        code, amount, request_id = request
        if not isinstance(amount, int) or amount < 1:
            return refusal(WRONG_AMOUNT)
        if self._draw.happens("refused"):
            return self._refuse(code)
        if self._unique and request_id in self._by_request_id:
            return refusal(TAKEN)
        pull = self._sell(request_id, code, amount, at)
        if self._draw.happens("refused after commit"):
            return self._refuse(code)
        return 200, json.dumps({"pull_request": created_body(pull)}).encode()

    def _refuse(self, code: str) -> Reply:
        return refusal(self._draw.one_of(REFUSALS), code)

    def _sell(self, request_id: str, code: str, amount: int, at: int) -> Pull:
        dead = self._draw.happens("error status")
        words = ("waiting", "processing", "error" if dead else SUCCESS)
        course = begin(self._draw, at, PROCESSING_TIMES, words)
        card = None if dead else self._printer.card(code, 100 * amount)
        pull = Pull(len(self._pulls) + 1, request_id, code, amount, course, card)
        self._pulls.append(pull)
        self._by_request_id.setdefault(request_id, []).append(pull)
        self.ledger.add(Sale(request_id, ((code, 100 * amount, 1),), (card,) if card else (), at, dead))
        return pull

    def _show(self, request_id: str, at: int) -> Reply:
        if self._draw.happens("other order"):
            return self._tell(self._other(request_id, at), at)
        for pull in reversed(self._by_request_id.get(request_id, ())):
            if at >= pull.course.known:
                return self._tell(pull, at)
        return refusal(self._draw.one_of(ABSENT), request_id)

    def _tell(self, pull: Pull, at: int) -> Reply:
        word = pull.course.word(at, self._draw, STRANGE)
        return 200, json.dumps({"pull_request": shown_body(pull, word)}).encode()

    def _other(self, request_id: str, at: int) -> Pull:
        """Another pull of ours, or else somebody's whose card is in no ledger."""
        others = [pull for pull in self._pulls if pull.request_id != request_id]
        if others:
            return self._draw.one_of(others)
        course = Course(at, at, at, ("waiting", "processing", SUCCESS))
        return Pull(0, "somebody-elses-0001", "IKEA", 50, course, self._printer.card("IKEA", 5_000))


def read_pull(text: bytes | None) -> tuple[str, Any, str] | None:
    """Code, amount as it came, and request_id; None where one is missing."""
    try:
        pull = json.loads(text or b"")["pull_request"]
        code, amount, request_id = pull["gift_card_code"], pull["amount"], pull["request_id"]
    except (ValueError, KeyError, TypeError):
        return None
    whole = isinstance(code, str) and isinstance(request_id, str) and code and request_id
    return (code, amount, request_id) if whole else None


def created_body(pull: Pull) -> dict[str, Any]:
    return {
        "id": f"3db15189-ef10-49b4-8265-{pull.serial:012x}",
        "status": "waiting",
        "request_id": pull.request_id,
        "amount_cents": 100 * pull.amount,
        "created_at": CREATED,
        "updated_at": CREATED,
        "card": None,
    }


def shown_body(pull: Pull, word: str) -> dict[str, Any]:
    """As a GET shows it: no amount_cents, and the card only with `success`."""
    return {
        "id": f"3db15189-ef10-49b4-8265-{pull.serial:012x}",
        "status": word,
        "request_id": pull.request_id,
        "created_at": CREATED,
        "updated_at": UPDATED,
        "card": _card(pull, pull.card) if pull.card and word == SUCCESS else None,
    }


def _card(pull: Pull, card: SoldCard) -> dict[str, Any]:
    card_id = f"4fe88e46-eb22-436c-91ec-{pull.serial:012x}"
    return {
        "id": card_id,
        "code": card.number,
        "expire_at": "2029-06-24T00:00:00.000+02:00",
        "pin_code": card.pin,
        "amount": pull.amount,
        "gift_card_code": pull.code,
        "pdf_url": f"https://cards.walleo.example/{card_id}.pdf",
    }
