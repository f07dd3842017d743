"""What can go wrong, by type; each message is written for the person who reads it.

GiftlineError
├── Refused            the caller's request cannot be served as it is
│   ├── InvalidRequest     some fields are wrong: every one is named (400)
│   ├── TooLarge           the body is over the limit (413)
│   ├── Unauthenticated    no token, or an unknown one (401)
│   ├── Forbidden          the token lacks an ability (403)
│   ├── NotFound           nothing of that name belongs to this tenant (404)
│   ├── RefnoConflict      the refno names an order with other content (400)
│   ├── InsufficientFunds  less is available than the order needs (400)
│   ├── OverLimit          the order is over a limit of its tenant (400)
│   ├── ReferenceConflict  the reference names another deposit or withdrawal (400)
│   ├── NotReady           the order is still under way (409)
│   ├── Cancelled          the order was cancelled (410)
│   └── CardsRemoved       the order's cards were removed, as the tenant's time for them was over (410)
├── Unanswered         the supplier gave no clear answer: the same call again settles it
├── StaleWrite         somebody else wrote first: read again, decide again
├── Unwritable         the table never takes what was to be written, as it is too large
├── BrokenSeal         a stored page does not open under its key and place
├── Unbalanced         an entry would take from an account what is not there
└── Misconfigured      a setting is missing or wrong
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from giftline.money import Money


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong field: where it is, what it holds, what is expected."""

    field: str
    problem: str
    expected: str
    code: str = ""

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}; expected {self.expected}"


class GiftlineError(Exception):
    """The root of everything Giftline raises on purpose."""


class Refused(GiftlineError):
    """The caller must change something before this can be served."""


class InvalidRequest(Refused):
    """Fields are wrong; `problems` names every one of them."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class RefnoConflict(InvalidRequest):
    """The refno already names an order with other content; `problems` is the difference."""


AMOUNT_FIELD = "payments.0.amount"
"""Where the Wpay document says what an order costs."""
OVER_LIMIT = "5038"
"""The Wpay document's code for what is over a limit, be it the funds or one that was set."""


class InsufficientFunds(InvalidRequest):
    """Less is available than is needed; nothing was reserved or moved."""

    def __init__(self, available: Money, needed: Money) -> None:
        code = needed.currency.code
        problem = f"{needed} {code} needed, {available} {code} available"
        most = Money(max(0, available.minor), available.currency)
        super().__init__([FieldProblem(AMOUNT_FIELD, problem, f"at most {most} {code}", OVER_LIMIT)])
        self.available = available
        self.needed = needed


class OverLimit(InvalidRequest):
    """An operator's limit on one order, or on a day's; nothing was reserved."""

    def __init__(self, what: str, needed: Money, limit: Money, left: Money) -> None:
        code = needed.currency.code
        problem = f"{needed} {code} needed, and the limit of {what} is {limit} {code}"
        super().__init__([FieldProblem(AMOUNT_FIELD, problem, f"at most {left} {code}", OVER_LIMIT)])
        self.needed = needed
        self.limit = limit
        self.left = left


class ReferenceConflict(InvalidRequest):
    """The reference already names another deposit or withdrawal."""


class TooLarge(Refused):
    """The body is larger than the door takes."""


class Unauthenticated(Refused):
    """No token came, or one that nobody holds."""


class Forbidden(Refused):
    """The token is good, but not for this."""

    def __init__(self, ability: str) -> None:
        super().__init__(f"this token lacks the ability '{ability}'")
        self.ability = ability


class NotFound(Refused):
    """Nothing of that name belongs to this tenant."""


class NotReady(Refused):
    """The order is still under way."""


class Cancelled(Refused):
    """The order was cancelled: it has no cards."""


class CardsRemoved(Refused):
    """The time for which the tenant's cards are kept is over: nobody can read them any more."""


class Unanswered(GiftlineError):
    """The supplier gave no clear answer; the same call, made again, finds out what became of it."""


class StaleWrite(GiftlineError):
    """A conditional write lost: the truth has moved since it was read."""


class Unwritable(GiftlineError):
    """What was to be written breaks a bound of the table: to try it again changes nothing."""


class Unbalanced(GiftlineError):
    """The orders and the ledger disagree: nothing is written, and somebody must look."""


class BrokenSeal(GiftlineError):
    """A sealed page was changed, or does not belong where it lies."""


class Misconfigured(GiftlineError):
    """A setting is missing or wrong; the message names it."""
