"""The slots of a lot as one compact attribute: a column a field, what is alike said once.

2,500 slots that were bought in blocks take about a kilobyte, so that a write costs one or two units.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import repeat
from operator import attrgetter
from typing import Any, Final

from giftline.orders.lot import LotState, Slot

KEPT: Final = 4
"""Texts that were read lately: a lot is mostly read again as it was written, and its slots never change."""
WINDOW: Final = 13
MEMORY: Final = 6
"""A small window and table: the usual ones take ten times as long to set up as such a text to compress."""
_DEFAULTS: Final[dict[str, Any]] = {field.name: field.default for field in fields(Slot)}
_STATES: Final = frozenset(("state", "was"))
_values_of: Final = attrgetter(*_DEFAULTS)
_encoder: Final = json.JSONEncoder(separators=(",", ":"))


def pack_slots(slots: Sequence[Slot]) -> bytes:
    """Columns of the fields that any slot has otherwise than a new one; LotState is a str."""
    columns: dict[str, Any] = {"count": len(slots)}
    for (name, default), column in zip(_DEFAULTS.items(), zip(*map(_values_of, slots), strict=True), strict=False):
        if column.count(default) < len(column):
            columns[name] = _short(column)
    compressor = zlib.compressobj(level=6, wbits=WINDOW, memLevel=MEMORY)
    return compressor.compress(_encoder.encode(columns).encode()) + compressor.flush()


@lru_cache(maxsize=KEPT)
def unpack_slots(packed: bytes) -> tuple[Slot, ...]:
    columns = json.loads(zlib.decompress(packed))
    count = columns.pop("count")
    known = {name: _long(name, column, count) for name, column in columns.items()}
    if unknown := known.keys() - _DEFAULTS.keys():
        raise TypeError(f"a slot has no {', '.join(sorted(unknown))}")
    return tuple(map(Slot, *(known.get(name) or repeat(default, count) for name, default in _DEFAULTS.items())))


def _short(column: Sequence[Any]) -> Any:
    """Runs of one value: [value, how often, value, how often, …]."""
    runs: list[Any] = []
    for value in column:
        if runs and runs[-2] == value:
            runs[-1] += 1
        else:
            runs += [value, 1]
    return runs


def _long(name: str, runs: list[Any], count: int) -> list[Any]:
    column = [value for value, times in zip(runs[::2], runs[1::2], strict=True) for _ in range(times)]
    if len(column) != count:
        raise ValueError(f"{len(column)} values of {name} for {count} slots")
    return [value and LotState(value) for value in column] if name in _STATES else column
