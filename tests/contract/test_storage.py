"""The same cases on the fakes, and on DynamoDB, S3, KMS, SQS and Step Functions of the embedded AWS."""

from __future__ import annotations

import json
import os
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from giftline.accounts.model import Access, token_hash
from giftline.errors import BrokenSeal, Misconfigured, NotFound, StaleWrite
from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Order, OrderStatus, Page, PageRef, Recipient
from giftline.orders.pages import open_page, seal_page
from giftline.orders.ports import Executions, Files, Orders, Pages, Vault
from giftline.secret import Secret
from giftline.storage.accounts import DynamoAccounts
from giftline.storage.dynamodb import DynamoOrders, DynamoPages
from giftline.storage.messaging import SqsMessages, StepFunctionsExecutions
from giftline.storage.s3 import PART_SIZE, READ_SIZE, S3Drops, S3Files
from giftline.storage.secrets import JsonSecret
from giftline.storage.vault import KmsVault
from tests.fakes.house import TENANT, a_lot, an_order, line
from tests.fakes.storage import FakeExecutions, FakeFiles, FakeOrders, FakePages, FakeVault
from tests.fakes.supplier import cards_for
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
MakeTable = Callable[[str], str]
both = pytest.mark.parametrize("kind", ["fake", "aws"])


@dataclass
class Store:
    orders: Orders
    pages: Pages
    vault: Vault
    files: Files
    executions: Executions
    read: Callable[[str], bytes | None]


@pytest.fixture(scope="session")
def key_id(aws: MakeClient) -> str:
    return str(aws("kms").create_key()["KeyMetadata"]["KeyId"])


@pytest.fixture(scope="session")
def bucket(aws: MakeClient) -> str:
    where = {"LocationConstraint": "ap-southeast-2"}
    aws("s3").create_bucket(Bucket="results", CreateBucketConfiguration=where)
    return "results"


@pytest.fixture(scope="session")
def machine(aws: MakeClient) -> str:
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3_600, "End": True}}}
    role = "arn:aws:iam::000000000000:role/any"
    made = aws("stepfunctions").create_state_machine(name="waits", definition=json.dumps(definition), roleArn=role)
    return str(made["stateMachineArn"])


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest) -> Store:
    if kind == "fake":
        files = FakeFiles()
        return Store(FakeOrders(), FakePages(), FakeVault(), files, FakeExecutions(), files.kept.get)
    aws: MakeClient = request.getfixturevalue("aws")
    table: str = request.getfixturevalue("table")("OrdersTable")
    bucket: str = request.getfixturevalue("bucket")

    def read(key: str) -> bytes | None:
        try:
            return bytes(aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError:
            return None

    return Store(
        DynamoOrders(aws("dynamodb"), table),
        DynamoPages(aws("dynamodb"), table),
        KmsVault(aws("kms"), request.getfixturevalue("key_id")),
        S3Files(aws("s3"), bucket),
        StepFunctionsExecutions(aws("stepfunctions"), request.getfixturevalue("machine")),
        read,
    )


@pytest.fixture
def order() -> Order:
    """Of an id of its own: the tables are shared by all tests."""
    return an_order(uuid.uuid4().hex[:26].upper())


def planned(store: Store, order: Order, lots: int = 2) -> list[Lot]:
    store.orders.add(order)
    parts = [a_lot(order.id, number) for number in range(1, lots + 1)]
    store.orders.plan(replace(order, status=OrderStatus.PROCESSING, lot_count=lots, wrapped_key=b"\x00key"), parts)
    return parts


# --- orders


@both
def test_an_order_comes_back_as_it_was_written(store: Store, order: Order) -> None:
    full = replace(order, recipients_key="requests/x", wrapped_key=b"\x00\xff", lines=(line(3), line(2, minor=900)))
    assert store.orders.add(full) == full
    assert store.orders.get(order.id) == full
    assert store.orders.find(TENANT, order.refno) == full


@both
def test_a_lot_comes_back_as_it_was_written(store: Store, order: Order) -> None:
    parts = planned(store, order)
    assert store.orders.lots(order.id) == parts
    full = replace(
        parts[0], state=LotState.READY, posts=2, nonce="n", posting_at=1, first_posted_at=2, placed_at=3, ready_at=4,
        ask_at=5, failed_asks=6, polls=7, supplier_order_id="S", supplier_status="Ä", received_cards=8, reason="r",
    )  # fmt: skip
    saved = store.orders.save_lot(full)
    assert saved == replace(full, version=1) == store.orders.lot(order.id, 1)
    assert store.orders.lot(order.id, 2) == parts[1]


@both
def test_the_order_that_holds_a_refno_wins(store: Store, order: Order) -> None:
    store.orders.add(order)
    assert store.orders.add(replace(order, id=order.id + "X")) == order
    with pytest.raises(NotFound):
        store.orders.get(order.id + "X")


@both
def test_another_tenant_may_have_the_same_refno(store: Store, order: Order) -> None:
    other = replace(order, id=order.id + "X", tenant="other")
    assert store.orders.add(order) == order
    assert store.orders.add(other) == other
    assert store.orders.find("other", order.refno) == other


@both
def test_what_is_not_there_is_not_found(store: Store, order: Order) -> None:
    assert store.orders.find(TENANT, order.refno) is None
    assert store.orders.lots(order.id) == []
    with pytest.raises(NotFound):
        store.orders.get(order.id)
    with pytest.raises(NotFound):
        store.orders.lot(order.id, 1)


@both
def test_the_second_of_two_writers_is_told_that_it_is_late(store: Store, order: Order) -> None:
    store.orders.add(order)
    first = store.orders.save(replace(order, executions=1))
    assert (first.version, store.orders.get(order.id)) == (1, first)
    with pytest.raises(StaleWrite):
        store.orders.save(replace(order, executions=5))
    assert store.orders.get(order.id) == first


@both
def test_two_workers_intents_do_not_both_get_through(store: Store, order: Order) -> None:
    lot = planned(store, order)[0]
    mine = store.orders.save_lot(replace(lot, state=LotState.POSTING, nonce="mine"))
    with pytest.raises(StaleWrite):
        store.orders.save_lot(replace(lot, state=LotState.POSTING, nonce="theirs"))
    assert store.orders.lot(order.id, 1) == mine


@both
def test_the_same_write_again_is_no_race(store: Store, order: Order) -> None:
    """As when the answer to the first was lost and the client tried again."""
    lot = planned(store, order)[0]
    intent = replace(lot, state=LotState.POSTING, nonce="mine")
    assert store.orders.save_lot(intent) == store.orders.save_lot(intent)


@both
def test_a_plan_is_written_once(store: Store, order: Order) -> None:
    planned(store, order)
    late = replace(order, status=OrderStatus.PROCESSING, lot_count=1, wrapped_key=b"another key")
    with pytest.raises(StaleWrite):
        store.orders.plan(late, [a_lot(order.id, 1, 9)])
    assert store.orders.get(order.id).wrapped_key == b"\x00key"
    assert [lot.quantity for lot in store.orders.lots(order.id)] == [3, 3]


@both
def test_open_orders_are_due_by_their_time_the_longest_due_first(store: Store, order: Order) -> None:
    ids = [f"{order.id}{n}" for n in range(4)]
    for order_id, due in zip(ids, (3_000, 1_000, 2_000, 9_000), strict=True):
        store.orders.add(replace(order, id=order_id, refno=order_id, due_at=due))
    store.orders.save(replace(store.orders.get(ids[2]), status=OrderStatus.COMPLETE, due_at=None))
    due_now = [order_id for order_id in store.orders.due(5_000, 200) if order_id in ids]
    assert due_now == [ids[1], ids[0]]
    assert len(store.orders.due(10_000, 1)) == 1


# --- pages and seals


@both
def test_pages_come_back_in_order_and_open(store: Store, order: Order) -> None:
    order = replace(order, wrapped_key=store.vault.new_key(order.id))
    seal = store.vault.seal(order)
    cards = cards_for((line(3),))
    places = [(2, 0, 0), (1, 500, 0), (1, 0, 1), (1, 0, 0)]
    for lot, offset, version in places:
        store.pages.add(seal_page(seal, order, a_lot(order.id, lot), offset, version, cards))
    refs = store.pages.refs(order.id)
    assert [(ref.lot, ref.offset, ref.version) for ref in refs] == sorted(places)
    assert [ref.lot for ref in store.pages.refs(order.id, 2)] == [2]
    assert all(open_page(seal, order, store.pages.get(ref)) == cards for ref in refs)


@both
def test_a_page_is_never_overwritten(store: Store, order: Order) -> None:
    ref = PageRef(order.id, 1, 0, 0, (b"12345678",), (b"flawed 1",))
    store.pages.add(Page(ref, b"first"))
    store.pages.add(Page(ref, b"first"))
    with pytest.raises(StaleWrite):
        store.pages.add(Page(ref, b"second"))
    assert store.pages.get(ref).sealed == b"first"
    assert store.pages.refs(order.id) == [ref]


@both
def test_a_page_that_is_not_there_is_not_found(store: Store, order: Order) -> None:
    with pytest.raises(NotFound):
        store.pages.get(PageRef(order.id, 1, 0, 0, ()))


@both
def test_references_of_more_pages_than_one_answer_holds_all_come(store: Store, order: Order) -> None:
    for at in range(6):
        store.pages.add(Page(PageRef(order.id, 1, at * 500, 0, (b"12345678",) * 500), os.urandom(300_000)))
    assert [ref.offset for ref in store.pages.refs(order.id)] == [0, 500, 1_000, 1_500, 2_000, 2_500]


@both
def test_a_key_opens_what_it_sealed_and_only_for_its_order(store: Store, order: Order) -> None:
    order = replace(order, wrapped_key=store.vault.new_key(order.id))
    sealed = store.vault.seal(order).close(b"text", "here")
    assert store.vault.seal(order).open(sealed, "here") == b"text"
    with pytest.raises(BrokenSeal):
        store.vault.seal(order).open(sealed, "there")
    other = replace(order, id="other", wrapped_key=store.vault.new_key("other"))
    with pytest.raises(BrokenSeal):
        store.vault.seal(other).open(sealed, "here")


def test_a_cold_environment_decrypts_the_key_once(aws: MakeClient, key_id: str, order: Order) -> None:
    order = replace(order, wrapped_key=KmsVault(aws("kms"), key_id).new_key(order.id))
    client = Counting(aws("kms"))
    vault = KmsVault(client, key_id)  # type: ignore[arg-type]
    seals = [vault.seal(order) for _ in range(50)]
    assert len({seal.digest("6280") for seal in seals}) == 1
    assert client.calls == ["decrypt"]


# --- files


@both
def test_a_file_appears_when_it_is_finished(store: Store, order: Order) -> None:
    key = f"results/{order.id}"
    with store.files.export(key, "text/plain") as file:
        file.write(b"one ")
        assert store.read(key) is None
        file.write(b"two")
    assert store.read(key) == b"one two"


@both
@pytest.mark.parametrize("size", [10, PART_SIZE + 10])
def test_a_file_that_was_not_finished_does_not_appear(store: Store, order: Order, size: int) -> None:
    key = f"results/{order.id}"

    def crash() -> None:
        with store.files.export(key, "text/plain") as file:
            file.write(b"x" * size)
            raise MemoryError("killed")

    with pytest.raises(MemoryError):
        crash()
    assert store.read(key) is None


@both
@pytest.mark.parametrize("writes", [[PART_SIZE], [PART_SIZE - 1, 1, 7], [3 * PART_SIZE + 1], [1_000_000] * 11])
def test_a_large_file_is_whole(store: Store, order: Order, writes: list[int]) -> None:
    parts = [bytes([65 + at]) * size for at, size in enumerate(writes)]
    key = f"results/{order.id}"
    with store.files.export(key, "text/plain") as file:
        for part in parts:
            file.write(part)
    assert store.read(key) == b"".join(parts)


@both
def test_recipients_come_back_as_they_were(store: Store, order: Order) -> None:
    people = [Recipient("S", 500, 2, "Jäne\u2028X", "a@b.c", "+61", 'line\nbreak "q"', "r"), Recipient("S", 500, 1)]
    store.files.save_recipients(f"requests/{order.id}", people)
    assert list(store.files.recipients(f"requests/{order.id}")) == people


def test_a_link_gives_the_file_under_its_name(aws: MakeClient, bucket: str) -> None:
    files = S3Files(aws("s3"), bucket)
    with files.export("results/x", "text/csv") as file:
        file.write(b"text")
    link = files.link("results/x", "r-1-cards.csv")
    assert "X-Amz-Expires=900" in link
    with urllib.request.urlopen(link) as answer:  # noqa: S310 - the emulator's own
        assert answer.read() == b"text"


def test_a_dropped_file_is_read_in_parts_and_need_not_be_read_to_its_end(aws: MakeClient, bucket: str) -> None:
    content = b"0123456789" * (READ_SIZE // 8)
    aws("s3").put_object(Bucket=bucket, Key="orders/acme/r.csv", Body=content)
    drops = S3Drops(aws("s3"), bucket)
    with drops.open("orders/acme/r.csv") as drop:
        parts = list(drop.parts)
    assert (drop.size, b"".join(parts), max(map(len, parts))) == (len(content), content, READ_SIZE)
    with drops.open("orders/acme/r.csv") as drop:
        assert next(iter(drop.parts)) == content[:READ_SIZE]
    assert drop.size == len(content)


# --- executions, messages, accounts, secrets


@both
def test_an_executions_name_is_taken_once(store: Store, order: Order) -> None:
    assert not store.executions.is_running(order.id)
    assert store.executions.start(order.id, order.id)
    assert store.executions.is_running(order.id)
    store.executions.start(order.id, order.id)
    assert not store.executions.is_running(f"{order.id}-1")


def test_a_message_is_an_id_and_nothing_else(aws: MakeClient, order: Order) -> None:
    url = aws("sqs").create_queue(QueueName=f"q-{order.id}")["QueueUrl"]
    SqsMessages(aws("sqs"), url).announce(order.id)
    (message,) = aws("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"id": order.id}


@pytest.mark.parametrize("name", ["", "a#b", "a/b", "a b", "../a", ".", "a\n", "a" * 65])
def test_a_name_that_could_pass_for_another_tenants_key_is_none(aws: MakeClient, table: MakeTable, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a tenant"):
        DynamoAccounts(aws("dynamodb"), table("AccountsTable")).add_tenant(name)


def test_tokens_tenants_and_products_come_back(aws: MakeClient, table: MakeTable) -> None:
    accounts = DynamoAccounts(aws("dynamodb"), table("AccountsTable"))
    access = Access("acme", frozenset(["orders.store", "cards.get"]))
    hashed = token_hash(Secret("gl_x"))
    accounts.add_token(hashed, access)
    assert accounts.find(hashed) == access
    assert accounts.find(token_hash(Secret("another"))) is None
    accounts.add_tenant("acme")
    assert accounts.has_tenant("acme")
    assert not accounts.has_tenant("nobody")


def test_a_rotated_key_is_seen_and_a_missing_one_named(aws: MakeClient) -> None:
    client, clock = aws("secretsmanager"), FakeClock()
    name = f"s-{uuid.uuid4().hex}"
    client.create_secret(Name=name, SecretString=json.dumps({"wpay_api_key": "old"}))
    secrets = JsonSecret(client, name, clock)
    assert secrets.get("wpay_api_key") == Secret("old")
    client.put_secret_value(SecretId=name, SecretString=json.dumps({"wpay_api_key": "new"}))
    clock.pass_(301_000)
    assert secrets.get("wpay_api_key") == Secret("new")
    with pytest.raises(Misconfigured, match="walleo_api_key"):
        secrets.get("walleo_api_key")


# --- lost answers


class Counting:
    """Passes every call on, and remembers its name."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append(name)
            return self.send(name, arguments)

        return call

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        return getattr(self._client, name)(**arguments)


class LosesAnswers(Counting):
    """The first write's answer is lost; the SDK's own retry then meets what the first one wrote."""

    lost = False

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        answer = super().send(name, arguments)
        if name in ("put_item", "transact_write_items") and not self.lost:
            self.lost = True
            return super().send(name, arguments)
        return answer


class MeetsTransactions(Counting):
    """Each write of one item comes while a transaction writes the same item."""

    def send(self, name: str, arguments: dict[str, Any]) -> Any:
        if name == "put_item":
            raise ClientError({"Error": {"Code": "TransactionConflictException"}}, "PutItem")
        return super().send(name, arguments)


def test_a_write_that_meets_a_transaction_is_a_race_that_was_lost(
    aws: MakeClient, table: MakeTable, order: Order
) -> None:
    name = table("OrdersTable")
    stored = DynamoOrders(aws("dynamodb"), name).add(order)
    with pytest.raises(StaleWrite):
        DynamoOrders(MeetsTransactions(aws("dynamodb")), name).save(replace(stored, lot_count=7))  # type: ignore[arg-type]
    assert DynamoOrders(aws("dynamodb"), name).get(order.id) == stored


def test_the_lost_answer_of_an_intent_is_told_from_a_lost_race(aws: MakeClient, table: MakeTable, order: Order) -> None:
    name = table("OrdersTable")
    plain = DynamoOrders(aws("dynamodb"), name)
    plain.add(order)
    plain.plan(replace(order, status=OrderStatus.PROCESSING), [a_lot(order.id)])
    intent = replace(plain.lot(order.id, 1), state=LotState.POSTING, nonce="mine")
    flaky = DynamoOrders(LosesAnswers(aws("dynamodb")), name)  # type: ignore[arg-type]
    mine = flaky.save_lot(intent)
    assert (mine.version, plain.lot(order.id, 1)) == (1, mine)
    with pytest.raises(StaleWrite):
        flaky.save_lot(replace(intent, nonce="theirs"))


def test_the_lost_answer_of_an_addition_a_plan_and_a_page_is_no_race(
    aws: MakeClient, table: MakeTable, order: Order
) -> None:
    name = table("OrdersTable")

    def client() -> Any:
        return LosesAnswers(aws("dynamodb"))

    assert DynamoOrders(client(), name).add(order) == order
    planned_order = replace(order, status=OrderStatus.PROCESSING, wrapped_key=b"k", lot_count=1)
    after = DynamoOrders(client(), name).plan(planned_order, [a_lot(order.id)])
    assert DynamoOrders(aws("dynamodb"), name).get(order.id) == after
    page = Page(PageRef(order.id, 1, 0, 0, ()), b"sealed")
    DynamoPages(client(), name).add(page)
    assert DynamoPages(aws("dynamodb"), name).get(page.ref) == page
