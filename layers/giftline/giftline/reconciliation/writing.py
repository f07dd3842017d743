"""A report's files: the rows for a spreadsheet, a line a lot for later reports, and the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from giftline.reconciliation.comparing import grouped
from giftline.reconciliation.correcting import folder, line_text, lines_key, lot_line
from giftline.reconciliation.model import Judged, Report
from giftline.reconciliation.report_csv import CONTENT_TYPE, head, purchase_row, rest_rows
from giftline.reconciliation.report_html import HTML, report_page

if TYPE_CHECKING:
    from giftline.orders.ports import Export
    from giftline.reconciliation.ports import ReportFiles

CHUNK: Final = 64 * 1024


def csv_key(report: Report) -> str:
    return f"{folder(report)}/report.csv"


def page_key(report: Report) -> str:
    return f"{folder(report)}/report.html"


@dataclass(frozen=True, slots=True)
class LotWriter:
    """Lot by lot, in their order."""

    report: Report
    rows: Export
    lines: Export

    def lot(self, judged: Sequence[Judged]) -> None:
        for one in grouped(judged):
            self.rows.write(purchase_row(self.report, one))
        self.lines.write(line_text(lot_line(judged)))

    def rest(self, report: Report) -> None:
        for row in rest_rows(report):
            self.rows.write(row)


@contextmanager
def writing_lots(files: ReportFiles, report: Report) -> Iterator[LotWriter]:
    """Both files appear whole, or not at all."""
    with (
        files.export(csv_key(report), CONTENT_TYPE) as rows,
        files.export(lines_key(report), "application/jsonl") as lines,
    ):
        rows.write(head())
        yield LotWriter(report, rows, lines)


def write_page(files: ReportFiles, report: Report) -> None:
    with files.export(page_key(report), HTML) as page:
        page.write(report_page(report).encode())
