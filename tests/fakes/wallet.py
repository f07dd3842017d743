"""The ports of brands, members, passes and batches in memory, with the promises of the tables they stand for."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from giftline.delivery.events import WebhookEvent
from giftline.errors import NotFound, StaleWrite
from giftline.wallet.batch import Batch, Chunk, Row, RowResult, Step
from giftline.wallet.model import Brand, CodeHolder, EmailHolder, Member, Pass, WalletRecord
from tests.fakes.time import FakeClock

MOST_ACTIONS = 100
"""Of one transaction (TransactWriteItems)."""
SAME_BODY_FOR = 24 * 3_600_000

Place = tuple[str, ...]


def place_of(record: WalletRecord) -> Place:
    """Where a record lies: no two may lie there."""
    match record:
        case Member():
            return ("member", record.tenant, record.identifier)
        case Pass():
            return ("pass", record.id)
        case CodeHolder():
            return ("code", record.tenant, record.brand_id, record.code)
        case EmailHolder():
            return ("email", record.tenant, record.email)


@dataclass
class FakeWallets:
    """Every record by its place; `reads` counts what was asked for."""

    brands: dict[tuple[str, str], Brand] = field(default_factory=dict)
    records: dict[Place, WalletRecord] = field(default_factory=dict)
    reads: int = 0

    def brand(self, tenant: str, brand_id: str) -> Brand | None:
        return self.brands.get((tenant, brand_id))

    def save_brand(self, brand: Brand) -> Brand:
        stored = self.brands.get((brand.tenant, brand.id))
        if (stored.version if stored else 0) != brand.version:
            raise StaleWrite(f"brand {brand.id} moved past version {brand.version}")
        after = replace(brand, version=brand.version + 1)
        self.brands[brand.tenant, brand.id] = after
        return after

    def members(self, tenant: str, identifiers: Collection[str]) -> dict[str, Member]:
        found = self._found(Member, {name: ("member", tenant, name) for name in identifiers})
        return {name: one for name, one in found.items() if isinstance(one, Member)}

    def emails(self, tenant: str, emails: Collection[str]) -> dict[str, EmailHolder]:
        found = self._found(EmailHolder, {email: ("email", tenant, email) for email in emails})
        return {email: one for email, one in found.items() if isinstance(one, EmailHolder)}

    def passes(self, ids: Collection[str]) -> dict[str, Pass]:
        found = self._found(Pass, {pass_id: ("pass", pass_id) for pass_id in ids})
        return {pass_id: one for pass_id, one in found.items() if isinstance(one, Pass)}

    def codes(self, tenant: str, brand_id: str, codes: Collection[str]) -> dict[str, CodeHolder]:
        found = self._found(CodeHolder, {code: ("code", tenant, brand_id, code) for code in codes})
        return {code: one for code, one in found.items() if isinstance(one, CodeHolder)}

    def save_pass(self, one: Pass) -> Pass:
        self.write([one])
        return replace(one, version=one.version + 1)

    def seed(self, *records: WalletRecord) -> None:
        """Put records there as if an earlier batch had made them."""
        self.write(records)

    def write(self, records: Sequence[WalletRecord]) -> None:
        """All or nothing; each over the version it was read at."""
        self.check(records)
        for record in records:
            self.records[place_of(record)] = replace(record, version=record.version + 1)

    def check(self, records: Sequence[WalletRecord]) -> None:
        places = [place_of(record) for record in records]
        if len(set(places)) != len(places):
            raise ValueError("a transaction names one item twice")
        for place, record in zip(places, records, strict=True):
            stored = self.records.get(place)
            if (stored.version if stored else 0) != record.version:
                raise StaleWrite(f"{place} moved past version {record.version}")

    def _found(self, kind: type, places: dict[str, Place]) -> dict[str, WalletRecord]:
        self.reads += 1
        return {name: self.records[place] for name, place in places.items() if place in self.records}


@dataclass
class FakeBatches:
    """Batches, chunks, results and events; `commits` and `closes` count what was really written."""

    wallets: FakeWallets
    clock: FakeClock
    batches: dict[str, Batch] = field(default_factory=dict)
    parts: dict[tuple[str, int], Chunk] = field(default_factory=dict)
    kept: dict[str, dict[int, RowResult]] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    bodies: dict[str, tuple[str, int]] = field(default_factory=dict)
    events: dict[str, WebhookEvent] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    closes: list[str] = field(default_factory=list)

    def add(self, batch: Batch, chunks: Sequence[Chunk], key: str, body_digest: str) -> tuple[str, str]:
        if len(chunks) + 3 > MOST_ACTIONS:
            raise ValueError("too many chunks for one transaction")
        if key and (batch.tenant, key) in self.keys:
            return self.keys[batch.tenant, key][0], ""
        if batch.id in self.batches:
            raise StaleWrite(f"batch {batch.id} is there")
        earlier, at = self.bodies.get(body_digest, ("", 0))
        if earlier and self.clock.now() - at >= SAME_BODY_FOR:
            earlier = ""
        if key:
            self.keys[batch.tenant, key] = (batch.id, body_digest)
        self.bodies[body_digest] = (batch.id, self.clock.now())
        self.batches[batch.id] = replace(batch, version=batch.version + 1)
        self.kept[batch.id] = {}
        for chunk in chunks:
            self.parts[batch.id, chunk.number] = replace(chunk, version=chunk.version + 1)
        return batch.id, earlier

    def find_key(self, tenant: str, key: str) -> tuple[str, str] | None:
        return self.keys.get((tenant, key))

    def get(self, batch_id: str) -> Batch:
        if batch_id not in self.batches:
            raise NotFound(f"no batch with id {batch_id!r}")
        return self.batches[batch_id]

    def chunk(self, batch_id: str, number: int) -> Chunk:
        if (batch_id, number) not in self.parts:
            raise NotFound(f"batch {batch_id} has no chunk {number}")
        return self.parts[batch_id, number]

    def chunks(self, batch_id: str) -> list[Chunk]:
        return [chunk for (owner, _), chunk in sorted(self.parts.items()) if owner == batch_id]

    def commit(self, step: Step) -> None:
        if len(step.records) + 2 > MOST_ACTIONS:
            raise ValueError(f"{len(step.records)} records do not fit into one transaction")
        place = (step.before.batch_id, step.before.number)
        if self.parts.get(place) != step.before:
            raise StaleWrite(f"chunk {place} is not as it was read")
        self.wallets.write(step.records)
        self.parts[place] = replace(step.after, version=step.before.version + 1)
        kept = self.kept[step.before.batch_id]
        for result in step.results:
            if result.row in kept:
                raise AssertionError(f"row {result.row} has two results")
            kept[result.row] = result
        self.steps.append(step)

    def close(self, batch: Batch, event: WebhookEvent | None) -> bool:
        if self.batches[batch.id].version != batch.version:
            return False
        self.batches[batch.id] = replace(batch, version=batch.version + 1)
        if event is not None:
            if event.id in self.events:
                raise AssertionError(f"event {event.id} is there")
            self.events[event.id] = replace(event, version=event.version + 1)
        self.closes.append(batch.id)
        return True

    def results(self, batch_id: str, first_row: int, last_row: int) -> Iterator[RowResult]:
        kept = self.kept.get(batch_id, {})
        return iter([kept[row] for row in range(first_row, last_row) if row in kept])

    def due(self, before: int, limit: int) -> list[str]:
        waiting = sorted((batch.due_at, batch.id) for batch in self.batches.values() if batch.due_at is not None)
        return [batch_id for due_at, batch_id in waiting if due_at <= before][:limit]

    def save(self, batch: Batch) -> Batch:
        stored = self.batches.get(batch.id)
        if stored is None or stored.version != batch.version:
            raise StaleWrite(f"batch {batch.id} moved past version {batch.version}")
        self.batches[batch.id] = replace(batch, version=batch.version + 1)
        return self.batches[batch.id]


@dataclass
class FakeRowFiles:
    """The bucket: rows as lines of JSON, so that offsets are bytes; `lost` keys cannot be read."""

    kept: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def save(self, key: str, rows: Iterable[Row]) -> list[int]:
        offsets, text = [0], bytearray()
        for row in rows:
            line = [row.number, row.identifier, dict(row.values), row.missing]
            text += json.dumps(line, separators=(",", ":")).encode() + b"\n"
            offsets.append(len(text))
        self.kept[key] = bytes(text)
        return offsets

    def read(self, key: str, offset: int, end: int, most: int) -> list[tuple[Row, int]]:
        if key in self.lost:
            raise ConnectionError("the bucket does not answer")
        text = self.kept[key]
        rows: list[tuple[Row, int]] = []
        while offset < end and len(rows) < most:
            after = text.index(b"\n", offset) + 1
            number, identifier, values, missing = json.loads(text[offset:after])
            rows.append((Row(number, identifier, values, missing), after))
            offset = after
        return rows

    def save_answer(self, key: str, text: str) -> None:
        self.answers[key] = text

    def answer(self, key: str) -> str:
        if key not in self.answers:
            raise NotFound(f"no answer under {key!r}")
        return self.answers[key]


@dataclass
class FakeChunkMessages:
    """The queue in order; while `broken`, nothing gets in."""

    waiting: deque[tuple[str, int]] = field(default_factory=deque)
    broken: bool = False

    def send(self, batch_id: str, chunks: Sequence[int]) -> None:
        if self.broken:
            raise ConnectionError("the queue does not answer")
        self.waiting.extend((batch_id, number) for number in chunks)

    def deliver(self, apply: Callable[[str, int], None], most: int = 10_000) -> int:
        """Each message in its turn until the queue is empty; how many there were."""
        for count in range(most):
            if not self.waiting:
                return count
            apply(*self.waiting.popleft())
        raise AssertionError(f"the queue is not empty after {most} messages")


@dataclass
class FakeDeliveries:
    """Event ids in the order of their starts; nothing happens to one that was started before."""

    started: list[str] = field(default_factory=list)
    broken: bool = False

    def start(self, event: WebhookEvent) -> None:
        if self.broken:
            raise ConnectionError("the state machine does not answer")
        if event.id not in self.started:
            self.started.append(event.id)


@dataclass
class FakePush:
    """Ids of the passes that phones were told of."""

    told: list[str] = field(default_factory=list)
    broken: bool = False

    def changed(self, passes: Sequence[Pass]) -> None:
        if self.broken:
            raise ConnectionError("the push service does not answer")
        self.told += [one.id for one in passes]
