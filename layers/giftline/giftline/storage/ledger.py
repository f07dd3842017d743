"""The ledger in the Accounts table: a balance is never written without the entries that say why.

All who move money of one tenant and currency meet at its balance. Each reads it, decides, and writes on condition
of the version read; who lost reads again, a bounded number of times with growing pauses.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from giftline.accounts.ledger import Balance, Entry, Kind, Limits, Millis, Posting, Step, post, reserve, with_limits
from giftline.delivery.events import WebhookEvent, new_event
from giftline.errors import FieldProblem, ReferenceConflict, Refused, StaleWrite, Unbalanced
from giftline.money import CURRENCIES, Currency, Money
from giftline.storage.attributes import Item
from giftline.storage.conditions import IS_NEW
from giftline.storage.ledger_items import (
    balance_from_item,
    balance_key,
    balance_pk,
    balance_place,
    balance_to_item,
    entry_from_item,
    entry_key,
    entry_sk,
    entry_to_item,
    reference_key,
    reference_place,
    reference_to_item,
)
from giftline.storage.reading import get_item, query, read_at_once
from giftline.storage.transactions import put, put_record, transact
from giftline.storage.webhook_items import event_to_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from giftline.orders.model import Order

T = TypeVar("T")
TRIES: Final = 40
FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.5
"""Seconds; each pause is a random part of a bound that doubles: some 9 s for all tries together."""
PATIENCE: Final = 12.0
"""Seconds after which nothing is tried again: an API function has 29, and its caller is to be told."""
LAST_SEQ: Final = 999_999_999_999
LOW: Final = "balance.low"
"""What the webhook and the log call it."""


class DynamoLedger:
    """The Ledger port; and `reserving` and `settling`, by which an order is written together with its money.

    Without a `webhooks_table` nobody is told of a low balance.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        webhooks_table: str = "",
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._table = table
        self._webhooks_table = webhooks_table
        self._pause = pause
        self._jitter = jitter
        self._elapsed = elapsed

    def balance(self, tenant: str, currency: Currency) -> Balance:
        item = self._get(balance_key(tenant, currency))
        return balance_from_item(item) if item else Balance(tenant, currency)

    def balances(self, tenant: str) -> list[Balance]:
        keys = [balance_place(tenant, currency) for currency in CURRENCIES]
        found = map(balance_from_item, read_at_once(self._client, self._table, keys, self._pause))
        by_code = {balance.currency.code: balance for balance in found}
        return [by_code[currency.code] for currency in CURRENCIES if currency.code in by_code]

    def entries(self, tenant: str, currency: Currency, after: int, limit: int) -> list[Entry]:
        last = min(after + limit, LAST_SEQ)  # numbers have no gaps
        bounds = {":first": entry_sk(after + 1), ":last": entry_sk(last)}
        if last <= after:
            return []
        condition = "pk = :pk AND sk BETWEEN :first AND :last"
        found = query(self._client, self._table, condition, {":pk": balance_pk(tenant, currency), **bounds})
        return [entry_from_item(item) for item in found]

    def deposit(self, tenant: str, currency: Currency, minor: int, reference: str, at: Millis) -> Entry:
        return self._fund(Balance(tenant, currency), Step(Kind.DEPOSIT, minor), reference, at)

    def withdraw(self, tenant: str, currency: Currency, minor: int, reference: str, at: Millis) -> Entry:
        return self._fund(Balance(tenant, currency), Step(Kind.WITHDRAWAL, minor), reference, at)

    def set_limits(self, tenant: str, currency: Currency, limits: Limits, at: Millis) -> Balance:
        change = partial(with_limits, limits=limits, at=at)
        return self.commit(tenant, currency, change, lambda _: (), lambda: None, lambda posting: posting.after)

    def _fund(self, whose: Balance, step: Step, reference: str, at: Millis) -> Entry:
        tenant, currency = whose.tenant, whose.currency

        def beside(posting: Posting) -> Sequence[Any]:
            return [{"Put": put(self._table, reference_to_item(posting.entries[0]), IS_NEW)}]

        return self.commit(
            tenant,
            currency,
            partial(post, steps=[step], at=at, reference=reference),
            beside,
            lambda: self._known(whose, step, reference),
            lambda posting: posting.entries[0],
        )

    def _known(self, whose: Balance, step: Step, reference: str) -> Entry | None:
        """The move of that reference, where there is one, if it is the same."""
        item = self._get(reference_key(whose.tenant, reference))
        if item is None:
            return None
        currency, seq = reference_place(item)
        stored = self._get(entry_key(whose.tenant, currency, seq))
        entry = entry_from_item(stored) if stored else None
        if entry and (entry.kind, entry.currency, entry.minor) == (step.kind, whose.currency, step.minor):
            return entry
        was = f"a {entry.kind} of {Money(entry.minor, currency)} {currency.code}" if entry else "another move"
        raise ReferenceConflict([FieldProblem("reference", f"it names {was}", "a reference of its own for each move")])

    # --- with an order

    def reserving(self, order: Order, puts: Sequence[Any], known: Callable[[], Order | None]) -> Order:
        """Writes an order that names what it reserves, with its `puts`; or the one that is `known` by its refno."""
        change = partial(reserve, minor=order.reserved_minor, at=order.created_at, subject=order.id)
        return self.commit(order.tenant, order.currency, change, lambda _: puts, known, lambda _: order)

    def settling(
        self, closed: Order, steps: Sequence[Step], puts: Sequence[Any], known: Callable[[], Order | None]
    ) -> Order:
        """Writes a closed order, as the `puts` have it, with the steps of its money."""
        change = partial(post, steps=steps, at=closed.closed_at or closed.created_at, subject=closed.id)
        return self.commit(closed.tenant, closed.currency, change, lambda _: puts, known, lambda _: closed)

    # --- the one way in which a balance changes

    def commit(
        self,
        tenant: str,
        currency: Currency,
        change: Callable[[Balance], Posting],
        beside: Callable[[Posting], Sequence[Any]],
        known: Callable[[], T | None],
        made: Callable[[Posting], T],
    ) -> T:
        """What `made` makes of the posting that was written, with what stands `beside` it, in one transaction;
        or what `known` finds written before: by another call, or by this one whose answer was lost. It is asked
        before a refusal too: the money may have gone to the very thing that was asked for. StaleWrite: nothing is
        written, and the same call may be made again.
        """
        until = self._elapsed() + PATIENCE
        for tried in range(TRIES):
            if tried:
                self._pause(self._jitter() * min(LONGEST_PAUSE, FIRST_PAUSE * 2**tried))
                if self._elapsed() > until:
                    break
            before = self.balance(tenant, currency)
            try:
                posting = change(before)
            except (Refused, Unbalanced):
                if (found := known()) is not None:
                    return found
                raise
            if transact(self._client, [*self._writes(posting), *beside(posting)]):
                tell_if_low(posting)
                return made(posting)
            if (found := known()) is not None:
                return found
        raise StaleWrite(f"the balance of {tenant} in {currency.code} is written by others all the time: try again")

    def _writes(self, posting: Posting) -> list[Any]:
        writes = [put_record(self._table, balance_to_item(posting.after), posting.before.version)]
        writes += [put(self._table, entry_to_item(entry), IS_NEW) for entry in posting.entries]
        url = posting.after.limits.webhook_url
        if posting.falls_low and url and self._webhooks_table:
            writes.append(put(self._webhooks_table, event_to_item(low_balance_event(posting)), IS_NEW))
        return [{"Put": one} for one in writes]

    def _get(self, key: Item) -> Item | None:
        return get_item(self._client, self._table, key)


def tell_if_low(posting: Posting) -> None:
    """For who runs the installation; the webhook is for the tenant."""
    if posting.falls_low:
        after = posting.after
        available, code = after.money(after.available), after.currency.code
        logging.getLogger(__name__).warning("%s: %s has %s %s available", LOW, after.tenant, available, code)


def low_balance_event(posting: Posting) -> WebhookEvent:
    """Due at once: the sweep of events starts its delivery. The balance's version tells one crossing from the next."""
    after, at = posting.after, posting.at
    body = {
        "status": LOW,
        "currency": after.currency.code,
        "available": str(after.money(after.available)),
        "reserved": str(after.money(after.reserved)),
        "low_balance": str(after.money(after.limits.low_balance or 0)),
    }
    subject = f"balance-{after.currency.code}-{after.version}"
    return new_event(after.tenant, subject, after.limits.webhook_url, json.dumps(body), at, at)
