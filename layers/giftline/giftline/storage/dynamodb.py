"""Orders, lots and pages in DynamoDB; every change conditional on the version that was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from giftline.delivery.events import WebhookEvent
from giftline.errors import NotFound, StaleWrite
from giftline.orders.lot import Lot
from giftline.orders.model import Millis, Order, Page, PageRef, Watch
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.conditions import IS_AS_READ, IS_NEW, expect
from giftline.storage.items import (
    lot_from_item,
    lot_key,
    lot_to_item,
    order_from_item,
    order_key,
    order_to_item,
    page_key,
    page_prefix,
    page_ref_from_item,
    page_to_item,
    refno_key,
)
from giftline.storage.transactions import put, transact
from giftline.storage.webhook_items import event_to_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

DUE_INDEX: Final = "OpenOrdersByDueTime"


class DynamoOrders:
    """The Orders port on one table; and the webhooks' table for what is written there with the end of an order."""

    def __init__(self, client: DynamoDBClient, table: str, webhooks_table: str = "") -> None:
        self._client = client
        self._table = table
        self._webhooks_table = webhooks_table

    def add(self, order: Order) -> Order:
        reference = refno_key(order.tenant, order.refno) | marshal({"order_id": order.id})
        puts = [self._put(reference, IS_NEW), self._put(order_to_item(order), IS_NEW)]
        try:
            self._client.transact_write_items(TransactItems=puts)
        except ClientError as error:
            expect(error, "TransactionCanceledException")
            known = self.find(order.tenant, order.refno)
            if known is None:
                raise StaleWrite(f"order {order.id} met another write: try again") from error
            return known
        return order

    def get(self, order_id: str) -> Order:
        item = self._get(order_key(order_id))
        if item is None:
            raise NotFound(f"no order with id {order_id!r:.80}")
        return order_from_item(item)

    def find(self, tenant: str, refno: str) -> Order | None:
        item = self._get(refno_key(tenant, refno))
        order = self.get(unmarshal(item)["order_id"]) if item else None
        return order if order and order.tenant == tenant else None

    def save(self, order: Order) -> Order:
        after = replace(order, version=order.version + 1)
        self._replace(order_to_item(after), order.version, order_key(order.id))
        return after

    def close(self, order: Order, event: WebhookEvent) -> Order:
        """An event of that id is this one, written before: the id holds the moment of closing."""
        after = replace(order, version=order.version + 1)
        event_put = put(self._webhooks_table, event_to_item(event), IS_NEW)
        writes: list[Any] = [self._put(order_to_item(after), IS_AS_READ, order.version), {"Put": event_put}]
        if not transact(self._client, writes) and self.get(order.id) != after:
            raise StaleWrite(f"order {order.id} moved past version {order.version}")
        return after

    def plan(self, order: Order, lots: Sequence[Lot]) -> Order:
        after = replace(order, version=order.version + 1)
        writes = [self._put(order_to_item(after), IS_AS_READ, order.version)]
        writes += [self._put(lot_to_item(lot), IS_NEW) for lot in lots]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            expect(error, "TransactionCanceledException")
            stored = self.get(order.id)
            if stored != after:
                raise StaleWrite(f"order {order.id} was planned by another worker") from error
        return after

    def lot(self, order_id: str, number: int) -> Lot:
        item = self._get(lot_key(order_id, number))
        if item is None:
            raise NotFound(f"order {order_id!r:.80} has no lot {number}")
        return lot_from_item(item)

    def lots(self, order_id: str) -> list[Lot]:
        found = query_items(self._client, self._table, order_id, "LOT#")
        return [lot_from_item(item) for item in found]

    def save_lot(self, lot: Lot) -> Lot:
        after = replace(lot, version=lot.version + 1)
        self._replace(lot_to_item(after), lot.version, lot_key(lot.order_id, lot.number))
        return after

    def due(self, before: Millis, limit: int, watch: Watch = Watch.OPEN) -> list[str]:
        answer = self._client.query(
            TableName=self._table,
            IndexName=DUE_INDEX,
            KeyConditionExpression="#open = :open AND due_at <= :before",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues=marshal({":open": watch.value, ":before": before}),
            Limit=limit,
        )
        return [unmarshal(item)["pk"].removeprefix("ORDER#") for item in answer["Items"]]

    def _get(self, key: Item) -> Item | None:
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return answer.get("Item")

    def _replace(self, item: Item, version: int, key: Item) -> None:
        """Write over the version read. A lost answer is told from a lost race by what is stored:
        an intent carries its worker's nonce, so only its own writer finds it equal.
        """
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=IS_AS_READ,
                ExpressionAttributeValues=marshal({":version": version}),
            )
        except ClientError as error:
            expect(error, "ConditionalCheckFailedException")
            stored = self._get(key)
            if stored is None or unmarshal(stored) != unmarshal(item):
                raise StaleWrite(f"{unmarshal(key)} moved past version {version}") from error

    def _put(self, item: Item, condition: str, version: int | None = None) -> Any:
        put: dict[str, Any] = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": condition,
        }
        if version is not None:
            put["ExpressionAttributeValues"] = marshal({":version": version})
        return {"Put": put}


class DynamoPages:
    """The Pages port: one item a page, written once."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add(self, page: Page) -> None:
        """StaleWrite where that version of the page is there already, and is not this one."""
        item = page_to_item(page)
        try:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression=IS_NEW)
        except ClientError as error:
            expect(error, "ConditionalCheckFailedException")
            if self._sealed(page.ref) != page.sealed:
                raise StaleWrite(f"page {unmarshal(page_key(page.ref))} is there") from error

    def refs(self, order_id: str, lot: int | None = None) -> list[PageRef]:
        found = query_items(self._client, self._table, order_id, page_prefix(lot), "pk, sk, digests, flawed")
        return [page_ref_from_item(item) for item in found]

    def get(self, ref: PageRef) -> Page:
        return Page(ref, self._sealed(ref))

    def _sealed(self, ref: PageRef) -> bytes:
        key = page_key(ref)
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        if "Item" not in answer:
            raise NotFound(f"page {unmarshal(key)} is not there")
        return bytes(answer["Item"]["sealed"]["B"])


def query_items(client: DynamoDBClient, table: str, order_id: str, prefix: str, only: str = "") -> Iterator[Item]:
    """All items of an order whose sort key starts so, in its order, over all result pages."""
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": marshal({":pk": f"ORDER#{order_id}", ":prefix": prefix}),
        "ConsistentRead": True,
    }
    if only:
        request["ProjectionExpression"] = only
    read: Callable[..., Any] = client.query
    while True:
        answer = read(**request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
