"""What retention needs of the world beside the orders themselves; storage and fakes implement these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from giftline.orders.model import Millis, Order, PageRef


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """A tenant's cards go `days` after an order was closed; None: they are kept until somebody says otherwise."""

    tenant: str
    days: int | None
    set_at: Millis = 0
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """The record that an order's cards were removed: by whose rule, when, and how many. No card is told by it.

    `files` lie in the results bucket, `dropped` in the drop bucket; the counts stand there once it is finished.
    """

    order_id: str
    tenant: str
    days: int
    rule_set_by: str
    retained_until: Millis
    begun_at: Millis
    files: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    finished_at: Millis | None = None
    pages: int = 0
    cards: int = 0


@dataclass(frozen=True, slots=True)
class CardRecord:
    """What the books keep of a card whose secrets are gone. Its index is its place in its page, as it always was."""

    sku: str
    amount_minor: int
    supplier_card_id: str = ""
    flaw: str = ""


class RetentionRules(Protocol):
    def save(self, rule: RetentionRule) -> None: ...

    def all(self) -> list[RetentionRule]:
        """Those that were ever set, with and without days."""
        ...


class KeptOrders(Protocol):
    """The orders that came to their end and still hold their cards, and the way out of that."""

    def kept(self, tenant: str, closed_before: Millis, limit: int) -> list[str]:
        """Ids of those that were closed until then, the longest closed first."""
        ...

    def begin(self, order: Order, removal: Removal) -> Order:
        """The order as one whose cards nobody reads, and the record, in one transaction. StaleWrite where it moved."""
        ...

    def finish(self, order: Order, removal: Removal) -> None:
        """The order as one that nobody looks after, and the whole record, in one transaction."""
        ...

    def removal(self, order_id: str) -> Removal | None: ...

    def sealed_pages(self, order_id: str) -> list[PageRef]:
        """Those that still hold sealed cards."""
        ...

    def strip(self, ref: PageRef, records: Sequence[CardRecord]) -> None:
        """Write the page again with its digests and these records, and no secret. What was stripped before stays."""
        ...

    def records(self, ref: PageRef) -> tuple[CardRecord, ...]:
        """Of a page that was stripped, in the order of its cards; none where it could not be opened any more."""
        ...


class FileVersions(Protocol):
    """Files of which older versions are kept."""

    def erase(self, key: str) -> None:
        """Every version of the file, and every mark of an earlier deletion; none is fine."""
        ...
