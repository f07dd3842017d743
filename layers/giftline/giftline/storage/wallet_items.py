"""Brands, members, passes and what is theirs alone as DynamoDB items, and back.

| item | pk | sk |
|---|---|---|
| brand with its templates | BRAND#tenant#brand_id | BRAND |
| member | MEMBER#tenant#identifier | MEMBER |
| e-mail address of a member | EMAIL#tenant#sha256 | EMAIL |
| pass | PASS#pass_id | PASS |
| code of a storecard | CODE#tenant#brand_id#code | CODE |

An e-mail address stands in its member's item alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any, Final

from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.fields import Readers, record_of, values_of
from giftline.wallet.model import (
    BarcodeFormat,
    Brand,
    CodeHolder,
    EmailHolder,
    Member,
    Pass,
    PassKind,
    Template,
    WalletRecord,
)

Key = tuple[str, str]
_encoder: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_MEMBER: Final[Readers] = {"brands": tuple, "licenseplates": tuple}
_PASS: Final[Readers] = {"kind": PassKind}
_TEMPLATE: Final[Readers] = {"kind": PassKind, "barcode": BarcodeFormat}


def brand_key(tenant: str, brand_id: str) -> Key:
    return f"BRAND#{tenant}#{brand_id}", "BRAND"


def member_key(tenant: str, identifier: str) -> Key:
    return f"MEMBER#{tenant}#{identifier}", "MEMBER"


def email_key(tenant: str, email: str) -> Key:
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    return f"EMAIL#{tenant}#{digest}", "EMAIL"


def pass_key(pass_id: str) -> Key:
    return f"PASS#{pass_id}", "PASS"


def code_key(tenant: str, brand_id: str, code: str) -> Key:
    return f"CODE#{tenant}#{brand_id}#{code}", "CODE"


def record_key(record: WalletRecord) -> Key:
    match record:
        case Member():
            return member_key(record.tenant, record.identifier)
        case Pass():
            return pass_key(record.id)
        case CodeHolder():
            return code_key(record.tenant, record.brand_id, record.code)
        case EmailHolder():
            return email_key(record.tenant, record.email)


def written(record: WalletRecord) -> Item:
    """The record as it is stored over the version that it has: with the next one."""
    values = values_of(replace(record, version=record.version + 1))
    if isinstance(record, EmailHolder):
        del values["email"]
    return keyed(record_key(record), values)


def brand_to_item(brand: Brand) -> Item:
    values = values_of(brand)
    if brand.templates:
        values["templates"] = _encoder.encode([values_of(one) for one in brand.templates])
    return keyed(brand_key(brand.tenant, brand.id), values)


def brand_from_item(item: Item) -> Brand:
    return record_of(Brand, unmarshal(item), {"templates": _templates})


def member_from_item(item: Item) -> Member:
    return record_of(Member, unmarshal(item), _MEMBER)


def pass_from_item(item: Item) -> Pass:
    return record_of(Pass, unmarshal(item), _PASS)


def code_from_item(item: Item) -> CodeHolder:
    return record_of(CodeHolder, unmarshal(item), {})


def email_from_item(item: Item, email: str) -> EmailHolder:
    return record_of(EmailHolder, unmarshal(item) | {"email": email.lower()}, {})


def keyed(key: Key, values: dict[str, Any]) -> Item:
    pk, sk = key
    return marshal({"pk": pk, "sk": sk} | values)


def _templates(text: str) -> tuple[Template, ...]:
    return tuple(record_of(Template, one, _TEMPLATE) for one in json.loads(text))
