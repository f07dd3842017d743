"""Buying exactly once, as rules over one reference: what an answer proves, and what follows from it.

The same rules serve a lot of many cards under one reference and a slot that is a single card's.
The protocol in full: docs/protocols.md, Buying exactly once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Millis
from giftline.orders.timing import Timing
from giftline.suppliers.port import Asked, Found, Outcome, Placed, Status, Uniqueness

FETCH_ROUNDS: Final = 20
"""Readings of a lot's pages, or of a slot's card, after which what is missing or quarantined is a person's business."""

Bought = TypeVar("Bought", Lot, Slot)


def may_post(bought: Lot | Slot, supplier: Asked) -> bool:
    """A reference is sent so often, and then it is a person's business."""
    return bought.posts - bought.forgiven_posts < supplier.terms.posts


def spent(bought: Bought) -> Bought:
    return into_review(bought, f"{bought.posts} posts, and the supplier still does not know the reference")


def intend(bought: Bought, now: Millis, timing: Timing, supplier: Asked) -> Bought:
    """The purchase as it is written before its POST is sent."""
    return replace(
        bought,
        state=LotState.POSTING,
        posts=bought.posts + 1,
        posting_at=now,
        waiting_since=bought.waiting_since or now,
        ask_at=now + timing.scaled(supplier.terms.lookup_after),
    )


def apply_answer(bought: Bought, answer: Placed, now: Millis, timing: Timing, supplier: Asked) -> Bought:
    """What one POST's answer makes of the purchase.

    A refusal counts on the first post only: a later one may be refused because an earlier one,
    whose answer was lost, got through. And it is proven only by a look-up after settling, which
    finds nothing: a supplier may refuse what it has sold.
    """
    if answer.outcome is Outcome.COMMITTED:
        known = placed(bought, answer.supplier_order_id, now, timing.first_poll(supplier, bought))
        if answer.ready and isinstance(known, Lot):
            return replace(known, state=LotState.READY, ready_at=now, ask_at=now)
        return known
    if answer.outcome is Outcome.NOT_COMMITTED and bought.posts == 1:
        return replace(bought, refusal=answer.detail, ask_at=_settled_at(bought, timing, supplier))
    ask_at = now + max(timing.scaled(supplier.terms.lookup_after), _pause(answer.retry_after))
    taken = bought.taken or answer.taken
    return replace(bought, ask_at=ask_at, taken=taken, reason=f"no clear answer: {answer.detail}")


def apply_status(bought: Bought, status: Status, now: Millis, timing: Timing, supplier: Asked) -> Bought:
    """What one look-up's answer makes of a purchase that is POSTING or PLACED."""
    bought = replace(bought, asks=bought.asks + 1)
    if status.found is Found.DIFFERENT or _changed_its_name(bought, status):
        return into_review(bought, "the reference names another order at the supplier")
    if status.found is Found.UNREADABLE:
        delay = supplier.terms.retry_lookup
        if bought.state is LotState.PLACED:
            delay = max(delay, supplier.poll_interval(bought.quantity))
        later = max(timing.next_ask(bought, now, delay), now + _pause(status.retry_after))
        return _wait(replace(bought, failed_asks=bought.failed_asks + 1), now, later, timing, supplier)
    if status.found is Found.ABSENT:
        return _absent(bought, now, timing, supplier)
    return _known(bought, status, now, timing, supplier)


def _changed_its_name(bought: Lot | Slot, status: Status) -> bool:
    known = bought.supplier_order_id if isinstance(bought, Lot) else ""
    return bool(known) and status.supplier_order_id not in ("", known)


def _known(bought: Bought, status: Status, now: Millis, timing: Timing, supplier: Asked) -> Bought:
    """The supplier has it: adopted if it was in doubt, then as far as its status says."""
    next_ask = timing.next_poll(supplier, bought, now)
    if bought.state is LotState.POSTING:
        bought = placed(bought, status.supplier_order_id, now, next_ask - now)
    if status.found is Found.CANCELLED:
        return dead(bought, supplier)
    if status.found is Found.READY and isinstance(bought, Lot):
        order_id = status.supplier_order_id or bought.supplier_order_id
        return replace(
            bought, state=LotState.READY, ready_at=now, ask_at=now, failed_asks=0, supplier_order_id=order_id
        )
    return _wait(replace(bought, failed_asks=0), now, next_ask, timing, supplier)


def _absent(bought: Bought, now: Millis, timing: Timing, supplier: Asked) -> Bought:
    """Absence proves something only after settling, and only where the supplier never knew it."""
    if bought.state is LotState.PLACED or bought.taken:
        later = replace(bought, failed_asks=bought.failed_asks + 1)
        return _wait(later, now, timing.next_poll(supplier, bought, now), timing, supplier)
    settled_at = _settled_at(bought, timing, supplier)
    if now < settled_at:
        return replace(bought, ask_at=max(settled_at, now + timing.scaled(supplier.terms.lookup_after)))
    if bought.refusal:
        return failed(bought, f"refused: {bought.refusal}")
    if supplier.terms.uniqueness is not Uniqueness.ENFORCED:
        return into_review(bought, "absent, and this supplier would take the reference twice")
    return replace(bought, state=LotState.ABSENT, ask_at=now)


def _settled_at(bought: Lot | Slot, timing: Timing, supplier: Asked) -> Millis:
    return (bought.posting_at or 0) + timing.scaled(supplier.terms.settle)


def _pause(retry_after: float | None) -> Millis:
    """Real milliseconds for which the supplier wants to be left alone: not a rule of ours, so never scaled."""
    return round((retry_after or 0.0) * 1000)


def _wait(bought: Bought, now: Millis, until: Millis, timing: Timing, supplier: Asked) -> Bought:
    """Ask again at `until`, unless the deadline is over."""
    if timing.is_overdue(supplier, bought, now):
        return into_review(bought, "overdue: the supplier did not finish in time")
    return replace(bought, ask_at=until)


def placed(bought: Bought, supplier_order_id: str, now: Millis, first_poll_after: Millis) -> Bought:
    """The purchase once the supplier is known to have it."""
    known = replace(bought, state=LotState.PLACED, ask_at=now + first_poll_after, refusal="", reason="")
    if isinstance(known, Lot):
        return replace(known, supplier_order_id=supplier_order_id, placed_at=now)
    return known


def dead(bought: Bought, supplier: Asked) -> Bought:
    """The supplier says that nothing is bought under this reference any more: a new one may follow,
    so often as its terms say; then it failed, unless cards came before.
    """
    # mypy looks at this once for Lot and once for Slot
    if isinstance(bought, Lot) and bought.reversing:  # type: ignore[redundant-expr]
        return taken_back(bought)
    if bought.attempt < supplier.terms.attempts:
        return again_under_new_reference(bought)
    if isinstance(bought, Lot) and bought.received_cards:  # type: ignore[redundant-expr]
        return withhold(bought, f"cancelled by the supplier after {bought.received_cards} cards came")
    tries = f", {bought.attempt} times" if bought.attempt > 1 else ""
    return failed(bought, f"cancelled by the supplier{tries}")


def again_under_new_reference(bought: Bought) -> Bought:
    """The next attempt: its reference is derived from the number that is stored here."""
    return replace(
        bought,
        state=LotState.NEW,
        attempt=bought.attempt + 1,
        posts=0,
        forgiven_posts=0,
        posting_at=None,
        ask_at=0,
        asks=0,
        failed_asks=0,
        taken=False,
        refusal="",
        reason="",
    )


def failed(bought: Bought, reason: str) -> Bought:
    """Proven: nothing was bought, and nothing will be."""
    return replace(bought, state=LotState.FAILED, reason=reason)


def taken_back(lot: Lot) -> Lot:
    """Its supplier took it back: its cards are worth nothing, and nobody gets them."""
    return replace(failed(lot, "taken back by the supplier"), was=None, withheld=True)


def into_review(bought: Bought, reason: str) -> Bought:
    """A person must look; the reason is ours, and holds no card data."""
    return replace(bought, state=LotState.REVIEW, was=bought.state, reason=reason)


def withhold(lot: Lot, reason: str) -> Lot:
    """Into review, and its cards stay sealed: they may not be ours to hand over."""
    return replace(into_review(lot, reason), withheld=True)
