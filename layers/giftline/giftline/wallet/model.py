"""Brands with their templates, members, and the passes that members hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Millis = int
"""Milliseconds since 1970, UTC."""


class PassKind(StrEnum):
    COUPON = "coupon"
    STORECARD = "storecard"


class BarcodeFormat(StrEnum):
    QR = "qr"
    CODE_128 = "code128"


@dataclass(frozen=True, slots=True)
class Template:
    """What the passes of one coupon or storecard have in common. Colours are `#rrggbb`."""

    id: str
    kind: PassKind
    title: str
    description: str = ""
    background: str = "#1f3a5f"
    foreground: str = "#ffffff"
    barcode: BarcodeFormat = BarcodeFormat.QR
    valid_days: int = 0
    """A coupon without a date of its own expires so many days after it was made; 0: never."""


@dataclass(frozen=True, slots=True)
class Brand:
    """A shop of a tenant; its templates change with it, in one write."""

    id: str
    tenant: str
    name: str
    templates: tuple[Template, ...] = ()
    version: int = 0

    def template(self, kind: PassKind, template_id: str) -> Template | None:
        return next((t for t in self.templates if t.kind is kind and t.id == template_id), None)


@dataclass(frozen=True, slots=True)
class Member:
    """A person known to a tenant under `identifier`; the e-mail address is kept in lower case.

    `storecards` names the first storecard of each brand: /bulk/points without a code means that one.
    """

    tenant: str
    identifier: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    unsubscribed: bool = False
    subscribed_at: str = ""
    phone_number: str = ""
    birth_day: str = ""
    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    brands: tuple[str, ...] = ()
    storecards: Mapping[str, str] = field(default_factory=dict)
    licenseplates: tuple[str, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Pass:
    """A coupon or a storecard in somebody's hand. Dates are ISO 8601 days, empty where there is none.

    `link_hash` is the SHA-256 of the download link's token: the token itself is stored nowhere.
    `devices` counts the Apple devices that want to hear of changes. `updated_at` only ever grows.
    """

    id: str
    tenant: str
    brand_id: str
    template_id: str
    kind: PassKind
    identifier: str
    code: str
    title: str
    created_at: Millis
    updated_at: Millis
    link_hash: str
    link_expires_at: Millis
    link_generation: int = 1
    revoked_at: Millis | None = None
    points: int = 0
    starts_on: str = ""
    expires_on: str = ""
    devices: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class CodeHolder:
    """Which storecard of a brand shows a code: no two may."""

    tenant: str
    brand_id: str
    code: str
    pass_id: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class EmailHolder:
    """Which member has an e-mail address: no two may."""

    tenant: str
    email: str
    identifier: str
    version: int = 0


WalletRecord = Member | Pass | CodeHolder | EmailHolder
"""What a row of a batch may change. `version` is the one that was read; 0 is new."""
