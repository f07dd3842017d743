"""The same cases on the fakes, and on DynamoDB, KMS and Step Functions of the embedded AWS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from giftline.delivery.attempts import Attempt, Endpoint, SealedSecrets
from giftline.delivery.events import EventState, WebhookEvent, event_id
from giftline.delivery.ports import SecretKeeper, Webhooks
from giftline.errors import BrokenSeal, NotFound, StaleWrite
from giftline.orders.model import OrderStatus
from giftline.secret import Secret
from giftline.storage import webhooks as storage
from giftline.storage.deliveries import StepFunctionsDeliveries
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.webhook_items import event_from_item, event_to_item
from giftline.storage.webhook_secrets import KEPT_SECONDS, KmsSecretKeeper
from giftline.storage.webhooks import DynamoWebhooks
from tests.fakes.house import an_order
from tests.fakes.storage import FakeOrders
from tests.fakes.time import START, FakeClock
from tests.fakes.webhooks import URL, FakeKeeper, FakeWebhooks, an_event

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
MakeTable = Callable[[str], str]
both = pytest.mark.parametrize("kind", ["fake", "aws"])


@pytest.fixture
def tenant() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def webhooks(kind: str, request: pytest.FixtureRequest) -> Webhooks:
    if kind == "fake":
        return FakeWebhooks()
    aws: MakeClient = request.getfixturevalue("aws")
    return DynamoWebhooks(aws("dynamodb"), request.getfixturevalue("table")("WebhooksTable"))


@pytest.fixture(scope="session")
def webhook_key(aws: MakeClient) -> str:
    return str(aws("kms").create_key()["KeyMetadata"]["KeyId"])


@pytest.fixture
def keeper(kind: str, request: pytest.FixtureRequest) -> SecretKeeper:
    if kind == "fake":
        return FakeKeeper()
    aws: MakeClient = request.getfixturevalue("aws")
    return KmsSecretKeeper(aws("kms"), request.getfixturevalue("webhook_key"), FakeClock())


def an_attempt(event: WebhookEvent, number: int, **more: Any) -> Attempt:
    return replace(Attempt(event.tenant, event.id, number, 0, START + number), **more)


# --- events


@both
def test_an_event_comes_back_as_it_went_in(webhooks: Webhooks, tenant: str) -> None:
    event = an_event(tenant=tenant)
    assert webhooks.add(event) == event
    assert webhooks.get(tenant, event.id) == event


@both
def test_an_id_that_is_there_stays_as_it_is(webhooks: Webhooks, tenant: str) -> None:
    event = an_event(tenant=tenant)
    saved = webhooks.save(replace(webhooks.add(event), tries=3))
    assert webhooks.add(replace(event, body="another")) == saved
    assert webhooks.get(tenant, event.id) == saved


@both
def test_another_tenants_event_is_not_found(webhooks: Webhooks, tenant: str) -> None:
    event = webhooks.add(an_event(tenant=tenant))
    with pytest.raises(NotFound):
        webhooks.get("another", event.id)


@both
def test_a_save_over_an_old_version_writes_nothing(webhooks: Webhooks, tenant: str) -> None:
    event = webhooks.add(an_event(tenant=tenant))
    saved = webhooks.save(replace(event, tries=1), an_attempt(event, 1))
    assert (saved.version, saved.tries) == (1, 1)
    with pytest.raises(StaleWrite):
        webhooks.save(replace(event, tries=2), an_attempt(event, 2), Endpoint(tenant, URL, START))
    with pytest.raises(StaleWrite):
        webhooks.save(replace(event, tries=2))
    assert webhooks.get(tenant, event.id) == saved
    assert len(webhooks.attempts(tenant, event.id)) == 1
    assert webhooks.disabled(tenant, URL) is None


@both
def test_a_write_whose_answer_was_lost_is_written(webhooks: Webhooks, tenant: str) -> None:
    event = webhooks.add(an_event(tenant=tenant))
    again = webhooks.save(replace(event, tries=2))
    assert webhooks.save(replace(event, tries=2)) == again


@both
def test_of_two_executions_that_leave_an_event_alike_one_has_lost(webhooks: Webhooks, tenant: str) -> None:
    event = webhooks.add(an_event(tenant=tenant))
    counted = replace(event, tries=1)
    event = webhooks.save(counted, an_attempt(event, 1))
    with pytest.raises(StaleWrite):
        webhooks.save(counted, an_attempt(event, 1))  # else both would send, as one try
    delivered = replace(event, state=EventState.DELIVERED, last_status=200)
    webhooks.save(delivered, an_attempt(event, 2, status=200, problem=""))
    with pytest.raises(StaleWrite):
        webhooks.save(delivered, an_attempt(event, 1, status=200, problem=""))  # else its outcome would be lost
    assert [one.status for one in webhooks.attempts(tenant, event.id)] == [None, 200]


class Repeats:
    """A client whose answers of transactions are lost: each is sent twice."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **given: Any) -> Any:
        self._client.transact_write_items(**given)
        return self._client.transact_write_items(**given)


def test_a_try_that_is_written_twice_by_one_call_is_no_race(aws: MakeClient, table: MakeTable, tenant: str) -> None:
    twice: Any = Repeats(aws("dynamodb"))
    webhooks = DynamoWebhooks(twice, table("WebhooksTable"))
    event = DynamoWebhooks(aws("dynamodb"), table("WebhooksTable")).add(an_event(tenant=tenant))
    saved = webhooks.save(replace(event, tries=1), an_attempt(event, 1))
    assert webhooks.get(tenant, event.id) == saved


@both
def test_attempts_come_in_their_order_with_their_outcome(webhooks: Webhooks, tenant: str) -> None:
    event = webhooks.add(an_event(tenant=tenant))
    for number in range(1, 13):
        event = webhooks.save(event, an_attempt(event, number))
    finished = an_attempt(event, 2, status=503, problem="answered 503", milliseconds=17, run=1)
    event = webhooks.save(event, finished)
    delivered = an_attempt(event, 12, status=204, problem="")
    webhooks.save(event, delivered)
    found = webhooks.attempts(tenant, event.id)
    assert [one.number for one in found] == list(range(1, 13))
    assert (found[0], found[1], found[11]) == (an_attempt(event, 1), finished, delivered)


@both
def test_only_pending_events_are_due_and_the_longest_due_comes_first(webhooks: Webhooks, tenant: str) -> None:
    long_ago = -(10**13)  # before 1970: earlier than what other tests leave pending in the same table
    due = [webhooks.add(replace(an_event(f"B{n}", tenant=tenant), due_at=START + long_ago - n)) for n in range(3)]
    done = webhooks.add(replace(an_event("B9", tenant=tenant), due_at=START + long_ago))
    webhooks.save(replace(done, state=EventState.DELIVERED, due_at=None))
    webhooks.add(replace(an_event("B8", tenant=tenant), due_at=START + long_ago + 10))
    found = webhooks.due(START + long_ago, 10)
    assert found == [(tenant, event.id) for event in reversed(due)]
    assert webhooks.due(START + long_ago, 2) == found[:2]
    for event in due:
        webhooks.save(replace(event, state=EventState.FAILED, due_at=None))
    assert webhooks.due(START + long_ago, 10) == []


# --- lists


def many(webhooks: Webhooks, tenant: str, count: int) -> list[WebhookEvent]:
    return [webhooks.add(an_event(f"B{n}", tenant=tenant, at=START + n)) for n in range(count)]


@both
def test_events_are_listed_the_newest_first_page_by_page(webhooks: Webhooks, tenant: str) -> None:
    events, after, pages = many(webhooks, tenant, 7), "", 0
    seen: list[WebhookEvent] = []
    while True:
        page = webhooks.events(tenant, 0, START + 100, None, 3, after)
        seen += page.events
        pages, after = pages + 1, page.next
        if not after:
            break
    assert seen == events[::-1]
    assert pages == 3


@both
def test_a_page_that_ends_with_the_last_event_says_so(webhooks: Webhooks, tenant: str) -> None:
    many(webhooks, tenant, 3)
    assert webhooks.events(tenant, 0, START + 100, None, 3).next == ""


@both
def test_a_range_holds_its_start_and_not_its_end(webhooks: Webhooks, tenant: str) -> None:
    events = many(webhooks, tenant, 5)
    page = webhooks.events(tenant, START + 1, START + 3, None, 10)
    assert list(page.events) == [events[2], events[1]]
    assert webhooks.events(tenant, START + 3, START + 3, None, 10).events == ()
    assert webhooks.events(tenant, START + 3, START + 1, None, 10).events == ()
    assert webhooks.events(tenant, START + 3, START + 5, None, 10, events[0].id).events == ()


@both
def test_a_list_of_one_state_goes_on_where_the_last_page_ended(
    webhooks: Webhooks, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "LOOKED_AT", 2)
    monkeypatch.setattr(storage, "MOST_READS", 2)
    events, after = many(webhooks, tenant, 12), ""
    seen: list[WebhookEvent] = []
    failed = [webhooks.save(replace(event, state=EventState.FAILED, due_at=None)) for event in events[::5]]
    for _ in range(12):
        page = webhooks.events(tenant, 0, START + 100, EventState.FAILED, 2, after)
        seen += page.events
        after = page.next
        if not after:
            break
    assert seen == failed[::-1]
    assert after == ""


# --- endpoints and secrets


@both
def test_an_endpoint_is_disabled_with_its_event_and_enabled_alone(webhooks: Webhooks, tenant: str) -> None:
    event = webhooks.add(an_event(tenant=tenant))
    webhooks.enable(tenant, URL)
    assert webhooks.disabled(tenant, URL) is None
    webhooks.save(event, an_attempt(event, 1), Endpoint(tenant, URL, START))
    assert webhooks.disabled(tenant, URL) == Endpoint(tenant, URL, START)
    assert webhooks.disabled(tenant, URL + "2") is None
    assert webhooks.disabled("another", URL) is None
    webhooks.enable(tenant, URL)
    assert webhooks.disabled(tenant, URL) is None


@both
def test_secrets_are_made_once_and_changed_over_the_version_read(webhooks: Webhooks, tenant: str) -> None:
    assert webhooks.secrets(tenant) is None
    first = webhooks.save_secrets(SealedSecrets(tenant, b"one", START))
    assert (webhooks.secrets(tenant), first.version) == (first, 1)
    with pytest.raises(StaleWrite):
        webhooks.save_secrets(SealedSecrets(tenant, b"two", START))
    rotated = replace(first, current=b"three", previous=b"one", previous_until=START + 1)
    second = webhooks.save_secrets(rotated)
    with pytest.raises(StaleWrite):
        webhooks.save_secrets(replace(first, current=b"four"))
    assert webhooks.secrets(tenant) == second


@both
def test_a_secret_opens_for_its_tenant_alone(keeper: SecretKeeper) -> None:
    sealed = keeper.seal("acme", Secret("whsec_one"))
    assert b"whsec_one" not in sealed
    assert keeper.open("acme", sealed) == Secret("whsec_one")
    with pytest.raises(BrokenSeal):
        keeper.open("another", sealed)


class CountingKms:
    def __init__(self, client: Any) -> None:
        self._client, self.decrypted = client, 0

    def encrypt(self, **given: Any) -> Any:
        return self._client.encrypt(**given)

    def decrypt(self, **given: Any) -> Any:
        self.decrypted += 1
        return self._client.decrypt(**given)


def test_kms_is_asked_once_in_some_minutes(aws: MakeClient, webhook_key: str) -> None:
    clock, kms = FakeClock(), CountingKms(aws("kms"))
    keeper = KmsSecretKeeper(kms, webhook_key, clock)  # type: ignore[arg-type]
    sealed = keeper.seal("acme", Secret("whsec_one"))
    for _ in range(5):
        assert keeper.open("acme", sealed) == Secret("whsec_one")
    assert kms.decrypted == 1
    clock.ticks += KEPT_SECONDS + 1
    keeper.open("acme", sealed)
    assert kms.decrypted == 2
    assert "whsec" not in repr(vars(keeper))


# --- what goes with an order, and what starts a delivery


@both
def test_an_order_and_its_event_are_written_together_or_not_at_all(
    kind: str, request: pytest.FixtureRequest, tenant: str
) -> None:
    order = replace(an_order(uuid.uuid4().hex, tenant=tenant), webhook_url=URL)
    event = an_event(order.id, tenant=tenant)
    fake, of_events = FakeOrders(), None
    orders: Any = fake
    if kind == "aws":
        client, table = request.getfixturevalue("aws")("dynamodb"), request.getfixturevalue("table")
        orders = DynamoOrders(client, table("OrdersTable"), table("WebhooksTable"))
        of_events = DynamoWebhooks(client, table("WebhooksTable"))

    def stored() -> list[WebhookEvent]:
        return list(of_events.events(tenant, 0, START * 2, None, 9).events if of_events else fake.events.values())

    orders.add(order)
    assert orders.get(order.id).webhook_url == URL
    with pytest.raises(StaleWrite):
        orders.close(replace(order, version=7, status=OrderStatus.COMPLETE), event)
    assert stored() == []
    closed = orders.close(replace(order, status=OrderStatus.COMPLETE), event)
    assert (orders.get(order.id), stored()) == (closed, [event])
    assert orders.close(replace(order, status=OrderStatus.COMPLETE), event) == closed


def test_a_run_is_started_once_under_its_name(aws: MakeClient, tenant: str) -> None:
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3_600, "End": True}}}
    role, client = "arn:aws:iam::000000000000:role/any", aws("stepfunctions")
    made = client.create_state_machine(name=f"waits-{tenant}", definition=json.dumps(definition), roleArn=role)
    arn = str(made["stateMachineArn"])
    deliveries, event = StepFunctionsDeliveries(client, arn), an_event(tenant=tenant)
    for run in (0, 0, 2):
        deliveries.start(replace(event, runs=run))
    names = [one["name"] for one in client.list_executions(stateMachineArn=arn)["executions"]]
    assert sorted(names) == [event.id, f"{event.id}-2"]
    execution = arn.replace(":stateMachine:", ":execution:") + f":{event.id}-2"
    given = json.loads(client.describe_execution(executionArn=execution)["input"])
    assert given == {"tenant": tenant, "event_id": event.id, "run": 2}


def test_an_item_holds_its_keys_and_is_indexed_only_while_it_is_pending() -> None:
    event = replace(an_event(), tries=2, runs=1, try_at=START + 5, last_status=503, last_problem="busy", version=4)
    item = event_to_item(event)
    assert item["pk"] == {"S": "TENANT#acme"}
    assert item["sk"] == {"S": f"EVENT#{event_id('B1', START)}"}
    assert (item["open"], item["state"]) == ({"S": "EVENT"}, {"S": "pending"})
    assert event_from_item(item) == event
    assert "open" not in event_to_item(replace(event, state=EventState.FAILED))
