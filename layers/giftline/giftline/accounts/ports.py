"""What the use cases on money need of the world; storage and fakes implement it."""

from __future__ import annotations

from typing import Protocol

from giftline.accounts.ledger import Balance, Entry, Limits, Millis
from giftline.money import Currency


class Ledger(Protocol):
    """Balances and their entries. An order's own entries are written by Orders, in one transaction with the order."""

    def balance(self, tenant: str, currency: Currency) -> Balance:
        """Nought, at version 0, where nothing was ever written."""
        ...

    def balances(self, tenant: str) -> list[Balance]:
        """Those that were ever written, by currency."""
        ...

    def entries(self, tenant: str, currency: Currency, after: int, limit: int) -> list[Entry]:
        """In their order, from the one that follows number `after`."""
        ...

    def deposit(self, tenant: str, currency: Currency, minor: int, reference: str, at: Millis) -> Entry:
        """Once a reference: the entry of the first call. ReferenceConflict where that was another move."""
        ...

    def withdraw(self, tenant: str, currency: Currency, minor: int, reference: str, at: Millis) -> Entry:
        """As `deposit`, the other way; InsufficientFunds where less is available."""
        ...

    def set_limits(self, tenant: str, currency: Currency, limits: Limits, at: Millis) -> Balance:
        """Where less is available than the new `low_balance`, that is told in the same write."""
        ...
