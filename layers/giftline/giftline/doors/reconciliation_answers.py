"""What an operator is told of a reconciliation: amounts as decimal strings, times in UTC, nothing of a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from giftline.orders.timing import timestamp
from giftline.reconciliation.model import WHOLE_LOT, Bridge, Correction, Finding, Report, TopUp, Total
from giftline.reconciliation.naming import plain


def summary(report: Report) -> dict[str, Any]:
    """One day of the list."""
    return {
        "supplier": report.supplier,
        "day": report.day.isoformat(),
        "status": report.status.value,
        "provisional": report.is_provisional,
        "version": report.version,
        "madeAt": timestamp(report.made_at),
        "findings": sum(one.kind.is_drift for one in report.findings) + report.more,
        "corrections": len(report.corrections),
        "balances": [_bridge(one) for one in report.bridges],
    }


def whole(report: Report, links: Mapping[str, str]) -> dict[str, Any]:
    """One day in full; the CSV file has each purchase too."""
    return summary(report) | {
        "from": timestamp(report.window.since),
        "until": timestamp(report.window.until),
        "missing": list(report.missing),
        "lots": report.lots,
        "unsettledLots": report.unsettled,
        "asked": report.asked,
        "unasked": report.unasked,
        "totals": [_total(one) for one in report.totals],
        "findings": [_finding(one) for one in report.findings],
        "moreFindings": report.more,
        "corrections": [_correction(one) for one in report.corrections],
        "files": dict(links),
    }


def top_up(one: TopUp) -> dict[str, Any]:
    return {
        "supplier": one.supplier,
        "reference": one.reference,
        "currency": one.currency,
        "amount": _amount(one.minor, one.currency),
        "at": timestamp(one.at),
        "note": one.note,
    }


def _bridge(one: Bridge) -> dict[str, Any]:
    figures = {
        "opening": one.opening,
        "topUps": one.top_ups,
        "bought": one.bought,
        "carriedIn": one.carried_in,
        "carriedOut": one.carried_out,
        "expected": one.expected,
        "closing": one.closing,
        "difference": one.difference,
        "named": one.named,
        "unexplained": one.unexplained,
    }
    return {"currency": one.currency} | {name: _amount(minor, one.currency) for name, minor in figures.items()}


def _total(one: Total) -> dict[str, Any]:
    figures = {"ours": _amount(one.ours, one.currency), "theirs": _amount(one.theirs, one.currency)}
    counts = {"purchases": one.purchases, "cards": one.cards}
    return {"what": one.verdict.value, "currency": one.currency} | counts | figures


def _finding(one: Finding) -> dict[str, Any]:
    place = {
        "reference": one.reference or None,
        "orderId": one.order_id or None,
        "lot": one.lot or None,
        "slot": None if one.slot == WHOLE_LOT else one.slot,
    }
    told = {"words": one.words, "hints": list(one.hints), "differs": one.kind.is_drift}
    difference = {"currency": one.currency, "difference": _amount(one.difference, one.currency)}
    return {"what": one.kind.value} | place | difference | told


def _correction(one: Correction) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "orderId": one.order_id,
        "lot": one.lot,
        "references": list(one.references),
        "currency": one.currency,
        "was": _amount(one.was, one.currency),
        "now": _amount(one.now, one.currency),
    }


def _amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else plain(minor, currency)
