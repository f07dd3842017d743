"""Records of a long file on disk, so that memory does not grow with its rows."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
IN_MEMORY: Final = 1024 * 1024
"""Bytes up to which no file is made: most orders stay below."""
_encoder: Final = json.JSONEncoder(separators=(",", ":"))
_decoder: Final = json.JSONDecoder()


class Spooled(Generic[T]):
    """Flat dataclasses of one type: written once, then read from the start as often as wanted, one reader at a time."""

    def __init__(self, kind: type[T]) -> None:
        self._kind: Callable[..., T] = kind
        # why: dataclasses.astuple copies each value, and takes longer than all that is done else for a row
        self._values: Callable[[T], Any] = attrgetter(*(field.name for field in fields(kind)))  # type: ignore[arg-type]
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with this object
        self._count = 0

    def add(self, record: T) -> None:
        """ASCII lines of JSON: no character of a value can be taken for the end of its line."""
        self._file.write(_encoder.encode(self._values(record)).encode() + b"\n")
        self._count += 1

    def extend(self, records: Iterable[T]) -> None:
        for record in records:
            self.add(record)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        self._file.seek(0)
        for line in self._file:
            yield self._kind(*_decoder.raw_decode(line.decode())[0])

    def close(self) -> None:
        self._file.close()
