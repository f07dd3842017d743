"""The storage ports in memory, with the same promises as the tables and buckets they stand for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from giftline.accounts.model import Access
from giftline.delivery.events import WebhookEvent
from giftline.errors import NotFound, StaleWrite
from giftline.orders.lot import Lot
from giftline.orders.model import Order, Page, PageRef, Recipient, Watch
from giftline.storage.vault import AesGcmSeal


@dataclass
class FakeOrders:
    """Orders and lots by key; every change is conditional on the version that was read."""

    records: dict[str, Order] = field(default_factory=dict)
    parts: dict[tuple[str, int], Lot] = field(default_factory=dict)
    refnos: dict[tuple[str, str], str] = field(default_factory=dict)
    history: list[Lot] = field(default_factory=list)
    events: dict[str, WebhookEvent] = field(default_factory=dict)

    def add(self, order: Order) -> Order:
        holder = self.refnos.get((order.tenant, order.refno))
        if holder is not None:
            return self.records[holder]
        if order.id in self.records:
            raise StaleWrite(f"order {order.id} is there")
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

    def close(self, order: Order, event: WebhookEvent) -> Order:
        after = self.save(order)
        self.events.setdefault(event.id, event)
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


@dataclass
class FakeDrops:
    """The drop bucket; `most_read` is the largest bound that a reader gave."""

    kept: dict[str, bytes] = field(default_factory=dict)
    most_read: int = 0

    def read(self, key: str, most: int) -> bytes:
        self.most_read = max(self.most_read, most)
        return self.kept[key][:most]


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
