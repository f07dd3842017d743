"""What is noted of a lot that goes out, by whoever sends it: functions that buy load nothing else of this."""

from __future__ import annotations

from dataclasses import dataclass

from giftline.reconciliation.days import Millis


@dataclass(frozen=True, slots=True)
class SentLot:
    """A lot that was sent on some day, as it stood then: enough to ask about it, should it be lost. Its supplier was
    asked to take it back at `back_since`, and had done so by `back_until`.
    """

    order_id: str
    lot: int
    reference: str
    cards: int
    minor: int
    currency: str
    at: Millis
    is_single: bool = False
    back_since: Millis | None = None
    back_until: Millis | None = None
