"""What the wallets of a stack hold, read past the doors; and batches put there as a bad day leaves them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from giftline.bootstrap.resources import new_order_id
from giftline.clock import SystemClock
from giftline.crew import Threads
from giftline.orders.timing import Timing
from giftline.storage.batches import DynamoBatches
from giftline.storage.rows import S3Rows
from giftline.storage.wallets import DynamoWallets
from giftline.wallet.accepting import AcceptBatch
from giftline.wallet.batch import Batch, BatchRequest, Chunk
from giftline.wallet.model import Pass
from tests.stack_support.queues import record
from tests.stack_support.stack import Stack
from tests.stack_support.wallet import BRAND, Users

TENANT = "demo"


class LostMessages:
    """The ChunkMessages port on a day when the queue loses everything."""

    def send(self, batch_id: str, chunks: Sequence[int]) -> None:
        pass


class WalletBooks:
    """Of the sample brand and its tenant."""

    def __init__(self, stack: Stack) -> None:
        dynamo, outputs = stack.client("dynamodb"), stack.outputs
        self.wallets = DynamoWallets(dynamo, outputs["WalletTableName"], Threads())
        self.batches = DynamoBatches(dynamo, outputs["WalletTableName"], outputs["WebhooksTableName"], SystemClock())
        self.rows = S3Rows(stack.client("s3"), outputs["ResultsBucketName"])
        self._timing = Timing(stack.settings.wait_scale)

    def cards(self, users: Users) -> Mapping[str, Pass]:
        """Each member's first storecard."""
        members = self.wallets.members(TENANT, [user["identifier"] for user in users])
        ids = {one.identifier: one.storecards[BRAND] for one in members.values()}
        passes = self.wallets.passes(ids.values())
        return {identifier: passes[pass_id] for identifier, pass_id in ids.items()}

    def balances(self, users: Users) -> Counter[int]:
        """How many of these members have so many points."""
        return Counter(one.points for one in self.cards(users).values())

    def chunks(self, batch_id: str) -> list[Chunk]:
        return self.batches.chunks(batch_id)

    def batch(self, batch_id: str) -> Batch:
        return self.batches.get(batch_id)

    def accept_without_a_message(self, request: BatchRequest) -> str:
        """A batch as the door records it, of which nobody is told; its id."""
        ports = (self.batches, self.wallets, self.rows, LostMessages(), SystemClock(), self._timing, new_order_id)
        return AcceptBatch(*ports)(request).batch_id


def chunk_event(places: Iterable[tuple[str, int] | str]) -> dict[str, Any]:
    """What SQS hands to ApplyChunk: batch and chunk, or a body that is neither."""
    bodies = [one if isinstance(one, str) else f'{{"batch": "{one[0]}", "chunk": {one[1]}}}' for one in places]
    return {"Records": [record(at, body, "BatchChunksQueue") for at, body in enumerate(bodies)]}
