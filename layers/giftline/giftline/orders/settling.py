"""What became of an order's lines and its money, once no lot is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from giftline.accounts.ledger import Kind, Step, settling_steps
from giftline.money import Money
from giftline.orders.lot import Lot, LotState, Quantities, quantities
from giftline.orders.model import Line, Order, OrderStatus
from giftline.orders.planning import not_bought


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """One line: how many cards were delivered, how many are given back, how many are in review;
    and why, in our words, where cards are missing.
    """

    line: Line
    delivered: int
    released: int
    in_review: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """ordered = delivered + released + in review, line by line. `doubtful`: a lot is in REVIEW, even
    where no card is missing; `too_many`: a line has more cards than were ordered.
    """

    lines: tuple[LineOutcome, ...]
    doubtful: bool
    too_many: bool

    def total(self, order: Order, part: str) -> Money:
        """The value of "delivered", "released" or "in_review" cards."""
        minor = sum(outcome.line.amount.minor * getattr(outcome, part) for outcome in self.lines)
        return Money(minor, order.currency)


def settle(order: Order, lots: Sequence[Lot], delivered: Quantities) -> Settlement:
    """Whatever is missing is given back where it is proven not bought, and in review otherwise."""
    given_back = _given_back(lots)
    outcomes = []
    for line in order.lines:
        key = (line.sku, line.amount.minor)
        missing = max(0, line.quantity - delivered[key])
        released = min(missing, given_back[key])
        reasons = _reasons(key, lots) if missing else ()
        outcomes.append(LineOutcome(line, delivered[key], released, missing - released, reasons))
    in_review = any(lot.state is LotState.REVIEW for lot in lots)
    too_many = bool(delivered - quantities(order.lines)) and not order.surplus_accepted
    return Settlement(tuple(outcomes), in_review, too_many)


def _given_back(lots: Sequence[Lot]) -> Quantities:
    """Proven not bought, and not passed on to another supplier; of a lot that a person closed with
    fewer cards than it ordered, whatever is missing.
    """
    count: Quantities = Quantities()
    for lot in lots:
        closed_by_hand = lot.state is LotState.PARTIAL and lot.acts
        count.update(quantities(lot.lines if closed_by_hand else tuple(not_bought(lot))))
    for lot in lots:
        if lot.instead_of:
            count.subtract(quantities(lot.lines))
    return +count


def _reasons(key: tuple[str, int], lots: Sequence[Lot]) -> tuple[str, ...]:
    held = [lot for lot in lots if key in quantities(lot.lines) and lot.state is not LotState.COLLECTED]
    return tuple(dict.fromkeys(f"{lot.supplier}: {lot.reason}" for lot in held if lot.reason))


def outcome_of(settlement: Settlement, *, called_off: bool = False) -> OrderStatus:
    """REVIEW as long as money is in doubt, or a line has more cards than were ordered; CANCELED where an order
    that was `called_off` has no card at all.
    """
    if settlement.doubtful or settlement.too_many or any(outcome.in_review for outcome in settlement.lines):
        return OrderStatus.REVIEW
    if not any(outcome.released for outcome in settlement.lines):
        return OrderStatus.COMPLETE
    if any(outcome.delivered for outcome in settlement.lines):
        return OrderStatus.PARTIAL
    return OrderStatus.CANCELED if called_off else OrderStatus.FAILED


def account_for(order: Order, delivered: int, in_review: int) -> tuple[Order, Sequence[Step]]:
    """What the ledger is to be told of an order that closes, and the order as it then stands: minor units of
    what is delivered and in review, the rest is given back. Of one that is closed again only the difference;
    of one that was accepted without a ledger nothing.
    """
    if not order.reserved_minor:
        return order, ()
    steps = settling_steps(order.reserved_minor - order.released_minor, order.captured_minor, delivered, in_review)
    moved = dict(steps)
    settled = replace(
        order,
        reserved_minor=order.reserved_minor + moved.get(Kind.RECLAIM, 0),
        captured_minor=delivered,
        released_minor=order.released_minor + moved.get(Kind.RELEASE, 0),
    )
    return settled, steps
