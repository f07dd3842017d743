"""What an operator is told of an order in review: where the money stands, and each lot's history. No cards."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from giftline.money import Money
from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Millis, Order
from giftline.orders.reviewing import Review
from giftline.orders.slots import slot_lines
from giftline.orders.timing import NEVER, WATCH_FOR, Timing, timestamp

NEXT: Final = "the sweep takes the order on within a minute"
AS_A_WHOLE: Final = "no lot of it is in review: act on lot 0, the order as a whole"
Event = tuple[Millis | None, dict[str, Any]]


def review(found: Review, timing: Timing) -> dict[str, Any]:
    """One order of the list; amounts as decimal strings, times in UTC."""
    order = found.order
    body: dict[str, Any] = {
        "orderId": order.id,
        "tenant": order.tenant,
        "refno": order.refno,
        "status": order.status.value,
        "currency": order.currency.code,
        "ordered": {"cards": order.quantity, "amount": str(order.total)},
        "delivered": {"cards": order.delivered_cards, "amount": str(Money(order.delivered_minor, order.currency))},
        "closedAt": _time(order.closed_at),
        "watchedUntil": _time(_watched_until(order, timing)),
        "lots": [_lot(lot, order) for lot in found.lots],
    }
    return body if found.lots else body | {"hint": AS_A_WHOLE}


def resolved(order_id: str, lot: Lot | None) -> dict[str, Any]:
    """The lot as the act left it; of an order as a whole there is none to show."""
    return {"orderId": order_id, **(_lot(lot) if lot else {"lot": 0}), "next": NEXT}


def _lot(lot: Lot, order: Order | None = None) -> dict[str, Any]:
    return {
        "lot": lot.number,
        "state": lot.state.value,
        "supplier": lot.supplier,
        "reference": lot.reference,
        "supplierOrderId": lot.supplier_order_id or None,
        "reason": lot.reason,
        "cards": {"ordered": lot.quantity, "received": lot.received_cards},
        "withheld": lot.withheld,
        "value": str(in_doubt(lot)),
        "slots": dict(Counter(slot.state.value for slot in lot.slots)) if lot.slots else None,
        "history": history(lot, order),
    }


def in_doubt(lot: Lot) -> Money:
    """What the cards are worth of which nobody knows whether they are ours: at most that, where
    amounts differ and only the number of the missing cards is known.
    """
    amounts = [line.amount for line in slot_lines(lot)]
    if lot.slots:
        doubtful = [amount for amount, slot in zip(amounts, lot.slots, strict=True) if slot.state.is_in_doubt]
        is_whole = lot.state is LotState.REVIEW and not doubtful
    else:
        missing = max(0, lot.quantity - lot.received_cards)
        doubtful = sorted(amounts, reverse=True)[: missing if lot.state.is_in_doubt else 0]
        is_whole = lot.withheld and lot.state is LotState.REVIEW
    return lot.total if is_whole else Money(sum(amount.minor for amount in doubtful), lot.total.currency)


def history(lot: Lot, order: Order | None = None) -> list[dict[str, Any]]:
    """What the lot knows of its own way, the oldest first; with its order, from where to where."""
    events: list[Event] = [
        (order.created_at if order else None, {"event": "ordered"}),
        *_sent(lot),
        (lot.placed_at, {"event": "bought"}),
        (lot.ready_at, {"event": "ready at the supplier"}),
        (order.closed_at if order else None, {"event": "went into review"}),
        *((act.at, _act(lot, at)) for at, act in enumerate(lot.acts)),
    ]
    known = sorted((event for event in events if event[0] is not None), key=lambda event: event[0] or 0)
    return [{"at": _time(at), **told} for at, told in known]


def _sent(lot: Lot) -> list[Event]:
    posts: dict[str, Any] = {"posts": lot.posts}
    last_at = lot.posting_at
    if lot.slots:
        posts["cards"] = lot.quantity
        last_at = max((slot.posting_at for slot in lot.slots if slot.posting_at is not None), default=None)
    if last_at in (None, lot.first_posted_at):
        return [(lot.first_posted_at, {"event": "sent", **posts})]
    return [(lot.first_posted_at, {"event": "first sent"}), (last_at, {"event": "last sent", **posts})]


def _act(lot: Lot, at: int) -> dict[str, Any]:
    act = lot.acts[at]
    return {"event": "act", "act": act.act, "who": act.who, "why": act.why, "found": act.found}


def _watched_until(order: Order, timing: Timing) -> Millis | None:
    """Until then the supplier is asked again; after that it waits for a person alone."""
    if order.due_at is None or order.due_at >= NEVER or order.watched_since is None:
        return None
    return order.watched_since + timing.scaled(WATCH_FOR)


def _time(at: Millis | None) -> str | None:
    return None if at is None else timestamp(at)
