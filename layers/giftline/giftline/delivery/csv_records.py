"""Records of a CSV file out of its bytes as they come: no more in memory than one record may have.

Bytes that are no UTF-8 come through as lone surrogates, so that whoever reads a cell can name it.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final

from giftline.delivery.wrong_cells import WrongCell

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RECORD: Final = 256 * 1024
"""Characters of one record, its quotes and line breaks counted."""
BUFFER: Final = 64 * 1024
_SAVED_AS: Final = "the file saved as 'CSV UTF-8'"
_SIGNATURES: Final = (
    (b"\xff\xfe\0\0", "text in UTF-32", _SAVED_AS),
    (b"\0\0\xfe\xff", "text in UTF-32", _SAVED_AS),
    (b"\xff\xfe", "text in UTF-16", _SAVED_AS),
    (b"\xfe\xff", "text in UTF-16", _SAVED_AS),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", _SAVED_AS),
    (b"PK\x05\x06", "an empty ZIP archive", _SAVED_AS),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _SAVED_AS),
    (b"\x1f\x8b", "compressed (gzip)", "the file unpacked, in UTF-8"),
    (b"\x89PNG", "a PNG picture", "CSV in UTF-8"),
    (b"\xff\xd8\xff", "a JPEG picture", "CSV in UTF-8"),
    (b"%PDF", "a PDF document", "CSV in UTF-8"),
)
_LOOKED_AT: Final = 8
"""Bytes: two characters of UTF-32."""


class Unreadable(Exception):
    """The rest of the file cannot be read as records; `wrong` says where and why, but for the column: that of the
    cell `index` (the first is 0), if it has one.
    """

    def __init__(self, wrong: WrongCell, index: int = sys.maxsize) -> None:
        super().__init__(wrong.problem)
        self.wrong = wrong
        self.index = index


@dataclass(frozen=True, slots=True)
class Torn:
    """A record whose quotes are wrong, from its cell `index` on (the first is 0)."""

    index: int
    text: str
    lines: int


@dataclass(slots=True)
class Records:
    """The records of one file, each as its cells or Torn; `delimiter` is known once the first was read.

    Raises Unreadable for what is no text, or larger than a record or the file may be.
    """

    parts: Iterable[bytes]
    max_bytes: int
    delimiter: str = ","
    _lines: _Lines = field(init=False)

    def __iter__(self) -> Iterator[list[str] | Torn]:
        self._lines = _Lines(_text_of(self.parts, self.max_bytes))
        self.delimiter = self._lines.delimiter = _delimiter(self._lines.peek())
        # why: the module's own bound on a cell is lower than ours on a record, and does not say where
        csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD + 1))
        reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        while True:
            self._lines.begin_record()
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield self._torn()
                if self._lines.at_end:
                    return

    def _torn(self) -> Torn:
        """The reader goes on at the next line, except where a quote took all lines to the end."""
        index, text = last_cell(self._lines.record, self.delimiter)
        return Torn(index, text[:200], self._lines.count)

    @property
    def took_the_rest(self) -> bool:
        """Whether the last record reached to the end of the file."""
        return self._lines.at_end


class _Lines:
    """Lines for the csv reader, counted so that no record outgrows its bound."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._first: str | None = None
        self._record: list[str] = []
        self._length = 0
        self._number = 0
        self.delimiter = ","
        self.at_end = False

    def peek(self) -> str:
        self._first = self._text.readline(MAX_RECORD + 1)
        return self._first

    def begin_record(self) -> None:
        self._number += 1
        self._length = 0
        self._record.clear()

    @property
    def record(self) -> str:
        return "".join(self._record)

    @property
    def count(self) -> int:
        """Lines that the record has so far."""
        return len(self._record)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_RECORD + 1) if self._first is None else self._first
        self._first = None
        if not line:
            self.at_end = True
            raise StopIteration
        self._length += len(line)
        if self._length > MAX_RECORD:
            index, _ = last_cell(self.record + line, self.delimiter)
            raise Unreadable(self._too_long(line), index)
        self._record.append(line)
        return line

    def _too_long(self, line: str) -> WrongCell:
        if self._record:
            expected = "each quote that opens a cell closed; the rows below were not read"
        else:
            expected = "a table with one short row a line; the rows below were not read"
        problem = f"more than {MAX_RECORD:,} characters in one row"
        if "\0" in line[:1000]:
            problem += ", NUL bytes among them: this is no text file"
        return WrongCell(self._number, "", "", problem, expected)


class _Parts(io.RawIOBase):
    """Bytes that come in parts as a stream; no more than `most` of them."""

    def __init__(self, parts: Iterator[bytes], most: int) -> None:
        self._parts = parts
        self._part = memoryview(b"")
        self._most = most
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer)
        while not self._part:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._part = memoryview(part)
        taken = self._part[: len(room)]
        self._part = self._part[len(taken) :]
        self._left -= len(taken)
        if self._left < 0:
            raise Unreadable(too_large(self._most - self._left, self._most, "more than "))
        room[: len(taken)] = taken
        return len(taken)


def too_large(size: int, most: int, more_than: str = "") -> WrongCell:
    """The report's line on a file of so many bytes."""
    shown, bound = -(-size // 2**20), most // 2**20
    return WrongCell(0, "", "", f"the file has {more_than}{shown:,} MiB", f"at most {bound} MiB")


def _text_of(parts: Iterable[bytes], most: int) -> io.TextIOWrapper:
    """Text with its line ends as they are; Unreadable where the first bytes are those of something else."""
    rest = iter(parts)
    start = b""
    while len(start) < _LOOKED_AT and (part := next(rest, None)) is not None:
        start += part
    if found := _other_than_text(start):
        raise Unreadable(WrongCell(0, "", "", f"this is {found[0]}, not CSV in UTF-8", found[1]))
    stream = io.BufferedReader(_Parts(chain([start], rest), most), BUFFER)
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _other_than_text(start: bytes) -> tuple[str, str] | None:
    """What a file is by its first bytes, and what is expected instead."""
    for signature, found, expected in _SIGNATURES:
        if start.startswith(signature):
            return found, expected
    for width, found in ((4, "text in UTF-32"), (2, "text in UTF-16")):
        if _is_ascii_in(width, start):
            return found, _SAVED_AS
    return None


def _is_ascii_in(width: int, start: bytes) -> bool:
    """Whether the first two characters are of ASCII, in so many bytes each: as a header without a mark begins."""
    characters = (start[:width], start[width : 2 * width])
    return all(len(character) == width and len(character.strip(b"\0")) == 1 for character in characters)


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","


def last_cell(record: str, delimiter: str) -> tuple[int, str]:
    """The first cell that no delimiter ends as RFC 4180 has it: its index, and the text from there."""
    whole_cell = re.compile(rf'(?:"[^"]*(?:""[^"]*)*"|[^"{delimiter}\r\n][^{delimiter}\r\n]*)?{delimiter}')
    at = index = 0
    while found := whole_cell.match(record, at):
        at, index = found.end(), index + 1
    return index, record[at:]
