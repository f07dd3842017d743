"""What is ordered in a storm: products of both suppliers, in orders of mixed size drawn from a seed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

SUPPLIERS = ("wpay", "walleo")
AUD, EUR = "036", "978"


@dataclass(frozen=True, slots=True)
class Offer:
    """A product and the amounts that its supplier sells."""

    sku: str
    currency: str
    supplier: str
    amounts: tuple[str, ...]


OFFERS = (
    Offer("WWQ651BHNWSH", AUD, "wpay", ("5.00", "12.50", "50.00")),
    Offer("WPAY-GROCERY", AUD, "wpay", ("20.00", "75.25")),
    Offer("IKEA", EUR, "walleo", ("20.00", "50.00", "500.00")),
    Offer("IKEA-FR", EUR, "walleo", ("30.00", "100.00")),
    Offer("FNAC", EUR, "walleo", ("15.00", "30.00", "100.00")),
)


@dataclass(frozen=True)
class Wanted:
    """One order under one refno: lines of an offer, an amount, a quantity; one currency, so one supplier."""

    refno: str
    lines: tuple[tuple[Offer, str, int], ...]

    @property
    def supplier(self) -> str:
        return self.lines[0][0].supplier

    @property
    def quantity(self) -> int:
        return sum(quantity for _, _, quantity in self.lines)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The Wpay document's request, in the currency of the products."""
        total = sum(Decimal(amount) * quantity for _, amount, quantity in self.lines)
        return {
            "payments": [{"code": "svc", "amount": float(total)}],
            "products": [
                {"sku": offer.sku, "price": float(amount), "qty": quantity, "currency": offer.currency}
                for offer, amount, quantity in self.lines
            ],
            "refno": self.refno,
            "syncOnly": False,
        }


def draw_orders(seed: int, count: int, most_cards: int) -> list[Wanted]:
    """One supplier after the other; sizes from 1 to `most_cards`, as many small ones as large ones."""
    drawn = random.Random(f"{seed}|orders")
    offers = [tuple(one for one in OFFERS if one.supplier == SUPPLIERS[at % len(SUPPLIERS)]) for at in range(count)]
    return [draw_order(drawn, f"storm-{seed}-{at:04d}", of_one, most_cards) for at, of_one in enumerate(offers)]


def draw_order(drawn: random.Random, refno: str, offers: tuple[Offer, ...], most_cards: int) -> Wanted:
    size = round(math.exp(drawn.uniform(0, math.log(most_cards))))
    choices = [(offer, amount) for offer in offers for amount in offer.amounts]
    chosen = drawn.sample(choices, min(size, drawn.randint(1, 3)))
    share, rest = divmod(size, len(chosen))
    return Wanted(refno, tuple((*choice, share + (at < rest)) for at, choice in enumerate(chosen)))
