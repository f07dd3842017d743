"""The ledger in memory: a balance and its entries change together, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from giftline.accounts.ledger import Balance, Entry, Kind, Limits, Posting, Step, post, with_limits
from giftline.delivery.events import WebhookEvent
from giftline.errors import FieldProblem, ReferenceConflict
from giftline.money import CURRENCIES, Currency
from giftline.storage.ledger import low_balance_event

Place = tuple[str, str]


@dataclass
class FakeLedger:
    """By tenant and currency; `events` are those of low balances."""

    kept: dict[Place, Balance] = field(default_factory=dict)
    written: dict[Place, list[Entry]] = field(default_factory=dict)
    moves: dict[tuple[str, str], Entry] = field(default_factory=dict)
    events: list[WebhookEvent] = field(default_factory=list)

    def balance(self, tenant: str, currency: Currency) -> Balance:
        return self.kept.get((tenant, currency.code), Balance(tenant, currency))

    def balances(self, tenant: str) -> list[Balance]:
        found = (self.balance(tenant, currency) for currency in CURRENCIES)
        return [balance for balance in found if balance.version]

    def entries(self, tenant: str, currency: Currency, after: int, limit: int) -> list[Entry]:
        return self.written.get((tenant, currency.code), [])[after : after + limit]

    def deposit(self, tenant: str, currency: Currency, minor: int, reference: str, at: int) -> Entry:
        return self._fund(tenant, currency, Step(Kind.DEPOSIT, minor), reference, at)

    def withdraw(self, tenant: str, currency: Currency, minor: int, reference: str, at: int) -> Entry:
        return self._fund(tenant, currency, Step(Kind.WITHDRAWAL, minor), reference, at)

    def set_limits(self, tenant: str, currency: Currency, limits: Limits, at: int) -> Balance:
        return self.commit(tenant, currency, partial(with_limits, limits=limits, at=at)).after

    def commit(self, tenant: str, currency: Currency, change: Callable[[Balance], Posting]) -> Posting:
        posting = change(self.balance(tenant, currency))
        self.kept[tenant, currency.code] = posting.after
        self.written.setdefault((tenant, currency.code), []).extend(posting.entries)
        if posting.falls_low and posting.after.limits.webhook_url:
            self.events.append(low_balance_event(posting))
        return posting

    def _fund(self, tenant: str, currency: Currency, step: Step, reference: str, at: int) -> Entry:
        known = self.moves.get((tenant, reference))
        if known is None:
            posting = self.commit(tenant, currency, partial(post, steps=[step], at=at, reference=reference))
            known = self.moves[tenant, reference] = posting.entries[0]
        if (known.kind, known.currency, known.minor) != (step.kind, currency, step.minor):
            raise ReferenceConflict([FieldProblem("reference", "it names another move", "a reference of its own")])
        return known
