"""What every supplier adapter offers: answers as values, outcomes that say what is proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from giftline.orders.model import Card, Line, Millis


class Outcome(StrEnum):
    """What a supplier's answer to a POST proves. Whatever is not listed is UNKNOWN."""

    COMMITTED = "COMMITTED"
    NOT_COMMITTED = "NOT_COMMITTED"
    UNKNOWN = "UNKNOWN"


class Uniqueness(StrEnum):
    """Whether the supplier itself refuses a second order under one reference."""

    ENFORCED = "ENFORCED"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Placed:
    """What came of one POST. `detail` is a code of ours or theirs, never their text.

    `taken`: the supplier says that it knows the reference, so an earlier POST got through.
    `retry_after`: seconds for which the supplier wants no request at all (429, 503).
    `ready`: the cards can be fetched already.
    """

    outcome: Outcome
    supplier_order_id: str = ""
    detail: str = ""
    taken: bool = False
    retry_after: float | None = None
    ready: bool = False


class Reversed(StrEnum):
    """What a supplier says when it is asked to take an order back."""

    REVERSED = "REVERSED"
    REFUSED = "REFUSED"  # documented: it stays sold
    UNKNOWN = "UNKNOWN"


class Found(StrEnum):
    """What a look-up of a reference tells."""

    ABSENT = "ABSENT"
    DIFFERENT = "DIFFERENT"  # the reference is taken by something that is not ours
    UNDER_WAY = "UNDER_WAY"
    READY = "READY"
    CANCELLED = "CANCELLED"  # the reference is dead: nothing is bought under it any more
    UNREADABLE = "UNREADABLE"  # no answer, or none that proves anything


@dataclass(frozen=True, slots=True)
class Status:
    """`word` is the supplier's own status word, kept for the log and the operator."""

    found: Found
    supplier_order_id: str = ""
    word: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one look-up of a single card told: its status, and the card once it is READY."""

    status: Status
    card: Card | None = field(default=None, repr=False)


class Fetched(StrEnum):
    CARDS = "CARDS"
    NOT_YET = "NOT_YET"
    CANCELLED = "CANCELLED"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class CardsPage:
    """One answer of the cards call. Cards that break a rule carry their flaw.

    `currency` is the ISO 4217 number that the answer names, empty where it names none.
    """

    fetched: Fetched
    cards: tuple[Card, ...] = field(default=(), repr=False)
    currency: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the supplier's documents fix; durations in ms, as they stand in the documents."""

    uniqueness: Uniqueness
    max_cards: int
    page_size: int
    """Cards in one answer; 1 where each card has a reference of its own."""
    lookup_after: Millis
    """How long after a POST without a clear answer the reference is looked up."""
    settle: Millis
    """Longest flight of a POST plus the lag of the look-up: absence before is no proof."""
    retry_lookup: Millis
    """Between look-ups that bring no answer."""
    first_poll: Millis | None = None
    """From the POST to the first look-up, where that is not the poll interval."""
    posts: int = 4
    """Of one reference, each after settling; then a person is asked."""
    attempts: int = 1
    """References tried for one purchase, each after the supplier itself called the last one dead."""
    at_once: int = 0
    """Cards of one order that it sells while the caller waits (AtOnceSupplier); 0: it has no such call."""
    reverses: bool = False
    """Whether it takes a whole order back (ReversingSupplier)."""

    @property
    def is_single(self) -> bool:
        """Each card is an order of its own at this supplier."""
        return self.page_size == 1


class Asked(Protocol):
    """What placing and looking up need: the same for an order of many cards and for a single one."""

    terms: Terms

    def poll_interval(self, quantity: int) -> Millis:
        """The documented time between status calls for a lot of that size."""
        ...

    def prepare(self) -> None:
        """Fetch whatever a POST needs, so that nothing slow stands between intent and send."""
        ...

    def place(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        """One POST: no retry, no redirect, one overall deadline. Never raises for an answer."""
        ...

    def look_up(self, reference: str) -> Status: ...


class Supplier(Asked, Protocol):
    """One that sells many cards under one reference."""

    def fetch(self, supplier_order_id: str, offset: int, limit: int, needs_pin: Mapping[str, bool]) -> CardsPage:
        """One page of cards; `needs_pin` tells by sku whether a card must have a PIN."""
        ...


class AtOnceSupplier(Supplier, Protocol):
    """One that sells a few cards while the caller waits."""

    def place_at_once(self, reference: str, lines: tuple[Line, ...]) -> Placed:
        """As `place`, for at most `terms.at_once` cards."""
        ...


class ReversingSupplier(Supplier, Protocol):
    """One that takes back what it sold."""

    def reverse(self, reference: str) -> Reversed:
        """One POST, no retry. Asked again about what it took back, it says so again."""
        ...


class PullSupplier(Asked, Protocol):
    """One that sells single cards, each under a reference of its own."""

    def pull(self, reference: str, line: Line, *, needs_pin: bool) -> Pulled:
        """Look one reference up, and take its card where it is ready."""
        ...
