"""What is told of a tenant's money: amounts as decimal strings, times in UTC."""

from __future__ import annotations

from typing import Any

from giftline.accounts.funding import EntriesPage
from giftline.accounts.ledger import Balance, Entry, Limits
from giftline.delivery.listing import shown_url
from giftline.money import Money
from giftline.orders.timing import timestamp


def balances(tenant: str, found: list[Balance]) -> dict[str, Any]:
    return {"tenant": tenant, "balances": [_balance(one) for one in found]}


def limited(balance: Balance) -> dict[str, Any]:
    """What setting limits answers: the balance that they hold for."""
    return {"tenant": balance.tenant, **_balance(balance)}


def entries(tenant: str, page: EntriesPage) -> dict[str, Any]:
    """`next` is null at the end."""
    return {"tenant": tenant, "entries": [_entry(one) for one in page.entries], "next": page.next or None}


def moved(entry: Entry) -> dict[str, Any]:
    """The same for the first call with a reference and for each that follows."""
    return {"tenant": entry.tenant, "currency": entry.currency.code, **_entry(entry)}


def _balance(balance: Balance) -> dict[str, Any]:
    """available + reserved + delivered = funded."""
    return {
        "currency": balance.currency.code,
        "available": str(balance.money(balance.available)),
        "reserved": str(balance.money(balance.reserved)),
        "delivered": str(balance.money(balance.delivered)),
        "funded": str(balance.money(balance.funded)),
        "lastEntry": balance.seq,
        "acceptedOn": balance.day or None,
        "acceptedThatDay": str(balance.money(balance.day_minor)),
        "limits": _limits(balance, balance.limits),
    }


def _limits(balance: Balance, limits: Limits) -> dict[str, Any]:
    def amount(minor: int | None) -> str | None:
        return None if minor is None else str(balance.money(minor))

    return {
        "perOrder": amount(limits.per_order),
        "perDay": amount(limits.per_day),
        "lowBalance": amount(limits.low_balance),
        "webhookUrl": shown_url(limits.webhook_url) if limits.webhook_url else None,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    """`available` and `reserved` as they were after it."""
    return {
        "number": entry.seq,
        "kind": entry.kind.value,
        "amount": _amount(entry, entry.minor),
        "from": entry.debit.value,
        "to": entry.credit.value,
        "at": timestamp(entry.at),
        "orderId": entry.subject or None,
        "reference": entry.reference or None,
        "available": _amount(entry, entry.available),
        "reserved": _amount(entry, entry.reserved),
    }


def _amount(entry: Entry, minor: int) -> str:
    return str(Money(minor, entry.currency))
