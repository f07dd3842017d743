"""The requests a second of each supplier account, as one item that says when the next one is free.

A reservation moves that time on by as many gaps as it takes, on condition that it stands where it
was read: so the rate holds over all functions, and one write serves many requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from giftline.errors import StaleWrite
from giftline.orders.model import Millis
from giftline.orders.ports import Clock, Turn
from giftline.storage.attributes import marshal, unmarshal
from giftline.storage.conditions import IS_NEW
from giftline.storage.reading import get_item
from giftline.storage.transactions import put, put_if

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LONGEST_TURN: Final = 10_000
"""Milliseconds of one reservation: what was claimed must be sent before its worker counts as frozen."""
TRIES: Final = 20
STANDS_AS_READ: Final = "next_at = :read"


class DynamoPace:
    """The Pace port; an account without a rate is never held back. Times are in microseconds."""

    def __init__(self, client: DynamoDBClient, table: str, rates: Mapping[str, float], clock: Clock) -> None:
        self._client = client
        self._table = table
        self._rates = rates
        self._clock = clock

    def reserve(self, account: str, wanted: int, latest: Millis) -> Turn:
        rate = self._rates.get(account, 0.0)
        if rate <= 0:
            return Turn(wanted, self._clock.now())
        gap = 1_000_000 / rate
        count = max(1, min(wanted, int(LONGEST_TURN * 1000 / gap)))
        for _ in range(TRIES):
            read = self._next_at(account)
            start = max(read or 0, self._clock.now() * 1000)
            if start > latest * 1000:
                return Turn(0, -(-start // 1000))
            if self._move(account, read, start + round(count * gap)):
                return Turn(count, -(-start // 1000), gap / 1000)
        raise StaleWrite(f"the rate of {account} is wanted by too many at once")

    def hold(self, account: str, until: Millis) -> None:
        if self._rates.get(account, 0.0) <= 0:
            return
        for _ in range(TRIES):
            read = self._next_at(account)
            if (read or 0) >= until * 1000 or self._move(account, read, until * 1000):
                return

    def _next_at(self, account: str) -> int | None:
        item = get_item(self._client, self._table, _key(account))
        return unmarshal(item)["next_at"] if item else None

    def _move(self, account: str, read: int | None, to: int) -> bool:
        """False where another worker was faster. A lost answer costs unused time, nothing else."""
        item = _key(account) | marshal({"next_at": to})
        stands = (IS_NEW, None) if read is None else (STANDS_AS_READ, {":read": read})
        return put_if(self._client, put(self._table, item, *stands))


def _key(account: str) -> dict[str, dict[str, str]]:
    return marshal({"pk": f"PACE#{account}", "sk": "PACE"})
