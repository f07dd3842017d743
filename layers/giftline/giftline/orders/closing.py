"""Close an order: count, export, say what became of the money."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from giftline.delivery.exports import write_cards
from giftline.money import Money
from giftline.orders.model import Line, Lot, LotState, Order, OrderStatus
from giftline.orders.pages import sound_cards, sound_positions, withheld
from giftline.orders.placing import into_review
from giftline.orders.timing import timestamp

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Files, Orders, Pages, Vault

Delivered = Counter[tuple[str, int]]
"""Cards by sku and amount (minor units)."""


def results_keys(order: Order) -> dict[str, str]:
    """Where the files of an order lie in the results bucket, by their names in the answers."""
    folder = f"results/{order.tenant}/{order.id}"
    return {
        "cards.csv": f"{folder}/cards.csv",
        "cards.jsonl": f"{folder}/cards.jsonl",
        "summary.json": f"{folder}/summary.json",
    }


@dataclass(frozen=True, slots=True)
class CloseOrder:
    """Runs again without harm: the files are written whole, the status once."""

    orders: Orders
    pages: Pages
    vault: Vault
    files: Files
    clock: Clock

    def __call__(self, order_id: str, parked: Mapping[int, str]) -> OrderStatus:
        """`parked`: lots whose task failed for good, with the name of the error."""
        order = self.orders.get(order_id)
        if not order.status.is_open:
            return order.status
        lots = [self._park(lot, parked) for lot in self.orders.lots(order_id)]
        if not all(lot.state.is_closed for lot in lots):
            return order.status
        delivered = self._export(order, withheld(lots))
        closed = replace(
            order,
            status=outcome_of(order, lots, delivered),
            delivered_cards=delivered.total(),
            delivered_minor=sum(minor * count for (_, minor), count in delivered.items()),
            closed_at=self.clock.now(),
            due_at=None,
        )
        self._write_summary(closed, lots, delivered)
        return self.orders.save(closed).status

    def _park(self, lot: Lot, parked: Mapping[int, str]) -> Lot:
        error = parked.get(lot.number)
        if error is None or lot.state.is_closed:
            return lot
        return self.orders.save_lot(into_review(lot, f"the task kept failing: {error}"))

    def _export(self, order: Order, held: frozenset[int]) -> Delivered:
        """Cards delivered by sku and amount; no file where there is no card."""
        positions = list(sound_positions(self.pages.refs(order.id), held))
        if not any(fresh for _, fresh in positions):
            return Counter()
        recipients = self.files.recipients(order.recipients_key) if order.recipients_key else ()
        keys = results_keys(order)
        with (
            self.files.export(keys["cards.csv"], "text/csv; charset=utf-8") as csv_file,
            self.files.export(keys["cards.jsonl"], "application/jsonl") as lines_file,
        ):
            cards = sound_cards(self.vault.seal(order), order, self.pages, positions)
            return write_cards(order, cards, recipients, csv_file, lines_file)

    def _write_summary(self, order: Order, lots: Iterable[Lot], delivered: Delivered) -> None:
        text = json.dumps(summary(order, list(lots), delivered), indent=2, ensure_ascii=False)
        with self.files.export(results_keys(order)["summary.json"], "application/json") as file:
            file.write(text.encode() + b"\n")


def outcome_of(order: Order, lots: Iterable[Lot], delivered: Delivered) -> OrderStatus:
    """A lot in REVIEW keeps the whole order there: its money is not settled. So does a line with
    too many cards, or too few where every lot has its number: one card may stand in two lots.
    """
    states = {lot.state for lot in lots}
    too_many = bool(delivered - _quantities(order))
    if LotState.REVIEW in states or too_many:
        return OrderStatus.REVIEW
    if states == {LotState.COLLECTED}:
        return OrderStatus.COMPLETE if delivered == _quantities(order) else OrderStatus.REVIEW
    return OrderStatus.PARTIAL if delivered else OrderStatus.FAILED


def _quantities(order: Order) -> Delivered:
    return Counter({(line.sku, line.amount.minor): line.quantity for line in order.lines})


def summary(order: Order, lots: list[Lot], delivered: Delivered) -> dict[str, Any]:
    """What became of the order; amounts as decimal strings, times in UTC, no secrets."""
    currency = order.currency
    failed = sum(lot.total.minor for lot in lots if lot.state is LotState.FAILED)
    review = max(0, order.total.minor - order.delivered_minor - failed)
    return {
        "orderId": order.id,
        "refno": order.refno,
        "status": order.status.value,
        "currency": currency.code,
        "ordered": {"cards": order.quantity, "amount": str(order.total)},
        "delivered": {
            "cards": order.delivered_cards,
            "amount": str(Money(order.delivered_minor, currency)),
        },
        "released": {"amount": str(Money(failed, currency))},
        "inReview": {"amount": str(Money(review, currency))},
        "createdAt": timestamp(order.created_at),
        "closedAt": timestamp(order.closed_at) if order.closed_at else None,
        "lines": [_line_summary(line, delivered) for line in order.lines],
        "lots": [_lot_summary(lot) for lot in lots],
    }


def _line_summary(line: Line, delivered: Delivered) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "amount": str(line.amount),
        "ordered": line.quantity,
        "delivered": delivered[line.sku, line.amount.minor],
    }


def _lot_summary(lot: Lot) -> dict[str, Any]:
    spent = (lot.ready_at - lot.first_posted_at) if lot.ready_at and lot.first_posted_at else None
    return {
        "lot": lot.number,
        "supplier": lot.supplier,
        "reference": lot.reference,
        "supplierOrderId": lot.supplier_order_id,
        "state": lot.state.value,
        "cards": {"ordered": lot.quantity, "received": lot.received_cards},
        "posts": lot.posts,
        "polls": lot.polls,
        "supplierSeconds": None if spent is None else spent / 1000,
        "reason": lot.reason,
    }
