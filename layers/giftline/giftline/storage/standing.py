"""Standing orders in the Orders table; every change conditional on the version that was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from giftline.delivery.events import WebhookEvent
from giftline.errors import NotFound, StaleWrite
from giftline.standing.model import Firing, Outcome, StandingOrder
from giftline.standing.ports import StandingPage
from giftline.standing.times import Millis
from giftline.storage.attributes import Item, marshal
from giftline.storage.conditions import IS_NEW
from giftline.storage.reading import get_item, query_due
from giftline.storage.standing_items import (
    OPEN,
    firing_from_item,
    firing_key,
    firing_to_item,
    firings_pk,
    standing_from_item,
    standing_key,
    standing_pk,
    standing_sk,
    standing_to_item,
)
from giftline.storage.transactions import put, put_if, put_over, transact, write
from giftline.storage.webhook_items import event_to_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import QueryOutputTypeDef

DUE_INDEX: Final = "OpenOrdersByDueTime"
"""The one of orders, under a word of our own: a standing order is looked after as an order is."""


class DynamoStandingOrders:
    """The StandingOrders port on one table; and the webhooks' table for what is written there with a pause."""

    def __init__(self, client: DynamoDBClient, table: str, webhooks_table: str = "") -> None:
        self._client = client
        self._table = table
        self._webhooks_table = webhooks_table

    def add(self, standing: StandingOrder) -> StandingOrder:
        is_new = put_if(self._client, put(self._table, standing_to_item(standing), IS_NEW))
        return standing if is_new else self.get(standing.tenant, standing.id)

    def get(self, tenant: str, standing_id: str) -> StandingOrder:
        item = self._get(standing_key(tenant, standing_id))
        if item is None:
            raise NotFound(f"no standing order with id {standing_id!r:.80}")
        return standing_from_item(item)

    def page(self, tenant: str, limit: int, after: str = "") -> StandingPage:
        """A page is short where so many would be more than one answer of the table."""
        values = {":pk": standing_pk(tenant), ":first": standing_sk(after) + " ", ":last": standing_sk("~")}
        answer = self._query("pk = :pk AND sk BETWEEN :first AND :last", values, limit)
        found = tuple(standing_from_item(item) for item in answer["Items"])
        return StandingPage(found, found[-1].id if found and "LastEvaluatedKey" in answer else "")

    def save(self, standing: StandingOrder, event: WebhookEvent | None = None) -> StandingOrder:
        """A write whose answer was lost is told from a lost race by what is stored."""
        after = replace(standing, version=standing.version + 1)
        over = put_over(self._table, standing_to_item(after), standing.version)
        if event is None:
            write(self._client, over)
            return after
        beside = put(self._webhooks_table, event_to_item(event), IS_NEW)
        is_written = transact(self._client, [{"Put": over}, {"Put": beside}])
        if not is_written and self.get(standing.tenant, standing.id) != after:
            raise StaleWrite(f"standing order {standing.id} moved past version {standing.version}")
        return after

    def due(self, before: Millis, limit: int) -> list[tuple[str, str]]:
        keys = query_due(self._client, self._table, DUE_INDEX, OPEN, before, limit)
        return [(pk.removeprefix("STANDING#"), sk.removeprefix("ORDER#")) for pk, sk in keys]

    def firing(self, tenant: str, standing_id: str, local: str) -> Firing | None:
        item = self._get(firing_key(tenant, standing_id, local))
        return firing_from_item(item) if item else None

    def record(self, firing: Firing) -> Firing:
        item = firing_to_item(firing)
        if firing.outcome is Outcome.ORDERED:
            self._client.put_item(TableName=self._table, Item=item)
            return firing
        if put_if(self._client, put(self._table, item, IS_NEW)):
            return firing
        return self.firing(firing.tenant, firing.standing_id, firing.local) or firing

    def firings(self, tenant: str, standing_id: str, limit: int) -> list[Firing]:
        values = {":pk": firings_pk(tenant, standing_id), ":prefix": "FIRING#"}
        answer = self._query("pk = :pk AND begins_with(sk, :prefix)", values, limit, forward=False)
        return [firing_from_item(item) for item in answer["Items"]]

    def _query(self, condition: str, values: dict[str, Any], limit: int, *, forward: bool = True) -> QueryOutputTypeDef:
        return self._client.query(
            TableName=self._table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=marshal(values),
            ConsistentRead=True,
            ScanIndexForward=forward,
            Limit=limit,
        )

    def _get(self, key: Item) -> Item | None:
        return get_item(self._client, self._table, key)
