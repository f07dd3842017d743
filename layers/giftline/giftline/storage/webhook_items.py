"""Webhook events and what belongs to them as DynamoDB items, and back.

| item | pk | sk |
|---|---|---|
| event | TENANT#tenant | EVENT#event_id |
| attempt | TENANT#tenant | ATTEMPT#event_id#0001 |
| endpoint that was disabled | TENANT#tenant | ENDPOINT#sha256 of the URL |
| signing secrets | TENANT#tenant | SECRET |

A pending event with a `due_at` carries `open` = EVENT: the two are the keys of the sparse index.
Events and attempts go away after some time, the rest is kept.
"""

from __future__ import annotations

import hashlib
from typing import Final

from giftline.delivery.attempts import Attempt, Endpoint, SealedSecrets
from giftline.delivery.events import EventState, WebhookEvent
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.fields import record_of, values_of

OPEN: Final = "EVENT"
KEPT_SECONDS: Final = 90 * 24 * 3_600
"""Events and their attempts, by the table's `ttl`."""


def event_key(tenant: str, event_id: str) -> Item:
    return marshal({"pk": f"TENANT#{tenant}", "sk": f"EVENT#{event_id}"})


def attempt_prefix(event_id: str) -> str:
    return f"ATTEMPT#{event_id}#"


def attempt_key(tenant: str, event_id: str, number: int) -> Item:
    return marshal({"pk": f"TENANT#{tenant}", "sk": f"{attempt_prefix(event_id)}{number:04d}"})


def endpoint_key(tenant: str, url: str) -> Item:
    digest = hashlib.sha256(url.encode()).hexdigest()
    return marshal({"pk": f"TENANT#{tenant}", "sk": f"ENDPOINT#{digest}"})


def secrets_key(tenant: str) -> Item:
    return marshal({"pk": f"TENANT#{tenant}", "sk": "SECRET"})


def event_to_item(event: WebhookEvent) -> Item:
    """With its keys; in the index of due events only while it is pending. Lists filter by the state."""
    values = values_of(event) | {"state": event.state.value, "ttl": event.created_at // 1000 + KEPT_SECONDS}
    if event.state is EventState.PENDING and event.due_at is not None:
        values["open"] = OPEN
    return event_key(event.tenant, event.id) | marshal(values)


def event_from_item(item: Item) -> WebhookEvent:
    return record_of(WebhookEvent, unmarshal(item), {"state": EventState})


def attempt_to_item(attempt: Attempt) -> Item:
    values = values_of(attempt) | {"ttl": attempt.at // 1000 + KEPT_SECONDS}
    return attempt_key(attempt.tenant, attempt.event_id, attempt.number) | marshal(values)


def attempt_from_item(item: Item) -> Attempt:
    return record_of(Attempt, unmarshal(item), {})


def endpoint_to_item(endpoint: Endpoint) -> Item:
    return endpoint_key(endpoint.tenant, endpoint.url) | marshal(values_of(endpoint))


def endpoint_from_item(item: Item) -> Endpoint:
    return record_of(Endpoint, unmarshal(item), {})


def secrets_to_item(secrets: SealedSecrets) -> Item:
    return secrets_key(secrets.tenant) | marshal(values_of(secrets))


def secrets_from_item(item: Item) -> SealedSecrets:
    return record_of(SealedSecrets, unmarshal(item), {})
