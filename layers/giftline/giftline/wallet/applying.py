"""Apply a chunk's rows, each at most once and none not at all: whatever is redelivered, retried or crashes.

A step is one transaction: the records of some rows, their results, and the chunk's advance past them. It
holds only while the chunk and each record still are as they were read.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from giftline.delivery.ports import Deliveries
from giftline.errors import GiftlineError, StaleWrite, Unwritable
from giftline.orders.ports import Clock
from giftline.orders.timing import Timing
from giftline.wallet.batch import Batch, Chunk, Operation, Row, RowResult, Step
from giftline.wallet.closing import CloseBatch
from giftline.wallet.links import Links
from giftline.wallet.model import Millis, Pass, PassKind, Template, WalletRecord
from giftline.wallet.operations.planned import Terms, refused
from giftline.wallet.operations.reading import read_world
from giftline.wallet.operations.stepping import STEP_ROWS, PlannedStep, plan_step
from giftline.wallet.operations.world import World
from giftline.wallet.ports import Batches, ChunkMessages, DevicePush, RowFiles, Wallets

SLICE_ROWS: Final = 500
SLICE_SECONDS: Final = 4.0
"""Real seconds after which no further step is begun: other batches' messages have their turn."""
WHOLE_TRIES: Final = 4
STEP_TRIES: Final = 11
"""After so many whole ones a refused step is halved, down to one row; then it is left for later."""
UNWRITABLE: Final = "what would be kept is too large"


@dataclass(slots=True)
class Slice:
    """The rows of one turn: where they begin, with the offset after each, and what they touch."""

    terms: Terms
    chunk: Chunk
    rows: Sequence[Row]
    offsets: Sequence[int]
    world: World
    at: int = 0

    @property
    def is_over(self) -> bool:
        return self.at >= len(self.rows)


@dataclass(frozen=True, slots=True)
class ApplyChunk:
    """One message: a slice of one chunk. What is left goes to the end of the queue."""

    wallets: Wallets
    batches: Batches
    files: RowFiles
    messages: ChunkMessages
    deliveries: Deliveries
    push: DevicePush
    links: Links
    clock: Clock
    timing: Timing
    api_url: str

    def __call__(self, batch_id: str, number: int) -> None:
        """A message that comes twice does no harm: where another worker is at the chunk, this one leaves it."""
        batch = self.batches.get(batch_id)
        if batch.closed_as is not None:
            return
        chunk = self.batches.chunk(batch_id, number)
        if not chunk.is_finished:
            turn = self._begin(batch, chunk)
            if not self._work(turn):
                return
            chunk = turn.chunk
        if chunk.is_finished:
            CloseBatch(self.batches, self.deliveries, self.clock, self.timing, self.api_url)(batch)
        else:
            self.messages.send(batch_id, [number])

    def _begin(self, batch: Batch, chunk: Chunk) -> Slice:
        read = self.files.read(batch.rows_key, chunk.offset, chunk.end, SLICE_ROWS)
        if not read or read[0][0].number != chunk.first_row + chunk.cursor:
            raise GiftlineError(f"batch {batch.id}: the rows of chunk {chunk.number} are not where it says")
        rows = [row for row, _ in read]
        world = World()
        read_world(self.wallets, batch, rows, world)
        terms = Terms(batch, self._template(batch), self.links, self.clock.now())
        return Slice(terms, chunk, rows, [offset for _, offset in read], world)

    def _template(self, batch: Batch) -> Template | None:
        """As it is now: it may have changed or gone since the call was accepted."""
        if not batch.template_id:
            return None
        brand = self.wallets.brand(batch.tenant, batch.brand_id)
        kind = PassKind.COUPON if batch.operation is Operation.COUPONS else PassKind.STORECARD
        return brand.template(kind, batch.template_id) if brand else None

    def _work(self, turn: Slice) -> bool:
        """False where another worker has moved the chunk: its message is the one that goes on."""
        until = self.clock.elapsed() + SLICE_SECONDS
        while not turn.is_over:
            before = turn.at
            if not self._step(turn):
                return False
            if turn.at == before or self.clock.elapsed() >= until:
                break
        return True

    def _step(self, turn: Slice) -> bool:
        """Where competing writers refuse it again and again, nothing moves: no row fails for that."""
        most = STEP_ROWS
        for tries in range(1, STEP_TRIES + 1):
            planned = planned_step(turn, most)
            step, taken = step_of(turn, planned), len(planned.results)
            try:
                self.batches.commit(step)
            except Unwritable:
                most = taken // 2
            except StaleWrite:
                if not self._read_again(turn, taken):
                    return False
                most = taken if tries < WHOLE_TRIES else max(1, taken // 2)
            else:
                self._advance(turn, step)
                break
        return True

    def _read_again(self, turn: Slice, taken: int) -> bool:
        """What the refused rows touch; False where the chunk itself has moved."""
        chunk = turn.chunk
        if self.batches.chunk(chunk.batch_id, chunk.number).cursor != chunk.cursor:
            return False
        rows = turn.rows[turn.at : turn.at + taken]
        read_world(self.wallets, turn.terms.batch, rows, turn.world, closely=True)
        return True

    def _advance(self, turn: Slice, step: Step) -> None:
        turn.at += len(step.results)
        turn.chunk = replace(step.after, version=step.before.version + 1)
        if not turn.is_over:
            turn.world.absorb(step.records)
        self._tell_phones(step.records)

    def _tell_phones(self, records: Sequence[WalletRecord]) -> None:
        """A phone that is not told fetches the pass when it is next looked at: no reason to stop."""
        shown = [one for one in records if isinstance(one, Pass) and one.devices > 0]
        if not shown:
            return
        try:
            self.push.changed(shown)
        except Exception as error:  # noqa: BLE001 - the points are booked, whatever the push service says
            logging.getLogger(__name__).warning("phones were not told of changes: %s", type(error).__name__)


def planned_step(turn: Slice, most: int) -> PlannedStep:
    """At most so many rows; with 0, the next one as a row that cannot be kept, so that it stops no other."""
    if most:
        return plan_step(turn.terms, turn.rows[turn.at : turn.at + most], turn.world, most)
    row = turn.rows[turn.at]
    where = f"batch {turn.terms.batch.id}, row {row.number}"
    logging.getLogger(__name__).error("%s: %s", where, UNWRITABLE)
    return PlannedStep((), (refused(row, UNWRITABLE).result,))


def step_of(turn: Slice, planned: PlannedStep) -> Step:
    """The chunk past the planned rows, with their results."""
    offset = turn.offsets[turn.at + len(planned.results) - 1]
    after = advanced(turn.chunk, planned.results, offset, turn.terms.now)
    return Step(turn.chunk, after, planned.records, planned.results)


def advanced(chunk: Chunk, results: Sequence[RowResult], offset: int, now: Millis) -> Chunk:
    """A chunk so many rows further; its version stays the one that was read."""
    failed = sum(bool(result.reason) for result in results)
    return replace(
        chunk,
        cursor=chunk.cursor + len(results),
        offset=offset,
        done=chunk.done + len(results) - failed,
        failed=chunk.failed + failed,
        started_at=chunk.started_at or now,
    )
