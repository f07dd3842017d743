"""Buy a lot exactly once: intent first, one POST, and only proof counts.

The protocol in full: docs/protocols.md, Buying exactly once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.orders.model import Lot, LotState, Millis
from giftline.orders.timing import FROZEN_AFTER, Timing
from giftline.orders.verdict import Verdict, verdict
from giftline.suppliers.port import Outcome, Placed, Supplier

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Suppliers

MAX_POSTS: Final = 4


@dataclass(frozen=True, slots=True)
class CreateOrder:
    """Moves a lot from NEW or ABSENT through POSTING; anything else it leaves as it is."""

    orders: Orders
    suppliers: Suppliers
    clock: Clock
    timing: Timing
    new_nonce: Callable[[], str]

    def __call__(self, order_id: str, number: int) -> Verdict:
        """StaleWrite where another worker moved the lot meanwhile."""
        lot = self.orders.lot(order_id, number)
        if lot.state not in (LotState.NEW, LotState.ABSENT):
            return verdict(lot)
        if lot.posts >= MAX_POSTS:
            spent = f"{MAX_POSTS} posts, and the supplier still does not know the reference"
            return verdict(self.orders.save_lot(into_review(lot, spent)))
        supplier = self.suppliers(lot.supplier)
        supplier.prepare()
        started = self.clock.elapsed()
        lot = self._intend(lot, supplier)
        if self.clock.elapsed() - started > FROZEN_AFTER:
            return verdict(lot)
        answer = supplier.place(lot.reference, lot.lines)
        after = apply_answer(lot, answer, self.clock.now(), self.timing, supplier)
        return verdict(self.orders.save_lot(after))

    def _intend(self, lot: Lot, supplier: Supplier) -> Lot:
        """The conditional write that makes this worker the one that sends."""
        now = self.clock.now()
        intent = replace(
            lot,
            state=LotState.POSTING,
            nonce=self.new_nonce(),
            posts=lot.posts + 1,
            posting_at=now,
            first_posted_at=lot.first_posted_at or now,
            ask_at=now + self.timing.scaled(supplier.terms.lookup_after),
        )
        return self.orders.save_lot(intent)


def apply_answer(lot: Lot, answer: Placed, now: Millis, timing: Timing, supplier: Supplier) -> Lot:
    """What one POST's answer makes of the lot.

    A refusal is believed on the first post only: a later one may be refused because an
    earlier one, whose answer was lost, got through.
    """
    if answer.outcome is Outcome.COMMITTED:
        return placed(lot, answer.supplier_order_id, now, timing.poll_interval(supplier, lot))
    if answer.outcome is Outcome.NOT_COMMITTED and lot.posts == 1:
        return replace(lot, state=LotState.FAILED, reason=f"refused: {answer.detail}")
    ask_at = now + timing.scaled(supplier.terms.lookup_after)
    taken = lot.taken or answer.taken
    return replace(lot, ask_at=ask_at, taken=taken, reason=f"no clear answer: {answer.detail}")


def placed(lot: Lot, supplier_order_id: str, now: Millis, first_poll_after: Millis) -> Lot:
    """The lot once the supplier is known to have it."""
    return replace(
        lot,
        state=LotState.PLACED,
        supplier_order_id=supplier_order_id,
        placed_at=now,
        ask_at=now + first_poll_after,
        reason="",
    )


def withhold(lot: Lot, reason: str) -> Lot:
    """Into review, and its cards stay sealed: they may not be ours to hand over."""
    return replace(into_review(lot, reason), withheld=True)


def cancelled(lot: Lot) -> Lot:
    """The supplier cancelled it: nothing was bought, unless cards came before."""
    if lot.received_cards:
        return withhold(lot, f"cancelled by the supplier after {lot.received_cards} cards came")
    return replace(lot, state=LotState.FAILED, reason="cancelled by the supplier")


def into_review(lot: Lot, reason: str) -> Lot:
    """A person must look; the reason is ours, and holds no card data."""
    return replace(lot, state=LotState.REVIEW, reason=reason)
