"""What the Walleo door keeps: the same cases on the fakes, and on DynamoDB and KMS of the embedded AWS."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from giftline.accounts.walleo_clients import (
    KEY_PURPOSE,
    ManageWalleoClients,
    SeenSignatures,
    WalleoClient,
    WalleoClients,
    WalleoCredentials,
)
from giftline.bootstrap.resources import new_order_id
from giftline.clock import SystemClock
from giftline.doors.answers import Reply
from giftline.doors.walleo import FirstRefusals, WalleoDoor
from giftline.errors import BrokenSeal, StaleWrite
from giftline.orders.accepting import AcceptOrder
from giftline.orders.holding import HoldOrder
from giftline.secret import Secret
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.ledger import DynamoLedger
from giftline.storage.walleo_clients import DynamoFirstRefusals, DynamoSeenSignatures, DynamoWalleoClients
from giftline.storage.webhook_secrets import KmsSecretKeeper
from tests.fakes.house import EUR
from tests.fakes.time import FakeClock
from tests.fakes.walleo_door import (
    CARDS,
    PULL_REQUESTS,
    FakeFirstRefusals,
    FakeSeenSignatures,
    FakeSharedKeys,
    FakeWalleoClients,
    SentCall,
    WalleoHouse,
)

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
both = pytest.mark.parametrize("kind", ["fake", "aws"])
CROWD = 50
NOW = 1_750_000_000


@dataclass
class Stores:
    clients: WalleoClients
    seen: SeenSignatures
    refusals: FirstRefusals


@pytest.fixture
def stores(kind: str, request: pytest.FixtureRequest) -> Stores:
    if kind == "fake":
        return Stores(FakeWalleoClients(), FakeSeenSignatures(), FakeFirstRefusals())
    dynamodb = request.getfixturevalue("aws")("dynamodb")
    accounts = request.getfixturevalue("table")("AccountsTable")
    seen, refusals = DynamoSeenSignatures(dynamodb, accounts), DynamoFirstRefusals(dynamodb, accounts)
    return Stores(DynamoWalleoClients(dynamodb, accounts), seen, refusals)


@pytest.fixture
def name() -> str:
    return uuid.uuid4().hex


def a_client(name: str) -> WalleoClient:
    return WalleoClient(name, "acme", "hash", b"\x00sealed\xff", frozenset({"orders.store"}))


@both
def test_a_client_comes_back_as_it_went_in(stores: Stores, name: str) -> None:
    client = a_client(name)
    assert stores.clients.find(name) is None
    assert stores.clients.add(client) == client
    assert stores.clients.find(name) == client


@both
def test_the_first_client_of_an_identifier_stays(stores: Stores, name: str) -> None:
    first = stores.clients.add(a_client(name))
    assert stores.clients.add(replace(first, tenant="other", key_hash="other")) == first
    assert stores.clients.find(name) == first


@both
def test_keys_change_over_those_that_were_read(stores: Stores, name: str) -> None:
    first = stores.clients.add(a_client(name))
    second = replace(first, key_hash="new", sealed_key=b"new")
    stores.clients.change(first, second)
    stores.clients.change(first, second)  # the answer to the first one was lost
    with pytest.raises(StaleWrite):
        stores.clients.change(first, replace(first, key_hash="third", sealed_key=b"third"))
    assert stores.clients.find(name) == second


@both
def test_a_removed_client_is_gone_and_does_not_come_back_by_new_keys(stores: Stores, name: str) -> None:
    first = stores.clients.add(a_client(name))
    stores.clients.remove(name)
    stores.clients.remove(name)
    assert stores.clients.find(name) is None
    with pytest.raises(StaleWrite):
        stores.clients.change(first, replace(first, key_hash="new", sealed_key=b"new"))


@both
def test_a_signature_is_new_once(stores: Stores, name: str) -> None:
    assert [stores.seen.add(name, NOW), stores.seen.add(name, NOW), stores.seen.add(name, NOW, "r-1")] == [
        True,
        False,
        False,
    ]


@both
def test_a_signature_comes_again_with_its_own_request_alone(stores: Stores, name: str) -> None:
    assert stores.seen.add(name, NOW, "r-1")
    assert stores.seen.add(name, NOW, "r-1")
    assert not stores.seen.add(name, NOW, "r-2")
    assert not stores.seen.add(name, NOW)


@both
def test_a_spent_signature_comes_no_more(stores: Stores, name: str) -> None:
    stores.seen.add(name, NOW, "r-1")
    stores.seen.spend(name, NOW)
    assert not stores.seen.add(name, NOW, "r-1")


@both
def test_the_first_refusal_stays(stores: Stores, name: str) -> None:
    assert stores.refusals.find("acme", name) is None
    stores.refusals.keep("acme", name, (422, "out_of_stock", "none left"), NOW)
    stores.refusals.keep("acme", name, (404, "other", "other"), NOW)
    assert stores.refusals.find("acme", name) == (422, "out_of_stock", "none left")
    assert stores.refusals.find("other", name) is None


def test_what_is_forgotten_has_its_second(aws: MakeClient, table: Callable[[str], str], name: str) -> None:
    dynamodb, accounts = aws("dynamodb"), table("AccountsTable")
    DynamoSeenSignatures(dynamodb, accounts).add(name, NOW)
    DynamoFirstRefusals(dynamodb, accounts).keep(name, "r", (422, "c", "m"), NOW)
    for pk, sk in ((f"WALLEOSIGNATURE#{name}", "SIGNATURE"), (f"WALLEOREFUSAL#{name}", "REFNO#r")):
        item = dynamodb.get_item(TableName=accounts, Key={"pk": {"S": pk}, "sk": {"S": sk}})["Item"]
        assert item["ttl"] == {"N": str(NOW)}


def test_a_shared_key_opens_for_its_tenant_and_as_nothing_else(aws: MakeClient) -> None:
    kms = aws("kms")
    key = str(kms.create_key()["KeyMetadata"]["KeyId"])
    keeper = KmsSecretKeeper(kms, key, FakeClock(), KEY_PURPOSE)
    sealed = keeper.seal("acme", Secret("AB" * 16))
    assert keeper.open("acme", sealed).reveal() == "AB" * 16
    assert b"AB" * 16 not in sealed
    for tenant, purpose in (("other", KEY_PURPOSE), ("acme", "webhook")):
        with pytest.raises(BrokenSeal):
            KmsSecretKeeper(kms, key, FakeClock(), purpose).open(tenant, sealed)


# --- many at once, on real tables


@dataclass
class CrowdedDoor:
    """A door on DynamoDB, for a tenant of its own with money for one card."""

    walleo: WalleoHouse
    door: WalleoDoor
    tenant: str
    orders: DynamoOrders
    ledger: DynamoLedger

    def at_once(self, do: Callable[[SentCall], Reply], calls: list[SentCall]) -> list[Reply]:
        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(lambda call: self.walleo.answer(do, call), calls))

    @property
    def made(self) -> list[str]:
        return sorted(set(self.walleo.house.messages.announced))


@pytest.fixture
def crowded(aws: MakeClient, table: Callable[[str], str], name: str) -> CrowdedDoor:
    dynamodb, accounts = aws("dynamodb"), table("AccountsTable")
    ledger = DynamoLedger(dynamodb, accounts)
    orders = DynamoOrders(dynamodb, table("OrdersTable"), ledger=ledger)
    ledger.deposit(name, EUR, 5_000, "for one card", 0)
    walleo, clock = WalleoHouse(), SystemClock()
    walleo.house.clock.time = clock.now()
    clients, keys = DynamoWalleoClients(dynamodb, accounts), FakeSharedKeys()
    own = WalleoCredentials(Secret(f"key-of-{name}"), Secret("6F2CE47010CF4F79B9767042BAFB1EB4"))
    ManageWalleoClients(clients, keys, lambda _: True).register(name, name, own)
    house = walleo.house
    accept = AcceptOrder(orders, house.files, house.messages, clock, house.timing, new_order_id)
    check = replace(walleo.check, clients=clients, seen=DynamoSeenSignatures(dynamodb, accounts), clock=clock)
    door = replace(
        walleo.door,
        check=check,
        accept_order=accept,
        orders=orders,
        hold_order=HoldOrder(orders, clock),
        refusals=DynamoFirstRefusals(dynamodb, accounts),
        clock=clock,
        hold_seconds=0.0,
    )
    return CrowdedDoor(walleo, door, name, orders, ledger)


def pulls(crowded: CrowdedDoor, request_ids: list[str], *, at: int = 0) -> list[SentCall]:
    """The timestamp of each is a second apart where `at` says so."""
    now = int(time.time())
    return [
        crowded.walleo.signed(
            "POST",
            PULL_REQUESTS,
            {"pull_request": {"amount": 50, "gift_card_code": "IKEA", "request_id": request_id}},
            key=f"key-of-{crowded.tenant}",
            identifier=crowded.tenant,
            timestamp=now - at * number,
        )
        for number, request_id in enumerate(request_ids)
    ]


@pytest.mark.parametrize("apart", [0, 1])
def test_fifty_posts_of_one_request_id_make_one_order(crowded: CrowdedDoor, apart: int) -> None:
    """`apart` 0: the same bytes, as a client sends that got no answer; 1: each signed anew."""
    calls = pulls(crowded, ["r-1"] * CROWD, at=apart)
    replies = crowded.at_once(crowded.door.create_pull_request, calls)
    assert Counter(reply.status for reply in replies) == {200: 1, 422: CROWD - 1}
    assert {reply.body["errors"][0]["message"] for reply in replies if reply.status == 422} == {
        "Request id is already used"
    }
    assert len(crowded.made) == 1
    assert crowded.ledger.balance(crowded.tenant, EUR).reserved == 5_000


def test_fifty_cards_at_once_under_one_id_are_one_order_and_one_answer(crowded: CrowdedDoor) -> None:
    call = crowded.walleo.signed(
        "POST",
        CARDS,
        {"card": {"amount": 50, "gift_card_code": "IKEA"}},
        key=f"key-of-{crowded.tenant}",
        identifier=crowded.tenant,
        timestamp=int(time.time()),
        headers={"X-RequestId": "r-1"},
    )
    replies = crowded.at_once(crowded.door.create_card, [call] * CROWD)
    assert {(reply.status, reply.text) for reply in replies} == {(202, replies[0].text)}
    assert len(crowded.made) == 1


def test_the_money_for_one_card_buys_one_of_fifty(crowded: CrowdedDoor) -> None:
    calls = pulls(crowded, [f"r-{number}" for number in range(CROWD)])
    replies = crowded.at_once(crowded.door.create_pull_request, calls)
    codes = Counter(reply.body["errors"][0]["code"] if reply.status != 200 else "" for reply in replies)
    assert (codes[""], len(crowded.made)) == (1, 1)
    assert set(codes) <= {"", "not_enough_funds", "service_unavailable"}
    assert crowded.ledger.balance(crowded.tenant, EUR).available == 0
