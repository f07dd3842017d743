"""Which phones hold which passes, in DynamoDB: two items a registration, one to ask from either side.

| item | pk | sk |
|---|---|---|
| a pass's device, with its push token | PASS#pass_id | DEVICE#device |
| a device's pass | DEVICE#device | PASS#pass_id |
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from giftline.errors import StaleWrite
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.conditions import IS_NEW, IS_THERE
from giftline.storage.reading import get_item, query_prefix
from giftline.storage.transactions import put, put_over, transact, write
from giftline.storage.wallet_items import written
from giftline.wallet.model import Pass

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class DynamoDevices:
    """The Devices port on the wallet table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def register(self, held: Pass, device: str, push_token: str) -> bool:
        key = _device_key(held.id, device)
        item = key | marshal({"push_token": push_token})
        stored = get_item(self._client, self._table, key)
        if stored is not None:
            if stored != item:
                write(self._client, put(self._table, item, IS_THERE))
            return False
        puts = [put(self._table, one, IS_NEW) for one in (item, _held_key(held.id, device))]
        counted = self._counted(held, held.devices + 1)
        if not self._transact("Put", puts, counted) and get_item(self._client, self._table, key) != item:
            raise StaleWrite(f"pass {held.id} is not as it was read")
        return True

    def unregister(self, held: Pass, device: str) -> bool:
        key = _device_key(held.id, device)
        if get_item(self._client, self._table, key) is None:
            return False
        keys = (key, _held_key(held.id, device))
        deletes = [{"TableName": self._table, "Key": one, "ConditionExpression": IS_THERE} for one in keys]
        counted = self._counted(held, max(0, held.devices - 1))
        if not self._transact("Delete", deletes, counted) and get_item(self._client, self._table, key) is not None:
            raise StaleWrite(f"pass {held.id} is not as it was read")
        return True

    def passes_of(self, device: str) -> list[str]:
        found = query_prefix(self._client, self._table, f"DEVICE#{device}", "PASS#")
        return [unmarshal(item)["sk"].removeprefix("PASS#") for item in found]

    def devices_of(self, pass_id: str) -> list[tuple[str, str]]:
        found = map(unmarshal, query_prefix(self._client, self._table, f"PASS#{pass_id}", "DEVICE#"))
        return [(one["sk"].removeprefix("DEVICE#"), one["push_token"]) for one in found]

    def _counted(self, held: Pass, devices: int) -> dict[str, Any]:
        return put_over(self._table, written(replace(held, devices=devices)), held.version)

    def _transact(self, action: str, both: list[dict[str, Any]], counted: dict[str, Any]) -> bool:
        """Both sides of the registration and the pass's count of them, together.

        A lost answer is told from a lost race by the registration: the count may be another phone's doing.
        """
        return transact(self._client, [{"Put": counted}, *({action: one} for one in both)])


def _device_key(pass_id: str, device: str) -> Item:
    return marshal({"pk": f"PASS#{pass_id}", "sk": f"DEVICE#{device}"})


def _held_key(pass_id: str, device: str) -> Item:
    return marshal({"pk": f"DEVICE#{device}", "sk": f"PASS#{pass_id}"})
