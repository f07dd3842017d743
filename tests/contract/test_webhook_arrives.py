"""Whole ways: from the table over a socket to a receiver, and through the state machine as the emulator runs it."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from standardwebhooks import Webhook

from giftline.clock import SystemClock
from giftline.delivery.events import EventState
from giftline.delivery.sending import Found, SendWebhook
from giftline.delivery.signing_secrets import SigningSecrets
from giftline.delivery.webhook_http import WebhookHttp
from giftline.orders.timing import Timing
from giftline.storage.webhook_secrets import KmsSecretKeeper
from giftline.storage.webhooks import DynamoWebhooks
from tests.fakes.webhooks import DELAYS, an_event

pytestmark = pytest.mark.enable_socket

DEFINITION = Path(__file__).parents[2] / "statemachine" / "deliver_webhook.asl.yaml"
PAST = "2025-06-15T15:06:40.000Z"
ENDS_WITHIN = 30.0
MakeClient = Callable[[str], Any]


class Receiver(ThreadingHTTPServer):
    """Answers the statuses it is given, then 204; keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses: list[int] = []
        self.got: list[tuple[bytes, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks?key=hidden"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((body, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_event_goes_over_the_wire_and_opens_with_the_tenants_secrets(
    aws: MakeClient, table: Callable[[str], str], receiver: Receiver
) -> None:
    tenant, clock = uuid.uuid4().hex, SystemClock()
    webhooks = DynamoWebhooks(aws("dynamodb"), table("WebhooksTable"))
    key = str(aws("kms").create_key()["KeyMetadata"]["KeyId"])
    secrets = SigningSecrets(webhooks, KmsSecretKeeper(aws("kms"), key, clock), clock, Timing())
    send = SendWebhook(webhooks, WebhookHttp(allow_local=True), secrets, clock, Timing(scale=1e-6), lambda: 0.0)
    old, new = secrets(tenant).current.reveal(), secrets.rotate(tenant).current.reveal()
    event = webhooks.add(an_event(url=receiver.url, tenant=tenant, at=clock.now()))
    receiver.statuses = [503, 302]
    found = [send(tenant, event.id, 0, DELAYS).found for _ in range(4)]
    assert found == [Found.AGAIN, Found.AGAIN, Found.DELIVERED, Found.GONE]
    assert len(receiver.got) == 3
    for body, headers in receiver.got:
        assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers) == json.loads(event.body)
        assert headers["webhook-id"] == event.id
    stored = webhooks.get(tenant, event.id)
    attempts = webhooks.attempts(tenant, event.id)
    assert (stored.state, stored.tries) == (EventState.DELIVERED, 3)
    assert [one.status for one in attempts] == [503, 302, 204]
    assert "hidden" not in repr(attempts)


@pytest.mark.parametrize(
    ("found", "status", "tries"), [("delivered", "SUCCEEDED", 1), ("gone", "SUCCEEDED", 1), ("again", "FAILED", 10)]
)
def test_the_machine_is_bounded_as_the_emulator_runs_it(aws: MakeClient, found: str, status: str, tries: int) -> None:
    definition: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    task = definition["States"]["SendWebhook"]
    assign = task["Assign"] | {"wait_until": PAST}
    definition["States"]["SendWebhook"] = {
        "Type": "Pass",
        "Assign": assign,
        "Output": {"found": found},
        "Next": task["Next"],
    }
    client, role = aws("stepfunctions"), "arn:aws:iam::000000000000:role/any"
    name = f"deliver-{found}"
    machine = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)
    given = json.dumps({"tenant": "acme", "event_id": "evt_1", "run": 0})
    execution = client.start_execution(stateMachineArn=machine["stateMachineArn"], name="evt_1", input=given)
    arn = execution["executionArn"]
    assert ended(client, arn) == status
    history = client.get_execution_history(executionArn=arn, maxResults=1_000)["events"]
    entered = [one["stateEnteredEventDetails"]["name"] for one in history if "stateEnteredEventDetails" in one]
    assert entered.count("SendWebhook") == tries


def ended(client: Any, arn: str) -> str:
    deadline = time.monotonic() + ENDS_WITHIN
    while time.monotonic() < deadline:
        status = str(client.describe_execution(executionArn=arn)["status"])
        if status != "RUNNING":
            return status
        threading.Event().wait(0.02)
    raise AssertionError("the execution does not end")
