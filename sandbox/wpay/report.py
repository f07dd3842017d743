"""What a test or a person may ask the sandbox about itself."""

import sqlite3
from collections.abc import Mapping

from sandbox.database import Database
from sandbox.wpay.bodies import money
from sandbox.wpay.cards import Card
from sandbox.wpay.catalogue import CURRENCIES
from sandbox.wpay.ledger import Ledger

_RESET = (
    "DELETE FROM meta",
    "DELETE FROM orders",
    "DELETE FROM cards",
    "DELETE FROM movements",
    "DELETE FROM posts",
    "DELETE FROM polls",
    "DELETE FROM reads",
    "DELETE FROM breaches",
    "DELETE FROM counts",
)
_FAULTS = "SELECT name, n FROM counts WHERE what = 'fault' ORDER BY name"
_COUNTS = {
    "orders": "SELECT COUNT(*) FROM orders",
    "cards_sold": "SELECT COALESCE(SUM(quantity), 0) FROM orders WHERE sells AND cancelled_at IS NULL",
    "posts": "SELECT COUNT(*) FROM posts",
    "duplicate_posts": "SELECT COUNT(*) FROM posts WHERE outcome = '5313'",
    "polls": "SELECT COUNT(*) FROM polls",
    "lookups": "SELECT COUNT(*) FROM polls WHERE kind = 'lookup'",
    "polls_under_interval": "SELECT COUNT(*) FROM polls WHERE kind = 'under_interval'",
    "page_reads": "SELECT COUNT(*) FROM reads",
}


class Report:
    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    def whole(self, now: float) -> dict[str, object]:
        counts = {name: self._database.value(sql) for name, sql in _COUNTS.items()}
        spent = self._ledger.spent(now)
        return counts | {
            "money": {CURRENCIES[numeric].code: amount for numeric, amount in spent.items()},
            "balance": {CURRENCIES[numeric].code: self._ledger.balance(numeric, now) for numeric in spent},
            "breaches": self._listed("SELECT at, kind, refno, detail FROM breaches ORDER BY rowid"),
            "faults": {row["name"]: row["n"] for row in self._database.rows(_FAULTS)},
        }

    def order(self, refno: str, now: float) -> dict[str, object] | None:
        order = self._ledger.find(refno)
        if order is None:
            return None
        reads = "SELECT at, page_offset AS offset, page_limit AS 'limit', outcome FROM reads WHERE refno = ?"
        return {
            "refno": refno,
            "orderId": order.order_id,
            "status": order.status(now),
            "quantity": order.request.quantity,
            "amount": order.request.amount,
            "currency": CURRENCIES[order.request.currency].code,
            "created_at": order.created_at,
            "complete_at": order.complete_at,
            "cancelled_at": order.cancelled_at,
            "posts": self._listed("SELECT at, outcome, answered FROM posts WHERE refno = ?", refno),
            "polls": self._listed("SELECT at, told, kind FROM polls WHERE refno = ?", refno),
            "page_reads": self._listed(reads, refno),
        }

    def cards(self, refno: str) -> list[dict[str, object]] | None:
        """Every card sold under that refno, in the words of the cards answer."""
        if self._ledger.find(refno) is None:
            return None
        return [_sold(card) for card in self._ledger.cards(refno)]

    def reset(self) -> None:
        with self._database.transaction() as at:
            for statement in _RESET:
                at.execute(statement)

    def _listed(self, sql: str, *values: object) -> list[Mapping[str, object]]:
        return [_plain(row) for row in self._database.rows(sql, *values)]


def _sold(card: Card) -> dict[str, object]:
    return {
        "position": card.position,
        "cardId": card.card_id,
        "sku": card.sku,
        "cardNumber": card.number,
        "cardPin": card.pin,
        "barcode": card.barcode,
        "amount": money(card.amount),
    }


def _plain(row: sqlite3.Row) -> Mapping[str, object]:
    """SQLite keeps a bool as 0 or 1."""
    flags = {"answered", "told"}
    return {name: bool(row[name]) if name in flags else row[name] for name in row.keys()}  # noqa: SIM118
