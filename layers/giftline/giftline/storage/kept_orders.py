"""Orders that still hold their cards, by tenant and time of closing; and how they lose them.

| item | pk | sk |
|---|---|---|
| record of a removal | ORDER#id | RETENTION |

Such an order carries `kept` (its tenant) and `closed_at`, the keys of a sparse index of its own. A page that was
stripped has `records` where it was sealed: columns of what the books need, compressed, and no secret.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from giftline.errors import NotFound, StaleWrite
from giftline.orders.model import Millis, Order, Page, PageRef
from giftline.orders.retention_ports import CardRecord, Removal
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.conditions import IS_THERE, expect_lost
from giftline.storage.items import (
    PAGE_REF,
    order_from_item,
    order_key,
    order_to_item,
    page_key,
    page_ref_from_item,
    page_to_item,
)
from giftline.storage.reading import get_item, query
from giftline.storage.transactions import put_over, transact

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

KEPT_INDEX: Final = "KeptOrdersByClosingTime"
NO_CARDS: Final = b""
"""What stands where a page was sealed."""
_COLUMNS: Final = tuple(field.name for field in fields(CardRecord))


def removal_key(order_id: str) -> Item:
    return marshal({"pk": f"ORDER#{order_id}", "sk": "RETENTION"})


class DynamoKeptOrders:
    """The KeptOrders port on the orders' table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def kept(self, tenant: str, closed_before: Millis, limit: int) -> list[str]:
        answer = self._client.query(
            TableName=self._table,
            IndexName=KEPT_INDEX,
            KeyConditionExpression="kept = :tenant AND closed_at <= :before",
            ExpressionAttributeValues=marshal({":tenant": tenant, ":before": closed_before}),
            Limit=limit,
        )
        return [unmarshal(item)["pk"].removeprefix("ORDER#") for item in answer["Items"]]

    def begin(self, order: Order, removal: Removal) -> Order:
        return self._move(order, removal)

    def finish(self, order: Order, removal: Removal) -> None:
        self._move(order, removal)

    def removal(self, order_id: str) -> Removal | None:
        item = get_item(self._client, self._table, removal_key(order_id))
        return _removal(item) if item else None

    def sealed_pages(self, order_id: str) -> list[PageRef]:
        """The filter reads every page and sends none: what was emptied already is not written again."""
        values = {":pk": f"ORDER#{order_id}", ":page": "PAGE#", ":none": NO_CARDS}
        found = query(
            self._client,
            self._table,
            "pk = :pk AND begins_with(sk, :page)",
            values,
            FilterExpression="sealed <> :none",
            ProjectionExpression=PAGE_REF,
        )
        return [page_ref_from_item(item) for item in found]

    def strip(self, ref: PageRef, records: Sequence[CardRecord]) -> None:
        item = page_to_item(Page(ref, NO_CARDS)) | marshal({"records": _records_text(records)})
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=f"{IS_THERE} AND sealed <> :none",
                ExpressionAttributeValues=marshal({":none": NO_CARDS}),
            )
        except ClientError as error:
            expect_lost(error)
            if get_item(self._client, self._table, page_key(ref)) is None:
                raise NotFound(f"page {unmarshal(page_key(ref))['sk']} of order {ref.order_id} is not there") from error

    def records(self, ref: PageRef) -> tuple[CardRecord, ...]:
        item = get_item(self._client, self._table, page_key(ref))
        return _records(unmarshal(item).get("records", b"")) if item else ()

    def _move(self, order: Order, removal: Removal) -> Order:
        """An answer that got lost is told from a race by what is stored."""
        after = replace(order, version=order.version + 1)
        writes = [
            {"Put": put_over(self._table, order_to_item(after), order.version)},
            {"Put": {"TableName": self._table, "Item": _removal_item(removal)}},
        ]
        if not transact(self._client, writes) and self._order(order.id) != after:
            raise StaleWrite(f"order {order.id} moved past version {order.version}")
        return after

    def _order(self, order_id: str) -> Order | None:
        item = get_item(self._client, self._table, order_key(order_id))
        return order_from_item(item) if item else None


def _removal_item(removal: Removal) -> Item:
    lists = {"files": list(removal.files), "dropped": list(removal.dropped)}
    return removal_key(removal.order_id) | marshal(asdict(removal) | lists)


def _removal(item: Item) -> Removal:
    values = {name: value for name, value in unmarshal(item).items() if name not in ("pk", "sk")}
    return Removal(**{**values, "files": tuple(values["files"]), "dropped": tuple(values["dropped"])})


def _records_text(records: Sequence[CardRecord]) -> bytes:
    columns = [[getattr(record, name) for record in records] for name in _COLUMNS]
    return zlib.compress(json.dumps(columns, separators=(",", ":")).encode(), 9)


def _records(text: bytes) -> tuple[CardRecord, ...]:
    columns = json.loads(zlib.decompress(text)) if text else ()
    return tuple(CardRecord(*row) for row in zip(*columns, strict=True))
