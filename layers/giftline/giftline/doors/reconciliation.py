"""The operators' calls on reconciliation: which days agree, one day in full, its page, and money paid to a supplier."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.doors import reconciliation_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, text_of, token_of
from giftline.doors.content import Content
from giftline.doors.reconciliation_requests import parse_day, parse_listing, parse_top_up, parse_version
from giftline.errors import NotFound
from giftline.orders.ports import Clock
from giftline.reconciliation.days import day_of
from giftline.reconciliation.model import Report
from giftline.reconciliation.ports import Books, ReportFiles
from giftline.reconciliation.report_html import HTML
from giftline.reconciliation.topping_up import RecordTopUp
from giftline.reconciliation.writing import csv_key, page_key

LISTED_DAYS: Final = 31
PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class ReconciliationDoor:
    """Errors are raised; `error_reply` turns them into answers."""

    tokens: Tokens
    suppliers: Sequence[str]
    books: Books
    files: ReportFiles
    record_top_up: RecordTopUp
    clock: Clock

    def list(self, call: Call) -> Reply:
        """The last days of one supplier or of all, or one day of them; the last day first."""
        self._operator(call)
        asked = parse_listing(call.query_string_parameters)
        names = [self._supplier(asked.supplier)] if asked.supplier else self.suppliers
        found = [one for name in names for one in self._reports(name, asked.day)]
        found.sort(key=lambda one: (one.day, one.supplier), reverse=True)
        return Reply(200, {"reconciliations": [reconciliation_answers.summary(one) for one in found]})

    def show(self, call: Call, supplier: str, day: str) -> Reply:
        """With links to its files, which expire."""
        report = self._report(call, supplier, day)
        name = f"reconciliation-{report.supplier}-{report.day.isoformat()}"
        links = {
            "report.csv": self.files.link(csv_key(report), f"{name}.csv"),
            "report.html": self.files.link(page_key(report), f"{name}.html"),
        }
        return Reply(200, reconciliation_answers.whole(report, links))

    def page(self, call: Call, supplier: str, day: str) -> Content:
        report = self._report(call, supplier, day)
        return Content(200, HTML, self.files.text(page_key(report)), PRIVATE)

    def top_up(self, call: Call, supplier: str) -> Reply:
        """Once a reference: the same call again answers the same and records nothing."""
        who = self._operator(call)
        asked = parse_top_up(self._supplier(supplier), text_of(call), self.clock.now())
        known = self.record_top_up(asked)
        logging.getLogger(__name__).info("top-up %r of %s recorded by %r", known.reference, supplier, who)
        return Reply(201, reconciliation_answers.top_up(known))

    def _operator(self, call: Call) -> str:
        return authorize(self.tokens, token_of(call.headers), Ability.ACCOUNTS).tenant

    def _supplier(self, name: str) -> str:
        if name not in self.suppliers:
            raise NotFound(f"no supplier is called {name!r:.40}")
        return name

    def _reports(self, supplier: str, day: date | None) -> Sequence[Report]:
        if day is None:
            return self.books.reports(supplier, day_of(self.clock.now()), LISTED_DAYS)
        report = self.books.report(supplier, day)
        return [report] if report else []

    def _report(self, call: Call, supplier: str, text: str) -> Report:
        self._operator(call)
        day, version = parse_day(text), parse_version(call.query_string_parameters)
        found = self.books.report(self._supplier(supplier), day, version) if day else None
        if found is None:
            raise NotFound(f"no reconciliation of {supplier} of {text!r:.20}")
        return found
