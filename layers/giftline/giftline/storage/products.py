"""The Products port on the accounts' table: the catalogue is one item, written over the version that was read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from giftline.errors import Unwritable
from giftline.orders.catalogue import Product
from giftline.orders.catalogue_ports import Edition
from giftline.storage.product_items import KEY, edition_from_item, edition_to_item
from giftline.storage.reading import get_item
from giftline.storage.transactions import put_record, write

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from giftline.orders.model import Millis

MOST_BYTES: Final = 390_000
"""Of the compressed products: DynamoDB's item, with room for what stands beside them."""


class DynamoProducts:
    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self) -> Edition:
        item = get_item(self._client, self._table, KEY)
        return edition_from_item(item) if item is not None else Edition()

    def replace(self, before: Edition, products: Iterable[Product], at: Millis, by: str) -> Edition:
        after = Edition(tuple(products), before.version + 1, at, by)
        item = edition_to_item(after)
        if (size := len(item["products"]["B"])) > MOST_BYTES:
            raise Unwritable(f"a catalogue of {len(after.products)} products has {size} bytes; {MOST_BYTES} at most")
        write(self._client, put_record(self._table, item, before.version))
        return after
