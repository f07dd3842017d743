"""Reconcile one day with one supplier: read, ask, compare, write; the same day again is its next version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from giftline.errors import FieldProblem, InvalidRequest
from giftline.orders.lot import LotState
from giftline.orders.timing import Timing
from giftline.reconciliation.asking import DOUBTFUL, EVERYTHING, Answers
from giftline.reconciliation.bridging import Carried, bridges, carried_into, disagree, missing_ends
from giftline.reconciliation.comparing import Tally
from giftline.reconciliation.concluding import Counted, concluded, named
from giftline.reconciliation.correcting import LOOK_BACK, corrections_of
from giftline.reconciliation.days import DAY, day_of, midnight
from giftline.reconciliation.model import Bridge, Correction, Report, Status, TakenBalance, TopUp, Window
from giftline.reconciliation.naming import Findings, sold_by_them
from giftline.reconciliation.reading import ReadLots
from giftline.reconciliation.taking import ask_balance
from giftline.reconciliation.writing import write_page, writing_lots

if TYPE_CHECKING:
    from giftline.orders.ports import Clock
    from giftline.reconciliation.ports import Books, Measures, ReportFiles, StatementsOf

MOST_CORRECTIONS: Final = 100


class Ends(NamedTuple):
    """The balances at both ends of a day, as far as there are any."""

    opening: TakenBalance | None
    closing: TakenBalance | None
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class Reconcile:
    """The first reading asks about what is in doubt, a second about all where the balance needs it; the last writes."""

    lots: ReadLots
    books: Books
    files: ReportFiles
    statements: StatementsOf
    clock: Clock
    timing: Timing
    measures: Measures | None = None

    def __call__(self, supplier: str, day: date) -> Report:
        """InvalidRequest for a day that has not begun. Earlier days that say otherwise now get a new version too."""
        if day > day_of(self.clock.now()):
            raise InvalidRequest([FieldProblem("day", "it has not begun", "a day up to today (UTC)")])
        made: dict[date, Report] = {}
        corrections = []
        for earlier in self._earlier(supplier, day):
            if found := self._corrections(supplier, earlier):
                made[earlier.day] = self._make(supplier, earlier.day, ())
                corrections += found
        report = made[day] = self._make(supplier, day, corrections)
        before = self._before(report)
        if before is not None and disagree(before, report):  # this day shows what crossed the balance between them
            made[before.day] = self._make(supplier, before.day, ())
        self._measure(made.values())
        return report

    def _measure(self, made: Iterable[Report]) -> None:
        """The last version of each day: one that was corrected may differ only now."""
        for report in made:
            if self.measures is not None and not report.is_provisional:
                self.measures.report(report)

    def _earlier(self, supplier: str, day: date) -> list[Report]:
        """Days whose lots were not all at their end when they were last looked at, the first one first."""
        found = self.books.reports(supplier, day - timedelta(days=1), LOOK_BACK)
        oldest = day - timedelta(days=LOOK_BACK)
        return [one for one in reversed(found) if one.unsettled and one.day >= oldest]

    def _corrections(self, supplier: str, earlier: Report) -> list[Correction]:
        return list(corrections_of(earlier, self.files, self.lots(supplier, earlier.window, _nothing())))

    def _make(self, supplier: str, day: date, corrections: Sequence[Correction]) -> Report:
        ends = self._ends(supplier, day)
        window = self._window(day, ends)
        top_ups = self.books.top_ups(supplier, window.since - DAY, window.until + DAY)
        carried = self._carried(supplier, day, ends, window)
        answers = Answers(self.clock.elapsed() + self.timing.task_budget)

        def bridged(tally: Tally) -> tuple[Bridge, ...]:
            return bridges(tally, ends.opening, ends.closing, top_ups, carried)

        found = bridged(self._tally(supplier, window, answers, DOUBTFUL))
        if any(bridge.unexplained for bridge in found):
            found = bridged(self._tally(supplier, window, answers, EVERYTHING))
        before = self.books.report(supplier, day)
        draft = Report(supplier, day, self.clock.now(), window, Status.EQUAL, before.version + 1 if before else 1)
        draft = replace(
            draft,
            is_provisional=ends.is_provisional,
            is_first=ends.opening is None and ends.closing is not None,
            missing=missing_ends(window, ends.opening, ends.closing),
            corrections=_together(before.corrections if before else (), corrections),
        )
        report = self._write(draft, ends, answers, found, bridged, top_ups)
        return self.books.save(report)

    def _write(
        self,
        draft: Report,
        ends: Ends,
        answers: Answers,
        expected: Sequence[Bridge],
        bridged: Callable[[Tally], tuple[Bridge, ...]],
        top_ups: Sequence[TopUp],
    ) -> Report:
        """The last pass writes what it reads, so that the files and the sums are of one reading."""
        tally = Tally(draft.window)
        findings = Findings(draft.window, {one.currency: one.unexplained for one in expected if one.unexplained})
        count = Counted()
        with writing_lots(self.files, draft) as write:
            for one in self.lots(draft.supplier, draft.window, answers):
                mine = [judged for judged in one.judged if tally.add(judged)]
                for judged in one.judged:
                    findings.look_at(judged)
                for judged in mine:
                    findings.add(judged)
                if mine:
                    count.add(mine, answers)
                    write.lot(mine)
            found = bridged(tally)
            sold = sold_by_them(ends.opening, ends.closing)
            balances = [named(bridge, findings, top_ups, tally, sold) for bridge in found]
            report = concluded(draft, tally, found, [one for one in balances if one], findings, count)
            write.rest(report)
        write_page(self.files, report)
        return report

    def _tally(self, supplier: str, window: Window, answers: Answers, states: frozenset[LotState]) -> Tally:
        """Asking on the way."""
        tally = Tally(window)
        for one in self.lots(supplier, window, answers, states):
            for judged in one.judged:
                tally.add(judged)
        return tally

    # --- both ends of it

    def _ends(self, supplier: str, day: date) -> Ends:
        """Today's balance as it is now, which is not kept; yesterday's is taken late rather than never."""
        opening, closing = self.books.balance_before(supplier, day), self.books.balance(supplier, day)
        now = self.clock.now()
        age = (day_of(now) - day).days
        if closing is None and age <= 1:
            closing = ask_balance(self.statements, supplier, day, now)
            if closing is not None and age == 1:
                closing = self.books.keep_balance(closing)
        return Ends(opening, closing, age == 0)

    def _window(self, day: date, ends: Ends) -> Window:
        since = ends.opening.at if ends.opening else midnight(day)
        until = min(midnight(day + timedelta(days=1)), self.clock.now())
        return Window(since, ends.closing.at if ends.closing else max(since, until))

    def _carried(self, supplier: str, day: date, ends: Ends, window: Window) -> Carried:
        before = self.books.report(supplier, ends.opening.day) if ends.opening else None
        after = self.books.report(supplier, day + timedelta(days=1))
        return carried_into(before, ends.opening, after, window.until)

    def _before(self, report: Report) -> Report | None:
        """The report that ended with the balance with which this one begins."""
        opening = self.books.balance_before(report.supplier, report.day)
        return self.books.report(report.supplier, opening.day) if opening else None


def _together(before: Sequence[Correction], found: Sequence[Correction]) -> tuple[Correction, ...]:
    """What a former version of this report named, it goes on naming."""
    return tuple(dict.fromkeys((*before, *found)))[:MOST_CORRECTIONS]


def _nothing() -> Answers:
    return Answers(0.0)
