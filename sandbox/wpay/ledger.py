"""What was sold and what it cost: orders, cards and money."""

import json
import secrets
import sqlite3
from collections.abc import Iterable

from sandbox.database import Database
from sandbox.wpay.cards import Card
from sandbox.wpay.catalogue import ACCOUNT_CURRENCY
from sandbox.wpay.orders import Order
from sandbox.wpay.refusals import DuplicateRefno, OverBalance
from sandbox.wpay.requests import Line, OrderRequest

FIRST_ORDER_NUMBER = 9_200_073_512
FIRST_CARD_ID = 378_470


class Ledger:
    def __init__(self, database: Database, opening_balance: int) -> None:
        self._database = database
        self._opening_balance = opening_balance

    def secret(self) -> bytes:
        """The key that card numbers derive from: made once for a state directory, and again at a reset."""
        with self._database.transaction() as at:
            at.execute("INSERT OR IGNORE INTO meta VALUES ('secret', ?)", (secrets.token_bytes(32),))
        return bytes(self._database.value("SELECT value FROM meta WHERE name = 'secret'"))

    def next_order_id(self) -> str:
        return f"AAN{self._take('order_number', FIRST_ORDER_NUMBER, 1):010d}"

    def next_card_ids(self, count: int) -> int:
        """The first of that many card ids that follow each other."""
        return self._take("card_id", FIRST_CARD_ID, count)

    def _take(self, name: str, first: int, count: int) -> int:
        with self._database.transaction() as at:
            at.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, first))
            taken = at.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]
            at.execute("UPDATE meta SET value = value + ? WHERE name = ?", (count, name))
        return int(taken)

    def sell(self, order: Order, cards: Iterable[Card]) -> None:
        """All or nothing; raises DuplicateRefno or OverBalance."""
        with self._database.transaction() as at:
            if self.find(order.refno):
                raise DuplicateRefno(f"refno {order.refno} has been used")
            if self.balance(order.request.currency, order.created_at) < order.request.amount:
                raise OverBalance("The order is over the available balance")
            at.execute("INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", _order_row(order))
            at.executemany(
                "INSERT INTO cards VALUES (?,?,?,?,?,?,?,?)", (_card_row(order.refno, card) for card in cards)
            )
            _move(at, order, order.created_at, -order.request.amount)
            if order.complete_at is not None and not order.sells:
                _move(at, order, order.complete_at, order.request.amount)

    def cancel(self, order: Order, now: float) -> None:
        """Take the order back and return its money, once."""
        with self._database.transaction() as at:
            changed = at.execute(
                "UPDATE orders SET cancelled_at = ? WHERE refno = ? AND cancelled_at IS NULL", (now, order.refno)
            ).rowcount
            if changed:
                at.execute("DELETE FROM movements WHERE refno = ? AND amount > 0", (order.refno,))
                _move(at, order, now, order.request.amount)

    def balance(self, currency: str, now: float) -> int:
        return self._opening_balance - self.spent(now).get(currency, 0)

    def spent(self, now: float) -> dict[str, int]:
        """Money debited and not given back, by numeric currency."""
        rows = self._database.rows(
            "SELECT currency, -SUM(amount) AS spent FROM movements WHERE at <= ? GROUP BY currency", now
        )
        return {ACCOUNT_CURRENCY: 0} | {row["currency"]: row["spent"] for row in rows}

    def find(self, refno: str) -> Order | None:
        row = self._database.row("SELECT * FROM orders WHERE refno = ?", refno)
        return _order(row) if row else None

    def find_by_order_id(self, order_id: str) -> Order | None:
        row = self._database.row("SELECT * FROM orders WHERE order_id = ?", order_id)
        return _order(row) if row else None

    def cards(self, refno: str, offset: int = 0, limit: int = -1) -> list[Card]:
        last = offset + limit if limit >= 0 else 2**62
        rows = self._database.rows(
            "SELECT * FROM cards WHERE refno = ? AND position >= ? AND position < ? ORDER BY position",
            *(refno, offset, last),
        )
        return [_card(row) for row in rows]


def _move(at: sqlite3.Connection, order: Order, when: float, amount: int) -> None:
    at.execute("INSERT INTO movements VALUES (?,?,?,?)", (when, order.refno, order.request.currency, amount))


def _order_row(order: Order) -> tuple[object, ...]:
    request = order.request
    lines = json.dumps([(line.sku, line.price, line.quantity) for line in request.lines])
    bought = (lines, request.currency, request.sync_only, request.quantity, request.amount, order.sells)
    times = (order.created_at, order.complete_at, order.cancelled_at, order.created_at)
    return (order.refno, order.order_id, *bought, *times, order.told)


def _order(row: sqlite3.Row) -> Order:
    lines = tuple(Line(*line) for line in json.loads(row["lines"]))
    return Order(
        refno=row["refno"],
        order_id=row["order_id"],
        request=OrderRequest(row["refno"], lines, row["currency"], bool(row["sync_only"])),
        created_at=row["created_at"],
        complete_at=row["complete_at"],
        cancelled_at=row["cancelled_at"],
        told=bool(row["told"]),
    )


def _card_row(refno: str, card: Card) -> tuple[object, ...]:
    return (refno, card.position, card.card_id, card.sku, card.number, card.pin, card.barcode, card.amount)


def _card(row: sqlite3.Row) -> Card:
    return Card(
        position=row["position"],
        card_id=row["card_id"],
        sku=row["sku"],
        number=row["number"],
        pin=row["pin"],
        barcode=row["barcode"],
        amount=row["amount"],
    )
