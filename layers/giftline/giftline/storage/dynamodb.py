"""Orders, lots and pages in DynamoDB; every change conditional on the version that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from giftline.errors import Misconfigured, NotFound, StaleWrite
from giftline.orders.lot import Lot
from giftline.orders.model import Millis, Order, Page, PageRef, Watch
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.conditions import IS_NEW
from giftline.storage.items import (
    PAGE_REF,
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
from giftline.storage.reading import get_item, query_due, query_prefix
from giftline.storage.transactions import put, put_if, put_over, transact, write

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from giftline.accounts.ledger import Step
    from giftline.delivery.events import WebhookEvent
    from giftline.storage.ledger import DynamoLedger

DUE_INDEX: Final = "OpenOrdersByDueTime"


class DynamoOrders:
    """The Orders port on one table; and the webhooks' table for what is written there with the end of an order.

    With a ledger, an order is written together with the money that it takes; without one, no order takes any.
    """

    def __init__(
        self, client: DynamoDBClient, table: str, webhooks_table: str = "", ledger: DynamoLedger | None = None
    ) -> None:
        self._client = client
        self._table = table
        self._webhooks_table = webhooks_table
        self._ledger = ledger

    def add(self, order: Order) -> Order:
        if self._ledger is not None:
            order = replace(order, reserved_minor=order.total.minor)
            return self._ledger.reserving(order, self._new(order), lambda: self.find(order.tenant, order.refno))
        if transact(self._client, self._new(order)):
            return order
        known = self.find(order.tenant, order.refno)
        if known is None:
            raise StaleWrite(f"order {order.id} met another write: try again")
        return known

    def _new(self, order: Order) -> list[Any]:
        reference = refno_key(order.tenant, order.refno) | marshal({"order_id": order.id})
        return [{"Put": put(self._table, item, IS_NEW)} for item in (reference, order_to_item(order))]

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
        write(self._client, put_over(self._table, order_to_item(after), order.version))
        return after

    def close(self, order: Order, event: WebhookEvent | None = None, steps: Sequence[Step] = ()) -> Order:
        """An event of that id is this one, written before: the id holds the moment of closing."""
        after = replace(order, version=order.version + 1)
        writes: list[Any] = [{"Put": put_over(self._table, order_to_item(after), order.version)}]
        if event is not None:
            from giftline.storage.webhook_items import event_to_item  # noqa: PLC0415 - why: cold start of who only buys

            writes.append({"Put": put(self._webhooks_table, event_to_item(event), IS_NEW)})
        if steps:
            if self._ledger is None:
                raise Misconfigured(f"order {after.id} has money reserved, and this function has no ledger")
            return self._ledger.settling(after, steps, writes, lambda: self._as_closed(after))
        if not transact(self._client, writes) and self.get(order.id) != after:
            raise StaleWrite(f"order {order.id} moved past version {order.version}")
        return after

    def _as_closed(self, after: Order) -> Order | None:
        """None where it was the balance that others wrote, not the order: then it can be tried again."""
        stored = self.get(after.id)
        if stored != after and stored.version != after.version - 1:
            raise StaleWrite(f"order {after.id} moved past version {after.version - 1}")
        return stored if stored == after else None

    def plan(self, order: Order, lots: Sequence[Lot]) -> Order:
        after = replace(order, version=order.version + 1)
        writes = [put_over(self._table, order_to_item(after), order.version)]
        writes += [put(self._table, lot_to_item(lot), IS_NEW) for lot in lots]
        if not transact(self._client, [{"Put": one} for one in writes]) and self.get(order.id) != after:
            raise StaleWrite(f"order {order.id} was planned by another worker")
        return after

    def lot(self, order_id: str, number: int) -> Lot:
        item = self._get(lot_key(order_id, number))
        if item is None:
            raise NotFound(f"order {order_id!r:.80} has no lot {number}")
        return lot_from_item(item)

    def lots(self, order_id: str) -> list[Lot]:
        found = query_prefix(self._client, self._table, f"ORDER#{order_id}", "LOT#")
        return [lot_from_item(item) for item in found]

    def save_lot(self, lot: Lot) -> Lot:
        """What is stored tells a lost answer from a lost race: an intent carries its worker's nonce."""
        after = replace(lot, version=lot.version + 1)
        write(self._client, put_over(self._table, lot_to_item(after), lot.version))
        return after

    def due(self, before: Millis, limit: int, watch: Watch = Watch.OPEN) -> list[str]:
        keys = query_due(self._client, self._table, DUE_INDEX, watch.value, before, limit)
        return [pk.removeprefix("ORDER#") for pk, _ in keys]

    def _get(self, key: Item) -> Item | None:
        return get_item(self._client, self._table, key)


class DynamoPages:
    """The Pages port: one item a page, written once."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add(self, page: Page) -> None:
        """StaleWrite where that version of the page is there already, and is not this one."""
        is_new = put_if(self._client, put(self._table, page_to_item(page), IS_NEW))
        if not is_new and self._sealed(page.ref) != page.sealed:
            raise StaleWrite(f"page {unmarshal(page_key(page.ref))} is there")

    def refs(self, order_id: str, lot: int | None = None) -> list[PageRef]:
        pk, prefix = f"ORDER#{order_id}", page_prefix(lot)
        found = query_prefix(self._client, self._table, pk, prefix, ProjectionExpression=PAGE_REF)
        return [page_ref_from_item(item) for item in found]

    def get(self, ref: PageRef) -> Page:
        return Page(ref, self._sealed(ref))

    def _sealed(self, ref: PageRef) -> bytes:
        key = page_key(ref)
        item = get_item(self._client, self._table, key)
        if item is None:
            raise NotFound(f"page {unmarshal(key)} is not there")
        return bytes(item["sealed"]["B"])
