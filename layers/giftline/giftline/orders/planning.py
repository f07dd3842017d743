"""Plan an order: lots with their references, written before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from giftline.orders.catalogue import Catalogue
from giftline.orders.model import Line, Lot, Order, OrderStatus

if TYPE_CHECKING:
    from giftline.orders.ports import Orders, Suppliers, Vault


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
        planned = replace(
            order,
            status=OrderStatus.PROCESSING,
            wrapped_key=self.vault.new_key(order.id),
            lot_count=len(lots),
        )
        return self.orders.plan(planned, lots)


def plan_order(order: Order, suppliers: Suppliers, catalogue: Catalogue) -> list[Lot]:
    """The lots of an order: by supplier, each no larger than that supplier takes at once."""
    by_supplier: dict[str, list[Line]] = {}
    for line in order.lines:
        by_supplier.setdefault(catalogue.product(line.sku).supplier, []).append(line)
    parts = [
        (name, part)
        for name, lines in by_supplier.items()
        for part in split_lines(lines, suppliers(name).terms.max_cards)
    ]
    return [
        Lot(order.id, number, name, lot_reference(order.id, number), part)
        for number, (name, part) in enumerate(parts, start=1)
    ]


def lot_reference(order_id: str, number: int, attempt: int = 1) -> str:
    """The supplier's refno of a lot, derived and never drawn anew (docs/protocols.md, Buying exactly once)."""
    return f"GL-{order_id}-{number}-{attempt}"


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
