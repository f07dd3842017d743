"""The storage ports in memory, with the same promises as the tables and buckets they stand for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Self

from giftline.accounts.ledger import Step, post, reserve
from giftline.accounts.model import Access
from giftline.delivery.drops import Drop
from giftline.delivery.events import WebhookEvent
from giftline.delivery.file_progress import FileReading, FileState
from giftline.errors import Misconfigured, NotFound, StaleWrite
from giftline.orders.lot import Lot
from giftline.orders.model import Order, Page, PageRef, Recipient, Watch
from giftline.storage.vault import AesGcmSeal
from tests.fakes.ledger import FakeLedger


@dataclass
class FakeOrders:
    """Orders and lots by key; every change is conditional on the version that was read. With a ledger, an
    order is written together with its money.
    """

    records: dict[str, Order] = field(default_factory=dict)
    parts: dict[tuple[str, int], Lot] = field(default_factory=dict)
    refnos: dict[tuple[str, str], str] = field(default_factory=dict)
    history: list[Lot] = field(default_factory=list)
    events: dict[str, WebhookEvent] = field(default_factory=dict)
    ledger: FakeLedger | None = None

    def add(self, order: Order) -> Order:
        holder = self.refnos.get((order.tenant, order.refno))
        if holder is not None:
            return self.records[holder]
        if order.id in self.records:
            raise StaleWrite(f"order {order.id} is there")
        if self.ledger is not None:
            minor = order.total.minor
            take = partial(reserve, minor=minor, at=order.created_at, subject=order.id)
            self.ledger.commit(order.tenant, order.currency, take)
            order = replace(order, reserved_minor=minor)
        self.refnos[order.tenant, order.refno] = order.id
        self.records[order.id] = order
        return order

    def get(self, order_id: str) -> Order:
        if order_id not in self.records:
            raise NotFound(f"no order with id {order_id!r}")
        return self.records[order_id]

    def find(self, tenant: str, refno: str) -> Order | None:
        order_id = self.refnos.get((tenant, refno))
        return None if order_id is None else self.records[order_id]

    def save(self, order: Order) -> Order:
        after = replace(order, version=order.version + 1)
        stored = self.records.get(order.id)
        if stored is None or (stored.version != order.version and stored != after):
            raise StaleWrite(f"order {order.id} moved past version {order.version}")
        self.records[order.id] = after
        return after

    def close(self, order: Order, event: WebhookEvent | None = None, steps: Sequence[Step] = ()) -> Order:
        if steps and self.ledger is None:
            raise Misconfigured(f"order {order.id} has money reserved, and there is no ledger")
        settle = partial(post, steps=steps, at=order.closed_at or order.created_at, subject=order.id)
        is_new = self.get(order.id).version == order.version
        if steps and self.ledger is not None and is_new:
            settle(self.ledger.balance(order.tenant, order.currency))  # refused: nothing is written at all
        after = self.save(order)
        if event is not None:
            self.events.setdefault(event.id, event)
        if steps and self.ledger is not None and is_new:
            self.ledger.commit(order.tenant, order.currency, settle)
        return after

    def plan(self, order: Order, lots: Sequence[Lot]) -> Order:
        if any((lot.order_id, lot.number) in self.parts for lot in lots):
            raise StaleWrite(f"order {order.id} was planned by another worker")
        after = self.save(order)
        for lot in lots:
            self.parts[lot.order_id, lot.number] = lot
        return after

    def lot(self, order_id: str, number: int) -> Lot:
        if (order_id, number) not in self.parts:
            raise NotFound(f"order {order_id} has no lot {number}")
        return self.parts[order_id, number]

    def lots(self, order_id: str) -> list[Lot]:
        return [lot for (owner, _), lot in sorted(self.parts.items()) if owner == order_id]

    def save_lot(self, lot: Lot) -> Lot:
        after = replace(lot, version=lot.version + 1)
        stored = self.parts.get((lot.order_id, lot.number))
        if stored is None or (stored.version != lot.version and stored != after):
            raise StaleWrite(f"lot {lot.number} moved past version {lot.version}")
        self.parts[lot.order_id, lot.number] = after
        self.history.append(after)
        return after

    def due(self, before: int, limit: int, watch: Watch = Watch.OPEN) -> list[str]:
        waiting = [o for o in self.records.values() if o.watch is watch and o.due_at is not None]
        waiting.sort(key=lambda order: order.due_at or 0)
        return [order.id for order in waiting if (order.due_at or 0) <= before][:limit]


@dataclass
class FakePages:
    """Pages by place; written once. `opened` counts what was read back."""

    kept: dict[tuple[str, int, int, int], Page] = field(default_factory=dict)
    opened: int = 0

    def add(self, page: Page) -> None:
        place = _place(page.ref)
        if self.kept.setdefault(place, page).sealed != page.sealed:
            raise StaleWrite(f"page {place} is there")

    def refs(self, order_id: str, lot: int | None = None) -> list[PageRef]:
        places = sorted(place for place in self.kept if place[0] == order_id and lot in (None, place[1]))
        return [self.kept[place].ref for place in places]

    def get(self, ref: PageRef) -> Page:
        self.opened += 1
        if _place(ref) not in self.kept:
            raise NotFound(f"page {_place(ref)} is not there")
        return Page(ref, self.kept[_place(ref)].sealed)


def _place(ref: PageRef) -> tuple[str, int, int, int]:
    return (ref.order_id, ref.lot, ref.offset, ref.version)


@dataclass
class FakeVault:
    """Real AES under keys that are made from the order's id; `made` counts new keys."""

    made: int = 0
    keys: dict[bytes, tuple[str, bytes]] = field(default_factory=dict)

    def new_key(self, order_id: str) -> bytes:
        self.made += 1
        wrapped = f"wrapped {order_id} {self.made}".encode()
        self.keys[wrapped] = (order_id, hashlib.sha256(wrapped).digest())
        return wrapped

    def seal(self, order: Order) -> AesGcmSeal:
        owner, plain = self.keys[order.wrapped_key]
        if owner != order.id:
            raise PermissionError("this key was wrapped for another order")
        return AesGcmSeal(plain)


class FakeExport:
    """Appears whole when its block ends well, or not at all."""

    def __init__(self, files: FakeFiles, key: str) -> None:
        self._files, self._key, self._text = files, key, bytearray()

    def write(self, text: bytes) -> None:
        self._text += text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._files.kept[self._key] = bytes(self._text)


@dataclass
class FakeFiles:
    """The results bucket."""

    kept: dict[str, bytes] = field(default_factory=dict)
    people: dict[str, tuple[Recipient, ...]] = field(default_factory=dict)

    def export(self, key: str, content_type: str) -> FakeExport:
        return FakeExport(self, key)

    def link(self, key: str, filename: str) -> str:
        return f"https://files.test/{key}?as={filename}"

    def save_recipients(self, key: str, recipients: Iterable[Recipient]) -> None:
        self.people[key] = tuple(recipients)

    def recipients(self, key: str) -> Iterator[Recipient]:
        return iter(self.people[key])

    def remove(self, key: str) -> None:
        self.kept.pop(key, None)
        self.people.pop(key, None)


@dataclass
class FakeDrops:
    """The drop bucket; `parts_read` counts what readers asked for, in parts of `part_size` bytes."""

    kept: dict[str, bytes] = field(default_factory=dict)
    part_size: int = 65_536
    parts_read: int = 0
    dropped_at: int = 1

    @contextmanager
    def open(self, key: str) -> Iterator[Drop]:
        content = self.kept[key]
        yield Drop(len(content), self._parts(content), tag_of(content), self.dropped_at)

    def is_replaced(self, key: str, tag: str) -> bool:
        return key in self.kept and tag_of(self.kept[key]) != tag

    def _parts(self, content: bytes) -> Iterator[bytes]:
        for start in range(0, len(content), self.part_size):
            self.parts_read += 1
            yield content[start : start + self.part_size]


def tag_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class FakeFileProgress:
    """The last reading by tenant and refno; `history` is all that was ever saved."""

    readings: dict[tuple[str, str], FileReading] = field(default_factory=dict)
    history: list[FileReading] = field(default_factory=list)

    def save(self, reading: FileReading) -> None:
        known = self.readings.get((reading.tenant, reading.refno))
        is_news = known is None or known.state is FileState.READING or reading.state is not FileState.READING
        if (
            known is None
            or known.dropped_at < reading.dropped_at
            or (known.dropped_at == reading.dropped_at and is_news)
        ):
            self.readings[reading.tenant, reading.refno] = reading
            self.history.append(reading)

    def find(self, tenant: str, refno: str) -> FileReading | None:
        return self.readings.get((tenant, refno))


@dataclass
class FakeMessages:
    """The queue; while `broken`, nothing gets in."""

    announced: list[str] = field(default_factory=list)
    broken: bool = False

    def announce(self, order_id: str) -> None:
        if self.broken:
            raise ConnectionError("the queue does not answer")
        self.announced.append(order_id)


@dataclass
class FakeExecutions:
    """Names are taken for good; `running` are those that have not ended."""

    started: dict[str, str] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)

    def start(self, name: str, order_id: str) -> bool:
        if name in self.started:
            return False
        self.started[name] = order_id
        self.running.add(name)
        return True

    def is_running(self, name: str) -> bool:
        return name in self.running


@dataclass
class FakeTokens:
    known: dict[str, Access] = field(default_factory=dict)

    def find(self, hashed: str) -> Access | None:
        return self.known.get(hashed)
