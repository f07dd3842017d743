"""Webhook events in DynamoDB; every change conditional on the version that was read."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from giftline.delivery.attempts import Attempt, Endpoint, SealedSecrets
from giftline.delivery.events import EventState, Millis, WebhookEvent
from giftline.delivery.ports import EventsPage
from giftline.errors import NotFound, StaleWrite
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.conditions import IS_NEW
from giftline.storage.reading import get_item, query_due, query_prefix
from giftline.storage.transactions import put, put_if, put_over, put_record, transact, write
from giftline.storage.webhook_items import (
    OPEN,
    attempt_from_item,
    attempt_prefix,
    attempt_to_item,
    endpoint_from_item,
    endpoint_key,
    endpoint_to_item,
    event_from_item,
    event_key,
    event_to_item,
    secrets_from_item,
    secrets_key,
    secrets_to_item,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

DUE_INDEX: Final = "OpenEventsByDueTime"
LOOKED_AT: Final = 200
"""Events read at once where only those of one state are wanted."""
MOST_READS: Final = 5
NONCE_BYTES: Final = 9


class DynamoWebhooks:
    """The Webhooks port on one table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add(self, event: WebhookEvent) -> WebhookEvent:
        is_new = put_if(self._client, put(self._table, event_to_item(event), IS_NEW))
        return event if is_new else self.get(event.tenant, event.id)

    def get(self, tenant: str, event_id: str) -> WebhookEvent:
        item = self._get(event_key(tenant, event_id))
        if item is None:
            raise NotFound(f"no webhook event with id {event_id!r:.80}")
        return event_from_item(item)

    def save(
        self, event: WebhookEvent, attempt: Attempt | None = None, disabled: Endpoint | None = None
    ) -> WebhookEvent:
        """A write whose answer was lost is told from a lost race by what is stored.

        With an attempt, by a nonce of this call: two executions may leave the event just alike, and yet have tried
        two different things.
        """
        after = replace(event, version=event.version + 1)
        item = event_to_item(after)
        beside: list[Any] = [{"TableName": self._table, "Item": attempt_to_item(attempt)}] if attempt else []
        beside += [{"TableName": self._table, "Item": endpoint_to_item(disabled)}] if disabled else []
        if not beside:
            write(self._client, put_over(self._table, item, event.version))
            return after
        item |= marshal({"nonce": os.urandom(NONCE_BYTES)})
        over = put_over(self._table, item, event.version)
        written = transact(self._client, [{"Put": one} for one in (over, *beside)])
        if not written and self._get(event_key(event.tenant, event.id)) != item:
            raise StaleWrite(f"event {event.id} moved past version {event.version}")
        return after

    def attempts(self, tenant: str, event_id: str) -> list[Attempt]:
        found = query_prefix(self._client, self._table, f"TENANT#{tenant}", attempt_prefix(event_id))
        return [attempt_from_item(item) for item in found]

    def events(
        self, tenant: str, start: Millis, end: Millis, state: EventState | None, limit: int, after: str = ""
    ) -> EventsPage:
        """Ids sort by time. One more than wanted is read, so that the last page says that it is the last."""
        request = self._events_request(tenant, start, end, state, limit, after)
        found: list[WebhookEvent] = []
        for _ in range(MOST_READS):
            answer = self._client.query(**request)
            found += [event_from_item(item) for item in answer["Items"]]
            found = [event for event in found if event.id != after]
            if len(found) > limit:
                return EventsPage(tuple(found[:limit]), found[limit - 1].id)
            if "LastEvaluatedKey" not in answer:
                return EventsPage(tuple(found))
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        looked_at = unmarshal(request["ExclusiveStartKey"])["sk"].removeprefix("EVENT#")
        return EventsPage(tuple(found), looked_at)

    def _events_request(
        self, tenant: str, start: Millis, end: Millis, state: EventState | None, limit: int, after: str
    ) -> dict[str, Any]:
        """`end` itself is left out: an id of that time is longer, and so sorts after the bound."""
        first, last = f"EVENT#evt_{start:012x}", f"EVENT#evt_{end:012x}"
        last = min(last, f"EVENT#{after}") if after else last
        values = {":pk": f"TENANT#{tenant}", ":first": first, ":last": max(first, last)}
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ScanIndexForward": False,
            "Limit": limit + 2 if state is None else LOOKED_AT,
        }
        if state is not None:
            request |= {"FilterExpression": "#state = :state", "ExpressionAttributeNames": {"#state": "state"}}
            values[":state"] = state.value
        return request | {"ExpressionAttributeValues": marshal(values)}

    def due(self, before: Millis, limit: int) -> list[tuple[str, str]]:
        keys = query_due(self._client, self._table, DUE_INDEX, OPEN, before, limit)
        return [(pk.removeprefix("TENANT#"), sk.removeprefix("EVENT#")) for pk, sk in keys]

    def disabled(self, tenant: str, url: str) -> Endpoint | None:
        item = self._get(endpoint_key(tenant, url))
        endpoint = endpoint_from_item(item) if item else None
        return endpoint if endpoint and endpoint.disabled_at is not None else None

    def enable(self, tenant: str, url: str) -> None:
        """Written over, not deleted: the functions may not delete."""
        if self.disabled(tenant, url) is not None:
            self._client.put_item(TableName=self._table, Item=endpoint_to_item(Endpoint(tenant, url)))

    def secrets(self, tenant: str) -> SealedSecrets | None:
        item = self._get(secrets_key(tenant))
        return secrets_from_item(item) if item else None

    def save_secrets(self, secrets: SealedSecrets) -> SealedSecrets:
        after = replace(secrets, version=secrets.version + 1)
        write(self._client, put_record(self._table, secrets_to_item(after), secrets.version))
        return after

    def _get(self, key: Item) -> Item | None:
        return get_item(self._client, self._table, key)
