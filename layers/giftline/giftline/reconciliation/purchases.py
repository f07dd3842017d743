"""What our own records say was sent under each reference, and when its money may have left the account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Line
from giftline.orders.slots import slot_lines, slot_reference
from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import WHOLE_LOT, Claim, Purchase
from giftline.reconciliation.sent import SentLot

FLIGHT: Final[Millis] = 30_000
"""A POST ends within 15 s or 30 s, by the supplier: what was sent once was debited by then, or not at all."""
_BOUGHT: Final = frozenset((LotState.PLACED, LotState.READY, LotState.COLLECTED, LotState.PARTIAL))
_EVIDENCE: Final = {
    LotState.COLLECTED: "its cards came",
    LotState.PARTIAL: "some of its cards came, and a person closed it",
    LotState.READY: "the supplier says that it is ready",
    LotState.PLACED: "the supplier says that it has it",
    LotState.POSTING: "sent, and not answered",
    LotState.ABSENT: "sent, and the supplier does not know it yet",
}


def purchases_of(lot: Lot, settle: Millis, sent: SentLot | None = None) -> Iterator[Purchase]:
    """Everything of a lot that was ever sent; `settle` is how long a POST that was repeated may be under way, `sent`
    tells when it was taken back.
    """
    if not lot.slots:
        for purchase in _whole(lot, settle):
            yield from _and_its_return(lot, purchase, sent)
        return
    for position, (slot, line) in enumerate(zip(lot.slots, slot_lines(lot), strict=True)):
        if slot.waiting_since is not None:
            for attempt in range(1, slot.attempt):
                yield _dead(lot, position, attempt, line, slot.waiting_since, slot.posting_at, settle)
        if slot.posts and slot.posting_at is not None:
            yield _single(lot, position, slot, line, slot.posting_at, settle)


def _and_its_return(lot: Lot, purchase: Purchase, sent: SentLot | None) -> Iterator[Purchase]:
    """Its money left and came back, perhaps on another day: both moves are ours."""
    taken_back = lot.reversing and lot.state is LotState.FAILED
    if not taken_back or sent is None or sent.back_since is None or sent.back_until is None:
        yield purchase
        return
    bought = replace(purchase, claim=Claim.BOUGHT, is_returned=True, is_final=True)
    yield bought
    yield replace(bought, cards=0, minor=-bought.minor, since=sent.back_since, until=sent.back_until)


def _dead(
    lot: Lot, position: int, attempt: int, line: Line, since: Millis, posting_at: Millis | None, settle: Millis
) -> Purchase:
    """What an earlier reference cost came back before another was tried, or as the supplier called it dead."""
    return Purchase(
        lot.order_id,
        lot.number,
        position,
        f"{lot.reference}-{position}-{attempt}",  # as slot_reference made it then
        1,
        line.amount.minor,
        line.amount.currency.code,
        Claim.NOT_BOUGHT,
        since,
        max(since, posting_at or since + settle),
        evidence="called dead by the supplier",
        is_final=True,
    )


def missing_purchase(sent: SentLot, settle: Millis) -> Purchase:
    """What the day's list says was sent, and no record has any more."""
    return Purchase(
        sent.order_id,
        sent.lot,
        WHOLE_LOT,
        sent.reference,
        sent.cards,
        sent.minor,
        sent.currency,
        Claim.NOT_BOUGHT,
        sent.at,
        sent.at + settle,
        evidence="our records have no such lot",
        is_missing=True,
    )


def _whole(lot: Lot, settle: Millis) -> Iterator[Purchase]:
    if not lot.posts or lot.posting_at is None:
        return
    until = lot.posting_at + settle
    yield Purchase(
        lot.order_id,
        lot.number,
        WHOLE_LOT,
        lot.reference,
        lot.quantity,
        lot.total.minor,
        lot.total.currency.code,
        claim_of(lot),
        lot.first_posted_at or lot.posting_at,
        min(lot.placed_at, until) if lot.placed_at is not None else until,
        lot.supplier_order_id,
        evidence_of(lot),
        is_final=lot.state is LotState.COLLECTED,
    )


def _single(lot: Lot, position: int, slot: Slot, line: Line, posted: Millis, settle: Millis) -> Purchase:
    since = posted if slot.posts == 1 else min(posted, slot.waiting_since or posted)
    return Purchase(
        lot.order_id,
        lot.number,
        position,
        slot_reference(lot, position),
        1,
        line.amount.minor,
        line.amount.currency.code,
        claim_of(slot),
        since,
        posted + (FLIGHT if slot.posts == 1 else settle),
        evidence=evidence_of(slot),
        is_final=slot.state is LotState.COLLECTED,
    )


def claim_of(bought: Lot | Slot) -> Claim:
    """A lot whose cards are withheld may not be ours; one in REVIEW is ours if the supplier had said so before."""
    state = bought.state
    if isinstance(bought, Lot) and bought.withheld and state is not LotState.FAILED:
        return Claim.IN_DOUBT
    if state is LotState.REVIEW and bought.was is not None:
        state = bought.was if bought.was in _BOUGHT else LotState.POSTING
    if state in _BOUGHT:
        return Claim.BOUGHT
    return Claim.NOT_BOUGHT if state is LotState.FAILED else Claim.IN_DOUBT


def evidence_of(bought: Lot | Slot) -> str:
    if bought.state in (LotState.REVIEW, LotState.FAILED):
        return f"{bought.state.lower()}: {bought.reason}" if bought.reason else bought.state.lower()
    return _EVIDENCE.get(bought.state, bought.state.lower())
