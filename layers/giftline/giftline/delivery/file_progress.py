"""How far a dropped file is: being read, accepted, or refused, for those who ask before its order is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from giftline.orders.model import Millis
from giftline.orders.ports import Clock

SILENT: Final[Millis] = 5 * 60 * 1000
"""A reading that was not heard of for longer has died: longer than its function may run."""


class FileState(StrEnum):
    READING = "reading"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileReading:
    """A dropped file as it was `at` that time; `order_id` once it is accepted."""

    tenant: str
    refno: str
    size: int
    dropped_at: Millis
    read_bytes: int
    rows: int
    problems: int
    at: Millis
    state: FileState = FileState.READING
    order_id: str = ""


class FileProgress(Protocol):
    """The last reading by tenant and refno."""

    def save(self, reading: FileReading) -> None:
        """Over what is there, unless that is of a later drop, or the end of this one to which its reading is no news:
        then nothing happens.
        """
        ...

    def find(self, tenant: str, refno: str) -> FileReading | None: ...


@dataclass(slots=True)
class FollowedReading:
    """Tells of one file as it is read, and how it ended."""

    progress: FileProgress | None
    clock: Clock
    tenant: str
    refno: str
    size: int = 0
    dropped_at: Millis = 0
    read_bytes: int = 0
    rows: int = 0

    def counted(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """The parts as they are; their bytes are counted."""
        for part in parts:
            self.read_bytes += len(part)
            yield part

    def tell(self, rows: int, problems: int) -> None:
        self.rows = rows
        self._save(FileState.READING, problems)

    def refused(self, problems: int) -> None:
        self._save(FileState.REFUSED, problems)

    def accepted(self, order_id: str) -> None:
        self._save(FileState.ACCEPTED, 0, order_id)

    def _save(self, state: FileState, problems: int, order_id: str = "") -> None:
        if self.progress is not None:
            counts = (self.size, self.dropped_at, self.read_bytes, self.rows, problems)
            reading = FileReading(self.tenant, self.refno, *counts, self.clock.now(), state, order_id)
            self.progress.save(reading)
