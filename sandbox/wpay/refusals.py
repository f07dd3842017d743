"""The answers that refuse, with the codes of docs/protocols.md; codes marked ours are not documented.

Refused
├── InvalidRequest    400  5000 ours, 5036, 5318, 11159: the client broke the contract
├── DuplicateRefno    400  5313
├── OverBalance       400  5038
├── NotAvailable      400  5320 a sku that cannot be sold
├── OrderNotAvailable 404  5320
├── CardsNotReady     409  409 ours
├── OrderGone         410  410 ours
└── NotReversible     400  5000 ours
"""

from typing import ClassVar

INVALID = 5000
AMOUNT_MISMATCH = 5036
DENOMINATION = 5318
QUANTITY = 11159


class Refused(Exception):
    status: ClassVar[int] = 400
    code: int = INVALID

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = type(self).code if code is None else code


class InvalidRequest(Refused):
    pass


class DuplicateRefno(Refused):
    code = 5313


class OverBalance(Refused):
    code = 5038


class NotAvailable(Refused):
    code = 5320


class OrderNotAvailable(Refused):
    status = 404
    code = 5320

    def __init__(self) -> None:
        super().__init__("Order not available")


class CardsNotReady(Refused):
    status = 409
    code = 409


class OrderGone(Refused):
    status = 410
    code = 410


class NotReversible(Refused):
    pass
