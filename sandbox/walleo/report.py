"""What a test or a person may ask the sandbox about itself."""

import sqlite3
from collections.abc import Mapping

from sandbox.database import Database
from sandbox.walleo.bodies import card_fields
from sandbox.walleo.catalogue import CURRENCY
from sandbox.walleo.ledger import Ledger
from sandbox.walleo.pulls import PullRequest
from sandbox.walleo.traffic import Traffic

_RESET = (
    "DELETE FROM meta",
    "DELETE FROM pull_requests",
    "DELETE FROM refusals",
    "DELETE FROM posts",
    "DELETE FROM gets",
    "DELETE FROM breaches",
    "DELETE FROM counts",
)
_FAULTS = "SELECT name, n FROM counts WHERE what = 'fault' ORDER BY name"
_FAILED = "SELECT COUNT(*) FROM pull_requests WHERE refund_at IS NOT NULL AND refund_at <= ?"
_COUNTS = {
    "pull_requests": "SELECT COUNT(*) FROM pull_requests",
    "posts": "SELECT COUNT(*) FROM posts",
    "duplicate_posts": "SELECT COUNT(*) FROM posts WHERE outcome = 'request_id_used'",
    "gets": "SELECT COUNT(*) FROM gets",
    "lookups": "SELECT COUNT(*) FROM gets WHERE kind = 'lookup'",
    "gets_under_interval": "SELECT COUNT(*) FROM gets WHERE kind = 'under_interval'",
    "rate_limited": "SELECT COALESCE(SUM(n), 0) FROM counts WHERE what = 'rate_limited'",
}


class Report:
    def __init__(self, database: Database, ledger: Ledger, traffic: Traffic) -> None:
        self._database = database
        self._ledger = ledger
        self._traffic = traffic

    def whole(self, now: float) -> dict[str, object]:
        """A card counts as sold from its pull request on, until that ends in an error."""
        with self._database.transaction():
            counts = {name: self._database.value(sql) for name, sql in _COUNTS.items()}
            spent = self._ledger.spent(now)
            return counts | {
                "cards_sold": counts["pull_requests"] - self._database.value(_FAILED, now),
                "money": {CURRENCY: spent},
                "balance": {CURRENCY: self._ledger.balance(now)},
                "most_requests_per_second": self._traffic.most(),
                "breaches": self._listed("SELECT at, kind, request_id, detail FROM breaches ORDER BY rowid"),
                "faults": {row["name"]: row["n"] for row in self._database.rows(_FAULTS)},
            }

    def pull_request(self, request_id: str, now: float) -> dict[str, object] | None:
        pull = self._ledger.find(request_id)
        if pull is None:
            return None
        return {
            "request_id": request_id,
            "id": pull.pull_id,
            "status": pull.status(now),
            "gift_card_code": pull.wish.gift_card.code,
            "amount": pull.wish.amount_cents,
            "currency": CURRENCY,
            "created_at": pull.created_at,
            "ends_at": pull.ends_at,
            "posts": self._listed("SELECT at, outcome, answered FROM posts WHERE request_id = ?", request_id),
            "gets": self._listed("SELECT at, answered, kind FROM gets WHERE request_id = ?", request_id),
        }

    def cards(self, now: float) -> list[dict[str, object]]:
        """Every card that was sold, or is being pulled, in the words of the document and with its request."""
        return [_sold(pull, now) for pull in self._ledger.sold()]

    def reset(self) -> None:
        with self._database.transaction() as at:
            for statement in _RESET:
                at.execute(statement)
        self._traffic.forget()

    def _listed(self, sql: str, *values: object) -> list[Mapping[str, object]]:
        return [_plain(row) for row in self._database.rows(sql, *values)]


def _sold(pull: PullRequest, now: float) -> dict[str, object]:
    fields = card_fields(pull, pull.card) if pull.card else {}
    return {"request_id": pull.request_id, "status": pull.status(now)} | fields


def _plain(row: sqlite3.Row) -> Mapping[str, object]:
    """SQLite keeps a bool as 0 or 1."""
    return {name: bool(row[name]) if name == "answered" else row[name] for name in row.keys()}  # noqa: SIM118
