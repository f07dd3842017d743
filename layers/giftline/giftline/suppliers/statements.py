"""What a supplier says about its own books: the balance of our account there, and one order by our reference.

Neither document offers a list of a day's orders (docs/protocols.md, Daily reconciliation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from giftline.orders.model import Line
from giftline.suppliers.port import Status


@dataclass(frozen=True, slots=True)
class TheirBalance:
    """Minor units of `currency` (ISO 4217 letters); with a `problem`, a word of ours, nothing can be told from it.

    `outstanding` is what the account owes for orders, None where the supplier does not say.
    """

    currency: str = ""
    available: int = 0
    outstanding: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TheirOrder(Status):
    """What a look-up told, and what the order is worth there in minor units, None where no answer says so."""

    minor: int | None = None


class Statements(Protocol):
    """One account at one supplier."""

    def balance(self) -> TheirBalance:
        """As it is now. Never raises for an answer."""
        ...

    def order(self, reference: str, lines: tuple[Line, ...]) -> TheirOrder:
        """What stands under our reference; `lines` tell the units of its amount. Never raises for an answer."""
        ...
