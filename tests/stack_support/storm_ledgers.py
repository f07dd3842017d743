"""The sandbox suppliers' own ledgers: what each sold, and whether it shows why an order is not complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from giftline.orders.slots import slot_lines
from giftline.storage.dynamodb import DynamoOrders
from giftline.suppliers.walleo import TERMS
from tests.stack_support.door import Cards
from tests.stack_support.stack import Stack

MOST_POSTS = 4
SECONDS = 30
REVIEW = "REVIEW"


class SandboxLedger(Protocol):
    def sold_to(self, order_id: str) -> Cards: ...

    def explains(self, order_id: str) -> bool:
        """Whether it shows why an order is not complete: nothing of what is in review was sold, however often
        it was asked for.
        """
        ...

    def totals(self) -> Mapping[str, Any]:
        """The supplier's report of everything."""
        ...


def lots_of(stack: Stack, order_id: str) -> list[Any]:
    return DynamoOrders(stack.client("dynamodb"), stack.orders_table).lots(order_id)


@dataclass(frozen=True, slots=True)
class WpayLedger:
    stack: Stack

    def sold_to(self, order_id: str) -> Cards:
        return sum((self._sold_in(order_id, lot.number) for lot in lots_of(self.stack, order_id)), Cards())

    def _sold_in(self, order_id: str, number: int) -> Cards:
        order = self.stack.supplier.order(order_id, number)
        return Cards() if order is None or order["cancelled_at"] else self.stack.supplier.cards(order_id, number)

    def explains(self, order_id: str) -> bool:
        reviewed = [lot for lot in lots_of(self.stack, order_id) if lot.state == REVIEW]
        sold = any(self._sold_in(order_id, lot.number) for lot in reviewed)
        return bool(reviewed) and not sold and all(lot.posts == MOST_POSTS for lot in reviewed)

    def totals(self) -> Mapping[str, Any]:
        return self.stack.supplier.report()


@dataclass(frozen=True, slots=True)
class WalleoLedger:
    """`every` is read once, after everything: its cards come in one answer."""

    stack: Stack
    every: tuple[Mapping[str, Any], ...]

    def sold_to(self, order_id: str) -> Cards:
        cards = (card for card in self.every if order_id in card["request_id"])
        return Counter(
            (card["gift_card_code"], card["code"], card["pin_code"], f"{card['amount']}.00") for card in cards
        )

    def explains(self, order_id: str) -> bool:
        """Slot by slot: as often as allowed, or under references that the supplier calls dead."""
        unsold = list(self._in_review(order_id))
        return bool(unsold) and all(unsold)

    def _in_review(self, order_id: str) -> Iterator[bool]:
        sold = {card["request_id"] for card in self.every}
        for lot in lots_of(self.stack, order_id):
            for position, _ in enumerate(slot_lines(lot)):
                slot = lot.slots[position]
                if slot.state == REVIEW:
                    own = f"{lot.reference}-{position}-"
                    spent = slot.posts >= TERMS.posts or slot.attempt > 1
                    yield spent and not any(request_id.startswith(own) for request_id in sold)

    def totals(self) -> Mapping[str, Any]:
        report: Mapping[str, Any] = _asked(self.stack, "walleo/report")
        return report


def sandbox_ledgers(stack: Stack) -> Mapping[str, SandboxLedger]:
    """By supplier, once every order has ended."""
    cards = (card for card in _asked(stack, "walleo/cards")["cards"] if card["status"] == "success")
    return {"wpay": WpayLedger(stack), "walleo": WalleoLedger(stack, tuple(cards))}


def _asked(stack: Stack, path: str) -> Any:
    answer = requests.get(f"{stack.supplier.url}/sandbox/{path}", timeout=SECONDS)
    answer.raise_for_status()
    return answer.json()
