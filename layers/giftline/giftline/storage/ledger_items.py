"""Balances, entries and the references of deposits as DynamoDB items, and back.

| item | pk | sk |
|---|---|---|
| balance | BALANCE#tenant#CUR | BALANCE |
| entry | BALANCE#tenant#CUR | ENTRY#000000000001 |
| deposit or withdrawal by its reference | BALANCE#tenant | REFERENCE#reference |
"""

from __future__ import annotations

from giftline.accounts.ledger import Account, Balance, Entry, Kind, Limits
from giftline.money import Currency, known_currency
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.fields import Readers, record_of, values_of


def balance_pk(tenant: str, currency: Currency) -> str:
    return f"BALANCE#{tenant}#{currency.code}"


def balance_place(tenant: str, currency: Currency) -> tuple[str, str]:
    return balance_pk(tenant, currency), "BALANCE"


def balance_key(tenant: str, currency: Currency) -> Item:
    pk, sk = balance_place(tenant, currency)
    return marshal({"pk": pk, "sk": sk})


def entry_sk(seq: int) -> str:
    return f"ENTRY#{seq:012d}"


def entry_key(tenant: str, currency: Currency, seq: int) -> Item:
    return marshal({"pk": balance_pk(tenant, currency), "sk": entry_sk(seq)})


def reference_key(tenant: str, reference: str) -> Item:
    """Over all currencies: a reference that comes again with another one is a mistake, no second deposit."""
    return marshal({"pk": f"BALANCE#{tenant}", "sk": f"REFERENCE#{reference}"})


def balance_to_item(balance: Balance) -> Item:
    values = values_of(balance) | {"currency": balance.currency.code, "limits": values_of(balance.limits)}
    return balance_key(balance.tenant, balance.currency) | marshal(values)


def balance_from_item(item: Item) -> Balance:
    readers: Readers = {"currency": known_currency, "limits": lambda values: record_of(Limits, values, {})}
    return record_of(Balance, unmarshal(item), readers)


def entry_to_item(entry: Entry) -> Item:
    values = values_of(entry) | {"currency": entry.currency.code}
    return entry_key(entry.tenant, entry.currency, entry.seq) | marshal(values)


def entry_from_item(item: Item) -> Entry:
    readers: Readers = {"currency": known_currency, "kind": Kind, "debit": Account, "credit": Account}
    return record_of(Entry, unmarshal(item), readers)


def reference_to_item(entry: Entry) -> Item:
    """What is needed to find the entry again, and to tell it from another one."""
    values = {"currency": entry.currency.code, "seq": entry.seq}
    return reference_key(entry.tenant, entry.reference) | marshal(values)


def reference_place(item: Item) -> tuple[Currency, int]:
    values = unmarshal(item)
    return known_currency(values["currency"]), values["seq"]
