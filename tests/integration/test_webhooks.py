"""What a tenant's backend is told on the stack: signed, tried again, sent again, and never told elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from standardwebhooks import WebhookVerificationError

from giftline.accounts.model import Ability
from tests.stack_support.door import SKU, Product, order_body
from tests.stack_support.hooks import ELSEWHERE, Backend, backend
from tests.stack_support.orders import follow
from tests.stack_support.stack import Stack
from tests.stack_support.wallet import WalletDoor
from tests.stack_support.wallet_tenants import tenant_with_a_brand, token_of
from tests.stack_support.webhooks import WebhooksDoor, between, came, is_signed, told

pytestmark = pytest.mark.stack

NewName = Callable[[], str]
DELAYS = (5, 60)
"""Seconds before the second and the third try (docs/protocols.md, Webhooks)."""
SLACK = 0.002
"""Times are told in whole milliseconds."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Backend]:
    with backend() as listening:
        yield listening


@pytest.fixture(scope="module")
def webhooks(hooked: WalletDoor) -> WebhooksDoor:
    return WebhooksDoor(hooked)


@pytest.fixture
def nobody_elses(stack: Stack, new_name: NewName) -> WebhooksDoor:
    """Of a tenant of this test's own: whatever it resends or rotates is no other test's."""
    return WebhooksDoor(tenant_with_a_brand(stack, f"tenant-{new_name()}"))


def test_the_end_of_a_batch_is_told_once_signed_and_with_a_link_to_its_page(
    hooked: WalletDoor, webhooks: WebhooksDoor, receiver: Backend, new_name: NewName
) -> None:
    name = new_name()
    batch_id = told(hooked, receiver, f"/{name}", name)
    event = webhooks.settled(batch_id)
    (request,) = came(receiver, f"/{name}")

    link = request.content["link"]
    assert request.content == {"status": "success", "batch_id": batch_id, "link": link}
    assert request.headers["webhook-id"] == event["id"]
    assert is_signed(request, webhooks.secrets()[0])
    with pytest.raises(WebhookVerificationError):
        is_signed(request, "whsec_" + "A" * 44)
    page = requests.get(link, headers={"Authorization": f"Bearer {hooked.token}"}, timeout=60)
    assert page.json()["data"]["status"] == "finished"
    assert requests.get(link, timeout=60).status_code == 401


def test_a_batch_that_failed_is_told_why(
    hooked: WalletDoor, webhooks: WebhooksDoor, receiver: Backend, new_name: NewName
) -> None:
    path = f"/{new_name()}"
    batch_id = hooked.with_hook(receiver.url + path).coupons([{"identifier": "nobody"}]).json()["data"]["batch_id"]
    webhooks.settled(batch_id)

    (request,) = came(receiver, path)
    assert (request.content["status"], request.content["batch_id"]) == ("failed", batch_id)
    assert "member not found" in request.content["error"]


def test_a_backend_that_fails_is_tried_again_after_growing_delays_under_one_id(
    stack: Stack, hooked: WalletDoor, webhooks: WebhooksDoor, receiver: Backend, new_name: NewName
) -> None:
    receiver.answer = lambda _, before: 500 if before < 2 else 200
    name = new_name()
    batch_id = told(hooked, receiver, f"/{name}", name)
    event = webhooks.settled(batch_id)
    requests_made = came(receiver, f"/{name}", 3)

    assert [one["status"] for one in event["attempts"]] == [500, 500, 200]
    assert {request.headers["webhook-id"] for request in requests_made} == {event["id"]}
    assert len({request.body for request in requests_made}) == 1
    least = [delay * stack.settings.wait_scale - SLACK for delay in DELAYS]
    assert all(gap >= delay for gap, delay in zip(between(event), least, strict=True))


def test_a_redirect_is_a_failure_and_nobody_goes_there(
    hooked: WalletDoor, webhooks: WebhooksDoor, receiver: Backend, new_name: NewName
) -> None:
    receiver.answer = lambda _, before: 302 if before < 1 else 204
    name = new_name()
    event = webhooks.settled(told(hooked, receiver, f"/{name}", name))

    assert [one["status"] for one in event["attempts"]] == [302, 204]
    assert "redirects are not followed" in event["attempts"][0]["problem"]
    assert receiver.of(ELSEWHERE) == []


def test_a_backend_that_is_gone_is_left_alone_until_somebody_resends(
    hooked: WalletDoor, webhooks: WebhooksDoor, receiver: Backend, new_name: NewName
) -> None:
    receiver.answer = lambda _, before: 410 if before < 1 else 200
    path = f"/{new_name()}"
    first = webhooks.settled(told(hooked, receiver, path, new_name()), "failed")
    second = webhooks.settled(told(hooked, receiver, path, new_name()), "failed")

    assert (first["endpointDisabled"], second["endpointDisabled"]) == (True, True)
    assert (first["tries"], second["tries"], len(receiver.of(path))) == (1, 0, 1)
    webhooks.call("POST", f"/{second['id']}/resend")
    again = webhooks.settled(second["subject"])
    assert (again["id"], again["endpointDisabled"]) == (second["id"], False)
    assert [request.headers["webhook-id"] for request in came(receiver, path, 2)] == [first["id"], second["id"]]


def test_all_that_failed_in_a_time_range_is_sent_again_and_nothing_else(
    nobody_elses: WebhooksDoor, receiver: Backend, new_name: NewName
) -> None:
    name, webhooks, wallet = new_name(), nobody_elses, nobody_elses.wallet
    receiver.answer = lambda path, before: 410 if path.endswith("failing") and before < 1 else 200
    good = told(wallet, receiver, f"/{name}-good", f"{name}-0")
    failed = [told(wallet, receiver, f"/{name}-{n}-failing", f"{name}-{n}") for n in (1, 2)]
    webhooks.settled(good)
    events = [webhooks.settled(one, "failed")["id"] for one in failed]
    now = datetime.now(UTC)

    nothing = webhooks.call("POST", "/resend", {"from": day(now, -2), "to": day(now, -1)})
    resent = webhooks.call("POST", "/resend", {"from": day(now, -1), "to": day(now, 1)})

    assert nothing == {"resent": 0, "events": [], "next": None}
    assert (sorted(resent["events"]), resent["next"]) == (sorted(events), None)
    assert [webhooks.settled(one)["tries"] for one in failed] == [2, 2]
    assert len(receiver.of(f"/{name}-good")) == 1


def test_after_a_rotation_both_secrets_sign_and_a_third_must_wait(
    nobody_elses: WebhooksDoor, receiver: Backend, new_name: NewName
) -> None:
    name, webhooks, wallet = new_name(), nobody_elses, nobody_elses.wallet
    receiver.answer = lambda _, __: 200
    (old,) = webhooks.secrets()

    rotated = webhooks.call("POST", "/secret/rotate")
    webhooks.settled(told(wallet, receiver, f"/{name}", name))

    (request,) = came(receiver, f"/{name}")
    assert webhooks.secrets() == [rotated["secret"], old]
    assert len(request.headers["webhook-signature"].split()) == 2
    assert is_signed(request, old)
    assert is_signed(request, rotated["secret"])
    assert wallet.call("POST", "v1/webhooks/secret/rotate").status_code == 409


def test_the_end_of_an_order_is_told_too(
    stack: Stack, wallet: WalletDoor, receiver: Backend, new_refno: NewName
) -> None:
    receiver.answer = lambda _, __: 200
    refno = new_refno()
    accepted = stack.door.post(order_body(refno, Product(SKU, 1)) | {"webhook_url": f"{receiver.url}/{refno}"})
    order = follow(stack, accepted.json())
    event = WebhooksDoor(wallet).settled(order.id)

    (request,) = came(receiver, f"/{refno}")
    assert request.headers["webhook-id"] == event["id"]
    assert (request.content["status"], request.content["batch_id"]) == ("success", order.id)
    page = requests.get(request.content["link"], headers={"X-Api-Key": stack.door.token}, timeout=60)
    assert (page.status_code, page.json()["status"]) == (200, "COMPLETE")


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://169.254.169.254/", "https://hooks.internal/"])
def test_no_door_takes_a_url_that_leads_anywhere_but_to_the_public(
    url: str, stack: Stack, wallet: WalletDoor, new_refno: NewName
) -> None:
    bulk = wallet.with_hook(url).coupons([{"identifier": "member-1"}])
    order = stack.door.post(order_body(new_refno(), Product(SKU, 1)) | {"webhook_url": url})

    assert (bulk.status_code, list(bulk.json()["errors"])) == (422, ["webhook_url"])
    assert (order.status_code, [one["field"] for one in order.json()["messages"]]) == (400, ["webhook_url"])


def test_webhooks_are_their_tenants_alone(
    stack: Stack, hooked: WalletDoor, webhooks: WebhooksDoor, wallet: WalletDoor, receiver: Backend, new_name: NewName
) -> None:
    receiver.answer = lambda _, __: 200
    name = new_name()
    event = webhooks.settled(told(hooked, receiver, f"/{name}", name))
    weak = wallet.with_token(token_of(stack, "hooked", Ability.MEMBERS_STORE))

    assert wallet.call("GET", f"v1/webhooks/{event['id']}").status_code == 404
    assert wallet.call("POST", f"v1/webhooks/{event['id']}/resend").status_code == 404
    assert weak.call("GET", "v1/webhooks/secret").status_code == 403
    assert wallet.with_token("").call("GET", "v1/webhooks").status_code == 401


def day(now: datetime, days: int) -> str:
    """A time so many days from now, but for a minute: whose clock is ahead does not matter."""
    return (now + timedelta(days=days)).isoformat()
