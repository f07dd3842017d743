"""Bulk requests, their chunks and results as DynamoDB items, and back.

| item | pk | sk |
|---|---|---|
| batch | BATCH#batch_id | BATCH |
| chunk | BATCH#batch_id | CHUNK#003 |
| results of one step | BATCH#batch_id | RESULT#006250 (their first row) |
| Idempotency-Key | KEY#tenant#sha256 | KEY |
| same body | BODY#sha256 of token and body | BODY |

A batch that is looked after carries `open` and `due_at`, the keys of the sparse index. `ttl` is when an item may go.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.fields import Readers, record_of, values_of
from giftline.wallet.batch import Batch, BatchStatus, Chunk, Operation, RowResult
from giftline.wallet.model import Millis

OPEN: Final = "BATCH"
DAY: Final[Millis] = 86_400_000
BODY_KEPT: Final = DAY
KEY_KEPT: Final = 30 * DAY
_BATCH: Final[Readers] = {"operation": Operation, "closed_as": BatchStatus}
_encoder: Final = json.JSONEncoder(separators=(",", ":"))


def batch_pk(batch_id: str) -> str:
    return f"BATCH#{batch_id}"


def batch_key(batch_id: str) -> Item:
    return marshal({"pk": batch_pk(batch_id), "sk": "BATCH"})


def chunk_key(batch_id: str, number: int) -> Item:
    return marshal({"pk": batch_pk(batch_id), "sk": f"CHUNK#{number:03d}"})


def result_sk(row: int) -> str:
    return f"RESULT#{row:06d}"


def key_key(tenant: str, key: str) -> Item:
    return marshal({"pk": f"KEY#{tenant}#{key}", "sk": "KEY"})


def body_key(body_digest: str) -> Item:
    return marshal({"pk": f"BODY#{body_digest}", "sk": "BODY"})


def batch_to_item(batch: Batch, duplicate_of: str = "") -> Item:
    """`duplicate_of` is kept for whoever adds the batch again, not knowing that it is there."""
    values = values_of(batch)
    if batch.due_at is not None:
        values["open"] = OPEN
    if duplicate_of:
        values["duplicate_of"] = duplicate_of
    return batch_key(batch.id) | marshal(values)


def batch_from_item(item: Item) -> Batch:
    return record_of(Batch, unmarshal(item), _BATCH)


def chunk_to_item(chunk: Chunk, nonce: bytes | None = None) -> Item:
    """`nonce` is of the call that writes it."""
    return chunk_key(chunk.batch_id, chunk.number) | marshal(values_of(chunk) | {"nonce": nonce})


def chunk_from_item(item: Item) -> Chunk:
    return record_of(Chunk, unmarshal(item), {})


def key_to_item(tenant: str, key: str, batch_id: str, body_digest: str, now: Millis) -> Item:
    values = {"batch_id": batch_id, "body_digest": body_digest}
    return key_key(tenant, key) | marshal(values | _kept(now + KEY_KEPT))


def body_to_item(body_digest: str, batch_id: str, now: Millis) -> Item:
    return body_key(body_digest) | marshal({"batch_id": batch_id} | _kept(now + BODY_KEPT))


def is_kept(item: Item, now: Millis) -> bool:
    """DynamoDB removes what has expired days later: until then we do not see it."""
    return now < int(item["expires_at"]["N"])


def results_to_item(batch_id: str, results: Sequence[RowResult]) -> Item:
    """One item for many rows: they are much alike, so that a row takes some 40 bytes."""
    rows = sorted(results, key=lambda one: one.row)
    text = _encoder.encode([[one.row, one.identifier, one.pass_id, one.code, one.reason] for one in rows])
    packed = zlib.compress(text.encode())
    return marshal({"pk": batch_pk(batch_id), "sk": result_sk(rows[0].row), "results": packed})


def results_from_item(item: Item) -> Iterable[RowResult]:
    return (RowResult(*row) for row in json.loads(zlib.decompress(item["results"]["B"])))


def _kept(until: Millis) -> dict[str, Any]:
    """DynamoDB counts in whole seconds, we do not."""
    return {"expires_at": until, "ttl": -(-until // 1000)}
