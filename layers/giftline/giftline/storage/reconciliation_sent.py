"""Which lots were sent to a supplier on which day: noted before the intent, so that no purchase goes unlisted.

| item | pk | sk |
|---|---|---|
| sent lot | SENT#supplier#2026-11-21 | order id#0001 |
| lot that is taken back | SENT#supplier#2026-11-21 | order id#0001#BACK |

One small item a lot and day, whatever its cards; written again it is the same. One that was noted and then not
sent does no harm: what is said about it stands in the lot.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from giftline.orders.lot import Lot, LotState
from giftline.reconciliation.days import DAY, Millis, day_of
from giftline.reconciliation.sent import SentLot
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.reading import query

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

MOST_NOTED: Final = 4_096
"""Notes that an environment remembers to have written."""
KEPT_DAYS: Final = 400
BACK: Final = "#BACK"


def sent_pk(supplier: str, day: date) -> str:
    return f"SENT#{supplier}#{day.isoformat()}"


class DynamoSentLots:
    """The SentLots port; and `note`, by which they come there."""

    def __init__(self, client: DynamoDBClient, table: str, now: Callable[[], Millis]) -> None:
        self._client = client
        self._table = table
        self._now = now
        self._noted: dict[tuple[str, int, date], None] = {}

    def note(self, lot: Lot) -> None:
        """Of a lot that is about to be sent, in whole or in part: each day once an environment. Of one that is being
        taken back each time: from the first one on its money may come back, by the last one it has.
        """
        if lot.reversing:
            self._note_return(lot)
        for at in posting_times(lot):
            key = (lot.order_id, lot.number, day_of(at))
            if key not in self._noted:
                self._client.put_item(TableName=self._table, Item=sent_to_item(lot.supplier, sent_lot(lot, at)))
                self._noted[key] = None
        while len(self._noted) > MOST_NOTED:
            del self._noted[next(iter(self._noted))]

    def _note_return(self, lot: Lot) -> None:
        now = self._now()
        item = sent_to_item(lot.supplier, sent_lot(lot, now))
        key = {"pk": item.pop("pk"), "sk": {"S": item.pop("sk")["S"] + BACK}}
        names = {f"#{name}": name for name in (*item, "back_since", "back_until")}
        kept = [f"#{name} = if_not_exists(#{name}, :{name})" for name in (*item, "back_since")]
        values = {f":{name}": value for name, value in item.items()} | marshal({":back_since": now, ":back_until": now})
        self._client.update_item(
            TableName=self._table,
            Key=key,
            UpdateExpression=f"SET {', '.join(kept)}, #back_until = :back_until",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )

    def sent(self, supplier: str, days: Sequence[date]) -> Iterator[SentLot]:
        """Merged over the days by order and number; each of them is read a page at a time."""
        streams = [self._of(sent_pk(supplier, day)) for day in days]
        merged = heapq.merge(*streams, key=_place)
        return (together(list(same)) for _, same in groupby(merged, _place))

    def _of(self, pk: str) -> Iterator[SentLot]:
        return (sent_from_item(item) for item in query(self._client, self._table, "pk = :pk", {":pk": pk}))


class NotingOrders(DynamoOrders):
    """Orders whose lots are noted before they are sent: whoever places orders uses this one."""

    def __init__(self, *arguments: Any, sent_lots: DynamoSentLots, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._sent_lots = sent_lots

    def save_lot(self, lot: Lot) -> Lot:
        self._sent_lots.note(lot)
        return super().save_lot(lot)


def posting_times(lot: Lot) -> list[Millis]:
    """Of one reference its last post; of single cards one for each day on which any that is in doubt was sent."""
    if not lot.slots:
        return [lot.posting_at] if lot.state is LotState.POSTING and lot.posting_at is not None else []
    times = {slot.posting_at for slot in lot.slots if slot.state is LotState.POSTING and slot.posting_at is not None}
    return list({at // DAY: at for at in sorted(times, reverse=True)}.values())


def sent_lot(lot: Lot, at: Millis) -> SentLot:
    total = lot.total
    return SentLot(
        lot.order_id,
        lot.number,
        lot.reference,
        lot.quantity,
        total.minor,
        total.currency.code,
        at,
        is_single=bool(lot.slots),
    )


def sent_to_item(supplier: str, sent: SentLot) -> Item:
    key = {"pk": sent_pk(supplier, day_of(sent.at)), "sk": f"{sent.order_id}#{sent.lot:04d}"}
    forgotten = sent.at // 1_000 + KEPT_DAYS * DAY // 1_000
    return marshal(key | asdict(sent) | {"ttl": forgotten})


def sent_from_item(item: Item) -> SentLot:
    values = unmarshal(item)
    return SentLot(**{name: values[name] for name in SentLot.__dataclass_fields__ if name in values})


def together(notes: Sequence[SentLot]) -> SentLot:
    """What the notes of several days say of one lot."""
    since = [one.back_since for one in notes if one.back_since is not None]
    until = [one.back_until for one in notes if one.back_until is not None]
    return replace(notes[0], back_since=min(since, default=None), back_until=max(until, default=None))


def _place(sent: SentLot) -> tuple[str, int]:
    return sent.order_id, sent.lot
