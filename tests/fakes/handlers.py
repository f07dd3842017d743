"""Functions' own handlers with fakes behind them, and the sample events they are called with."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from giftline import bootstrap

ROOT = Path(__file__).resolve().parents[2]
Handler = Callable[[dict[str, Any], object], Any]


def event(path: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / path).read_text())
    return read


def handler_of(
    function: str, monkeypatch: pytest.MonkeyPatch, wiring: ModuleType = bootstrap, **wired: object
) -> Handler:
    """The function's own app.py, loaded as Lambda loads it, after its `wiring` was given `wired`."""
    for factory, use_case in wired.items():
        monkeypatch.setattr(wiring, factory, lambda *_, use_case=use_case: use_case)
    place = ROOT / "functions" / function / "app.py"
    spec = importlib.util.spec_from_file_location(f"sample_{function}", place)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = module.handler
    return handler
