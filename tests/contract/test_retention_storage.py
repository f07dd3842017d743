"""Retention on DynamoDB, S3 and KMS of the embedded AWS: what is gone there is gone in all versions."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from giftline.errors import BrokenSeal, NotFound, StaleWrite
from giftline.orders.closing import results_keys
from giftline.orders.model import Order, OrderStatus, Page, Recipient, Watch
from giftline.orders.pages import open_page, seal_page
from giftline.orders.retention import ApplyRetention, card_record
from giftline.orders.retention_ports import KeptOrders, Removal, RetentionRule, RetentionRules
from giftline.orders.retention_setting import DAY
from giftline.orders.timing import Timing
from giftline.storage.dynamodb import DynamoOrders, DynamoPages
from giftline.storage.kept_orders import KEPT_INDEX, DynamoKeptOrders
from giftline.storage.retention_rules import DynamoRetentionRules
from giftline.storage.s3 import S3Files
from giftline.storage.s3_versions import S3FileVersions
from giftline.storage.vault import KmsVault
from tests.fakes.house import a_lot, an_order
from tests.fakes.retention import FakeKeptOrders, FakeRetentionRules, traces_of
from tests.fakes.storage import FakeOrders, FakePages
from tests.fakes.supplier import card_of, cards_for
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
TABLE, BUCKET = "OrdersOfRetention", "results-of-retention"
both = pytest.mark.parametrize("kind", ["fake", "aws"])


@pytest.fixture(scope="session")
def orders_table(aws: MakeClient, resources: dict[str, Any]) -> str:
    """As the template has it, and with the index of kept orders where it is not there yet."""
    shape = {
        name: resources["OrdersTable"]["Properties"][name]
        for name in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    }
    if KEPT_INDEX not in {index["IndexName"] for index in shape["GlobalSecondaryIndexes"]}:
        shape["AttributeDefinitions"] = [
            *shape["AttributeDefinitions"],
            {"AttributeName": "kept", "AttributeType": "S"},
            {"AttributeName": "closed_at", "AttributeType": "N"},
        ]
        keys = [{"AttributeName": "kept", "KeyType": "HASH"}, {"AttributeName": "closed_at", "KeyType": "RANGE"}]
        kept = {"IndexName": KEPT_INDEX, "KeySchema": keys, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        shape["GlobalSecondaryIndexes"] = [*shape["GlobalSecondaryIndexes"], kept]
    aws("dynamodb").create_table(TableName=TABLE, **shape)
    return TABLE


@pytest.fixture(scope="session")
def versioned(aws: MakeClient) -> str:
    s3 = aws("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return BUCKET


@pytest.fixture(scope="session")
def vault(aws: MakeClient) -> KmsVault:
    return KmsVault(aws("kms"), str(aws("kms").create_key()["KeyMetadata"]["KeyId"]))


@dataclass
class Store:
    orders: Any
    pages: Any
    kept: KeptOrders


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest) -> Store:
    if kind == "fake":
        orders, pages = FakeOrders(), FakePages()
        return Store(orders, pages, FakeKeptOrders(orders, pages))
    client: Any = request.getfixturevalue("aws")("dynamodb")
    table: str = request.getfixturevalue("orders_table")
    return Store(DynamoOrders(client, table), DynamoPages(client, table), DynamoKeptOrders(client, table))


def closed_order(store: Store, tenant: str, closed_at: int = 1_000, **more: Any) -> Order:
    """Written as a closing writes it; of an id and a tenant of its own, as the table is shared."""
    order = an_order(uuid.uuid4().hex[:26].upper(), tenant=tenant, **more)
    store.orders.add(order)
    ended = replace(order, status=OrderStatus.COMPLETE, due_at=None, closed_at=closed_at, wrapped_key=b"key")
    return store.orders.save(ended)  # type: ignore[no-any-return]


def a_tenant() -> str:
    return f"t-{uuid.uuid4().hex[:8]}"


def removal_of(order: Order) -> Removal:
    return Removal(order.id, order.tenant, 30, "ada", 4_000, 5_000, ("results/a", "results/b"), ("orders/c",))


def taken(order: Order) -> Order:
    return replace(order, cards_removed_at=5_000, due_at=6_000)


@both
def test_closed_orders_are_listed_by_tenant_and_time_the_longest_closed_first(store: Store) -> None:
    tenant = a_tenant()
    later, first = closed_order(store, tenant, 2_000), closed_order(store, tenant, 1_000)
    closed_order(store, a_tenant(), 500)
    assert store.kept.kept(tenant, 999, 10) == []
    assert store.kept.kept(tenant, 1_999, 10) == [first.id]
    assert store.kept.kept(tenant, 2_000, 10) == [first.id, later.id]
    assert store.kept.kept(tenant, 2_000, 1) == [first.id]


@both
def test_only_what_is_at_rest_is_listed(store: Store) -> None:
    tenant = a_tenant()
    order = closed_order(store, tenant)
    watched = store.orders.save(replace(order, due_at=9_000))
    assert store.kept.kept(tenant, 5_000, 10) == []
    store.orders.save(replace(watched, status=OrderStatus.REVIEW))
    assert store.kept.kept(tenant, 5_000, 10) == []


@both
def test_a_removal_begins_and_ends_with_its_record(store: Store) -> None:
    order = closed_order(store, a_tenant())
    removal = removal_of(order)
    assert store.kept.removal(order.id) is None
    begun = store.kept.begin(taken(order), removal)
    assert store.orders.get(order.id) == begun
    assert (begun.watch, begun.keeps_cards) == (Watch.REMOVING, False)
    assert store.kept.removal(order.id) == removal
    assert store.kept.kept(order.tenant, 9_000, 10) == []
    assert order.id in store.orders.due(6_000, 1_000, Watch.REMOVING)
    done = replace(removal, finished_at=7_000, pages=2, cards=900)
    store.kept.finish(replace(begun, due_at=None, wrapped_key=b""), done)
    assert store.kept.removal(order.id) == done
    assert (store.orders.get(order.id).watch, store.orders.get(order.id).wrapped_key) == (None, b"")
    assert order.id not in store.orders.due(9_000, 1_000, Watch.REMOVING)
    assert store.kept.kept(order.tenant, 9_000, 10) == []


@both
def test_a_removal_of_an_order_that_moved_is_refused_whole(store: Store) -> None:
    order = closed_order(store, a_tenant())
    store.orders.save(order)
    with pytest.raises(StaleWrite):
        store.kept.begin(taken(order), removal_of(order))
    assert store.kept.removal(order.id) is None
    assert store.orders.get(order.id).wrapped_key == b"key"


def test_a_beginning_whose_answer_got_lost_is_not_taken_for_a_race(aws: MakeClient, orders_table: str) -> None:
    client = aws("dynamodb")
    store = Store(DynamoOrders(client, orders_table), None, DynamoKeptOrders(client, orders_table))
    order = closed_order(store, a_tenant())
    begun = store.kept.begin(taken(order), removal_of(order))
    assert store.kept.begin(taken(order), removal_of(order)) == begun


@both
def test_a_stripped_page_keeps_its_counts_and_what_the_books_need(store: Store, vault: KmsVault) -> None:
    order = closed_order(store, a_tenant())
    order = replace(order, wrapped_key=vault.new_key(order.id))
    lot, seal = a_lot(order.id), vault.seal(order)
    cards = [*cards_for(lot.lines, "x"), card_of(lot.lines[0], 9, "x", flaw="no PIN")]
    pages = [seal_page(seal, order, lot, offset, 0, cards) for offset in (0, 500)]
    for page in pages:
        store.pages.add(page)
    first, second = store.kept.sealed_pages(order.id)
    assert [first, second] == [page.ref for page in pages]
    assert store.kept.records(first) == ()
    records = tuple(map(card_record, cards))
    store.kept.strip(first, records)
    store.kept.strip(first, ())
    assert store.kept.records(first) == records
    assert store.kept.sealed_pages(order.id) == [second]
    assert store.pages.refs(order.id) == [first, second]
    assert store.pages.get(first) == Page(first, b"")
    with pytest.raises(BrokenSeal):
        open_page(seal, order, store.pages.get(first))
    assert open_page(seal, order, store.pages.get(second)) == cards


@both
def test_a_page_that_is_not_there_is_not_made(store: Store) -> None:
    order = an_order(uuid.uuid4().hex[:26].upper())
    ref = seal_page(AnySeal(), order, a_lot(order.id), 0, 0, []).ref  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        store.kept.strip(ref, ())
    assert store.kept.sealed_pages(order.id) == []
    assert store.kept.records(ref) == ()


class AnySeal:
    def close(self, text: bytes, place: str) -> bytes:
        return text

    def digest(self, text: str) -> bytes:
        return text.encode()[:8]


@pytest.mark.parametrize("kind", ["fake", "aws"])
def test_rules_come_back_as_they_were_set(kind: str, request: pytest.FixtureRequest) -> None:
    rules: RetentionRules = FakeRetentionRules()
    if kind == "aws":
        aws, table = request.getfixturevalue("aws"), request.getfixturevalue("table")
        rules = DynamoRetentionRules(aws("dynamodb"), table("AccountsTable"))
    a, b = RetentionRule(f"a-{a_tenant()}", 30, 5, "ada"), RetentionRule(f"b-{a_tenant()}", None, 6, "bob")
    rules.save(replace(a, days=7))
    rules.save(a)
    rules.save(b)
    assert [rule for rule in rules.all() if rule.tenant in (a.tenant, b.tenant)] == [a, b]


def test_a_file_goes_with_all_its_versions_and_another_of_a_longer_name_stays(aws: MakeClient, versioned: str) -> None:
    s3, files = aws("s3"), S3FileVersions(aws("s3"), versioned)
    key = f"results/{uuid.uuid4()}/cards.csv"
    for text in (b"one", b"two"):
        s3.put_object(Bucket=versioned, Key=key, Body=text)
    s3.delete_object(Bucket=versioned, Key=key)
    s3.put_object(Bucket=versioned, Key=key, Body=b"three")
    s3.put_object(Bucket=versioned, Key=f"{key}.sums", Body=b"other")
    files.erase(key)
    files.erase(key)
    assert versions_of(s3, key) == [f"{key}.sums"]


def versions_of(s3: Any, prefix: str) -> list[str]:
    answer = s3.list_object_versions(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for one in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ()))]


def test_no_item_and_no_version_of_an_object_holds_a_secret_of_the_order_any_more(
    aws: MakeClient, orders_table: str, versioned: str, vault: KmsVault, table: Callable[[str], str]
) -> None:
    client, s3, clock = aws("dynamodb"), aws("s3"), FakeClock()
    store = Store(
        DynamoOrders(client, orders_table), DynamoPages(client, orders_table), DynamoKeptOrders(client, orders_table)
    )
    tenant, files, accounts = a_tenant(), S3Files(s3, versioned), table("AccountsTable")
    order = closed_order(store, tenant, clock.now(), source="csv")
    people, dropped = f"requests/{tenant}/{order.id}.jsonl", f"orders/{tenant}/{order.refno}.csv"
    order = store.orders.save(replace(order, wrapped_key=vault.new_key(order.id), recipients_key=people))
    ada = Recipient("A", 500, 3, "Ada", f"ada@{tenant}.example.com")
    files.save_recipients(people, [ada])
    lot, cards = a_lot(order.id), cards_for(a_lot(order.id).lines, f"{tenant}-")
    store.orders.plan(order, [lot])
    page = seal_page(vault.seal(order), order, lot, 0, 0, cards)
    store.pages.add(page)
    text = "\n".join(f"{card.number.reveal()},{card.barcode.reveal()}" for card in cards).encode()
    for name in (*results_keys(order).values(), results_keys(order)["cards.csv"]):
        with files.export(name, "text/csv") as export:
            export.write(b"no secrets" if name.endswith("summary.json") else text)
    for key in (dropped, f"rejected/{tenant}/{order.refno}.errors.csv"):
        s3.put_object(Bucket=versioned, Key=key, Body=ada.email.encode())
        s3.delete_object(Bucket=versioned, Key=key)
    secrets = {card.number.reveal() for card in cards} | {ada.email}
    wrapped = store.orders.get(order.id).wrapped_key
    everywhere = stored(client, (orders_table, accounts), s3)
    assert set(traces_of(everywhere, secrets)) == secrets, "the search finds all while they are there"
    assert wrapped in everywhere
    assert page.sealed in everywhere
    rules = DynamoRetentionRules(client, accounts)
    rules.save(RetentionRule(tenant, 30))
    versions = S3FileVersions(s3, versioned)
    apply = ApplyRetention(
        store.orders, store.kept, store.pages, vault, versions, rules, clock, Timing(), dropped=versions
    )
    clock.pass_(30 * DAY - 1)
    apply()
    assert open_page(vault.seal(order), order, store.pages.get(page.ref)) == cards
    clock.pass_(1)
    apply()
    everywhere = stored(client, (orders_table, accounts), s3)
    assert traces_of(everywhere, secrets) == []
    assert wrapped not in everywhere
    assert page.sealed not in everywhere
    kept = store.orders.get(order.id)
    assert (kept.wrapped_key, kept.cards_removed_at, kept.watch) == (b"", clock.now(), None)
    assert store.kept.records(page.ref) == tuple(map(card_record, cards))
    assert versions_of(s3, f"results/{tenant}/") == [results_keys(order)["summary.json"]]
    assert versions_of(s3, f"requests/{tenant}/") == versions_of(s3, dropped) == []
    record = store.kept.removal(order.id)
    assert record is not None
    assert (record.pages, record.cards, record.finished_at) == (1, 3, clock.now())


def stored(client: Any, tables: Sequence[str], s3: Any) -> bytes:
    """Every attribute of every item, and every version of every object."""
    parts = []
    for name in tables:
        for page in client.get_paginator("scan").paginate(TableName=name):
            parts += [value for item in page["Items"] for value in _bytes_in(item)]
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        for one in page.get("Versions", ()):
            body = s3.get_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])["Body"]
            parts += [one["Key"].encode(), body.read()]
    return b"\n".join(parts)


def _bytes_in(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _bytes_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _bytes_in(each)
    else:
        yield bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode()
