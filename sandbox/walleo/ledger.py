"""What was sold and what it cost: pull requests, cards and money."""

import sqlite3
from dataclasses import astuple

from sandbox.database import Database
from sandbox.walleo.cards import Card
from sandbox.walleo.catalogue import CATALOGUE
from sandbox.walleo.pulls import PullRequest
from sandbox.walleo.refusals import FirstAnswer, NotEnoughFunds, Refused
from sandbox.walleo.requests import Wish

DEBITED = "debited"


class Ledger:
    """Callers hold a transaction of the database around what belongs together."""

    def __init__(self, database: Database, opening_balance: int) -> None:
        self._database = database
        self._opening_balance = opening_balance

    def keep(self, pull: PullRequest) -> None:
        """Raises NotEnoughFunds; the caller has made sure that the request id is new."""
        amount = pull.wish.amount_cents
        if self.balance(pull.created_at) < amount:
            raise NotEnoughFunds
        self._database.write("INSERT INTO pull_requests VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", *_row(pull))
        # One sum that goes on: adding up every request at each purchase would take longer with each.
        sql = "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value"
        self._database.write(sql, DEBITED, amount)

    def balance(self, now: float) -> int:
        return self._opening_balance - self.spent(now)

    def spent(self, now: float) -> int:
        """Money debited and not given back."""
        debited = self._database.value("SELECT value FROM meta WHERE name = ?", DEBITED) or 0
        returned = self._database.value(
            "SELECT COALESCE(SUM(amount), 0) FROM pull_requests WHERE refund_at IS NOT NULL AND refund_at <= ?", now
        )
        return int(debited - returned)

    def find(self, request_id: str) -> PullRequest | None:
        row = self._database.row("SELECT * FROM pull_requests WHERE request_id = ?", request_id)
        return _pull(row) if row else None

    def find_by_card(self, card_id: str) -> PullRequest | None:
        row = self._database.row("SELECT * FROM pull_requests WHERE card_id = ?", card_id)
        return _pull(row) if row else None

    def sold(self) -> list[PullRequest]:
        """Everything that has brought a card or will, in the order of the requests."""
        rows = self._database.rows("SELECT * FROM pull_requests WHERE card_id IS NOT NULL ORDER BY rowid")
        return [_pull(row) for row in rows]

    def refuse(self, request_id: str, refused: Refused) -> None:
        """Keep what a synchronous call was refused with."""
        values = (request_id, int(refused.status), refused.code, refused.message)
        self._database.write("INSERT OR IGNORE INTO refusals VALUES (?,?,?,?)", *values)

    def refusal(self, request_id: str) -> FirstAnswer | None:
        """What that synchronous call was refused with before."""
        row = self._database.row("SELECT status, code, message FROM refusals WHERE request_id = ?", request_id)
        return FirstAnswer(*row) if row else None


def _row(pull: PullRequest) -> tuple[object, ...]:
    bought = (pull.wish.gift_card.code, pull.wish.amount_cents)
    times = (pull.created_at, pull.ends_at, pull.ends_at if pull.fails else None)
    card = astuple(pull.card) if pull.card else (None,) * 4
    return (pull.request_id, pull.pull_id, *bought, *times, *card, pull.heard_at, pull.next_get_at)


def _pull(row: sqlite3.Row) -> PullRequest:
    return PullRequest(
        request_id=row["request_id"],
        pull_id=row["id"],
        wish=Wish(CATALOGUE[row["gift_card_code"]], row["amount"] // 100),
        created_at=row["created_at"],
        ends_at=row["ends_at"],
        card=_card(row),
        heard_at=row["heard_at"],
        next_get_at=row["next_get_at"],
    )


def _card(row: sqlite3.Row) -> Card | None:
    if row["card_id"] is None:
        return None
    return Card(row["card_id"], row["card_code"], row["card_pin"], row["card_amount"])
