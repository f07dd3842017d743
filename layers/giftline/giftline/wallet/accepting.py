"""Accept a bulk call once: say at once who is queued and who is not found, and work later."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from giftline.errors import FieldProblem, InvalidRequest
from giftline.orders.ports import Clock
from giftline.orders.timing import SWEEP_AFTER, Timing
from giftline.wallet.batch import MEMBER_NOT_FOUND, Accepted, Batch, BatchRequest, Chunk, Operation, Row
from giftline.wallet.model import Member
from giftline.wallet.operations.planned import REASON, shown_as
from giftline.wallet.operations.points import NO_STORECARD
from giftline.wallet.ports import Batches, ChunkMessages, RowFiles, Wallets

LANES: Final = 4
"""At most so many chunks of one batch are worked on side by side."""
LEAST_ROWS: Final = 500
"""A chunk has no fewer, unless the batch has not: a small batch needs no lanes."""


@dataclass(frozen=True, slots=True)
class AcceptBatch:
    """Rows and answer are kept first: a batch that is recorded has both.

    What is kept for a batch that never was recorded is garbage; a batch that is recorded and not announced
    is the sweep's.
    """

    batches: Batches
    wallets: Wallets
    files: RowFiles
    messages: ChunkMessages
    clock: Clock
    timing: Timing
    new_id: Callable[[], str]

    def __call__(self, request: BatchRequest) -> Accepted:
        """InvalidRequest where the Idempotency-Key came before with another body."""
        known = self.batches.find_key(request.tenant, request.key) if request.key else None
        if known is not None:
            return self._again(request, *known)
        batch, chunks, accepted = self._prepare(request)
        holder, earlier = self.batches.add(batch, chunks, request.key, request.body_digest)
        if holder != batch.id:
            return self._again(request, *(self.batches.find_key(request.tenant, request.key) or (holder, "")))
        self._announce(batch.id, [chunk.number for chunk in chunks])
        return replace(accepted, duplicate_of=earlier)

    def _again(self, request: BatchRequest, batch_id: str, body_digest: str) -> Accepted:
        """A chunk that has started had its message; the others may have lost theirs."""
        if body_digest != request.body_digest:
            raise InvalidRequest([FieldProblem("Idempotency-Key", "it came before with another body", "a new key")])
        batch = self.batches.get(batch_id)
        if batch.closed_as is None:
            waiting = [chunk.number for chunk in self.batches.chunks(batch_id) if chunk.started_at is None]
            self._announce(batch_id, waiting)
        return accepted_from(self.files.answer(answer_key(batch.tenant, batch_id)))

    def _announce(self, batch_id: str, chunks: Sequence[int]) -> None:
        """What is recorded is accepted: an error would make the caller send its points a second time."""
        try:
            if chunks:
                self.messages.send(batch_id, chunks)
        except Exception as error:  # noqa: BLE001 - the sweep sends what the queue did not take
            logging.getLogger(__name__).warning("batch %s is not announced: %s", batch_id, type(error).__name__)

    def _prepare(self, request: BatchRequest) -> tuple[Batch, list[Chunk], Accepted]:
        batch_id = self.new_id()
        rows = looked_up(self.wallets, request)
        key = f"batches/{request.tenant}/{batch_id}/rows.jsonl"
        chunks = chunks_of(batch_id, self.files.save(key, rows))
        accepted = Accepted(
            batch_id,
            queued=_each_once(row for row in rows if not row.missing),
            not_found=_each_once(row for row in rows if row.missing),
        )
        self.files.save_answer(answer_key(request.tenant, batch_id), answer_text(accepted))
        now = self.clock.now()
        batch = Batch(
            id=batch_id,
            tenant=request.tenant,
            operation=request.operation,
            brand_id=request.brand_id,
            template_id=request.template_id,
            rows=len(rows),
            chunks=len(chunks),
            rows_key=key,
            requested_at=now,
            webhook_url=request.webhook_url,
            due_at=now + self.timing.scaled(SWEEP_AFTER),
        )
        return batch, chunks, accepted


def looked_up(wallets: Wallets, request: BatchRequest) -> Sequence[Row]:
    """The rows, those marked whose member is not there; whoever signs up need not be."""
    if request.operation is Operation.SIGNUPS:
        return request.rows
    members = wallets.members(request.tenant, list(dict.fromkeys(row.identifier for row in request.rows)))
    return [_marked(row, why_missing(row, members.get(row.identifier), request)) for row in request.rows]


def why_missing(row: Row, member: Member | None, request: BatchRequest) -> str:
    """Why a row is not found, or "": its member is unknown, not of the brand, or has no storecard for points."""
    if member is None or (request.brand_id and request.brand_id not in member.brands):
        return MEMBER_NOT_FOUND
    if request.operation is Operation.POINTS and not row.values.get("qr_code"):
        return "" if request.brand_id in member.storecards else NO_STORECARD
    return ""


def chunks_of(batch_id: str, offsets: Sequence[int]) -> list[Chunk]:
    """Contiguous parts of about one size; `offsets` are those of the rows, and the end."""
    rows = len(offsets) - 1
    count = min(LANES, max(1, rows // LEAST_ROWS))
    firsts = [rows * number // count for number in range(count + 1)]
    return [
        Chunk(batch_id, number, first, after - first, offsets[first], offsets[after])
        for number, (first, after) in enumerate(pairwise(firsts))
    ]


def answer_key(tenant: str, batch_id: str) -> str:
    """Where the answer lies that a repeated call gets again."""
    return f"batches/{tenant}/{batch_id}/answer.json"


def answer_text(accepted: Accepted) -> str:
    answer = {"batch_id": accepted.batch_id, "queued": accepted.queued, "not_found": accepted.not_found}
    return json.dumps(answer, separators=(",", ":"))


def accepted_from(text: str) -> Accepted:
    answer = json.loads(text)
    return Accepted(answer["batch_id"], tuple(answer["queued"]), tuple(answer["not_found"]))


def _marked(row: Row, reason: str) -> Row:
    return Row(row.number, row.identifier, {REASON: reason}, missing=True) if reason else row


def _each_once(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shown_as(row) for row in rows))
