"""Balances, top-ups and reports as DynamoDB items, and back.

| item | pk | sk |
|---|---|---|
| balance at the end of a day | RECONCILIATION#supplier | BALANCE#2026-11-21 |
| last report of a day | RECONCILIATION#supplier | REPORT#2026-11-21 |
| each version of it | RECONCILIATION#supplier | VERSION#2026-11-21#0001 |
| top-up, by its time | RECONCILIATION#supplier | TOPUP#0001750000000000#reference |
| top-up, by its reference | RECONCILIATION#supplier | REFERENCE#reference |
"""

from __future__ import annotations

from datetime import date
from typing import Any

from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import Report, TakenBalance, TopUp
from giftline.reconciliation.report_text import report_from, report_text
from giftline.storage.attributes import Item, marshal, unmarshal


def books_pk(supplier: str) -> str:
    return f"RECONCILIATION#{supplier}"


def key_of(supplier: str, sk: str) -> Item:
    return marshal({"pk": books_pk(supplier), "sk": sk})


def balance_sk(day: date) -> str:
    return f"BALANCE#{day.isoformat()}"


def report_sk(day: date) -> str:
    return f"REPORT#{day.isoformat()}"


def version_sk(day: date, version: int) -> str:
    return f"VERSION#{day.isoformat()}#{version:04d}"


def top_up_sk(at: Millis, reference: str = "") -> str:
    return f"TOPUP#{at:016d}#{reference}"


def reference_sk(reference: str) -> str:
    return f"REFERENCE#{reference}"


def balance_to_item(taken: TakenBalance) -> Item:
    values = _fields(taken) | {"day": taken.day.isoformat()}
    return key_of(taken.supplier, balance_sk(taken.day)) | marshal(values)


def balance_from_item(item: Item) -> TakenBalance:
    values = _known(TakenBalance, item)
    return TakenBalance(**{**values, "day": date.fromisoformat(values["day"])})


def top_up_to_item(top_up: TopUp) -> Item:
    return key_of(top_up.supplier, top_up_sk(top_up.at, top_up.reference)) | marshal(_fields(top_up))


def reference_to_item(top_up: TopUp) -> Item:
    return key_of(top_up.supplier, reference_sk(top_up.reference)) | marshal(_fields(top_up))


def top_up_from_item(item: Item) -> TopUp:
    return TopUp(**_known(TopUp, item))


def report_to_item(report: Report, sk: str) -> Item:
    return key_of(report.supplier, sk) | marshal({"version": report.version, "report": report_text(report)})


def report_from_item(item: Item) -> Report:
    return report_from(unmarshal(item)["report"])


def _fields(record: TakenBalance | TopUp) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _known(kind: type[TakenBalance | TopUp], item: Item) -> dict[str, Any]:
    return {name: value for name, value in unmarshal(item).items() if name in kind.__dataclass_fields__}
