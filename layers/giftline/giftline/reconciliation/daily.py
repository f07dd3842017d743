"""The daily round: yesterday with each supplier, days that were missed, and days of which we have been told more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from giftline.errors import GiftlineError
from giftline.reconciliation.bridging import disagree
from giftline.reconciliation.correcting import LOOK_BACK
from giftline.reconciliation.days import day_of, days_between
from giftline.reconciliation.model import Report
from giftline.rounds import visit_each

if TYPE_CHECKING:
    from giftline.orders.ports import Clock
    from giftline.reconciliation.ports import Books, Measures


@dataclass(frozen=True, slots=True)
class ReconcileDaily:
    """Again without harm: yesterday's report gets its next version."""

    suppliers: Sequence[str]
    reconcile: Callable[[str, date], Report]
    books: Books
    clock: Clock
    measures: Measures

    def __call__(self) -> dict[str, int]:
        """How many reports were made, and how many of them are a reason for alarm; GiftlineError names those that
        could not be made, which are one too.
        """
        alarming = [0]

        def visit(what: tuple[str, date]) -> int:
            try:
                alarming[0] += self.reconcile(*what).is_alarming
            except Exception:
                self.measures.failed(*what, self.clock.now())
                raise
            return 1

        due = ((supplier, day) for supplier in self.suppliers for day in self._days(supplier))
        try:
            made = visit_each("the daily reconciliation", due, visit, lambda what: f"{what[0]} of {what[1]}")
        except GiftlineError:
            self.measures.tell()
            raise
        self.measures.tell()
        return {"reconciled": made, "unequal": alarming[0]}

    def _days(self, supplier: str) -> Iterator[date]:
        """Each is looked at after the ones before it were made."""
        yesterday = day_of(self.clock.now()) - timedelta(days=1)
        earlier = days_between(yesterday - timedelta(days=LOOK_BACK), yesterday - timedelta(days=1))
        yield from (day for day in earlier if self._is_due(supplier, day))
        yield yesterday

    def _is_due(self, supplier: str, day: date) -> bool:
        """It has both its balances and nobody made its report; or somebody recorded a top-up of it since; or the day
        before it carried something else over than it says.
        """
        report = self.books.report(supplier, day)
        if report is None:
            has_end = self.books.balance(supplier, day) is not None
            return has_end and self.books.balance_before(supplier, day) is not None
        if disagree(self.books.report(supplier, day - timedelta(days=1)), report):
            return True
        paid = self.books.top_ups(supplier, report.window.since, report.window.until)
        return any(top_up.recorded_at > report.made_at for top_up in paid)
