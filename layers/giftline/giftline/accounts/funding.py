"""Put money in and out, set limits, and look: for operators in all tenants, for a tenant in its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from giftline.accounts.ledger import Balance, Entry, Limits, Millis
from giftline.errors import NotFound
from giftline.money import Currency

if TYPE_CHECKING:
    from giftline.accounts.ports import Ledger


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """A part of the entries, in their order; `next` is the number after which the rest stands, 0 at the end."""

    entries: tuple[Entry, ...]
    next: int = 0


@dataclass(frozen=True, slots=True)
class ViewFunds:
    """One tenant's money; whose it may be is the caller's business."""

    ledger: Ledger

    def balances(self, tenant: str) -> list[Balance]:
        return self.ledger.balances(tenant)

    def entries(self, tenant: str, currency: Currency, after: int, limit: int) -> EntriesPage:
        found = self.ledger.entries(tenant, currency, after, limit + 1)
        shown = tuple(found[:limit])
        return EntriesPage(shown, shown[-1].seq if len(found) > limit else 0)


@dataclass(frozen=True, slots=True)
class ManageFunds:
    """NotFound for a tenant that nobody set up: money put there would belong to nobody."""

    ledger: Ledger
    has_tenant: Callable[[str], bool]
    now: Callable[[], Millis]

    def deposit(self, tenant: str, currency: Currency, minor: int, reference: str) -> Entry:
        self.check(tenant)
        return self.ledger.deposit(tenant, currency, minor, reference, self.now())

    def withdraw(self, tenant: str, currency: Currency, minor: int, reference: str) -> Entry:
        self.check(tenant)
        return self.ledger.withdraw(tenant, currency, minor, reference, self.now())

    def set_limits(self, tenant: str, currency: Currency, limits: Limits) -> Balance:
        self.check(tenant)
        return self.ledger.set_limits(tenant, currency, limits, self.now())

    def check(self, tenant: str) -> None:
        if not self.has_tenant(tenant):
            raise NotFound(f"no tenant is called {tenant!r:.80}")
