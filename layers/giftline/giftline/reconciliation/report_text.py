"""A report as JSON text and back, for the record that is kept of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from giftline.reconciliation.model import Bridge, Correction, Finding, Kind, Report, Status, Total, Verdict, Window


def report_text(report: Report) -> str:
    return json.dumps(asdict(report), separators=(",", ":"), ensure_ascii=False, default=_day)


def report_from(text: str) -> Report:
    body: dict[str, Any] = json.loads(text)
    parts = {
        "day": date.fromisoformat(body["day"]),
        "window": Window(**body["window"]),
        "status": Status(body["status"]),
        "totals": tuple(Total(**{**one, "verdict": Verdict(one["verdict"])}) for one in body["totals"]),
        "bridges": tuple(Bridge(**one) for one in body["bridges"]),
        "findings": tuple(_finding(one) for one in body["findings"]),
        "corrections": tuple(_correction(one) for one in body["corrections"]),
        "missing": tuple(body["missing"]),
    }
    return Report(**{**body, **parts})


def _finding(one: dict[str, Any]) -> Finding:
    return Finding(**{**one, "kind": Kind(one["kind"]), "hints": tuple(one["hints"])})


def _correction(one: dict[str, Any]) -> Correction:
    return Correction(**{**one, "day": date.fromisoformat(one["day"]), "references": tuple(one["references"])})


def _day(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} stands in no report")
