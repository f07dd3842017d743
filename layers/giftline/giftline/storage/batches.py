"""Bulk requests in DynamoDB: each step of one is one transaction over what was read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from giftline.delivery.events import WebhookEvent
from giftline.errors import NotFound, StaleWrite, Unwritable
from giftline.storage.adding import AddBatch
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.batch_items import (
    OPEN,
    batch_from_item,
    batch_key,
    batch_pk,
    batch_to_item,
    chunk_from_item,
    chunk_key,
    chunk_to_item,
    is_kept,
    key_key,
    result_sk,
    results_from_item,
    results_to_item,
)
from giftline.storage.conditions import IS_NEW, is_never_taken
from giftline.storage.reading import get_item, query, query_due, query_prefix
from giftline.storage.transactions import put, put_over, put_record, transact, write
from giftline.storage.wallet_items import written
from giftline.storage.webhook_items import event_to_item
from giftline.wallet.batch import Batch, Chunk, RowResult, Step
from giftline.wallet.model import Millis

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from giftline.orders.ports import Clock

DUE_INDEX: Final = "OpenBatchesByDueTime"
IS_OPEN_AS_READ: Final = "version = :version AND attribute_not_exists(closed_as)"
NONCE_BYTES: Final = 9
BETWEEN: Final = "pk = :pk AND sk BETWEEN :from AND :to"


class DynamoBatches:
    """The Batches port. Events go into the webhooks table, together with the batch that they tell of."""

    def __init__(self, client: DynamoDBClient, wallet_table: str, webhooks_table: str, clock: Clock) -> None:
        self._client = client
        self._table = wallet_table
        self._webhooks_table = webhooks_table
        self._clock = clock
        self._add = AddBatch(client, wallet_table, clock)

    def add(self, batch: Batch, chunks: Sequence[Chunk], key: str, body_digest: str) -> tuple[str, str]:
        return self._add(batch, chunks, key, body_digest)

    def find_key(self, tenant: str, key: str) -> tuple[str, str] | None:
        item = self._get(key_key(tenant, key))
        if item is None or not is_kept(item, self._clock.now()):
            return None
        values = unmarshal(item)
        return values["batch_id"], values["body_digest"]

    def get(self, batch_id: str) -> Batch:
        item = self._get(batch_key(batch_id))
        if item is None:
            raise NotFound(f"no batch with id {batch_id!r:.80}")
        return batch_from_item(item)

    def save(self, batch: Batch) -> Batch:
        after = replace(batch, version=batch.version + 1)
        write(self._client, put_over(self._table, batch_to_item(after), batch.version))
        return after

    def chunk(self, batch_id: str, number: int) -> Chunk:
        item = self._get(chunk_key(batch_id, number))
        if item is None:
            raise NotFound(f"batch {batch_id!r:.80} has no chunk {number}")
        return chunk_from_item(item)

    def chunks(self, batch_id: str) -> list[Chunk]:
        found = query_prefix(self._client, self._table, batch_pk(batch_id), "CHUNK#")
        return [chunk_from_item(item) for item in found]

    def commit(self, step: Step) -> None:
        """Which call wrote the chunk is told by a nonce: another worker's step may leave it just as this one does."""
        before, results = step.before, step.results
        after = replace(step.after, version=before.version + 1)
        chunk = chunk_to_item(after, os.urandom(NONCE_BYTES))
        puts = [put_over(self._table, chunk, before.version)]
        puts += [put_record(self._table, written(one), one.version) for one in step.records]
        if results:
            puts.append(put(self._table, results_to_item(before.batch_id, results), IS_NEW))
        try:
            is_written = self._transact(puts)
        except ClientError as error:
            if is_never_taken(error):
                raise Unwritable(f"a step of batch {before.batch_id} is larger than the table takes") from error
            raise
        if not is_written and self._get(chunk_key(before.batch_id, before.number)) != chunk:
            raise StaleWrite(f"chunk {before.number} of batch {before.batch_id} met another write")

    def close(self, batch: Batch, event: WebhookEvent | None) -> bool:
        """False too where the batch only moved, as by a sweep: whoever closes reads it again."""
        after = replace(batch, version=batch.version + 1)
        actions = [put(self._table, batch_to_item(after), IS_OPEN_AS_READ, {":version": batch.version})]
        if event is not None:
            actions.append(put(self._webhooks_table, event_to_item(event), IS_NEW))
        return self._transact(actions) or self.get(batch.id) == after

    def results(self, batch_id: str, first_row: int, last_row: int) -> Iterator[RowResult]:
        start = self._results_start(batch_id, first_row)
        values = {":pk": batch_pk(batch_id), ":from": start, ":to": result_sk(max(last_row - 1, first_row))}
        for item in query(self._client, self._table, BETWEEN, values):
            for one in results_from_item(item):
                if first_row <= one.row < last_row:
                    yield one

    def due(self, before: Millis, limit: int) -> list[str]:
        keys = query_due(self._client, self._table, DUE_INDEX, OPEN, before, limit)
        return [pk.removeprefix("BATCH#") for pk, _ in keys]

    def _results_start(self, batch_id: str, row: int) -> str:
        """Sort key of the results that hold the row: the last that begin at it or before."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression=BETWEEN,
            ExpressionAttributeValues=marshal(
                {":pk": batch_pk(batch_id), ":from": result_sk(0), ":to": result_sk(row)}
            ),
            ProjectionExpression="sk",
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=1,
        )
        return str(answer["Items"][0]["sk"]["S"]) if answer["Items"] else result_sk(row)

    def _transact(self, puts: Sequence[dict[str, Any]]) -> bool:
        return transact(self._client, [{"Put": one} for one in puts])

    def _get(self, key: Item) -> Item | None:
        return get_item(self._client, self._table, key)
