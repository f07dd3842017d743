"""The nouns of an order: what is asked for, and what came."""

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

    @property
    def has_cards(self) -> bool:
        """Of an order that has ended."""
        return self in (OrderStatus.COMPLETE, OrderStatus.PARTIAL)


class Watch(StrEnum):
    """Who looks after an order next: the keys of the index by due time."""

    OPEN = "OPEN"  # the sweep starts it again when it is due
    REVIEW = "REVIEW"  # a person; and the sweep asks the supplier whether anything turned up
    CLOSED = "CLOSED"  # what was not bought is asked about for some days
    REMOVING = "REMOVING"  # its cards' time is over: what is left of them goes


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` cards of one sku, each of `amount`; `code` is what the supplier calls the sku."""

    sku: str
    amount: Money
    quantity: int
    code: str = ""

    @property
    def supplier_code(self) -> str:
        return self.code or self.sku

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
    webhook_url: str = field(default="", repr=False)
    at_once: bool = False

    @property
    def currency(self) -> Currency:
        return self.lines[0].amount.currency


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did about a lot or an order in REVIEW, and why."""

    at: Millis
    who: str
    act: str
    why: str
    found: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One tenant's order. `wrapped_key` is its data key, encrypted under the KMS key; of its
    `executions` those that were `forgiven` lie before it was last opened again; `closed_as` is
    how its lots stood when it was closed, `delivered_pages` the pages handed
    over so far in their order, `watched_since` when the days of watching began. Its end is told
    to `webhook_url`, where there is one. The ledger has taken `reserved_minor` of the tenant's money for it
    (0: it was accepted where there was no ledger), captured and given back the other two of that. From
    `cards_removed_at` on nobody can read its cards. `at_once`: its client waits for it. From
    `cancel_asked_at` on nothing more is bought for it.
    """

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
    forgiven_executions: int = 0
    recipients_key: str = ""
    wrapped_key: bytes = field(default=b"", repr=False)
    lot_count: int = 0
    closed_at: Millis | None = None
    closed_as: str = ""
    delivered_pages: str = ""
    watched_since: Millis | None = None
    delivered_cards: int = 0
    delivered_minor: int = 0
    surplus_accepted: bool = False
    acts: tuple[Act, ...] = ()
    webhook_url: str = field(default="", repr=False)
    reserved_minor: int = 0
    captured_minor: int = 0
    released_minor: int = 0
    cards_removed_at: Millis | None = None
    at_once: bool = False
    cancel_asked_at: Millis | None = None

    @property
    def is_called_off(self) -> bool:
        """Its client wants nothing of it any more: what is not bought yet is never bought."""
        return self.cancel_asked_at is not None

    @property
    def held_minor(self) -> int:
        """Of what the ledger has under this order, what is neither captured nor given back."""
        return self.reserved_minor - self.captured_minor - self.released_minor

    @property
    def watch(self) -> Watch | None:
        """None: nobody has to look after it any more."""
        if self.cards_removed_at is not None:
            return Watch.REMOVING if self.due_at is not None else None
        if self.status.is_open:
            return Watch.OPEN
        if self.status is OrderStatus.REVIEW:
            return Watch.REVIEW
        return Watch.CLOSED if self.due_at is not None else None

    @property
    def keeps_cards(self) -> bool:
        """It came to its end, nobody looks after it, and what it holds is still there: retention's business."""
        is_at_rest = self.closed_at is not None and self.watch is None
        return is_at_rest and self.cards_removed_at is None

    @property
    def currency(self) -> Currency:
        return self.lines[0].amount.currency

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
