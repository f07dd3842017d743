"""The slots of a lot as one compact attribute: a column a field, what is alike said once.

2,500 slots that were bought in blocks take about a kilobyte, so that a write costs one or two units.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from giftline.orders.lot import LotState, Slot

_DEFAULTS: Final[dict[str, Any]] = {field.name: field.default for field in fields(Slot)}
_STATES: Final = frozenset(("state", "was"))


def pack_slots(slots: Sequence[Slot]) -> bytes:
    """Columns of the fields that any slot has otherwise than a new one; LotState is a str."""
    columns: dict[str, Any] = {"count": len(slots)}
    for name, default in _DEFAULTS.items():
        column = [getattr(slot, name) for slot in slots]
        if any(value != default for value in column):
            columns[name] = _short(column)
    return zlib.compress(json.dumps(columns, separators=(",", ":")).encode(), 6)


def unpack_slots(packed: bytes) -> tuple[Slot, ...]:
    columns = json.loads(zlib.decompress(packed))
    count = columns.pop("count")
    rows = zip(*(_long(name, column, count) for name, column in columns.items()), strict=True)
    names = tuple(columns)
    return tuple(Slot(**dict(zip(names, row, strict=True))) for row in rows) if names else (Slot(),) * count


def _short(column: list[Any]) -> Any:
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
