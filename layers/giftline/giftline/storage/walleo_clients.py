"""What the Walleo door keeps in the Accounts table.

| item | pk | sk |
|---|---|---|
| client | WALLEOCLIENT#identifier | CLIENT |
| signature that was seen, until `ttl` | WALLEOSIGNATURE#sha256 | SIGNATURE |
| first refusal of a synchronous call, until `ttl` | WALLEOREFUSAL#tenant | REFNO#refno |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from giftline.accounts.walleo_clients import WalleoClient
from giftline.errors import StaleWrite
from giftline.storage.attributes import marshal, unmarshal
from giftline.storage.conditions import IS_NEW
from giftline.storage.reading import get_item
from giftline.storage.transactions import put, put_if

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

HAS_THAT_KEY: Final = "key_hash = :key_hash AND sealed_key = :sealed_key"
IS_NEW_OR_THE_SAME_REQUEST: Final = "attribute_not_exists(pk) OR request_id = :request_id"

Refusal = tuple[int, str, str]
"""HTTP status, code and message."""


class _Items:
    """Single items of the table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        item = get_item(self._client, self._table, marshal({"pk": pk, "sk": sk}))
        return unmarshal(item) if item else None

    def _put(self, item: dict[str, Any], condition: str, values: dict[str, Any]) -> bool:
        """False where the condition does not hold."""
        return put_if(self._client, put(self._table, marshal(item), condition, values))


class DynamoWalleoClients(_Items):
    """The WalleoClients port."""

    def find(self, identifier: str) -> WalleoClient | None:
        found = self._get(f"WALLEOCLIENT#{identifier}", "CLIENT")
        if found is None:
            return None
        abilities = frozenset(found["abilities"])
        return WalleoClient(identifier, found["tenant"], found["key_hash"], bytes(found["sealed_key"]), abilities)

    def add(self, client: WalleoClient) -> WalleoClient:
        if self._put(client_to_item(client), IS_NEW, {}):
            return client
        known = self.find(client.identifier)
        if known is None:
            raise StaleWrite(f"the client {client.identifier} is being removed: try again")
        return known

    def change(self, before: WalleoClient, after: WalleoClient) -> None:
        as_read = {":key_hash": before.key_hash, ":sealed_key": before.sealed_key}
        if not self._put(client_to_item(after), HAS_THAT_KEY, as_read) and self.find(after.identifier) != after:
            raise StaleWrite(f"the client {after.identifier} was changed by somebody else")

    def remove(self, identifier: str) -> None:
        key = marshal({"pk": f"WALLEOCLIENT#{identifier}", "sk": "CLIENT"})
        self._client.delete_item(TableName=self._table, Key=key)


def client_to_item(client: WalleoClient) -> dict[str, Any]:
    return {
        "pk": f"WALLEOCLIENT#{client.identifier}",
        "sk": "CLIENT",
        "tenant": client.tenant,
        "key_hash": client.key_hash,
        "sealed_key": client.sealed_key,
        "abilities": sorted(client.abilities),
    }


class DynamoSeenSignatures(_Items):
    """The SeenSignatures port. The table may forget late, never early: by then the timestamp is too old."""

    def add(self, signature_hash: str, until: int, request_id: str = "") -> bool:
        item = signature_to_item(signature_hash, until, request_id)
        if not request_id:
            return self._put(item, IS_NEW, {})
        return self._put(item, IS_NEW_OR_THE_SAME_REQUEST, {":request_id": request_id})

    def spend(self, signature_hash: str, until: int) -> None:
        item = signature_to_item(signature_hash, until, "")
        self._client.put_item(TableName=self._table, Item=marshal(item))


def signature_to_item(signature_hash: str, until: int, request_id: str) -> dict[str, Any]:
    return {"pk": f"WALLEOSIGNATURE#{signature_hash}", "sk": "SIGNATURE", "ttl": until, "request_id": request_id}


class DynamoFirstRefusals(_Items):
    """The FirstRefusals port."""

    def find(self, tenant: str, refno: str) -> Refusal | None:
        found = self._get(f"WALLEOREFUSAL#{tenant}", f"REFNO#{refno}")
        return (found["status"], found["code"], found["message"]) if found else None

    def keep(self, tenant: str, refno: str, refusal: Refusal, until: int) -> None:
        status, code, message = refusal
        key = {"pk": f"WALLEOREFUSAL#{tenant}", "sk": f"REFNO#{refno}"}
        self._put({**key, "status": status, "code": code, "message": message, "ttl": until}, IS_NEW, {})
