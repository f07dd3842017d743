"""The nouns of an order: what is asked for, what is bought under one reference, what came."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from giftline.money import Currency, Money
from giftline.secret import Secret

Millis = int
"""Milliseconds since 1970 (a point in time) or a number of them (a duration)."""

MAX_REFNO: Final = 55
REFNO_EXPECTED: Final = f"1 to {MAX_REFNO} letters, digits and . _ : @ + = -"
MAX_DISTINCT_LINES: Final = 1_000
MAX_ORDER_CARDS: Final = 100_000


class OrderStatus(StrEnum):
    """The Wpay document's words, and ours where one of them would lie."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETE = "COMPLETE"
    CANCELED = "CANCELED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    REVIEW = "REVIEW"

    @property
    def is_open(self) -> bool:
        return self in (OrderStatus.PENDING, OrderStatus.PROCESSING)


class LotState(StrEnum):
    """Where a lot stands in the purchase protocol (docs/protocols.md, Buying exactly once)."""

    NEW = "NEW"  # its reference is stored, nothing was ever sent
    POSTING = "POSTING"  # a POST went out or may have: only the supplier knows
    ABSENT = "ABSENT"  # looked up after settling: the supplier does not know the reference
    PLACED = "PLACED"  # bought: the supplier has it
    READY = "READY"  # the supplier says the cards can be fetched
    COLLECTED = "COLLECTED"  # every card is in the vault
    FAILED = "FAILED"  # proven: nothing was, and nothing will be, bought
    REVIEW = "REVIEW"  # a person must look

    @property
    def is_closed(self) -> bool:
        return self in (LotState.COLLECTED, LotState.FAILED, LotState.REVIEW)

    def may_become(self, later: LotState) -> bool:
        return later in _TRANSITIONS[self]


_TRANSITIONS: Final = {
    LotState.NEW: {LotState.POSTING, LotState.REVIEW},
    LotState.POSTING: {
        LotState.PLACED,
        LotState.READY,
        LotState.ABSENT,
        LotState.FAILED,
        LotState.REVIEW,
    },
    LotState.ABSENT: {LotState.POSTING, LotState.REVIEW},
    LotState.PLACED: {LotState.READY, LotState.FAILED, LotState.REVIEW},
    LotState.READY: {LotState.PLACED, LotState.COLLECTED, LotState.FAILED, LotState.REVIEW},
    LotState.COLLECTED: set[LotState](),
    LotState.FAILED: set[LotState](),
    LotState.REVIEW: set[LotState](),
}


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` cards of one sku, each of `amount`."""

    sku: str
    amount: Money
    quantity: int

    @property
    def total(self) -> Money:
        return self.amount * self.quantity


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who one row's cards are for; goes beside the cards into the export, nowhere else."""

    sku: str
    amount_minor: int
    quantity: int
    name: str = ""
    email: str = ""
    mobile: str = ""
    message: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a door understood, not yet an order. `recipients` may be empty."""

    tenant: str
    refno: str
    lines: tuple[Line, ...]
    source: str
    recipients: tuple[Recipient, ...] = ()

    @property
    def currency(self) -> Currency:
        return self.lines[0].amount.currency


@dataclass(frozen=True, slots=True)
class Order:
    """One tenant's order. `wrapped_key` is its data key, encrypted under the KMS key."""

    id: str
    tenant: str
    refno: str
    lines: tuple[Line, ...]
    fingerprint: str
    source: str
    created_at: Millis
    status: OrderStatus = OrderStatus.PENDING
    version: int = 0
    due_at: Millis | None = None
    executions: int = 0
    recipients_key: str = ""
    wrapped_key: bytes = field(default=b"", repr=False)
    lot_count: int = 0
    closed_at: Millis | None = None
    delivered_cards: int = 0
    delivered_minor: int = 0

    @property
    def currency(self) -> Currency:
        return self.lines[0].amount.currency

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> Money:
        return total_of(self.lines)


@dataclass(frozen=True, slots=True)
class Lot:
    """The part of an order that one supplier is asked for, under one reference.

    `nonce` tells whose intent the last one was; `posting_at` when it was written;
    `ask_at` the earliest time at which the supplier may be asked again; `taken` that the supplier
    once said it knows the reference, whatever a look-up says; `next_offset` where the reading
    of its pages goes on; `withheld` that its cards are kept and not handed over.
    """

    order_id: str
    number: int
    supplier: str
    reference: str
    lines: tuple[Line, ...]
    state: LotState = LotState.NEW
    version: int = 0
    posts: int = 0
    nonce: str = ""
    posting_at: Millis | None = None
    first_posted_at: Millis | None = None
    placed_at: Millis | None = None
    ready_at: Millis | None = None
    ask_at: Millis = 0
    failed_asks: int = 0
    polls: int = 0
    taken: bool = False
    supplier_order_id: str = ""
    supplier_status: str = ""
    received_cards: int = 0
    fetch_rounds: int = 0
    next_offset: int = 0
    withheld: bool = False
    reason: str = ""

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> Money:
        return total_of(self.lines)


NO_SECRET: Final = Secret("")


@dataclass(frozen=True, slots=True)
class Card:
    """One gift card. Number, PIN, barcode and activation data are as good as cash.

    `flaw` says why it is quarantined: it is kept sealed, and never delivered.
    """

    sku: str
    amount_minor: int
    number: Secret
    pin: Secret
    barcode: Secret = NO_SECRET
    activation_code: Secret = NO_SECRET
    activation_url: Secret = NO_SECRET
    validity: str = ""
    issued: str = ""
    supplier_card_id: str = ""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class PageRef:
    """A sealed page without its cards: where it lies, and the keyed hashes of its sound cards.

    `digests` tell cards apart without opening the seal; those of the flawed cards stand apart,
    so that such a card is kept once and never counted.
    """

    order_id: str
    lot: int
    offset: int
    version: int
    digests: tuple[bytes, ...]
    flawed_digests: tuple[bytes, ...] = ()

    @property
    def flawed(self) -> int:
        return len(self.flawed_digests)


@dataclass(frozen=True, slots=True)
class Page:
    """Cards as one answer of a supplier brought them, sealed together: the unit of storage."""

    ref: PageRef
    sealed: bytes = field(repr=False)


def total_of(lines: tuple[Line, ...]) -> Money:
    """What the lines cost together; they share one currency (docs/protocols.md, Wpay)."""
    total = lines[0].total
    for line in lines[1:]:
        total = total + line.total
    return total


def is_refno(refno: object) -> bool:
    """The documents say unique and at most 55; ours: characters safe in paths and names."""
    return (
        isinstance(refno, str)
        and 0 < len(refno) <= MAX_REFNO
        and refno.isascii()
        and all(c.isalnum() or c in "._:@+=-" for c in refno)
    )
