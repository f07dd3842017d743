"""A tenant's money in one currency: a balance, and the entries that add up to it.

Entries are double: each takes from one account what it gives to another, so all four together are always nought.
FUNDING is the world outside: what it gave is what AVAILABLE, RESERVED and DELIVERED hold together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from giftline.errors import InsufficientFunds, OverLimit, Unbalanced
from giftline.money import Currency, Money

Millis = int


class Account(StrEnum):
    """Where money stands."""

    FUNDING = "FUNDING"  # outside: what was paid in, less what was paid out
    AVAILABLE = "AVAILABLE"  # free to order with
    RESERVED = "RESERVED"  # for orders that are open, and for what is in review
    DELIVERED = "DELIVERED"  # spent: its cards were handed over


class Kind(StrEnum):
    """Why money moves."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    RESERVE = "RESERVE"  # an order is accepted
    CAPTURE = "CAPTURE"  # its cards are delivered
    RELEASE = "RELEASE"  # proven: these were not bought
    RECLAIM = "RECLAIM"  # released, or never reserved, and bought after all
    RETURN = "RETURN"  # delivered, and held back again


MOVES: Final[Mapping[Kind, tuple[Account, Account]]] = {
    Kind.DEPOSIT: (Account.FUNDING, Account.AVAILABLE),
    Kind.WITHDRAWAL: (Account.AVAILABLE, Account.FUNDING),
    Kind.RESERVE: (Account.AVAILABLE, Account.RESERVED),
    Kind.CAPTURE: (Account.RESERVED, Account.DELIVERED),
    Kind.RELEASE: (Account.RESERVED, Account.AVAILABLE),
    Kind.RECLAIM: (Account.AVAILABLE, Account.RESERVED),
    Kind.RETURN: (Account.DELIVERED, Account.RESERVED),
}
"""The account that each kind debits, and the one that it credits."""
MAY_OVERDRAW: Final = frozenset((Kind.DEPOSIT, Kind.RECLAIM))
"""The world outside has no bottom; and what a supplier has sold is owed, be it there or not."""


class Step(NamedTuple):
    """An entry to be made: minor units, more than nought."""

    kind: Kind
    minor: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Minor units; None: no such limit. `webhook_url` is told when less than `low_balance` is available."""

    per_order: int | None = None
    per_day: int | None = None
    low_balance: int | None = None
    webhook_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One move, never changed. `subject` is the order's id; `available` and `reserved` as they were after it."""

    tenant: str
    currency: Currency
    seq: int
    kind: Kind
    debit: Account
    credit: Account
    minor: int
    at: Millis
    subject: str = ""
    reference: str = ""
    available: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """What the entries 1 to `seq` come to, in minor units; `day_minor` is what was accepted on `day` (UTC)."""

    tenant: str
    currency: Currency
    available: int = 0
    reserved: int = 0
    delivered: int = 0
    funded: int = 0
    seq: int = 0
    version: int = 0
    limits: Limits = Limits()
    day: str = ""
    day_minor: int = 0

    def of(self, account: Account) -> int:
        """FUNDING is what it gave away, and so below nought."""
        parts = {
            Account.FUNDING: -self.funded,
            Account.AVAILABLE: self.available,
            Account.RESERVED: self.reserved,
            Account.DELIVERED: self.delivered,
        }
        return parts[account]

    @property
    def is_low(self) -> bool:
        return self.limits.low_balance is not None and self.available < self.limits.low_balance

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


@dataclass(frozen=True, slots=True)
class Posting:
    """A balance before and after some entries, or other limits: written together, or not at all."""

    before: Balance
    after: Balance
    at: Millis
    entries: tuple[Entry, ...] = ()

    @property
    def falls_low(self) -> bool:
        """Once a crossing, whatever takes the money or raises the bound: while it stays low it falls no more. Whoever
        is newly to be told was not told before.
        """
        same_listener = self.after.limits.webhook_url in (self.before.limits.webhook_url, "")
        return self.after.is_low and not (self.before.is_low and same_listener)


def post(before: Balance, steps: Iterable[Step], at: Millis, subject: str = "", reference: str = "") -> Posting:
    """The steps in their order. InsufficientFunds where less is available than is to be taken from it."""
    balance = before
    entries: list[Entry] = []
    for step in steps:
        balance = _moved(balance, step)
        debit, credit = MOVES[step.kind]
        made = Entry(before.tenant, before.currency, balance.seq, step.kind, debit, credit, step.minor, at, subject)
        entries.append(replace(made, reference=reference, available=balance.available, reserved=balance.reserved))
    return Posting(before, replace(balance, version=before.version + 1), at, tuple(entries))


def with_limits(before: Balance, limits: Limits, at: Millis) -> Posting:
    """Other limits for the same money."""
    return Posting(before, replace(before, limits=limits, version=before.version + 1), at)


def reserve(before: Balance, minor: int, at: Millis, subject: str) -> Posting:
    """An order's whole value, within the limits. OverLimit, InsufficientFunds: nothing is reserved."""
    day = max(before.day, day_of(at))  # a clock that is slow does not begin an old day again
    today = before.day_minor if day == before.day else 0
    _check_limit(before, "one order", minor, before.limits.per_order, 0)
    _check_limit(before, f"all orders of {day} (UTC)", minor, before.limits.per_day, today)
    posting = post(before, [Step(Kind.RESERVE, minor)], at, subject)
    return replace(posting, after=replace(posting.after, day=day, day_minor=today + minor))


def balance_of(entries: Iterable[Entry], tenant: str, currency: Currency) -> Balance:
    """What the entries alone say: for whoever audits a balance."""
    balance = Balance(tenant, currency)
    for entry in entries:
        balance = _shifted(balance, entry.debit, entry.credit, entry.minor)
    return balance


def settling_steps(taken: int, captured: int, delivered: int, in_review: int) -> Sequence[Step]:
    """From what an order has taken of the available money, and captured of that, to what it is entitled to:
    the value of the delivered cards captured, that of those in review reserved, the rest given back.
    """
    due = delivered + in_review
    steps = (
        Step(Kind.RETURN, captured - delivered),
        Step(Kind.RECLAIM, due - taken),
        Step(Kind.CAPTURE, delivered - captured),
        Step(Kind.RELEASE, taken - due),
    )
    return tuple(step for step in steps if step.minor > 0)


def day_of(at: Millis) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def _moved(before: Balance, step: Step) -> Balance:
    if step.minor <= 0:
        raise Unbalanced(f"an entry of {step.minor} minor units; expected more than nought")
    debit, credit = MOVES[step.kind]
    if step.kind not in MAY_OVERDRAW and before.of(debit) < step.minor:
        if debit is Account.AVAILABLE:
            raise InsufficientFunds(before.money(before.available), before.money(step.minor))
        raise Unbalanced(f"{step.kind} of {step.minor}, and {debit} of {before.tenant} holds {before.of(debit)}")
    return _shifted(before, debit, credit, step.minor)


def _shifted(before: Balance, debit: Account, credit: Account, minor: int) -> Balance:
    def after(account: Account) -> int:
        return before.of(account) + minor * ((credit is account) - (debit is account))

    return replace(
        before,
        available=after(Account.AVAILABLE),
        reserved=after(Account.RESERVED),
        delivered=after(Account.DELIVERED),
        funded=-after(Account.FUNDING),
        seq=before.seq + 1,
    )


def _check_limit(before: Balance, what: str, minor: int, limit: int | None, used: int) -> None:
    if limit is not None and used + minor > limit:
        left = max(0, limit - used)
        raise OverLimit(what, before.money(minor), before.money(limit), before.money(left))
