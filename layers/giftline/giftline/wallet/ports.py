"""What the use cases on wallets need of the world; storage and fakes implement these."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from giftline.delivery.events import WebhookEvent
from giftline.wallet.batch import Batch, Chunk, Row, RowResult, Step
from giftline.wallet.model import Brand, CodeHolder, EmailHolder, Member, Millis, Pass


class Wallets(Protocol):
    """Brands, members and passes. Reads are consistent; what is not there is absent from the answer."""

    def brand(self, tenant: str, brand_id: str) -> Brand | None: ...

    def save_brand(self, brand: Brand) -> Brand:
        """Write over the version that was read; StaleWrite where somebody else wrote first."""
        ...

    def members(self, tenant: str, identifiers: Collection[str]) -> dict[str, Member]: ...

    def emails(self, tenant: str, emails: Collection[str]) -> dict[str, EmailHolder]: ...

    def passes(self, ids: Collection[str]) -> dict[str, Pass]: ...

    def codes(self, tenant: str, brand_id: str, codes: Collection[str]) -> dict[str, CodeHolder]: ...

    def save_pass(self, one: Pass) -> Pass:
        """Write over the version that was read; StaleWrite where somebody else wrote first."""
        ...


class Batches(Protocol):
    """Bulk requests, their chunks and results."""

    def add(self, batch: Batch, chunks: Sequence[Chunk], key: str, body_digest: str) -> tuple[str, str]:
        """Record a batch whole. `key`: digest of the Idempotency-Key, empty for none.

        Returns the id of the batch that holds the key (this one's, unless the key was taken), and the id of an
        earlier batch with the same body within 24 h, or "".
        """
        ...

    def find_key(self, tenant: str, key: str) -> tuple[str, str] | None:
        """(batch id, body digest) under an Idempotency-Key's digest."""
        ...

    def get(self, batch_id: str) -> Batch:
        """NotFound where there is none."""
        ...

    def chunk(self, batch_id: str, number: int) -> Chunk: ...

    def chunks(self, batch_id: str) -> list[Chunk]: ...

    def commit(self, step: Step) -> None:
        """One transaction. StaleWrite where the chunk or a record is not as it was read, Unwritable where what the
        rows want is too large to be kept: then nothing is written.
        """
        ...

    def close(self, batch: Batch, event: WebhookEvent | None) -> bool:
        """Write the closed batch and its event together, once: False where somebody else closed it."""
        ...

    def results(self, batch_id: str, first_row: int, last_row: int) -> Iterator[RowResult]:
        """Results of the rows from `first_row` to before `last_row`, in order."""
        ...

    def due(self, before: Millis, limit: int) -> list[str]: ...

    def save(self, batch: Batch) -> Batch: ...


class RowFiles(Protocol):
    """Rows of a batch as one file, read by byte range."""

    def save(self, key: str, rows: Iterable[Row]) -> list[int]:
        """The byte offset of each row, and at the end the size of the whole."""
        ...

    def read(self, key: str, offset: int, end: int, most: int) -> list[tuple[Row, int]]:
        """At most `most` rows from the byte `offset`, each with the offset after it."""
        ...

    def save_answer(self, key: str, text: str) -> None: ...

    def answer(self, key: str) -> str: ...


class ChunkMessages(Protocol):
    def send(self, batch_id: str, chunks: Sequence[int]) -> None:
        """One message a chunk, with its place and nothing else."""
        ...


class DevicePush(Protocol):
    """Tells phones that a pass has changed, so that they fetch it (Apple, Updating a pass)."""

    def changed(self, passes: Sequence[Pass]) -> None: ...
