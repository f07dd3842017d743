"""Tenants and tokens in the Accounts table.

| item | pk | sk |
|---|---|---|
| tenant | TENANT#name | TENANT |
| token | TOKEN#sha256 | TOKEN |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from giftline.accounts.model import Access
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

    def _get(self, key: dict[str, str]) -> Item | None:
        return self._client.get_item(TableName=self._table, Key=marshal(key)).get("Item")

    def _put(self, values: dict[str, object]) -> None:
        self._client.put_item(TableName=self._table, Item=marshal(values))
