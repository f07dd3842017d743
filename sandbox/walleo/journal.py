"""What the client did: posts, gets and breaches of the contract."""

from enum import StrEnum

from sandbox.database import Database
from sandbox.walleo.pulls import PullRequest

# Seconds of this machine: two clocks, and the times of a scaled interval, never agree to the last digit.
GRAIN = 0.001


class Get(StrEnum):
    """How a GET counts: a lookup asks whether the request exists, and may come at any time."""

    LOOKUP = "lookup"
    IN_TIME = "in_time"
    UNDER_INTERVAL = "under_interval"


class Journal:
    def __init__(self, database: Database) -> None:
        self._database = database

    def post(self, now: float, request_id: str | None, outcome: str, *, answered: bool) -> None:
        self._database.write("INSERT INTO posts VALUES (?,?,?,?)", now, request_id, outcome, answered)

    def breach(self, now: float, kind: str, request_id: str | None, detail: str) -> None:
        self._database.write("INSERT INTO breaches VALUES (?,?,?,?)", now, kind, request_id, detail)

    def get(self, now: float, request_id: str, pull: PullRequest | None, *, answered: bool) -> None:
        """Count a GET; `answered` is whether its answer got through."""
        kind = _kind(now, pull)
        self._database.write("INSERT INTO gets VALUES (?,?,?,?)", now, request_id, answered, kind)
        if kind is Get.UNDER_INTERVAL and pull and pull.next_get_at is not None:
            early = pull.next_get_at - now
            self.breach(now, "get_under_interval", request_id, f"{early:.3f} s too soon")

    def heard(self, request_id: str, at: float, interval: float) -> None:
        """The client knows of the request from then on, and may ask again after the interval."""
        self._database.write(
            "UPDATE pull_requests SET heard_at = ?, next_get_at = ? WHERE request_id = ?", at, at + interval, request_id
        )


def _kind(now: float, pull: PullRequest | None) -> Get:
    """Until an answer has told the client that its request exists, it has nothing but a GET to find out."""
    if pull is None or pull.heard_at is None or pull.next_get_at is None or now < pull.heard_at:
        return Get.LOOKUP
    return Get.UNDER_INTERVAL if now < pull.next_get_at - GRAIN else Get.IN_TIME
