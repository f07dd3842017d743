"""Close a batch whose rows have all been looked at: once, together with the event that tells of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from giftline.delivery.events import WebhookEvent, event_id, failed_body, success_body
from giftline.delivery.ports import Deliveries
from giftline.errors import StaleWrite
from giftline.orders.ports import Clock
from giftline.orders.timing import MINUTE, Timing
from giftline.wallet.batch import Batch, BatchStatus, Chunk
from giftline.wallet.ports import Batches

EVENT_DUE_AFTER: Final = 10 * MINUTE
"""An event that nobody has delivered by then is looked at by the sweep of events."""
CLOSE_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class CloseBatch:
    """Whoever finishes a chunk tries; the batch is closed by the one who finds all of them finished.

    Where the closer dies before it has started the delivery, the sweep of events starts it.
    """

    batches: Batches
    deliveries: Deliveries
    clock: Clock
    timing: Timing
    api_url: str

    def __call__(self, batch: Batch) -> None:
        """Nothing happens while chunks are unfinished, or where the batch is closed already."""
        for _ in range(CLOSE_TRIES):
            chunks = self.batches.chunks(batch.id)
            if batch.closed_as is not None or not all(chunk.is_finished for chunk in chunks):
                return
            closed = closed_batch(batch, chunks, self.clock.now())
            event = self._event(closed) if batch.webhook_url else None
            if self.batches.close(closed, event):
                if event is not None:
                    self.deliveries.start(event)
                return
            batch = self.batches.get(batch.id)  # closed by another, or only looked at by the sweep
        raise StaleWrite(f"batch {batch.id} was changed {CLOSE_TRIES} times while it was to be closed")

    def _event(self, closed: Batch) -> WebhookEvent:
        at = closed.finished_at or self.clock.now()
        return WebhookEvent(
            id=event_id(closed.id, at),
            tenant=closed.tenant,
            url=closed.webhook_url,
            subject=closed.id,
            body=self._body(closed),
            created_at=at,
            due_at=at + self.timing.scaled(EVENT_DUE_AFTER),
        )

    def _body(self, closed: Batch) -> str:
        link = f"{self.api_url}/webhooks/{closed.operation}/{closed.id}"
        if closed.closed_as is not BatchStatus.FAILED:
            return success_body(closed.id, link)
        first = next(iter(self.batches.results(closed.id, 0, 1)), None)
        reason = first.reason if first else "no reason is known"
        return failed_body(closed.id, f"no row could be applied, of {closed.rows}: {reason}, see {link}")


def closed_batch(batch: Batch, chunks: list[Chunk], now: int) -> Batch:
    """FAILED: there were rows, and not one of them could be applied."""
    nothing_done = batch.rows > 0 and sum(chunk.done for chunk in chunks) == 0
    closed_as = BatchStatus.FAILED if nothing_done else BatchStatus.FINISHED
    return replace(batch, closed_as=closed_as, finished_at=now, due_at=None)
