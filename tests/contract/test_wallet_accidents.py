"""Lost answers, busy tables, conflicts and late expiries: what only the real tables can do to wallets and batches."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from giftline.crew import Threads
from giftline.delivery.events import WebhookEvent, event_id
from giftline.errors import NotFound, StaleWrite, Unwritable
from giftline.storage.attributes import marshal, unmarshal
from giftline.storage.batches import DynamoBatches
from giftline.storage.devices import DynamoDevices
from giftline.storage.reading import TRIES
from giftline.storage.wallets import DynamoWallets
from giftline.wallet.batch import Batch, BatchStatus, Chunk, Operation, RowResult, Step
from giftline.wallet.model import Brand, EmailHolder, Member, Pass, PassKind, WalletRecord
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
MakeTable = Callable[[str], str]
DAY = 86_400_000
WRITES = ("put_item", "transact_write_items")


class Wrapped:
    """Passes every call on, and remembers it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append((name, arguments))
            return self.send(name, arguments)

        return call

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        return getattr(self._client, name)(**arguments)


class Repeats(Wrapped):
    """The first write's answer is lost; it is sent again, and meets what the first one wrote."""

    lost = False

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        answer = super().send(name, arguments)
        if name in WRITES and not self.lost:
            self.lost = True
            return super().send(name, arguments)
        return answer


class Cuts(Wrapped):
    """The first write gets through, and its answer does not come at all."""

    cut = False

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        answer = super().send(name, arguments)
        if name in WRITES and not self.cut:
            self.cut = True
            raise ConnectionError("the answer was lost")
        return answer


class Busy(Wrapped):
    """Answers at most so many keys of a question."""

    most = 30

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        if name != "batch_get_item":
            return super().send(name, arguments)
        ((table, asked),) = arguments["RequestItems"].items()
        now, later = asked["Keys"][: self.most], asked["Keys"][self.most :]
        answer = (
            super().send(name, {"RequestItems": {table: asked | {"Keys": now}}}) if now else {"Responses": {table: []}}
        )
        return answer | {"UnprocessedKeys": {table: asked | {"Keys": later}} if later else {}}


class Refuses(Wrapped):
    """The writes meet this error and change nothing."""

    def __init__(self, client: Any, code: str, *reasons: str) -> None:
        super().__init__(client)
        self._response = {"Error": {"Code": code}, "CancellationReasons": [{"Code": one} for one in reasons]}

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        if name in WRITES:
            raise ClientError(self._response, name)  # type: ignore[arg-type]
        return super().send(name, arguments)


@dataclass
class House:
    client: Any
    wallet: str
    webhooks: str
    clock: FakeClock = field(default_factory=FakeClock)
    tenant: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:12]}")

    def batches(self, client: Any = None) -> DynamoBatches:
        return DynamoBatches(client or self.client, self.wallet, self.webhooks, self.clock)

    def wallets(self, client: Any = None) -> DynamoWallets:
        return DynamoWallets(client or self.client, self.wallet, Threads(), self.clock.sleep)

    def devices(self, client: Any = None) -> DynamoDevices:
        return DynamoDevices(client or self.client, self.wallet)

    def new_batch(self) -> tuple[Batch, list[Chunk]]:
        batch_id = uuid.uuid4().hex[:26].upper()
        batch = Batch(batch_id, self.tenant, Operation.POINTS, "shop", "S", 100, 1, f"batches/{batch_id}", 1_000)
        return batch, [Chunk(batch_id, 0, 0, 100, 0, 9_999)]

    def chunk(self) -> Chunk:
        batch, chunks = self.new_batch()
        self.batches().add(batch, chunks, "", uuid.uuid4().hex)
        return self.batches().chunk(batch.id, 0)

    def step(self, chunk: Chunk, *records: WalletRecord) -> Step:
        results = [RowResult(row, f"m{row}", "P") for row in range(chunk.cursor, chunk.cursor + 10)]
        return Step(chunk, replace(chunk, cursor=chunk.cursor + 10, done=chunk.done + 10), records, results)

    def a_pass(self) -> Pass:
        pass_id = uuid.uuid4().hex[:24].upper()
        made = Pass(pass_id, self.tenant, "shop", "S", PassKind.STORECARD, "m1", pass_id, "T", 1, 1, "h", 9)
        return self.wallets().save_pass(made)

    def items(self, pk: str) -> dict[str, dict[str, Any]]:
        answer = self.client.query(
            TableName=self.wallet, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=marshal({":pk": pk})
        )
        return {one["sk"]: one for one in map(unmarshal, answer["Items"])}


@pytest.fixture
def house(aws: MakeClient, table: MakeTable) -> House:
    return House(aws("dynamodb"), table("WalletTable"), table("WebhooksTable"))


# --- lost answers


def test_the_lost_answer_of_a_step_is_no_race(house: House) -> None:
    chunk = house.chunk()
    step = house.step(chunk, Member(house.tenant, "m1"))
    house.batches(Repeats(house.client)).commit(step)
    assert house.batches().chunk(chunk.batch_id, 0) == replace(step.after, version=chunk.version + 1)


def test_a_worker_that_lost_its_step_altogether_finds_it_done(house: House) -> None:
    chunk = house.chunk()
    step = house.step(chunk, Member(house.tenant, "m1"))
    with pytest.raises(ConnectionError):
        house.batches(Cuts(house.client)).commit(step)
    with pytest.raises(StaleWrite):
        house.batches().commit(step)
    assert house.batches().chunk(chunk.batch_id, 0).cursor == 10
    assert house.wallets().members(house.tenant, ["m1"])["m1"].version == 1


def test_the_same_step_of_a_worker_that_read_other_records_is_a_race(house: House) -> None:
    chunk, held = house.chunk(), house.a_pass()
    house.batches().commit(house.step(chunk, replace(held, points=5)))
    late = house.wallets().passes([held.id])[held.id]
    with pytest.raises(StaleWrite):
        house.batches().commit(house.step(chunk, replace(late, points=late.points + 5)))
    assert house.wallets().passes([held.id])[held.id].points == 5


def test_the_lost_answers_of_saves_are_no_races(house: House) -> None:
    brand = Brand("shop", house.tenant, "Shop")
    assert house.wallets(Repeats(house.client)).save_brand(brand) == replace(brand, version=1)
    held = house.a_pass()
    saved = house.wallets(Repeats(house.client)).save_pass(replace(held, points=1))
    assert house.wallets().passes([held.id])[held.id] == saved
    batch = house.batches().get(house.chunk().batch_id)
    assert house.batches(Repeats(house.client)).save(replace(batch, sweeps=1)).version == batch.version + 1


def test_the_lost_answer_of_a_closing_is_no_race(house: House) -> None:
    batch = house.batches().get(house.chunk().batch_id)
    done = replace(batch, closed_as=BatchStatus.FINISHED, finished_at=5)
    event = WebhookEvent(event_id(batch.id, 5), house.tenant, "https://x.test", batch.id, "{}", 5)
    assert house.batches(Repeats(house.client)).close(done, event)
    assert not house.batches().close(replace(done, finished_at=6), event)


def test_a_batch_that_is_added_again_gets_its_first_answer(house: House) -> None:
    digest = uuid.uuid4().hex
    earlier, chunks = house.new_batch()
    house.batches().add(earlier, chunks, "", digest)
    batch, chunks = house.new_batch()
    assert house.batches(Repeats(house.client)).add(batch, chunks, "k", digest) == (batch.id, earlier.id)
    assert house.batches().add(batch, chunks, "k", digest) == (batch.id, earlier.id)
    alone, chunks = house.new_batch()
    assert house.batches(Repeats(house.client)).add(alone, chunks, "", uuid.uuid4().hex) == (alone.id, "")
    with pytest.raises(StaleWrite):
        house.batches().add(replace(alone, rows=5), chunks, "", uuid.uuid4().hex)


def test_a_closed_batch_may_have_met_another_closer_only(house: House) -> None:
    batch = house.batches().get(house.chunk().batch_id)
    done = replace(batch, closed_as=BatchStatus.FINISHED, finished_at=5)
    assert house.batches().close(done, None)
    reopened = replace(done, version=batch.version + 1)
    assert not house.batches().close(reopened, None), "it is closed, though the version is as it was read"


# --- two calls at once


class Meets(Wrapped):
    """Another worker's write comes just before the first of ours."""

    def __init__(self, client: Any, other: Callable[[], Any]) -> None:
        super().__init__(client)
        self._other: Callable[[], Any] | None = other

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        other, self._other = (self._other, None) if name in WRITES else (None, self._other)
        if other:
            other()
        return super().send(name, arguments)


def test_of_two_calls_with_one_body_at_once_the_later_is_told(house: House) -> None:
    digest = uuid.uuid4().hex
    (first, parts), (second, more) = house.new_batch(), house.new_batch()
    met = Meets(house.client, lambda: house.batches().add(first, parts, "", digest))
    assert house.batches(met).add(second, more, "", digest) == (second.id, first.id)
    (third, parts), (fourth, more) = house.new_batch(), house.new_batch()
    met = Meets(house.client, lambda: house.batches().add(third, parts, "", digest))
    assert house.batches(met).add(fourth, more, "", digest) == (fourth.id, third.id)


def test_of_two_calls_with_one_key_at_once_one_batch_is_made(house: House) -> None:
    digest = uuid.uuid4().hex
    (first, parts), (second, more) = house.new_batch(), house.new_batch()
    met = Meets(house.client, lambda: house.batches().add(first, parts, "k", digest))
    assert house.batches(met).add(second, more, "k", digest) == (first.id, "")
    with pytest.raises(NotFound):
        house.batches().get(second.id)


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("TransactionCanceledException", ["TransactionConflict", "None"]),
        ("TransactionCanceledException", ["None", "ConditionalCheckFailed", "TransactionConflict"]),
        ("TransactionInProgressException", []),
    ],
)
def test_transactions_that_conflict_are_races(house: House, code: str, reasons: list[str]) -> None:
    batches = house.batches(Refuses(house.client, code, *reasons))
    chunk = house.chunk()
    with pytest.raises(StaleWrite):
        batches.commit(house.step(chunk))
    batch = house.batches().get(chunk.batch_id)
    assert not batches.close(replace(batch, closed_as=BatchStatus.FINISHED), None)
    with pytest.raises(StaleWrite):
        batches.add(*house.new_batch(), "k", "digest")


def test_a_single_write_that_meets_a_transaction_is_a_race(house: House) -> None:
    wallets = house.wallets(Refuses(house.client, "TransactionConflictException"))
    with pytest.raises(StaleWrite):
        wallets.save_brand(Brand("shop", house.tenant, "Shop"))


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("TransactionCanceledException", ["ConditionalCheckFailed", "ThrottlingError"]),
        ("TransactionCanceledException", ["ValidationError", "ThrottlingError"]),
        ("ProvisionedThroughputExceededException", []),
        ("AccessDeniedException", []),
    ],
)
def test_anything_else_is_an_accident_and_not_a_race(house: House, code: str, reasons: list[str]) -> None:
    chunk = house.chunk()
    with pytest.raises(ClientError):
        house.batches(Refuses(house.client, code, *reasons)).commit(house.step(chunk))


@pytest.mark.parametrize(
    ("code", "reasons"),
    [("TransactionCanceledException", ["None", "ValidationError"]), ("ValidationException", [])],
)
def test_what_the_table_never_takes_is_neither(house: House, code: str, reasons: list[str]) -> None:
    with pytest.raises(Unwritable):
        house.batches(Refuses(house.client, code, *reasons)).commit(house.step(house.chunk()))


# --- many at once


def many_members(house: House, count: int) -> list[str]:
    chunk = house.chunk()
    names = [f"m{n}" for n in range(count)]
    for at in range(0, count, 97):
        records = [Member(house.tenant, name, first_name="Jo") for name in names[at : at + 97]]
        house.batches().commit(house.step(chunk, *records))
        chunk = house.batches().chunk(chunk.batch_id, 0)
    return names


def test_250_members_are_read_in_three_consistent_questions(house: House) -> None:
    names = many_members(house, 250)
    client = Wrapped(house.client)
    found = house.wallets(client).members(house.tenant, [*names, *names, "nobody"])
    assert list(found) == names
    asked = [arguments["RequestItems"][house.wallet] for _, arguments in client.calls]
    assert sorted(len(one["Keys"]) for one in asked) == [51, 100, 100]  # asked at once: in no order
    assert all(one["ConsistentRead"] for one in asked)


def test_keys_that_were_not_answered_are_asked_again(house: House) -> None:
    names = many_members(house, 120)
    client, before = Busy(house.client), house.clock.time
    assert set(house.wallets(client).members(house.tenant, names)) == set(names)
    assert len(client.calls) == 4 + 1
    assert house.clock.time - before == 50 + 100 + 200


def test_a_table_that_stays_busy_is_an_error_and_not_half_an_answer(house: House) -> None:
    client = Busy(house.client)
    client.most = 0
    with pytest.raises(TimeoutError, match="3 of 3 items did not come"):
        house.wallets(client).members(house.tenant, ["a", "b", "c"])
    assert len(client.calls) == TRIES


def test_an_email_address_is_found_in_any_case_and_stored_hashed(house: House) -> None:
    house.batches().commit(house.step(house.chunk(), EmailHolder(house.tenant, "jo@x.test", "m1")))
    holder = EmailHolder(house.tenant, "jo@x.test", "m1", version=1)
    assert house.wallets().emails(house.tenant, ["Jo@X.test", "jo@x.test"]) == {
        "Jo@X.test": holder,
        "jo@x.test": holder,
    }
    stored = house.client.scan(
        TableName=house.wallet,
        FilterExpression="begins_with(pk, :pk)",
        ExpressionAttributeValues=marshal({":pk": f"EMAIL#{house.tenant}#"}),
    )["Items"]
    assert len(stored) == 1
    assert "jo@" not in json.dumps(stored).lower()


# --- what is stored


def test_only_a_batch_that_is_looked_after_is_in_the_index(house: House) -> None:
    batch = house.batches().get(house.chunk().batch_id)
    assert "open" not in house.items(f"BATCH#{batch.id}")["BATCH"]
    house.batches().save(replace(batch, due_at=5))
    assert house.items(f"BATCH#{batch.id}")["BATCH"]["open"] == "BATCH"


def test_fields_that_say_nothing_take_no_room(house: House) -> None:
    chunk = house.chunk()
    house.batches().commit(house.step(chunk, Member(house.tenant, "m1")))
    (item,) = house.items(f"MEMBER#{house.tenant}#m1").values()
    assert set(item) == {"pk", "sk", "tenant", "identifier", "version"}


def test_keys_and_bodies_say_when_they_may_go(house: House) -> None:
    batch, chunks = house.new_batch()
    digest = uuid.uuid4().hex
    house.batches().add(batch, chunks, "k", digest)
    now = house.clock.now() // 1000
    assert house.items(f"KEY#{house.tenant}#k")["KEY"]["ttl"] == now + 30 * 86_400
    assert house.items(f"BODY#{digest}")["BODY"]["ttl"] == now + 86_400


def test_a_key_that_has_expired_is_free_though_its_item_is_there(house: House) -> None:
    first, parts = house.new_batch()
    house.batches().add(first, parts, "k", uuid.uuid4().hex)
    house.clock.pass_(30 * DAY - 1)
    assert house.batches().find_key(house.tenant, "k") is not None
    house.clock.pass_(1)
    assert house.batches().find_key(house.tenant, "k") is None
    second, parts = house.new_batch()
    digest = uuid.uuid4().hex
    assert house.batches().add(second, parts, "k", digest) == (second.id, "")
    assert house.batches().find_key(house.tenant, "k") == (second.id, digest)


def test_a_body_that_comes_daily_is_told_of_the_day_before(house: House) -> None:
    """Not of the first alone, which would be forgotten while the body keeps coming."""
    digest, told = uuid.uuid4().hex, []
    batches = [house.new_batch() for _ in range(3)]
    for batch, chunks in batches:
        told.append(house.batches().add(batch, chunks, "", digest)[1])
        house.clock.pass_(DAY - 1)
    assert told == ["", batches[0][0].id, batches[1][0].id]


def test_results_of_a_whole_chunk_fit_into_one_item(house: House) -> None:
    chunk = house.chunk()
    results = [
        RowResult(row, f"member-{row:05d}@shop.example", reason="given up after 20 sweeps") for row in range(6_250)
    ]
    house.batches().commit(Step(chunk, replace(chunk, cursor=100), (), results[::-1]))
    assert list(house.batches().results(chunk.batch_id, 0, 10_000)) == results
    packed = house.items(f"BATCH#{chunk.batch_id}")["RESULT#000000"]["results"]
    assert len(packed) < 40 * 6_250


def test_a_full_step_fits_into_one_transaction(house: House) -> None:
    chunk = house.chunk()
    records = [Member(house.tenant, f"m{n}") for n in range(97)] + [EmailHolder(house.tenant, "a@b.c", "m1")]
    house.batches().commit(house.step(chunk, *records))
    assert len(house.wallets().members(house.tenant, [f"m{n}" for n in range(97)])) == 97


# --- phones


def test_a_phone_is_registered_once_counted_and_asked_from_either_side(house: House) -> None:
    devices, held, other = house.devices(), house.a_pass(), house.a_pass()
    device = uuid.uuid4().hex
    assert devices.register(held, device, "push-1")
    now = house.wallets().passes([held.id])[held.id]
    assert (now.devices, now.version) == (1, held.version + 1)
    assert not devices.register(now, device, "push-2")
    assert devices.register(other, device, "push-3")
    assert devices.devices_of(held.id) == [(device, "push-2")]
    assert devices.passes_of(device) == sorted([held.id, other.id])
    assert house.wallets().passes([held.id])[held.id] == now


def test_a_phone_that_has_thrown_its_pass_away_hears_no_more(house: House) -> None:
    devices, held = house.devices(), house.a_pass()
    device = uuid.uuid4().hex
    assert not devices.unregister(held, device)
    devices.register(held, device, "push")
    with pytest.raises(StaleWrite):
        devices.unregister(held, device)
    now = house.wallets().passes([held.id])[held.id]
    assert devices.unregister(now, device)
    assert (devices.devices_of(held.id), devices.passes_of(device)) == ([], [])
    assert house.wallets().passes([held.id])[held.id].devices == 0


def test_of_two_phones_at_once_neither_is_lost(house: House) -> None:
    """Both leave the pass the same: one phone, one version more."""
    devices, held = house.devices(), house.a_pass()
    assert devices.register(held, f"{held.id}-a", "push")
    with pytest.raises(StaleWrite):
        devices.register(held, f"{held.id}-b", "push")
    assert devices.devices_of(held.id) == [(f"{held.id}-a", "push")]
    assert devices.passes_of(f"{held.id}-b") == []
    assert devices.register(house.wallets().passes([held.id])[held.id], f"{held.id}-b", "push")
    assert house.wallets().passes([held.id])[held.id].devices == 2


def test_the_lost_answer_of_a_registration_is_no_race(house: House) -> None:
    held = house.a_pass()
    assert house.devices(Repeats(house.client)).register(held, held.id, "push")
    now = house.wallets().passes([held.id])[held.id]
    assert now.devices == 1
    assert house.devices(Repeats(house.client)).unregister(now, held.id)
    assert house.wallets().passes([held.id])[held.id].devices == 0
