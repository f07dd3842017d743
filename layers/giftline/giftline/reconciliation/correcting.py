"""What an earlier report said about its lots, and what our books say now: a lot may be adopted days later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from giftline.errors import NotFound
from giftline.reconciliation.model import Correction, Judged, Report, Window
from giftline.reconciliation.sent import SentLot

if TYPE_CHECKING:
    from giftline.reconciliation.ports import ReportFiles

LOOK_BACK: Final = 8
"""Days: a closed order is watched for seven."""
MOST_REFERENCES: Final = 5


class JudgedLot(Protocol):
    @property
    def sent(self) -> SentLot: ...

    @property
    def judged(self) -> list[Judged]: ...


class LotLine(NamedTuple):
    """What is kept of a lot beside a report: its money by our books, and the references that cost none."""

    order_id: str
    lot: int
    currency: str
    booked: int
    unbooked: Sequence[str]

    @property
    def key(self) -> tuple[str, int]:
        return self.order_id, self.lot


def lot_line(judged: Sequence[Judged]) -> LotLine:
    """Of one lot, of which something belongs to the window."""
    first = judged[0].purchase
    unbooked = [one.purchase.reference for one in judged if not one.purchase.booked]
    return LotLine(first.order_id, first.lot, first.currency, sum(one.purchase.booked for one in judged), unbooked)


def line_text(line: LotLine) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def lines_key(report: Report) -> str:
    return f"{folder(report)}/lots.jsonl"


def folder(report: Report) -> str:
    """Each version has its own: none is written over."""
    return f"reconciliations/{report.supplier}/{report.day.isoformat()}/{report.version:04d}"


def corrections_of(earlier: Report, files: ReportFiles, lots: Iterable[JudgedLot]) -> Iterator[Correction]:
    """Both in the order of their lots, so that one of each is in memory at a time."""
    try:
        was = (LotLine(*json.loads(text)) for text in files.lines(lines_key(earlier)))
        yield from _differences(earlier, was, _lines_now(earlier.window, lots))
    except NotFound:
        return  # the file was removed: there is nothing to compare with


def _lines_now(window: Window, lots: Iterable[JudgedLot]) -> Iterator[LotLine]:
    for one in lots:
        mine = [judged for judged in one.judged if window.holds(judged.purchase.since)]
        if mine:
            yield lot_line(mine)


def _differences(earlier: Report, was: Iterator[LotLine], now: Iterator[LotLine]) -> Iterator[Correction]:
    for old, new in _paired(was, now):
        known = old or new
        if known is None or (old.booked if old else 0) == (new.booked if new else 0):
            continue
        references = set(old.unbooked if old else ()) ^ set(new.unbooked if new else ())
        yield Correction(
            earlier.day,
            known.order_id,
            known.lot,
            known.currency,
            old.booked if old else 0,
            new.booked if new else 0,
            tuple(sorted(references)[:MOST_REFERENCES]),
        )


def _paired(was: Iterator[LotLine], now: Iterator[LotLine]) -> Iterator[tuple[LotLine | None, LotLine | None]]:
    """The lines of both by lot; a lot that only one of them has comes without the other."""
    old, new = next(was, None), next(now, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old.key < new.key):
            yield old, None
            old = next(was, None)
        elif old is None or new.key < old.key:
            yield None, new
            new = next(now, None)
        else:
            yield old, new
            old, new = next(was, None), next(now, None)
