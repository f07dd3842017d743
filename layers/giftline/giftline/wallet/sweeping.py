"""Look after batches that are due: a lost message loses nothing, and no batch stays open for ever."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from giftline.delivery.ports import Deliveries
from giftline.errors import StaleWrite
from giftline.orders.ports import Clock
from giftline.orders.timing import SWEEP_AGAIN, Timing
from giftline.rounds import visit_each
from giftline.wallet.applying import advanced
from giftline.wallet.batch import MEMBER_NOT_FOUND, Batch, Chunk, Row, RowResult, Step
from giftline.wallet.closing import CloseBatch
from giftline.wallet.operations.planned import REASON, shown_as
from giftline.wallet.operations.stepping import STEP_ROWS
from giftline.wallet.ports import Batches, ChunkMessages, RowFiles

SWEEP_LIMIT: Final = 200
MAX_SWEEPS: Final = 100
"""A batch that has not moved over so many sweeps never will: what is left of it is reported as failed."""
FILE_SWEEPS: Final = 3
"""So many sweeps more wait for a file that cannot be read: it may be a bad moment."""
GIVEN_UP: Final = "not applied: the batch kept failing"


@dataclass(frozen=True, slots=True)
class SweepBatches:
    """Looks at open batches whose time has come; safe to run twice at once."""

    batches: Batches
    files: RowFiles
    messages: ChunkMessages
    deliveries: Deliveries
    clock: Clock
    timing: Timing
    api_url: str

    def __call__(self) -> dict[str, int]:
        """How many batches were due, and how many messages were sent for them."""
        due = self.batches.due(self.clock.now(), SWEEP_LIMIT)
        sent = visit_each("the sweep of batches", due, lambda batch_id: self._visit(self.batches.get(batch_id)))
        return {"due": len(due), "sent": sent}

    def _visit(self, batch: Batch) -> int:
        """Written before anything is sent: of two sweeps at once, one sends."""
        if batch.closed_as is not None:
            return 0
        chunks = self.batches.chunks(batch.id)
        rows = sum(chunk.cursor for chunk in chunks)
        sweeps = 0 if rows > batch.swept_rows else batch.sweeps + 1
        later = self.clock.now() + self.timing.scaled(SWEEP_AGAIN)
        try:
            batch = self.batches.save(replace(batch, due_at=later, sweeps=sweeps, swept_rows=rows))
        except StaleWrite:
            return 0  # closed meanwhile, or another sweep is at it
        unfinished = [chunk for chunk in chunks if not chunk.is_finished]
        if unfinished and not sweeps:
            return 0  # somebody works on it: more messages would only be in everybody's way
        if unfinished and sweeps <= MAX_SWEEPS:
            self.messages.send(batch.id, [chunk.number for chunk in unfinished])
            return len(unfinished)
        for chunk in unfinished:
            self._give_up(batch, chunk)
        CloseBatch(self.batches, self.deliveries, self.clock, self.timing, self.api_url)(batch)
        return 0

    def _give_up(self, batch: Batch, chunk: Chunk) -> None:
        """By the same steps that apply rows: a worker that is at the chunk after all cannot apply what is given up."""
        while not chunk.is_finished:
            results, offset = self._left(batch, chunk)
            step = Step(chunk, advanced(chunk, results, offset, self.clock.now()), (), results)
            try:
                self.batches.commit(step)
            except StaleWrite:
                if self.batches.chunk(batch.id, chunk.number) == chunk:
                    raise
            chunk = self.batches.chunk(batch.id, chunk.number)

    def _left(self, batch: Batch, chunk: Chunk) -> tuple[list[RowResult], int]:
        """The next rows as failed; without their names where the file of rows cannot be read, sweep after sweep."""
        first = chunk.first_row + chunk.cursor
        try:
            read = self.files.read(batch.rows_key, chunk.offset, chunk.end, STEP_ROWS)
        except Exception:
            if batch.sweeps <= MAX_SWEEPS + FILE_SWEEPS:
                raise
            read = []  # the file is the very reason why the batch keeps failing
        if read and read[0][0].number == first:
            return [_given_up(row) for row, _ in read], read[-1][1]
        last = min(first + STEP_ROWS, chunk.first_row + chunk.rows)
        return [RowResult(number, "", reason=GIVEN_UP) for number in range(first, last)], chunk.end


def _given_up(row: Row) -> RowResult:
    reason = str(row.values.get(REASON, MEMBER_NOT_FOUND)) if row.missing else GIVEN_UP
    return RowResult(row.number, shown_as(row), reason=reason)
