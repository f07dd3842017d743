"""What the use cases need of the world; storage and fakes implement these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from giftline.orders.lot import Lot
from giftline.orders.model import Millis, Order, Page, PageRef, Recipient, Watch

if TYPE_CHECKING:
    from giftline.accounts.ledger import Step
    from giftline.delivery.events import WebhookEvent
    from giftline.suppliers.port import PullSupplier, Supplier

T = TypeVar("T")


class Clock(Protocol):
    """The only source of time. `elapsed` runs on while the wall clock may be set."""

    def now(self) -> Millis: ...

    def elapsed(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """To keep to a rate within one task; never to wait for a supplier's work."""
        ...


class Orders(Protocol):
    """The truth. Every change is conditional on the version read; a lost race is StaleWrite."""

    def add(self, order: Order) -> Order:
        """Record a new order, its refno, and what the ledger reserves for it (`reserved_minor`) together; the
        order that holds the refno wins. InsufficientFunds, OverLimit: nothing is recorded.
        """
        ...

    def get(self, order_id: str) -> Order: ...

    def find(self, tenant: str, refno: str) -> Order | None: ...

    def save(self, order: Order) -> Order:
        """Write `order` over the version it was read at; returns it with its new version."""
        ...

    def close(self, order: Order, event: WebhookEvent | None = None, steps: Sequence[Step] = ()) -> Order:
        """`save`, the event that tells of it, and what the ledger is told, in one transaction: none without
        the others.
        """
        ...

    def plan(self, order: Order, lots: Sequence[Lot]) -> Order:
        """Write the order and all its lots in one transaction."""
        ...

    def lot(self, order_id: str, number: int) -> Lot: ...

    def lots(self, order_id: str) -> list[Lot]: ...

    def save_lot(self, lot: Lot) -> Lot: ...

    def due(self, before: Millis, limit: int, watch: Watch = Watch.OPEN) -> list[str]:
        """Ids of orders under that watch whose `due_at` has passed, the longest due first."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave for `count` requests, the first at `start`, each `gap` ms after the one before.

    A count of 0: nothing is free in time, come again at `start`.
    """

    count: int
    start: Millis
    gap: float = 0.0


class Pace(Protocol):
    """The requests a second that each supplier account allows, shared by everybody."""

    def reserve(self, account: str, wanted: int, latest: Millis) -> Turn:
        """At most `wanted` requests in a row, beginning no later than `latest`."""
        ...

    def hold(self, account: str, until: Millis) -> None:
        """The supplier wants no request before then (429 with Retry-After)."""
        ...


class Crew(Protocol):
    """Several requests at once."""

    def each(self, do: Callable[[int], T], count: int) -> list[T]:
        """`do` of 0 to `count` - 1, side by side; the results in order."""
        ...


class Pages(Protocol):
    """Sealed pages: written once, never overwritten."""

    def add(self, page: Page) -> None: ...

    def refs(self, order_id: str, lot: int | None = None) -> list[PageRef]:
        """All page references in order of lot, offset and version; no sealed data is kept."""
        ...

    def get(self, ref: PageRef) -> Page: ...


class Seal(Protocol):
    """Opens and closes pages of one order; holds its plain data key."""

    def close(self, text: bytes, place: str) -> bytes: ...

    def open(self, sealed: bytes, place: str) -> bytes: ...

    def digest(self, text: str) -> bytes:
        """A keyed hash of 8 bytes, the same for the same text within the order."""
        ...


class Vault(Protocol):
    def new_key(self, order_id: str) -> bytes:
        """A fresh data key for the order, wrapped by KMS."""
        ...

    def seal(self, order: Order) -> Seal: ...


class Export(Protocol):
    """A file that is being written; it appears whole at `finish`, or not at all."""

    def write(self, text: bytes) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Files(Protocol):
    """The results bucket."""

    def export(self, key: str, content_type: str) -> Export: ...

    def link(self, key: str, filename: str) -> str:
        """A presigned URL, good for 15 minutes."""
        ...

    def save_recipients(self, key: str, recipients: Iterable[Recipient]) -> None: ...

    def recipients(self, key: str) -> Iterator[Recipient]: ...


class Messages(Protocol):
    def announce(self, order_id: str) -> None:
        """Put the order's id, and nothing else, on the queue."""
        ...


class Executions(Protocol):
    """The state machine that moves orders along."""

    def start(self, name: str, order_id: str) -> bool:
        """True where this call started it; False where the name is taken already."""
        ...

    def is_running(self, name: str) -> bool: ...


class Suppliers(Protocol):
    def __call__(self, name: str) -> Supplier | PullSupplier: ...
