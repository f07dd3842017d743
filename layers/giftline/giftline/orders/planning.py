"""Plan an order: lots with their references, written before anything is sent.

Each line goes to the supplier that its product names first. What a supplier is proven not to have
sold goes to the next one, never what is in doubt (docs/protocols.md, Several suppliers).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final

from giftline.orders.cancelling import stopped
from giftline.orders.catalogue import Catalogue
from giftline.orders.lot import Lot, LotState, Quantities, Slot, quantities
from giftline.orders.model import MAX_ORDER_CARDS, Line, Order, OrderStatus
from giftline.orders.slots import slots_in

if TYPE_CHECKING:
    from giftline.orders.ports import Orders, Suppliers, Vault

NOBODY: Final = "none"
"""The supplier of what nobody sells: a lot that fails at once, with its reason."""


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """One data key, one transaction; a second run finds the first one's plan."""

    orders: Orders
    vault: Vault
    suppliers: Suppliers
    catalogue: Catalogue

    def __call__(self, order_id: str) -> list[int]:
        """Numbers of the lots that are still to be worked on."""
        order = self.orders.get(order_id)
        if order.status is OrderStatus.PENDING:
            order = self._plan(order)
        if not order.status.is_open:
            return []
        return [lot.number for lot in self.orders.lots(order_id) if not lot.state.is_closed]

    def _plan(self, order: Order) -> Order:
        lots = plan_order(order, self.suppliers, self.catalogue)
        if order.is_called_off:
            lots = [stopped(lot) for lot in lots]
        planned = replace(
            order,
            status=OrderStatus.PROCESSING,
            wrapped_key=self.vault.new_key(order.id),
            lot_count=len(lots),
        )
        return self.orders.plan(planned, lots)


def plan_order(order: Order, suppliers: Suppliers, catalogue: Catalogue) -> list[Lot]:
    """The lots of an order: by supplier, each no larger than that supplier takes at once."""
    parts = _parts(order.lines, catalogue, frozenset())
    return list(_lots(order.id, parts, suppliers, count(1)))


def plan_again(order: Order, lots: Sequence[Lot], suppliers: Suppliers, catalogue: Catalogue) -> list[Lot]:
    """Lots for what was proven not bought, at suppliers that were not asked for it yet; none once the order
    is called off.
    """
    if order.is_called_off:
        return []
    numbers = count(len(lots) + 1)
    taken_over = {lot.instead_of for lot in lots}
    planned: list[Lot] = []
    for lot in lots:
        lines = not_bought(lot)
        if lot.number in taken_over or lot.acts or not lines:
            continue
        parts = _parts(lines, catalogue, _asked_already(lot, lots))
        parts.pop((NOBODY, 0), None)
        planned += [replace(new, instead_of=lot.number) for new in _lots(order.id, parts, suppliers, numbers)]
    return planned


def not_bought(lot: Lot) -> list[Line]:
    """What of a closed lot is proven not bought, as lines without a supplier's code."""
    failed: Quantities = slots_in(lot, LotState.FAILED)
    if not lot.slots and lot.state is LotState.FAILED:
        failed = quantities(lot.lines)
    kinds = {(line.sku, line.amount.minor): line for line in lot.lines}
    return [replace(kinds[key], quantity=quantity, code="") for key, quantity in failed.items()]


def _asked_already(lot: Lot, lots: Sequence[Lot]) -> frozenset[str]:
    """The suppliers along the way that this part of the order has come."""
    by_number = {known.number: known for known in lots}
    asked = {lot.supplier}
    while lot.instead_of:
        lot = by_number[lot.instead_of]
        asked.add(lot.supplier)
    return frozenset(asked)


def _parts(lines: Sequence[Line], catalogue: Catalogue, asked: frozenset[str]) -> dict[tuple[str, int], list[Line]]:
    """By supplier. Two skus of ours that are one code and amount to it stand in parts of their own:
    its cards could not be told apart.
    """
    parts: dict[tuple[str, int], list[Line]] = {}
    alike: Counter[tuple[str, str, int]] = Counter()
    for line in lines:
        minor = line.amount.minor
        offer = next((o for o in catalogue.offers(line.sku, minor) if o.supplier not in asked), None)
        if offer is None:
            parts.setdefault((NOBODY, 0), []).append(line)
            continue
        sold_as = (offer.supplier, offer.code, minor)
        code = "" if offer.code == line.sku else offer.code
        parts.setdefault((offer.supplier, alike[sold_as]), []).append(replace(line, code=code))
        alike[sold_as] += 1
    return parts


def _lots(
    order_id: str, parts: dict[tuple[str, int], list[Line]], suppliers: Suppliers, numbers: Iterator[int]
) -> Iterator[Lot]:
    for (name, _), lines in parts.items():
        terms = suppliers(name).terms if name != NOBODY else None
        for part in split_lines(lines, terms.max_cards if terms else MAX_ORDER_CARDS):
            number = next(numbers)
            lot = Lot(order_id, number, name, lot_reference(order_id, number), part)
            if terms is None:
                yield replace(lot, state=LotState.FAILED, reason="no supplier offers it any more")
            elif terms.is_single:
                yield replace(lot, reference=lot_reference(order_id, number, None), slots=(Slot(),) * lot.quantity)
            else:
                yield lot


def lot_reference(order_id: str, number: int, attempt: int | None = 1) -> str:
    """What a lot is called at the supplier, derived and never drawn anew (docs/protocols.md, Buying
    exactly once); without an attempt, what its slots' references begin with.
    """
    return f"GL-{order_id}-{number}" if attempt is None else f"GL-{order_id}-{number}-{attempt}"


def split_lines(lines: list[Line], most: int) -> Iterator[tuple[Line, ...]]:
    """Parts of at most `most` cards that hold the lines in their order."""
    part: list[Line] = []
    room = most
    for line in lines:
        left = line.quantity
        while left:
            take = min(left, room)
            part.append(replace(line, quantity=take))
            left, room = left - take, room - take
            if room == 0:
                yield tuple(part)
                part, room = [], most
    if part:
        yield tuple(part)
