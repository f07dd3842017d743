"""A bulk request: its rows in chunks, and how far each chunk is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from giftline.wallet.model import Millis, WalletRecord


class Operation(StrEnum):
    """The WalletApp document's bulk calls, as they stand in its paths."""

    COUPONS = "coupons"
    STORECARDS = "storecards"
    POINTS = "points"
    SIGNUPS = "signups"
    MEMBERS = "members"
    LICENSEPLATES = "licenseplates"
    PASSES = "passes"


class BatchStatus(StrEnum):
    """Our words (docs/protocols.md, status words). FAILED: no row at all could be applied."""

    QUEUED = "queued"
    PROCESSING = "processing"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        return self in {BatchStatus.QUEUED, BatchStatus.PROCESSING}


MEMBER_NOT_FOUND: Final = "member not found"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the door accepted it. `number` counts from 0, as in the body's `users`.

    `values` are normalised: whole numbers as int, dates as ISO days, empty fields left out.
    `missing`: the accepted answer said not_found; the row is only reported.
    """

    number: int
    identifier: str
    values: Mapping[str, Any] = field(default_factory=dict)
    missing: bool = False


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """A bulk call that a door has read. `template_id` is the coupon's or storecard's, where the call names one.

    `key` is the SHA-256 of its Idempotency-Key, empty for none; `body_digest` that of token and body.
    """

    tenant: str
    operation: Operation
    brand_id: str
    rows: tuple[Row, ...]
    body_digest: str
    template_id: str = ""
    webhook_url: str = field(default="", repr=False)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the caller is told at once. `duplicate_of`: an earlier batch with the same body within 24 h."""

    batch_id: str
    queued: tuple[str, ...]
    not_found: tuple[str, ...]
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row: `reason` says why it was not applied, and is empty where it was."""

    row: int
    identifier: str
    pass_id: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """A bulk request; stored while open it carries a due time for the sweep."""

    id: str
    tenant: str
    operation: Operation
    brand_id: str
    template_id: str
    rows: int
    chunks: int
    rows_key: str
    """Where its rows lie in the results bucket."""
    requested_at: Millis
    webhook_url: str = field(default="", repr=False)
    closed_as: BatchStatus | None = None
    finished_at: Millis | None = None
    due_at: Millis | None = None
    sweeps: int = 0
    """In a row, at which nothing had moved."""
    swept_rows: int = 0
    """How many rows had been looked at when it was swept last."""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A contiguous part of a batch's rows, and how far it is: rows before `cursor` have been looked at.

    `offset` and `end` are bytes in the file of rows; `offset` moves with `cursor`.
    """

    batch_id: str
    number: int
    first_row: int
    rows: int
    offset: int
    end: int
    cursor: int = 0
    done: int = 0
    failed: int = 0
    started_at: Millis | None = None
    version: int = 0

    @property
    def is_finished(self) -> bool:
        return self.cursor >= self.rows


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction does: records, results and the chunk's advance, all or nothing.

    `before` is the chunk as it was read; the write holds only while it still is so.
    """

    before: Chunk
    after: Chunk
    records: Sequence[WalletRecord]
    results: Sequence[RowResult]
