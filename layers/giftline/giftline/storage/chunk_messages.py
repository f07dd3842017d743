"""The queue of chunks: a message says where a part of a bulk request lies, whatever its size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

MAX_ENTRIES: Final = 10
"""SQS's, in one SendMessageBatch."""


class SqsChunkMessages:
    """The ChunkMessages port."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, batch_id: str, chunks: Sequence[int]) -> None:
        """ConnectionError where some did not get in: the others did, and a message twice does no harm."""
        refused: list[str] = []
        different = list(dict.fromkeys(chunks))
        for at in range(0, len(different), MAX_ENTRIES):
            entries = [_entry(batch_id, number) for number in different[at : at + MAX_ENTRIES]]
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            refused += [f"{one['Id']} ({one['Code']})" for one in answer.get("Failed", ())]
        if refused:
            raise ConnectionError(f"the queue did not take chunks {', '.join(refused)} of batch {batch_id}")


def _entry(batch_id: str, number: int) -> SendMessageBatchRequestEntryTypeDef:
    return {"Id": str(number), "MessageBody": json.dumps({"batch": batch_id, "chunk": number})}
