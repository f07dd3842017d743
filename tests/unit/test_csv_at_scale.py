"""Long files through the whole of accept_csv: their memory does not grow with what is in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROWS = 50_000
WRONG_ROWS = 15_000
MIB = 2**20
"""Bounds are on the bytes over those of the process before: what is read is several times as much."""


def measured(kind: str, rows: int) -> dict[str, Any]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'layers/giftline'}:{ROOT}"}
    program = [sys.executable, "-m", "tests.fakes.csv_at_scale", kind, str(rows)]
    done = subprocess.run(program, env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_fifty_thousand_rows_of_long_cells_are_one_order_in_bounded_memory() -> None:
    found = measured("long", ROWS)
    assert (found["cards"], list(found["lines"].values())) == (ROWS, [ROWS])
    assert found["told"] == ROWS // 2_500 + 1
    assert sum(found["written"].values()) > 30 * MIB
    assert found["peak"] < 30 * MIB


def test_sixty_thousand_wrong_cells_are_one_report_in_bounded_memory() -> None:
    found = measured("wrong", WRONG_ROWS)
    assert (found["cards"], found["lines"]) == (0, {"rejected/acme/long.errors.csv": 4 * WRONG_ROWS + 1})
    assert found["peak"] < 20 * MIB
