"""Making the cards of an order. Nothing about a card can be guessed from another one."""

import hmac
from dataclasses import dataclass, replace

from sandbox.wpay.catalogue import Behaviour
from sandbox.wpay.orders import Order
from sandbox.wpay.requests import Line

WRONG_BY = 1_00


@dataclass(frozen=True, slots=True)
class Card:
    """`amount` is minor units; `pin` None where the product has none."""

    position: int
    card_id: int
    sku: str
    number: str
    pin: str | None
    barcode: str
    amount: int


def make_cards(order: Order, secret: bytes, first_card_id: int) -> list[Card]:
    """All cards of the order; where a test sku asks for it, the first of them is wrong."""
    lines = (line for line in order.lines for _ in range(line.quantity))
    cards = [_make_card(order, secret, at, first_card_id, line) for at, line in enumerate(lines)]
    cards[0] = _flawed(cards[0], order.request.behaviours)
    return cards


def _make_card(order: Order, secret: bytes, position: int, first_card_id: int, line: Line) -> Card:
    product = line.product
    number, pin = _digits(hmac.digest(secret, f"{position}|{order.refno}".encode(), "sha256"))
    return Card(
        position=position,
        card_id=first_card_id + position,
        sku=product.sku,
        number=number,
        pin=pin[: product.pin_digits] if product.has_pin else None,
        barcode=product.gtin + number,
        amount=line.price,
    )


def _digits(digest: bytes) -> tuple[str, str]:
    """A card number of 19 digits and six digits for a PIN."""
    number = 6 * 10**18 + int.from_bytes(digest[:16], "big") % 10**18
    return str(number), f"{int.from_bytes(digest[16:], 'big') % 10**6:06d}"


def _flawed(card: Card, behaviours: frozenset[Behaviour]) -> Card:
    if Behaviour.WRONG_AMOUNT in behaviours:
        card = replace(card, amount=card.amount + WRONG_BY)
    if Behaviour.NO_PIN in behaviours:
        card = replace(card, pin=None)
    return card
