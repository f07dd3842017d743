"""What the client did: posts, polls, page reads and breaches of the contract."""

from enum import StrEnum

from sandbox.database import Database
from sandbox.wpay.orders import Order

# Seconds of this machine: two clocks, and the times of a scaled interval, never agree to the last digit.
GRAIN = 0.001


class Poll(StrEnum):
    """How a poll counts: a lookup asks whether the order exists, and may come at any time."""

    LOOKUP = "lookup"
    IN_TIME = "in_time"
    UNDER_INTERVAL = "under_interval"


class Journal:
    def __init__(self, database: Database) -> None:
        self._database = database

    def post(self, now: float, refno: str | None, outcome: str, *, answered: bool) -> None:
        self._database.write("INSERT INTO posts VALUES (?,?,?,?)", now, refno, outcome, answered)

    def breach(self, now: float, kind: str, refno: str | None, detail: str) -> None:
        self._database.write("INSERT INTO breaches VALUES (?,?,?,?)", now, kind, refno, detail)

    def unknown_poll(self, now: float, refno: str) -> None:
        self._database.write("INSERT INTO polls VALUES (?,?,0,?)", now, refno, Poll.LOOKUP)

    def poll(self, now: float, order: Order, interval: float, *, told: bool) -> Poll:
        """Count a poll of an order; `interval` is seconds of this machine, `told` whether the status got through.

        Until the client has been told that its order exists, by the answer to its POST or by a status, it has
        nothing but a lookup to find out, so the interval does not hold yet.
        """
        with self._database.transaction() as at:
            row = at.execute("SELECT last_heard_at, told FROM orders WHERE refno = ?", (order.refno,)).fetchone()
            waited = now - row["last_heard_at"]
            kind = _kind(waited, interval) if row["told"] else Poll.LOOKUP
            at.execute("INSERT INTO polls VALUES (?,?,?,?)", (now, order.refno, told, kind))
            at.execute(
                "UPDATE orders SET last_heard_at = ?, told = told OR ? WHERE refno = ?", (now, told, order.refno)
            )
            if kind is Poll.UNDER_INTERVAL:
                self.breach(now, "poll_under_interval", order.refno, f"{waited:.3f} s instead of {interval:.3f} s")
        return kind

    def read(self, now: float, refno: str, offset: int, limit: int, outcome: str) -> int:
        """Count a page read and say which one of this page it is, from 1."""
        with self._database.transaction() as at:
            at.execute("INSERT INTO reads VALUES (?,?,?,?,?)", (now, refno, offset, limit, outcome))
            count = at.execute(
                "SELECT COUNT(*) FROM reads WHERE refno = ? AND page_offset = ? AND page_limit = ?",
                (refno, offset, limit),
            )
            return int(count.fetchone()[0])


def _kind(waited: float, interval: float) -> Poll:
    return Poll.UNDER_INTERVAL if waited < interval - GRAIN else Poll.IN_TIME
