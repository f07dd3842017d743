"""What an alarm looks at, as a line of the log that CloudWatch reads as metrics (embedded metric format)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import Report

NAMESPACE: Final = "Giftline"
UNEQUAL: Final = "UnequalReconciliations"
"""1 for a report that somebody must read or that could not be made, else 0; for all suppliers, and by Supplier."""


@dataclass(slots=True)
class EmbeddedMetrics:
    """The Measures port. A line goes out whole: what writes it must not put words before it."""

    write: Callable[[str], object] = sys.stdout.write
    kept: list[dict[str, Any]] = field(default_factory=list)

    def report(self, report: Report) -> None:
        told = {"status": report.status.value, "version": report.version}
        line = metric_line(report.supplier, report.day, report.made_at, is_alarming=report.is_alarming)
        self.kept.append(line | told)

    def failed(self, supplier: str, day: date, at: Millis) -> None:
        self.kept.append(metric_line(supplier, day, at, is_alarming=True) | {"status": "FAILED"})

    def tell(self) -> None:
        lines, self.kept = self.kept, []
        for line in lines:
            self.write(json.dumps(line) + "\n")


def metric_line(supplier: str, day: date, at: Millis, *, is_alarming: bool) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
    metrics = [{"Name": UNEQUAL, "Unit": "Count"}]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[], ["Supplier"]], "Metrics": metrics}
    return {
        "_aws": {"Timestamp": at, "CloudWatchMetrics": [directive]},
        "Supplier": supplier,
        UNEQUAL: int(is_alarming),
        "day": day.isoformat(),
    }
