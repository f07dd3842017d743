"""Wallets and bulk requests: the same cases on the fakes, and on DynamoDB of the embedded AWS."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from giftline.crew import Threads
from giftline.delivery.events import WebhookEvent, event_id
from giftline.errors import NotFound, StaleWrite
from giftline.storage.batches import DynamoBatches
from giftline.storage.wallets import DynamoWallets
from giftline.storage.webhook_items import event_from_item, event_key
from giftline.wallet.batch import Batch, BatchStatus, Chunk, Operation, RowResult, Step
from giftline.wallet.model import (
    BarcodeFormat,
    Brand,
    CodeHolder,
    EmailHolder,
    Member,
    Pass,
    PassKind,
    Template,
    WalletRecord,
)
from giftline.wallet.ports import Batches, Wallets
from tests.fakes.time import FakeClock
from tests.fakes.wallet import FakeBatches, FakeWallets

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
MakeTable = Callable[[str], str]
both = pytest.mark.parametrize("kind", ["fake", "aws"])
HOUR = 3_600_000
DAY = 24 * HOUR


@dataclass
class Store:
    wallets: Wallets
    batches: Batches
    clock: FakeClock
    event: Callable[[WebhookEvent], WebhookEvent | None]


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest) -> Store:
    clock = FakeClock()
    if kind == "fake":
        wallets = FakeWallets()
        batches = FakeBatches(wallets, clock)
        return Store(wallets, batches, clock, lambda event: batches.events.get(event.id))
    aws: MakeClient = request.getfixturevalue("aws")
    table: MakeTable = request.getfixturevalue("table")
    client, wallet_table, webhooks_table = aws("dynamodb"), table("WalletTable"), table("WebhooksTable")

    def event_stored(event: WebhookEvent) -> WebhookEvent | None:
        item = client.get_item(TableName=webhooks_table, Key=event_key(event.tenant, event.id)).get("Item")
        return event_from_item(item) if item else None

    return Store(
        DynamoWallets(client, wallet_table, Threads()),
        DynamoBatches(client, wallet_table, webhooks_table, clock),
        clock,
        event_stored,
    )


@pytest.fixture
def tenant() -> str:
    """One of its own for each test: the tables are shared by all."""
    return f"t{uuid.uuid4().hex[:12]}"


def a_brand(tenant: str) -> Brand:
    coupon = Template(
        "C-1", PassKind.COUPON, "Free coffee", "Ü\u2028", "#000000", "#eeeeee", BarcodeFormat.CODE_128, 30
    )
    return Brand("shop", tenant, "Shöp", (coupon, Template("S-1", PassKind.STORECARD, "Card")))


def a_member(tenant: str, identifier: str = "m1") -> Member:
    return Member(tenant, identifier)


def a_pass(tenant: str, pass_id: str = "") -> Pass:
    return Pass(
        pass_id or uuid.uuid4().hex[:24].upper(), tenant, "shop", "C-1", PassKind.COUPON, "m1", "code", "", 1, 1, "h", 9
    )


def a_batch(tenant: str, chunks: int = 1, rows: int = 10) -> tuple[Batch, list[Chunk]]:
    batch_id = uuid.uuid4().hex[:26].upper()
    batch = Batch(batch_id, tenant, Operation.POINTS, "shop", "", rows * chunks, chunks, f"batches/{batch_id}", 1_000)
    parts = [Chunk(batch_id, n, n * rows, rows, n * 100, (n + 1) * 100) for n in range(chunks)]
    return batch, parts


def added(store: Store, tenant: str, chunks: int = 1, rows: int = 10) -> Batch:
    batch, parts = a_batch(tenant, chunks, rows)
    store.batches.add(batch, parts, "", uuid.uuid4().hex)
    return store.batches.get(batch.id)


def a_step(chunk: Chunk, *records: WalletRecord, rows: int = 3, reason: str = "") -> Step:
    """The next rows of the chunk, all alike."""
    first = chunk.first_row + chunk.cursor
    results = [RowResult(row, f"m{row}", f"P{row}", "", reason) for row in range(first, first + rows)]
    after = replace(chunk, cursor=chunk.cursor + rows, done=chunk.done + rows, offset=chunk.offset + rows, started_at=7)
    return Step(chunk, after, records, results)


# --- brands, members, passes


@both
def test_a_brand_comes_back_with_its_templates(store: Store, tenant: str) -> None:
    assert store.wallets.brand(tenant, "shop") is None
    saved = store.wallets.save_brand(a_brand(tenant))
    assert saved == replace(a_brand(tenant), version=1) == store.wallets.brand(tenant, "shop")
    bare = store.wallets.save_brand(replace(saved, templates=()))
    assert bare.version == 2
    assert store.wallets.brand(tenant, "shop") == bare


@both
def test_a_brand_is_written_over_what_was_read_and_not_otherwise(store: Store, tenant: str) -> None:
    first = store.wallets.save_brand(a_brand(tenant))
    with pytest.raises(StaleWrite):
        store.wallets.save_brand(replace(a_brand(tenant), name="another new one"))
    store.wallets.save_brand(replace(first, name="second"))
    with pytest.raises(StaleWrite):
        store.wallets.save_brand(replace(first, name="late"))
    found = store.wallets.brand(tenant, "shop")
    assert found is not None
    assert (found.name, found.version) == ("second", 2)


@both
def test_records_come_back_as_they_were_written_full_or_bare(store: Store, tenant: str) -> None:
    full = Member(
        tenant, "m#1", "ä@b.c", "Jäne", "Doe", True, "2026-01-02", "+31", "1990-01-02", "Street", "1a", "1234", "City",
        "NL", ("shop", "other"), {"shop": "P1", "other": "P2"}, ("AA-1", "BB-2"),
    )  # fmt: skip
    bare = Member(tenant, "m2")
    rich = replace(
        a_pass(tenant), kind=PassKind.STORECARD, title="T", link_generation=3, revoked_at=5, points=-10,
        starts_on="2026-01-01", expires_on="2027-01-01", devices=2,
    )  # fmt: skip
    plain = a_pass(tenant)
    code, email = CodeHolder(tenant, "shop", "c1", rich.id), EmailHolder(tenant, "ä@b.c", "m#1")
    chunk = store.batches.chunk(added(store, tenant).id, 0)
    store.batches.commit(a_step(chunk, full, bare, rich, plain, code, email))
    members = store.wallets.members(tenant, ["m#1", "m2", "m3"])
    assert members == {"m#1": replace(full, version=1), "m2": replace(bare, version=1)}
    passes = store.wallets.passes([rich.id, plain.id, "none"])
    assert passes == {rich.id: replace(rich, version=1), plain.id: replace(plain, version=1)}
    assert type(passes[rich.id].kind) is PassKind
    assert store.wallets.codes(tenant, "shop", ["c1", "c2"]) == {"c1": replace(code, version=1)}
    assert store.wallets.codes(tenant, "other", ["c1"]) == {}
    assert store.wallets.emails(tenant, ["ä@b.c", "x@b.c"]) == {"ä@b.c": replace(email, version=1)}
    assert store.wallets.members("other", ["m#1"]) == {}


@both
def test_a_pass_is_written_over_what_was_read_and_not_otherwise(store: Store, tenant: str) -> None:
    new = a_pass(tenant)
    first = store.wallets.save_pass(new)
    assert first == replace(new, version=1)
    with pytest.raises(StaleWrite):
        store.wallets.save_pass(replace(new, points=5))
    second = store.wallets.save_pass(replace(first, points=5))
    with pytest.raises(StaleWrite):
        store.wallets.save_pass(replace(first, points=6))
    assert store.wallets.passes([new.id]) == {new.id: second}


@both
def test_nothing_asked_is_nothing_answered(store: Store, tenant: str) -> None:
    assert store.wallets.members(tenant, []) == {}
    assert store.wallets.passes(()) == {}


# --- a batch goes in


@both
def test_a_batch_comes_back_with_its_chunks_in_order(store: Store, tenant: str) -> None:
    batch, parts = a_batch(tenant, chunks=12)
    batch = replace(batch, webhook_url="https://x.test/ö", template_id="S", due_at=5_000)
    assert store.batches.add(batch, parts[::-1], "", uuid.uuid4().hex) == (batch.id, "")
    stored = store.batches.get(batch.id)
    assert stored == replace(batch, version=stored.version)
    assert type(stored.operation) is Operation
    chunks = store.batches.chunks(batch.id)
    assert chunks == [replace(part, version=chunks[0].version) for part in parts]
    assert store.batches.chunk(batch.id, 11) == chunks[11]


@both
def test_what_is_not_there_is_not_found(store: Store, tenant: str) -> None:
    batch = added(store, tenant)
    with pytest.raises(NotFound):
        store.batches.get("NONE")
    with pytest.raises(NotFound):
        store.batches.chunk(batch.id, 1)
    assert store.batches.chunks("NONE") == []
    assert store.batches.find_key(tenant, "k") is None
    assert list(store.batches.results(batch.id, 0, 10)) == []


@both
def test_a_key_belongs_to_the_first_batch_of_its_tenant(store: Store, tenant: str) -> None:
    (first, parts), (late, late_parts) = a_batch(tenant), a_batch(tenant)
    digest = uuid.uuid4().hex
    assert store.batches.add(first, parts, "k", digest) == (first.id, "")
    assert store.batches.add(late, late_parts, "k", "another body") == (first.id, "")
    assert store.batches.find_key(tenant, "k") == (first.id, digest)
    with pytest.raises(NotFound):
        store.batches.get(late.id)
    assert store.batches.chunks(late.id) == []
    other, other_parts = a_batch(f"{tenant}x")
    assert store.batches.add(other, other_parts, "k", uuid.uuid4().hex) == (other.id, "")


@both
def test_the_same_body_within_a_day_is_told_of_the_earlier_batch(store: Store, tenant: str) -> None:
    digest = uuid.uuid4().hex
    first, parts = a_batch(tenant)
    assert store.batches.add(first, parts, "", digest) == (first.id, "")
    store.clock.pass_(DAY - 1)
    second, parts = a_batch(tenant)
    assert store.batches.add(second, parts, "", digest) == (second.id, first.id)
    assert store.batches.get(second.id).tenant == tenant


@both
def test_the_same_body_after_a_day_is_told_of_nothing(store: Store, tenant: str) -> None:
    digest = uuid.uuid4().hex
    store.batches.add(*a_batch(tenant), "", digest)
    store.clock.pass_(DAY)
    assert store.batches.add(*a_batch(tenant), "", digest)[1] == ""


# --- steps


@both
def test_a_step_writes_records_results_and_the_chunk(store: Store, tenant: str) -> None:
    chunk = store.batches.chunk(added(store, tenant).id, 0)
    step = a_step(chunk, a_member(tenant), EmailHolder(tenant, "a@b.c", "m1"))
    store.batches.commit(step)
    after = store.batches.chunk(chunk.batch_id, 0)
    assert after == replace(step.after, version=chunk.version + 1)
    assert list(store.batches.results(chunk.batch_id, 0, 10)) == list(step.results)
    store.batches.commit(a_step(after, replace(a_member(tenant), first_name="Jo", version=1)))
    assert store.wallets.members(tenant, ["m1"])["m1"].first_name == "Jo"
    assert [one.row for one in store.batches.results(chunk.batch_id, 0, 10)] == [0, 1, 2, 3, 4, 5]


@both
@pytest.mark.parametrize("wrong", ["chunk", "new record", "known record", "gone record"])
def test_a_step_that_meets_another_write_writes_nothing(store: Store, tenant: str, wrong: str) -> None:
    chunk = store.batches.chunk(added(store, tenant).id, 0)
    store.batches.commit(a_step(chunk, a_member(tenant)))
    moved = store.batches.chunk(chunk.batch_id, 0)
    fresh = a_pass(tenant)
    clash: dict[str, tuple[Chunk, WalletRecord]] = {
        "chunk": (chunk, a_member(tenant, "m2")),
        "new record": (moved, replace(a_member(tenant), city="again new")),
        "known record": (moved, replace(a_member(tenant), version=2)),
        "gone record": (moved, replace(a_member(tenant, "m2"), version=1)),
    }
    before, record = clash[wrong]
    with pytest.raises(StaleWrite):
        store.batches.commit(a_step(before, fresh, record, rows=4))
    assert store.batches.chunk(chunk.batch_id, 0) == moved
    assert store.wallets.passes([fresh.id]) == {}
    assert len(list(store.batches.results(chunk.batch_id, 0, 10))) == 3
    assert store.wallets.members(tenant, ["m1"]) == {"m1": replace(a_member(tenant), version=1)}


@both
def test_of_two_workers_with_the_same_step_one_is_told_that_it_is_late(store: Store, tenant: str) -> None:
    """They may have read other points: what the late one believes of the records would be wrong."""
    chunk = store.batches.chunk(added(store, tenant).id, 0)
    store.batches.commit(a_step(chunk))
    with pytest.raises(StaleWrite):
        store.batches.commit(a_step(chunk))


@both
def test_two_chunks_of_a_batch_do_not_hinder_each_other(store: Store, tenant: str) -> None:
    batch = added(store, tenant, chunks=2)
    for chunk in store.batches.chunks(batch.id)[::-1]:
        store.batches.commit(a_step(chunk, a_pass(tenant)))
    assert [one.row for one in store.batches.results(batch.id, 0, 20)] == [0, 1, 2, 10, 11, 12]


@both
@pytest.mark.parametrize(("first", "last"), [(0, 10), (0, 1), (2, 5), (3, 4), (4, 9), (8, 9), (9, 20), (5, 5)])
def test_results_of_any_rows_come_in_order(store: Store, tenant: str, first: int, last: int) -> None:
    batch = added(store, tenant, rows=9)
    for _ in range(3):
        store.batches.commit(a_step(store.batches.chunk(batch.id, 0), reason="gründe\u2028"))
    found = list(store.batches.results(batch.id, first, last))
    assert found == [RowResult(row, f"m{row}", f"P{row}", "", "gründe\u2028") for row in range(first, min(last, 9))]


# --- the end of a batch


def closed(batch: Batch, due_at: int | None = None) -> tuple[Batch, WebhookEvent]:
    done = replace(batch, closed_as=BatchStatus.FINISHED, finished_at=2_000, due_at=due_at)
    event = WebhookEvent(event_id(batch.id, 2_000), batch.tenant, "https://x.test", batch.id, "{}", 2_000, due_at=9_000)
    return done, event


@both
def test_a_batch_is_closed_once_together_with_its_event(store: Store, tenant: str) -> None:
    batch = added(store, tenant)
    done, event = closed(batch)
    assert store.event(event) is None
    assert store.batches.close(done, event)
    assert store.batches.get(batch.id) == replace(done, version=batch.version + 1)
    stored = store.event(event)
    assert stored is not None
    assert stored == replace(event, version=stored.version)
    later = replace(done, finished_at=3_000)
    assert not store.batches.close(later, replace(event, id=event_id(batch.id, 3_000)))
    assert store.batches.get(batch.id).finished_at == 2_000
    assert store.event(replace(event, id=event_id(batch.id, 3_000))) is None


@both
def test_a_batch_without_webhook_is_closed_without_event(store: Store, tenant: str) -> None:
    done, event = closed(added(store, tenant))
    assert store.batches.close(done, None)
    assert store.batches.get(done.id).closed_as is BatchStatus.FINISHED
    assert store.event(event) is None


@both
def test_a_batch_that_a_sweep_has_touched_is_not_closed_over_it(store: Store, tenant: str) -> None:
    batch = added(store, tenant)
    swept = store.batches.save(replace(batch, sweeps=1, due_at=8_000))
    done, event = closed(batch)
    assert not store.batches.close(done, event)
    assert store.batches.get(batch.id) == swept
    assert store.event(event) is None
    assert store.batches.close(closed(swept)[0], event)


@both
def test_the_second_of_two_sweeps_is_told_that_it_is_late(store: Store, tenant: str) -> None:
    batch = added(store, tenant)
    first = store.batches.save(replace(batch, sweeps=1))
    with pytest.raises(StaleWrite):
        store.batches.save(replace(batch, sweeps=1, due_at=77))
    assert store.batches.get(batch.id) == first == replace(batch, sweeps=1, version=batch.version + 1)


@both
def test_a_batch_that_was_closed_is_not_written_by_a_late_sweep(store: Store, tenant: str) -> None:
    batch = added(store, tenant)
    done, event = closed(batch)
    store.batches.close(done, event)
    with pytest.raises(StaleWrite):
        store.batches.save(replace(batch, sweeps=1))
    assert store.batches.get(batch.id).closed_as is BatchStatus.FINISHED


@both
def test_open_batches_are_due_by_their_time_the_longest_due_first(store: Store, tenant: str) -> None:
    batches = [added(store, tenant) for _ in range(4)]
    for batch, due_at in zip(batches, (3_000, 1_000, 2_000, 9_000), strict=True):
        store.batches.save(replace(batch, due_at=due_at))
    store.batches.close(*closed(store.batches.get(batches[2].id)))
    ids = [batch.id for batch in batches]
    assert [one for one in store.batches.due(5_000, 200) if one in ids] == [ids[1], ids[0]]
    assert len(store.batches.due(10_000, 1)) == 1
