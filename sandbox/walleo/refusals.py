"""The answers that refuse, with the codes of the document; those marked ours are not documented.

Refused
├── Unauthorized        401  unauthorized
├── InvalidSignature    401  invalid_signature
│   └── StaleTimestamp
├── BadRequest          400  bad_request ours: no JSON object, or no X-RequestId that can be
├── RequestIdUsed       422  unprocessable_entity
├── RequestIdInvalid    422  unprocessable_entity ours
├── InvalidAmount       422  invalid_amount
├── OutOfStock          422  out_of_stock
├── NotEnoughFunds      422  not_enough_funds
├── PullFailed          422  unprocessable_entity ours: a synchronous card that could not be pulled
├── ComeBackLater       202  come_back_later: a synchronous card that is still being pulled; the code is ours
├── GiftCardNotFound    404  gift_card_not_found
├── PullRequestNotFound 404  pull_request_not_found
├── CardNotFound        404  card_not_found
└── FirstAnswer              what a synchronous call was refused with before
"""

from http import HTTPStatus
from typing import ClassVar

from sandbox.walleo.catalogue import FixedValues, FreeValues


class Refused(Exception):
    """`breach` names what it is held against the client as; None where it may happen to anybody."""

    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    code: str = "unprocessable_entity"
    breach: ClassVar[str | None] = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unauthorized(Refused):
    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"
    breach = "wrong_key"

    def __init__(self) -> None:
        super().__init__("Not authorized")


class InvalidSignature(Refused):
    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_signature"
    breach = "invalid_signature"

    def __init__(self) -> None:
        super().__init__("Your request does not match your signature")


class StaleTimestamp(InvalidSignature):
    breach = "stale_timestamp"


class BadRequest(Refused):
    status = HTTPStatus.BAD_REQUEST
    code = "bad_request"
    breach = "invalid_request"


class RequestIdUsed(Refused):
    def __init__(self) -> None:
        super().__init__("Request id is already used")


class RequestIdInvalid(Refused):
    breach = "invalid_request"


class InvalidAmount(Refused):
    code = "invalid_amount"

    def __init__(self, facial_values: FreeValues | FixedValues) -> None:
        super().__init__(f"Amount must be {facial_values}.")


class OutOfStock(Refused):
    code = "out_of_stock"

    def __init__(self, gift_card_code: str) -> None:
        super().__init__(f"Out of stock gift card '{gift_card_code}'")


class NotEnoughFunds(Refused):
    code = "not_enough_funds"

    def __init__(self) -> None:
        super().__init__("Your balance account is not high enough")


class PullFailed(Refused):
    def __init__(self) -> None:
        super().__init__("The card could not be pulled")


class ComeBackLater(Refused):
    """Not an error of anybody, so neither a 4xx, which would read as a refusal for good."""

    status = HTTPStatus.ACCEPTED
    code = "come_back_later"

    def __init__(self) -> None:
        super().__init__("come back later")


class GiftCardNotFound(Refused):
    status = HTTPStatus.NOT_FOUND
    code = "gift_card_not_found"

    def __init__(self, gift_card_code: object) -> None:
        super().__init__(f"Gift card not found with code '{gift_card_code}'")


class PullRequestNotFound(Refused):
    status = HTTPStatus.NOT_FOUND
    code = "pull_request_not_found"

    def __init__(self, request_id: str) -> None:
        super().__init__(f"Pull request not found with request_id: {request_id}")


class CardNotFound(Refused):
    status = HTTPStatus.NOT_FOUND
    code = "card_not_found"

    def __init__(self, card_id: str) -> None:
        super().__init__(f"Card not found with id '{card_id}'")


class FirstAnswer(Refused):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = HTTPStatus(status)
        self.code = code
