"""Close an order: count, export, say what became of the money."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from giftline.delivery.events import WebhookEvent, failed_body, new_event, success_body
from giftline.delivery.exports import write_cards
from giftline.errors import StaleWrite
from giftline.orders.catalogue import Catalogue
from giftline.orders.lot import WATCHED, Lot, LotState, Quantities, states_of
from giftline.orders.model import Millis, Order, OrderStatus, PageRef
from giftline.orders.pages import delivered_positions, delivery_order, sound_cards
from giftline.orders.planning import plan_again
from giftline.orders.protocol import into_review
from giftline.orders.settling import LineOutcome, Settlement, account_for, outcome_of, settle
from giftline.orders.timing import SWEEP_AFTER, WATCH_AFTER, Timing, timestamp

if TYPE_CHECKING:
    from giftline.delivery.ports import Deliveries
    from giftline.orders.ports import Clock, Files, Orders, Pages, Suppliers, Vault


def results_keys(order: Order) -> dict[str, str]:
    """Where the files of an order lie in the results bucket, by their names in the answers."""
    folder = f"results/{order.tenant}/{order.id}"
    return {
        "cards.csv": f"{folder}/cards.csv",
        "cards.jsonl": f"{folder}/cards.jsonl",
        "summary.json": f"{folder}/summary.json",
    }


@dataclass(frozen=True, slots=True)
class Closed:
    """`planned`: other suppliers are to be asked for what was refused, so the order goes on."""

    status: OrderStatus
    planned: bool = False


@dataclass(frozen=True, slots=True)
class CloseOrder:
    """Runs again without harm: the files are written whole, the status once, with the event that tells of it.

    The delivery is started here: a state of its own would cost every order a transition, and an event whose
    start was lost is swept up as any other.
    """

    orders: Orders
    pages: Pages
    vault: Vault
    files: Files
    suppliers: Suppliers
    catalogue: Catalogue
    clock: Clock
    timing: Timing
    deliveries: Deliveries | None = None
    api_url: str = ""

    def __call__(self, order_id: str, parked: Mapping[int, str]) -> Closed:
        """`parked`: lots whose task failed for good, with the name of the error."""
        order = self.orders.get(order_id)
        if not order.status.is_open:
            self._start_again(order)
            return Closed(order.status)
        lots = [self._park(lot, parked) for lot in self.orders.lots(order_id)]
        if not all(lot.state.is_closed for lot in lots):
            return Closed(order.status, planned=any(_is_just_planned(lot) for lot in lots))
        if more := plan_again(order, lots, self.suppliers, self.catalogue):
            self.orders.plan(replace(order, lot_count=len(lots) + len(more)), more)
            return Closed(order.status, planned=True)
        try:
            return Closed(self._close(order, lots))
        except StaleWrite:
            self._put_files_right(order_id)
            raise

    def _park(self, lot: Lot, parked: Mapping[int, str]) -> Lot:
        error = parked.get(lot.number)
        if error is None or lot.state.is_closed:
            return lot
        return self.orders.save_lot(into_review(lot, f"the task kept failing: {error}"))

    def _close(self, order: Order, lots: Sequence[Lot]) -> OrderStatus:
        positions = delivered_positions(self.pages, order, lots)
        delivered = self._export(order, positions)
        settlement = settle(order, lots, delivered)
        status, now = outcome_of(settlement, called_off=order.is_called_off), self.clock.now()
        is_watched = status is OrderStatus.REVIEW or any(lot.state in WATCHED for lot in lots)
        closed = replace(
            order,
            status=status,
            delivered_cards=delivered.total(),
            delivered_minor=settlement.total(order, "delivered").minor,
            closed_at=now,
            closed_as=states_of(lots),
            delivered_pages=delivery_order(positions),
            due_at=now + self.timing.scaled(WATCH_AFTER) if is_watched else None,
            watched_since=order.watched_since or now,
        )
        self._write_summary(closed, lots, settlement)
        closed, steps = account_for(closed, closed.delivered_minor, settlement.total(order, "in_review").minor)
        if not closed.webhook_url and not steps:
            return self.orders.save(closed).status
        event = self._event(closed, now) if closed.webhook_url else None
        self.orders.close(closed, event, steps)
        if self.deliveries and event:
            self.deliveries.start(event)
        return closed.status

    def _put_files_right(self, order_id: str) -> None:
        """Who was overtaken may have written over the files of who closed it: they say again what is on record."""
        order = self.orders.get(order_id)
        if order.status.is_open or order.cards_removed_at is not None:
            return  # who closes it next writes them anew; what was removed stays so
        lots = self.orders.lots(order_id)
        delivered = self._export(order, delivered_positions(self.pages, order, lots), over_others=True)
        self._write_summary(order, lots, settle(order, lots, delivered))

    def _event(self, order: Order, now: Millis) -> WebhookEvent:
        """An order that is opened again and closed again has another, under another id."""
        if order.status is OrderStatus.COMPLETE:
            body = success_body(order.id, f"{self.api_url}/v1/partner/giftcards/order/{quote(order.refno)}/status")
        else:
            body = failed_body(order.id, f"the order ended as {order.status.value}: {what_came(order)}")
        due_at = now + self.timing.scaled(SWEEP_AFTER)
        return new_event(order.tenant, order.id, order.webhook_url, body, now, due_at)

    def _start_again(self, order: Order) -> None:
        """Where the worker that closed it was lost before the start; one that was started stays as it is."""
        if self.deliveries and order.webhook_url and order.closed_at is not None:
            self.deliveries.start(self._event(order, order.closed_at))

    def _export(
        self, order: Order, positions: list[tuple[PageRef, list[int]]], *, over_others: bool = False
    ) -> Quantities:
        """Cards delivered by sku and amount; no file where there never was a card. Those of an order that was closed
        with cards and has none any more are written over.
        """
        if not any(fresh for _, fresh in positions) and not (order.delivered_cards or over_others):
            return Quantities()
        recipients = self.files.recipients(order.recipients_key) if order.recipients_key else ()
        keys = results_keys(order)
        with (
            self.files.export(keys["cards.csv"], "text/csv; charset=utf-8") as csv_file,
            self.files.export(keys["cards.jsonl"], "application/jsonl") as lines_file,
        ):
            cards = sound_cards(self.vault.seal(order), order, self.pages, positions)
            return write_cards(order, cards, recipients, csv_file, lines_file)

    def _write_summary(self, order: Order, lots: Sequence[Lot], settlement: Settlement) -> None:
        text = json.dumps(summary(order, lots, settlement), indent=2, ensure_ascii=False)
        with self.files.export(results_keys(order)["summary.json"], "application/json") as file:
            file.write(text.encode() + b"\n")


def what_came(order: Order) -> str:
    """In the webhook's words: no secret, and no supplier."""
    return f"{order.delivered_cards} of {order.quantity} cards delivered"


def _is_just_planned(lot: Lot) -> bool:
    """By another worker that closed at the same time: nobody else works on it yet."""
    return bool(lot.instead_of) and lot.state is LotState.NEW and not lot.posts


def summary(order: Order, lots: Sequence[Lot], settlement: Settlement) -> dict[str, Any]:
    """What became of the order; amounts as decimal strings, times in UTC, no secrets."""
    return {
        "orderId": order.id,
        "refno": order.refno,
        "status": order.status.value,
        "currency": order.currency.code,
        "ordered": {"cards": order.quantity, "amount": str(order.total)},
        "delivered": {"cards": order.delivered_cards, "amount": str(settlement.total(order, "delivered"))},
        "released": {"amount": str(settlement.total(order, "released"))},
        "inReview": {"amount": str(settlement.total(order, "in_review"))},
        "createdAt": timestamp(order.created_at),
        "closedAt": timestamp(order.closed_at) if order.closed_at else None,
        "lines": [_line_summary(outcome) for outcome in settlement.lines],
        "lots": [_lot_summary(lot) for lot in lots],
    }


def _line_summary(outcome: LineOutcome) -> dict[str, Any]:
    return {
        "sku": outcome.line.sku,
        "amount": str(outcome.line.amount),
        "ordered": outcome.line.quantity,
        "delivered": outcome.delivered,
        "released": outcome.released,
        "inReview": outcome.in_review,
        "reasons": list(outcome.reasons),
    }


def _lot_summary(lot: Lot) -> dict[str, Any]:
    spent = (lot.ready_at - lot.first_posted_at) if lot.ready_at and lot.first_posted_at else None
    return {
        "lot": lot.number,
        "supplier": lot.supplier,
        "reference": lot.reference,
        "insteadOf": lot.instead_of or None,
        "supplierOrderId": lot.supplier_order_id,
        "state": lot.state.value,
        "cards": {"ordered": lot.quantity, "received": lot.received_cards},
        "posts": lot.posts,
        "polls": lot.polls,
        "supplierSeconds": None if spent is None else spent / 1000,
        "reason": lot.reason,
    }
