"""A report as CSV: a row a purchase, then what differs of the balance, then corrections of earlier days.

Texts are such that a spreadsheet never runs them; amounts are plain numbers, so that it can add them up.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from giftline.delivery.exports import neutral
from giftline.reconciliation.model import WHOLE_LOT, Correction, Finding, Judged, Report
from giftline.reconciliation.naming import plain

COLUMNS: Final = (
    "supplier",
    "day",
    "what",
    "reference",
    "order",
    "lot",
    "slot",
    "cards",
    "currency",
    "ours",
    "theirs",
    "difference",
    "sent",
    "supplier_order",
    "our_books_say",
    "the_supplier_says",
)
CONTENT_TYPE: Final = "text/csv; charset=utf-8"


def head() -> bytes:
    return b"\xef\xbb\xbf" + _line(COLUMNS)


def purchase_row(report: Report, judged: Judged) -> bytes:
    purchase = judged.purchase
    is_group = purchase.slot != WHOLE_LOT and purchase.cards > 1
    reference = f"{purchase.reference} and {purchase.cards - 1} more" if is_group else purchase.reference
    slot = "" if is_group or purchase.slot == WHOLE_LOT else str(purchase.slot)
    texts = [report.supplier, report.day.isoformat(), judged.verdict.value, reference, purchase.order_id]
    place = [str(purchase.lot), slot, str(purchase.cards), purchase.currency]
    figures = [plain(one, purchase.currency) for one in (purchase.booked, judged.sold, judged.difference)]
    said = [_time(purchase.since), purchase.supplier_order_id, purchase.evidence, judged.word]
    return _line([*map(neutral, texts), *place, *figures, *map(neutral, said)])


def rest_rows(report: Report) -> Iterator[bytes]:
    """What is about no purchase of the day."""
    for finding in report.findings:
        if not finding.reference:
            yield _finding_row(report, finding)
    for correction in report.corrections:
        yield _correction_row(report, correction)


def _finding_row(report: Report, finding: Finding) -> bytes:
    texts = [report.supplier, report.day.isoformat(), finding.kind.value, "", "", "", "", "", finding.currency]
    words = "; ".join((finding.words, *finding.hints))
    difference = plain(finding.difference, finding.currency)
    return _line([*map(neutral, texts), "", "", difference, "", "", neutral(words), ""])


def _correction_row(report: Report, one: Correction) -> bytes:
    words = f"the report of {one.day.isoformat()} had {plain(one.was, one.currency)} for this lot"
    texts = [report.supplier, one.day.isoformat(), "CORRECTION", " ".join(one.references), one.order_id]
    figures = [plain(one.now, one.currency), "", plain(one.now - one.was, one.currency)]
    return _line([*map(neutral, texts), str(one.lot), "", "", one.currency, *figures, "", "", neutral(words), ""])


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _line(cells: Sequence[str] | Iterable[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
