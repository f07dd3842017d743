"""The door of REVIEW: what is there, and the three ways out. Every act is recorded with its why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from giftline.errors import NotFound, Refused
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Act, Millis, Order, OrderStatus, Watch
from giftline.orders.pacing import look_up, take_turn
from giftline.orders.protocol import Bought, failed
from giftline.orders.slots import with_slots
from giftline.orders.timing import NEVER, Timing
from giftline.orders.watching import AdoptStep, adopted, reopen, reopened
from giftline.suppliers.port import PullSupplier, Supplier

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Pace, Suppliers
    from giftline.orders.pulls import Pulls

LIST_LIMIT: Final = 200


class Way(StrEnum):
    """Out of review."""

    ADOPT = "adopt"  # what the supplier has, or what we hold of it, is ours
    GIVE_UP = "give_up"  # no more cards are expected: what is missing is given back
    TRY_AGAIN = "try_again"  # go on from where it stood, with fresh patience


@dataclass(frozen=True, slots=True)
class Review:
    """An order that needs a person; `lots` are those in REVIEW, none where the order itself got stuck."""

    order: Order
    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class ListReviews:
    orders: Orders

    def __call__(self) -> list[Review]:
        """The longest waiting first, at most 200."""
        found = [self.orders.get(one) for one in self.orders.due(NEVER, LIST_LIMIT, Watch.REVIEW)]
        return [self._review(order) for order in found if order.status is OrderStatus.REVIEW]

    def _review(self, order: Order) -> Review:
        lots = self.orders.lots(order.id) if order.lot_count else []
        return Review(order, tuple(lot for lot in lots if lot.state is LotState.REVIEW))


@dataclass(frozen=True, slots=True)
class ResolveReview:
    """One act on one lot; the sweep then takes the order on."""

    orders: Orders
    suppliers: Suppliers
    clock: Clock
    timing: Timing
    pace: Pace
    pulls: Callable[[], Pulls]

    def __call__(self, order_id: str, number: int, way: Way, who: str, why: str) -> Lot | None:
        """The lot as it then stands; `number` 0 is an order that got here without such a lot.
        Refused where that way does not lead out; NotFound where nothing of that name is in review.
        """
        order = self.orders.get(order_id)
        if order.cards_removed_at is not None:
            raise Refused(f"the cards of order {order_id} were removed: there is nothing left to settle")
        if number == 0:
            self.orders.save(self._unstuck(order, way, who, why))
            return None
        lot = self.orders.lot(order_id, number)
        if lot.state is not LotState.REVIEW:
            raise NotFound(f"lot {number} of order {order_id} is not in review: it is {lot.state}")
        after = {Way.ADOPT: self._adopt, Way.GIVE_UP: self._give_up, Way.TRY_AGAIN: self._try_again}[way](lot)
        act = Act(self.clock.now(), who, way.value, why, f"{lot.reason} → {after.state}")
        saved = self.orders.save_lot(replace(after, acts=(*lot.acts, act)))
        reopen(self.orders, order_id, lambda closed: _reopened_by_hand(closed, self.clock.now()))
        return saved

    def _unstuck(self, order: Order, way: Way, who: str, why: str) -> Order:
        """Lot 0 is the order as a whole: tried again, or delivered with the cards it has too many."""
        if order.status is not OrderStatus.REVIEW:
            raise NotFound(f"order {order.id} is not in review: it is {order.status}")
        if way is Way.GIVE_UP or any(lot.state is LotState.REVIEW for lot in self.orders.lots(order.id)):
            raise Refused("lot 0 is an order without a lot in review: adopt its surplus, or try again")
        now = self.clock.now()
        acts = (*order.acts, Act(now, who, way.value, why, order.status.value))
        surplus_accepted = order.surplus_accepted or way is Way.ADOPT
        return replace(_reopened_by_hand(order, now), acts=acts, surplus_accepted=surplus_accepted)

    def _adopt(self, lot: Lot) -> Lot:
        if lot.withheld and lot.received_cards:
            state = LotState.COLLECTED if lot.received_cards >= lot.quantity else LotState.PARTIAL
            return replace(lot, state=state, withheld=False, was=None)
        after = self._adopt_slots(lot) if lot.slots else self._adopt_reference(replace(lot, withheld=False))
        if after.state is LotState.REVIEW:
            raise Refused(f"nothing to adopt: the supplier does not show {lot.reference} as bought, or does not answer")
        return after

    def _adopt_slots(self, lot: Lot) -> Lot:
        _need_some(lot, lambda slot: slot.state.is_in_doubt, "adopt")
        supplier = cast("PullSupplier", self.suppliers(lot.supplier))
        step = AdoptStep(supplier, self.timing, asked_to=True)
        return self.pulls().watch(with_slots(lot, [replace(slot, ask_at=0) for slot in lot.slots]), step)

    def _adopt_reference(self, lot: Lot) -> Lot:
        supplier = cast("Supplier", self.suppliers(lot.supplier))
        if not take_turn(self.pace, self.clock, lot.supplier).count:
            raise Refused(f"{lot.supplier}'s rate leaves no room for the question now: try again in a minute")
        status = look_up(self.pace, self.clock, lot, supplier)
        return adopted(lot, status, self.clock.now(), self.timing, supplier, asked_to=True)

    def _give_up(self, lot: Lot) -> Lot:
        """Of single cards those that are in doubt; where none is, the lot has fewer cards than its slots say."""
        if any(slot.state.is_in_doubt for slot in lot.slots):
            return with_slots(lot, [_given_up(slot) for slot in lot.slots])
        kept = lot.received_cards and not lot.withheld
        return replace(lot, state=LotState.PARTIAL if kept else LotState.FAILED, reason=f"given up: {lot.reason}")

    def _try_again(self, lot: Lot) -> Lot:
        if lot.withheld:
            raise Refused("its cards are withheld: adopt them, or give the lot up")
        now = self.clock.now()
        if not lot.slots:
            return _again(lot, now)
        _need_some(lot, _may_be_tried, "try again")
        return with_slots(lot, [_again(slot, now) if _may_be_tried(slot) else slot for slot in lot.slots])


def _reopened_by_hand(order: Order, now: Millis) -> Order:
    """A person looked: the days of watching begin anew."""
    return replace(reopened(order, now), watched_since=None)


def _need_some(lot: Lot, wanted: Callable[[Slot], bool], doing: str) -> None:
    if not any(wanted(slot) for slot in lot.slots):
        raise Refused(f"nothing to {doing}: {lot.reason}")


def _again(bought: Bought, now: Millis) -> Bought:
    """From where it stood, with fresh posts and patience; an open slot of a parked lot stands there already."""
    fresh = replace(bought, was=None, forgiven_posts=bought.posts, failed_asks=0, fetch_rounds=0, reason="")
    state = (bought.was or LotState.POSTING) if bought.state is LotState.REVIEW else bought.state
    return replace(fresh, state=state, waiting_since=now, asks=0, ask_at=now)


def _may_be_tried(slot: Slot) -> bool:
    """Not what turned up after another supplier was asked: that is adopted, or given up."""
    return slot.state.is_in_doubt and slot.was is not LotState.FAILED


def _given_up(slot: Slot) -> Slot:
    return failed(slot, f"given up: {slot.reason or slot.state}") if slot.state.is_in_doubt else slot
