"""Making a card. Nothing about a card can be guessed from another one."""

import secrets
import uuid
from dataclasses import dataclass

from sandbox.walleo.catalogue import Behaviour
from sandbox.walleo.requests import Wish

WRONG_BY = 1


@dataclass(frozen=True, slots=True)
class Card:
    """`amount` is major units."""

    card_id: str
    code: str
    pin: str | None
    amount: int


def make_card(wish: Wish) -> Card:
    """A card of 18 digits and a PIN of 4; where a test code asks for it, it is wrong."""
    return Card(
        card_id=str(uuid.uuid4()),
        code=str(3 * 10**17 + secrets.randbelow(10**17)),
        pin=None if wish.behaviour is Behaviour.NO_PIN else f"{secrets.randbelow(10**4):04d}",
        amount=wish.amount + (WRONG_BY if wish.behaviour is Behaviour.WRONG_AMOUNT else 0),
    )
