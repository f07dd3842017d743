"""A lot: the part of an order that one supplier is asked for, and where its buying stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from giftline.money import Money
from giftline.orders.model import Act, Line, Millis, total_of


class LotState(StrEnum):
    """Where a purchase stands in the protocol (docs/protocols.md, Buying exactly once)."""

    NEW = "NEW"  # its reference is stored, nothing was ever sent under it
    POSTING = "POSTING"  # a POST went out or may have: only the supplier knows
    ABSENT = "ABSENT"  # looked up after settling: the supplier does not know the reference
    PLACED = "PLACED"  # bought: the supplier has it
    READY = "READY"  # the supplier says the cards can be fetched
    COLLECTED = "COLLECTED"  # every card is in the vault
    PARTIAL = "PARTIAL"  # some cards are in the vault, the rest is proven not bought
    FAILED = "FAILED"  # proven: nothing was, and nothing will be, bought
    REVIEW = "REVIEW"  # a person must look

    @property
    def is_closed(self) -> bool:
        return self in _CLOSED

    @property
    def is_in_doubt(self) -> bool:
        """Nobody knows yet what becomes of it, or only a person can say."""
        return self is LotState.REVIEW or not self.is_closed

    def may_become(self, later: LotState) -> bool:
        return later in _TRANSITIONS[self]


WATCHED: Final = frozenset((LotState.REVIEW, LotState.FAILED, LotState.PARTIAL))
"""The closed lots about which the supplier is asked for some days more."""
_CLOSED: Final = frozenset((LotState.COLLECTED, LotState.PARTIAL, LotState.FAILED, LotState.REVIEW))
_REOPENED: Final = {LotState.NEW, LotState.POSTING, LotState.ABSENT, LotState.PLACED, LotState.READY}
_TRANSITIONS: Final = {
    LotState.NEW: {LotState.POSTING, LotState.REVIEW},
    LotState.POSTING: {
        LotState.NEW,  # its worker knows that it did not send, or a dead reference is followed by a new one
        LotState.PLACED,
        LotState.READY,
        LotState.ABSENT,
        LotState.FAILED,
        LotState.REVIEW,
    },
    LotState.ABSENT: {LotState.POSTING, LotState.REVIEW},
    LotState.PLACED: {LotState.NEW, LotState.READY, LotState.COLLECTED, LotState.FAILED, LotState.REVIEW},
    LotState.READY: {LotState.PLACED, LotState.COLLECTED, LotState.FAILED, LotState.REVIEW},
    LotState.COLLECTED: {LotState.REVIEW},  # while its supplier is asked to take it back
    # what turns up after all is adopted; a person's act may reopen
    LotState.PARTIAL: _REOPENED | {LotState.REVIEW},
    LotState.FAILED: _REOPENED | {LotState.REVIEW},
    LotState.REVIEW: _REOPENED | {LotState.COLLECTED, LotState.PARTIAL, LotState.FAILED},
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One card still to be bought, where it is an order of its own at the supplier.

    The fields that it shares with Lot mean the same: one set of rules serves both.
    """

    state: LotState = LotState.NEW
    attempt: int = 1
    posts: int = 0
    forgiven_posts: int = 0
    posting_at: Millis | None = None
    waiting_since: Millis | None = None
    ask_at: Millis = 0
    asks: int = 0
    failed_asks: int = 0
    fetch_rounds: int = 0
    taken: bool = False
    refusal: str = ""
    was: LotState | None = None
    reason: str = ""

    @property
    def quantity(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class Lot:
    """The part of an order that one supplier is asked for, under one reference, or under one a
    slot where the supplier sells single cards.

    `nonce` tells whose intent the last one was; `posting_at` when it was written; `posts` how often
    it was sent, `forgiven_posts` those before a person said "again"; `refusal` a refusal that is not
    yet confirmed; `waiting_since` from when patience counts, `asks` the look-ups since; `ask_at` the
    earliest time at which the supplier may be asked again; `taken` that the supplier once said it
    knows the reference, whatever a look-up says; `next_offset` where the reading of its pages goes on;
    `withheld` that its cards are kept and not handed over; `instead_of` the lot whose refused part
    it takes over; `was` where it stood before REVIEW; `reversing` that its supplier was asked to take it back.
    """

    order_id: str
    number: int
    supplier: str
    reference: str
    lines: tuple[Line, ...]
    slots: tuple[Slot, ...] = ()
    state: LotState = LotState.NEW
    version: int = 0
    instead_of: int = 0
    attempt: int = 1
    posts: int = 0
    forgiven_posts: int = 0
    nonce: str = ""
    posting_at: Millis | None = None
    first_posted_at: Millis | None = None
    waiting_since: Millis | None = None
    placed_at: Millis | None = None
    ready_at: Millis | None = None
    ask_at: Millis = 0
    asks: int = 0
    failed_asks: int = 0
    polls: int = 0
    taken: bool = False
    refusal: str = ""
    supplier_order_id: str = ""
    supplier_status: str = ""
    received_cards: int = 0
    fetch_rounds: int = 0
    next_offset: int = 0
    withheld: bool = False
    was: LotState | None = None
    reason: str = ""
    acts: tuple[Act, ...] = ()
    reversing: bool = False

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> Money:
        return total_of(self.lines)


def states_of(lots: Iterable[Lot]) -> str:
    """How an order's lots stand, in their order."""
    return ",".join(lot.state for lot in lots)


Quantities = Counter[tuple[str, int]]
"""Cards by sku and amount (minor units)."""


def quantities(lines: tuple[Line, ...]) -> Quantities:
    counted: Quantities = Counter()
    for line in lines:
        counted[line.sku, line.amount.minor] += line.quantity
    return counted
