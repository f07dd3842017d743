"""What is wrong with a file, cell by cell, as a CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

from giftline.delivery.exports import csv_rows

MAX_SHOWN: Final = 100
"""Characters of a cell in the report."""
REPORT_COLUMNS: Final = ("row", "column", "value", "problem", "expected")
_PICTURES: Final = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
NO_UTF_8: Final = re.compile("[\ud800-\udfff]")
"""As which bytes that are no UTF-8 come through (giftline.delivery.csv_records)."""
# why: a spreadsheet whose separator is another than the comma cuts cells at its own, quotes or not, and some take
# the wide signs for the narrow ones
_FORMULA_INSIDE: Final = re.compile(r"(^|[,;|\t\r\n])([ \"']*)(?=[=+\-@＝＋－＠])")  # noqa: RUF001 - these are meant


@dataclass(frozen=True, slots=True)
class WrongCell:
    """`row` counts as a spreadsheet does: the header is row 1. 0 = the file as a whole."""

    row: int
    column: str
    value: str
    problem: str
    expected: str


def in_report(value: str) -> str:
    """The start of a cell, as a report can hold it: bytes that were no UTF-8 and control characters have a sign."""
    if len(value) <= MAX_SHOWN and value.isprintable():
        return value
    start = value[:MAX_SHOWN] + ("…" if len(value) > MAX_SHOWN else "")
    return NO_UTF_8.sub("\N{REPLACEMENT CHARACTER}", start).translate(_PICTURES)


def error_report(wrong: Iterable[WrongCell]) -> Iterator[bytes]:
    """The report, line by line: UTF-8 with a BOM, by which spreadsheets know it.

    All problems fit in one sheet: nine a row of at most 100,000 are fewer than its 1,048,576 rows.
    """
    yield b"\xef\xbb\xbf"
    yield from csv_rows(chain([REPORT_COLUMNS], (map(_defused, map(str, _values(cell))) for cell in wrong)))


def _values(cell: WrongCell) -> tuple[object, ...]:
    return (cell.row, cell.column, cell.value, cell.problem, cell.expected)


@lru_cache(1_000)  # why: a wrong file says the same few things of very many rows
def _defused(cell: str) -> str:
    """A report is read and not read in again: a sign that could start a formula gets a quote wherever it stands."""
    return _FORMULA_INSIDE.sub(r"\1\2'", cell)
