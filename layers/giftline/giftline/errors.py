"""What can go wrong, by type; each message is written for the person who reads it.

GiftlineError
├── Refused            the caller's request cannot be served as it is
│   ├── InvalidRequest     some fields are wrong: every one is named (400)
│   ├── TooLarge           the body is over the limit (413)
│   ├── Unauthenticated    no token, or an unknown one (401)
│   ├── Forbidden          the token lacks an ability (403)
│   ├── NotFound           nothing of that name belongs to this tenant (404)
│   ├── RefnoConflict      the refno names an order with other content (400)
│   ├── NotReady           the order is still under way (409)
│   └── Cancelled          the order was cancelled (410)
├── StaleWrite         somebody else wrote first: read again, decide again
├── Unwritable         the table never takes what was to be written, as it is too large
├── BrokenSeal         a stored page does not open under its key and place
└── Misconfigured      a setting is missing or wrong
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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


class StaleWrite(GiftlineError):
    """A conditional write lost: the truth has moved since it was read."""


class Unwritable(GiftlineError):
    """What was to be written breaks a bound of the table: to try it again changes nothing."""


class BrokenSeal(GiftlineError):
    """A sealed page was changed, or does not belong where it lies."""


class Misconfigured(GiftlineError):
    """A setting is missing or wrong; the message names it."""
