"""Brands, members and passes in DynamoDB; many are read at once, every change is conditional."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from giftline.orders.ports import Crew
from giftline.storage.attributes import Item, marshal
from giftline.storage.reading import get_item, read_many
from giftline.storage.transactions import put_record, write
from giftline.storage.wallet_items import (
    Key,
    brand_from_item,
    brand_key,
    brand_to_item,
    code_from_item,
    code_key,
    email_from_item,
    email_key,
    member_from_item,
    member_key,
    pass_from_item,
    pass_key,
    written,
)
from giftline.wallet.model import Brand, CodeHolder, EmailHolder, Member, Pass

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class DynamoWallets:
    """The Wallets port on one table. `pause` is taken between two questions to a table that is busy."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        crew: Crew,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._crew = crew
        self._pause = pause

    def brand(self, tenant: str, brand_id: str) -> Brand | None:
        pk, sk = brand_key(tenant, brand_id)
        item = get_item(self._client, self._table, marshal({"pk": pk, "sk": sk}))
        return brand_from_item(item) if item else None

    def save_brand(self, brand: Brand) -> Brand:
        after = replace(brand, version=brand.version + 1)
        write(self._client, put_record(self._table, brand_to_item(after), brand.version))
        return after

    def members(self, tenant: str, identifiers: Collection[str]) -> dict[str, Member]:
        items = self._read({one: member_key(tenant, one) for one in identifiers})
        return {name: member_from_item(item) for name, item in items.items()}

    def emails(self, tenant: str, emails: Collection[str]) -> dict[str, EmailHolder]:
        items = self._read({one: email_key(tenant, one) for one in emails})
        return {name: email_from_item(item, name) for name, item in items.items()}

    def passes(self, ids: Collection[str]) -> dict[str, Pass]:
        items = self._read({one: pass_key(one) for one in ids})
        return {name: pass_from_item(item) for name, item in items.items()}

    def codes(self, tenant: str, brand_id: str, codes: Collection[str]) -> dict[str, CodeHolder]:
        items = self._read({one: code_key(tenant, brand_id, one) for one in codes})
        return {name: code_from_item(item) for name, item in items.items()}

    def save_pass(self, one: Pass) -> Pass:
        write(self._client, put_record(self._table, written(one), one.version))
        return replace(one, version=one.version + 1)

    def _read(self, keys: dict[str, Key]) -> dict[str, Item]:
        """Items by the name under which they were asked for; two names may lead to one item."""
        found = read_many(self._client, self._table, keys.values(), self._crew, self._pause)
        return {name: found[pk] for name, (pk, _) in keys.items() if pk in found}
