"""What a tenant may see of an order: its status, its progress, its files, its cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from giftline.errors import Cancelled, CardsRemoved, NotFound, NotReady
from giftline.orders.closing import results_keys
from giftline.orders.lot import Lot
from giftline.orders.model import Card, Order, OrderStatus, is_refno
from giftline.orders.pages import delivered_positions, open_page
from giftline.orders.timing import timestamp

if TYPE_CHECKING:
    from giftline.orders.ports import Files, Orders, Pages, Vault

NOT_AVAILABLE: Final = "Order not available"
"""The Wpay document's words: its clients then order again under the same refno. Alike for unknown and foreign."""


@dataclass(frozen=True, slots=True)
class OrderView:
    """`results`: file name to presigned link, empty until there is a file."""

    order: Order
    lots: tuple[Lot, ...]
    results: dict[str, str]


@dataclass(frozen=True, slots=True)
class ViewOrder:
    orders: Orders
    files: Files

    def __call__(self, tenant: str, refno: str, *, may_see_cards: bool) -> OrderView:
        """NotFound alike for unknown, foreign and impossible."""
        order = self.orders.find(tenant, refno) if is_refno(refno) else None
        if order is None:
            raise NotFound(NOT_AVAILABLE)
        lots = tuple(self.orders.lots(order.id)) if order.lot_count else ()
        return OrderView(order, lots, self._results(order, may_see_cards=may_see_cards))

    def _results(self, order: Order, *, may_see_cards: bool) -> dict[str, str]:
        if order.status.is_open:
            return {}
        keys = results_keys(order)
        has_cards = order.delivered_cards and order.cards_removed_at is None
        names = list(keys) if has_cards and may_see_cards else ["summary.json"]
        return {name: self.files.link(keys[name], f"{order.refno}-{name}") for name in names}


@dataclass(frozen=True, slots=True)
class CardsSlice:
    order: Order
    cards: tuple[Card, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ViewCards:
    """Cards `offset` to `offset + limit` of a closed order, in the order of the exports."""

    orders: Orders
    pages: Pages
    vault: Vault

    def __call__(self, tenant: str, order_id: str, offset: int, limit: int) -> CardsSlice:
        """NotFound alike for unknown and foreign; NotReady while open; Cancelled; CardsRemoved."""
        order = self._order_of(tenant, order_id)
        if order.status is OrderStatus.CANCELED:
            raise Cancelled(f"order {order_id} was cancelled")
        if order.status.is_open:
            raise NotReady(f"order {order_id} is {order.status}: its cards are not ready yet")
        if order.cards_removed_at is not None:
            day = timestamp(order.cards_removed_at)[:10]
            raise CardsRemoved(f"the cards of order {order_id} were removed on {day}, when their time was over")
        cards: list[Card] = []
        at = 0
        for ref, positions in delivered_positions(self.pages, order, self.orders.lots(order_id)):
            wanted = positions[max(0, offset - at) : max(0, offset + limit - at)]
            at += len(positions)
            if wanted:
                opened = open_page(self.vault.seal(order), order, self.pages.get(ref))
                cards.extend(opened[position] for position in wanted)
        return CardsSlice(order, tuple(cards), at)

    def _order_of(self, tenant: str, order_id: str) -> Order:
        try:
            order = self.orders.get(order_id) if is_refno(order_id) else None
        except NotFound as error:
            raise NotFound(NOT_AVAILABLE) from error
        if order is None or order.tenant != tenant:
            raise NotFound(NOT_AVAILABLE)
        return order
