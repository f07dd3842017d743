"""The Walleo document's refusals, word for word, and the one table from our errors to them.

WalleoRefused
├── Unauthorized         401  unauthorized
├── InvalidSignature     401  invalid_signature
├── BadRequest           400  bad_request (ours: the body is no JSON object of the documented shape)
├── GiftCardNotFound     404  gift_card_not_found
├── PullRequestNotFound  404  pull_request_not_found
├── CardNotFound         404  card_not_found
├── NotEnoughFunds       422  not_enough_funds
├── OutOfStock           422  out_of_stock
├── InvalidAmount        422  invalid_amount
├── RequestIdUsed        422  unprocessable_entity
├── RequestIdInvalid     422  unprocessable_entity (ours)
├── PullFailed           422  unprocessable_entity (ours: a synchronous card that could not be pulled)
└── FirstAnswer               what a synchronous call was refused with the first time
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from giftline.doors.answers import OUR_SIDE, Reply
from giftline.errors import (
    Forbidden,
    GiftlineError,
    InsufficientFunds,
    InvalidRequest,
    NotFound,
    OverLimit,
    Refused,
    StaleWrite,
    TooLarge,
    Unauthenticated,
)

LONGEST_SHOWN: Final = 255
"""Characters of what a caller sent that an answer repeats."""
NO_STORE: Final = {"Cache-Control": "no-store"}


class WalleoRefused(Refused):
    """One documented error: its HTTP status, its code, its message."""

    status: int = 422
    code: str = "unprocessable_entity"
    is_final: ClassVar[bool] = False
    """Whether a synchronous call of the same id is refused so for good."""


class Unauthorized(WalleoRefused):
    status, code = 401, "unauthorized"

    def __init__(self) -> None:
        super().__init__("Not authorized")


class InvalidSignature(WalleoRefused):
    status, code = 401, "invalid_signature"

    def __init__(self) -> None:
        super().__init__("Your request does not match your signature")


class BadRequest(WalleoRefused):
    status, code = 400, "bad_request"


class GiftCardNotFound(WalleoRefused):
    status, code, is_final = 404, "gift_card_not_found", True

    def __init__(self, gift_card_code: str) -> None:
        shown = gift_card_code[:LONGEST_SHOWN].encode(errors="replace").decode()  # the table keeps it: see FirstAnswer
        super().__init__(f"Gift card not found with code '{shown}'")


class PullRequestNotFound(WalleoRefused):
    status, code = 404, "pull_request_not_found"

    def __init__(self, request_id: str) -> None:
        super().__init__(f"Pull request not found with request_id: {request_id[:LONGEST_SHOWN]}")


class CardNotFound(WalleoRefused):
    status, code = 404, "card_not_found"

    def __init__(self, card_id: str) -> None:
        super().__init__(f"Card not found with id '{card_id[:LONGEST_SHOWN]}'")


class NotEnoughFunds(WalleoRefused):
    code, is_final = "not_enough_funds", True

    def __init__(self) -> None:
        super().__init__("Your balance account is not high enough")


class OutOfStock(WalleoRefused):
    code, is_final = "out_of_stock", True

    def __init__(self, gift_card_code: str) -> None:
        super().__init__(f"Out of stock gift card '{gift_card_code}'")


class InvalidAmount(WalleoRefused):
    """`values` in the document's words: "one of 15, 30 or 100", "within range from 20 to 500 with steps of 10"."""

    code, is_final = "invalid_amount", True

    def __init__(self, values: str) -> None:
        super().__init__(f"Amount must be {values}.")


class RequestIdUsed(WalleoRefused):
    def __init__(self) -> None:
        super().__init__("Request id is already used")


class RequestIdInvalid(WalleoRefused):
    """A `request_id` that no GET could name in its path."""


class PullFailed(WalleoRefused):
    def __init__(self) -> None:
        super().__init__("The card could not be pulled")


class FirstAnswer(WalleoRefused):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


STATUS_WORDS: Final[Mapping[int, str]] = {
    202: "accepted",
    400: "bad_request",
    401: "unauthorized",
    404: "not_found",
    413: "payload_too_large",
    422: "unprocessable_entity",
    500: "internal_server_error",
    503: "service_unavailable",
}
"""The body repeats its HTTP status as a word."""

STATUS_OF: Final[Mapping[type[GiftlineError], tuple[int, str]]] = {
    TooLarge: (413, "payload_too_large"),
    NotFound: (404, "not_found"),
    InvalidRequest: (422, "unprocessable_entity"),
    Refused: (422, "unprocessable_entity"),
    StaleWrite: (503, "service_unavailable"),
    GiftlineError: (500, "internal_server_error"),
}
"""Of errors that the document does not know; a subclass answers as the nearest type that stands here."""


def error_reply(error: GiftlineError) -> Reply:
    """Any error in the document's shape."""
    known = as_documented(error)
    if isinstance(known, WalleoRefused):
        return Reply(known.status, error_body(known.status, known.code, str(known)), NO_STORE)
    status, code = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    message = OUR_SIDE if status == 500 else str(error)[:2_000]
    headers = NO_STORE | ({"Retry-After": "1"} if status == 503 else {})
    return Reply(status, error_body(status, code, message), headers)


def as_documented(error: GiftlineError) -> GiftlineError:
    """An error of ours as the document's own, where it has one.

    A token that lacks an ability is not authorized: the document knows no 403. What is over a limit is told as
    too little money: any other word would leave a client in doubt whether it was sold.
    """
    if isinstance(error, Unauthenticated | Forbidden):
        return Unauthorized()
    return NotEnoughFunds() if isinstance(error, InsufficientFunds | OverLimit) else error


def error_body(status: int, code: str, message: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": message}], "status": STATUS_WORDS[status]}
