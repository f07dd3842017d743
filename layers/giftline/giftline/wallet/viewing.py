"""The status page of a batch: how far it is, and what became of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from giftline.errors import NotFound
from giftline.wallet.batch import Batch, BatchStatus, Chunk, Operation, RowResult
from giftline.wallet.model import Millis
from giftline.wallet.ports import Batches

NO_BATCH: Final = "no batch of that id and kind belongs to this tenant"


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch at one instant: the four counts always add up to its rows.

    `results` are of a page of rows, without those that nobody has looked at yet; `next_row` is where the next
    page begins.
    """

    batch: Batch
    started_at: Millis | None
    status: BatchStatus
    queued: int
    processing: int
    done: int
    failed: int
    results: tuple[RowResult, ...]
    next_row: int | None


@dataclass(frozen=True, slots=True)
class ViewBatch:
    """All chunks are read at one time, so that what is counted once is not counted twice."""

    batches: Batches

    def __call__(self, tenant: str, operation: Operation, batch_id: str, offset: int, limit: int) -> BatchView:
        """NotFound in the same words for an unknown batch, another tenant's, and one of another kind."""
        batch = self._own(tenant, operation, batch_id)
        chunks = self.batches.chunks(batch.id)
        after = min(offset + limit, batch.rows)
        started = [chunk.started_at for chunk in chunks if chunk.started_at is not None]
        return BatchView(
            batch=batch,
            started_at=min(started, default=None),
            status=status_of(batch, chunks),
            queued=sum(chunk.rows for chunk in chunks if chunk.started_at is None),
            processing=sum(chunk.rows - chunk.cursor for chunk in chunks if chunk.started_at is not None),
            done=sum(chunk.done for chunk in chunks),
            failed=sum(chunk.failed for chunk in chunks),
            results=self._results(batch, chunks, offset, after),
            next_row=after if after < batch.rows else None,
        )

    def _own(self, tenant: str, operation: Operation, batch_id: str) -> Batch:
        try:
            batch = self.batches.get(batch_id)
        except NotFound:
            raise NotFound(NO_BATCH) from None
        if batch.tenant != tenant or batch.operation is not operation:
            raise NotFound(NO_BATCH)
        return batch

    def _results(self, batch: Batch, chunks: list[Chunk], offset: int, after: int) -> tuple[RowResult, ...]:
        """Of the rows that the chunks had counted when they were read: later results are for the next look."""
        found: list[RowResult] = []
        for chunk in chunks:
            first = max(offset, chunk.first_row)
            last = min(after, chunk.first_row + chunk.cursor)
            if first < last:
                found += self.batches.results(batch.id, first, last)
        return tuple(found)


def status_of(batch: Batch, chunks: list[Chunk]) -> BatchStatus:
    """QUEUED until the first row was looked at; a batch is over when it is closed, not before."""
    if batch.closed_as is not None:
        return batch.closed_as
    has_started = any(chunk.started_at is not None for chunk in chunks)
    return BatchStatus.PROCESSING if has_started else BatchStatus.QUEUED
