"""Tenants, tokens and the catalogue in the Accounts table.

| item | pk | sk |
|---|---|---|
| tenant | TENANT#name | TENANT |
| token | TOKEN#sha256 | TOKEN |
| product | CATALOGUE | SKU#sku |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from giftline.accounts.model import Access
from giftline.money import known_currency
from giftline.orders.catalogue import Offer, Product
from giftline.storage.attributes import Item, marshal, unmarshal

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class DynamoAccounts:
    """Reads and writes what an operator sets up once."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def find(self, hashed: str) -> Access | None:
        item = self._get({"pk": f"TOKEN#{hashed}", "sk": "TOKEN"})
        if item is None:
            return None
        values = unmarshal(item)
        return Access(values["tenant"], frozenset(values["abilities"]))

    def has_tenant(self, name: str) -> bool:
        return self._get({"pk": f"TENANT#{name}", "sk": "TENANT"}) is not None

    def add_tenant(self, name: str) -> None:
        """ValueError for a name with which one tenant's keys, or paths of files, could be another's."""
        if not TENANT.fullmatch(name):
            raise ValueError(f"{name!a:.80} cannot name a tenant; expected 1 to 64 letters, digits, '-', '_' or '.'")
        self._put({"pk": f"TENANT#{name}", "sk": "TENANT", "name": name})

    def add_token(self, hashed: str, access: Access) -> None:
        self._put(
            {
                "pk": f"TOKEN#{hashed}",
                "sk": "TOKEN",
                "tenant": access.tenant,
                "abilities": sorted(access.abilities),
            }
        )

    def save_products(self, products: Iterable[Product]) -> None:
        for product in products:
            offers = json.dumps([asdict(offer) for offer in product.offers], separators=(",", ":"))
            values = asdict(product) | {"currency": product.currency.code, "offers": offers}
            self._put({"pk": "CATALOGUE", "sk": f"SKU#{product.sku}", **values})

    def products(self) -> Iterator[Product]:
        """The whole catalogue: it is small."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=marshal({":pk": "CATALOGUE"}),
        )
        return (_product(item) for page in pages for item in page["Items"])

    def _get(self, key: dict[str, str]) -> Item | None:
        return self._client.get_item(TableName=self._table, Key=marshal(key)).get("Item")

    def _put(self, values: dict[str, object]) -> None:
        self._client.put_item(TableName=self._table, Item=marshal(values))


def _product(item: Item) -> Product:
    values = unmarshal(item)
    return Product(
        sku=values["sku"],
        name=values["name"],
        currency=known_currency(values["currency"]),
        offers=tuple(Offer(**{**offer, "fixed": tuple(offer["fixed"])}) for offer in json.loads(values["offers"])),
        has_pin=values["has_pin"],
    )
