"""A new bulk request goes in whole, told from its repetitions: by its Idempotency-Key, and by its body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from giftline.errors import StaleWrite
from giftline.storage.attributes import Item, unmarshal
from giftline.storage.batch_items import (
    batch_from_item,
    batch_key,
    batch_to_item,
    body_key,
    body_to_item,
    chunk_to_item,
    is_kept,
    key_key,
    key_to_item,
)
from giftline.storage.conditions import IS_NEW
from giftline.storage.reading import get_item
from giftline.storage.transactions import put, transact
from giftline.wallet.batch import Batch, Chunk
from giftline.wallet.model import Millis

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from giftline.orders.ports import Clock

IS_FREE: Final = "attribute_not_exists(pk) OR expires_at <= :now"
IS_STILL_OF: Final = "batch_id = :holder"
TRIES: Final = 5
Record = TypeVar("Record", Batch, Chunk)


class AddBatch:
    """One transaction writes the batch, its chunks, its key and its body's digest."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def __call__(self, batch: Batch, chunks: Sequence[Chunk], key: str, body_digest: str) -> tuple[str, str]:
        """As the port's `add`. Two calls with one body at once: the later one is told of the earlier."""
        for _ in range(TRIES):
            now = self._clock.now()
            holder = self._get(body_key(body_digest))
            earlier = _batch_id(holder) if holder and is_kept(holder, now) else ""
            actions = [put(self._table, batch_to_item(_first(batch), earlier), IS_NEW)]
            actions += [put(self._table, chunk_to_item(_first(one)), IS_NEW) for one in chunks]
            actions.append(self._body(body_to_item(body_digest, batch.id, now), holder))
            if key:
                item = key_to_item(batch.tenant, key, batch.id, body_digest, now)
                actions.append(put(self._table, item, IS_FREE, {":now": now}))
            if transact(self._client, [{"Put": one} for one in actions]):
                return batch.id, earlier
            if answer := self._known(batch, key, now):
                return answer
        raise StaleWrite(f"batch {batch.id} met other writes again and again: try again")

    def _body(self, item: Item, holder: Item | None) -> dict[str, Any]:
        if holder is None:
            return put(self._table, item, IS_NEW)
        return put(self._table, item, IS_STILL_OF, {":holder": _batch_id(holder)})

    def _known(self, batch: Batch, key: str, now: Millis) -> tuple[str, str] | None:
        """Its answer, where the batch is there already; or the batch that holds the key."""
        stored = self._get(batch_key(batch.id))
        if stored is not None:
            if batch_from_item(stored) != _first(batch):
                raise StaleWrite(f"batch {batch.id} is there")
            return batch.id, str(unmarshal(stored).get("duplicate_of", ""))
        held = self._get(key_key(batch.tenant, key)) if key else None
        return (_batch_id(held), "") if held and is_kept(held, now) else None

    def _get(self, key: Item) -> Item | None:
        return get_item(self._client, self._table, key)


def _first(new: Record) -> Record:
    """As it is stored over nothing."""
    return replace(new, version=new.version + 1)


def _batch_id(item: Item) -> str:
    return str(item["batch_id"]["S"])
