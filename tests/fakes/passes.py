"""Passes to try the formats and doors with."""

from __future__ import annotations

from typing import Any

from giftline.secret import Secret
from giftline.wallet.links import DAY, LINK_DAYS, Links, pass_id_of, token_hash
from giftline.wallet.model import BarcodeFormat, Brand, Pass, PassKind, Template
from giftline.wallet.opening import OpenedPass
from tests.fakes.time import START

TENANT = "demo"
LINKS = Links(lambda: Secret("link-key"), "https://passes.example.com")
STORECARD = Template("loyal", PassKind.STORECARD, "Loyal card", "Ten points are a coffee", "#1f3a5f", "#ffffff")
COUPON = Template("five", PassKind.COUPON, "5 off", "", "#a02010", "#ffeedd", BarcodeFormat.CODE_128)
BRAND = Brand("cafe", TENANT, "Café Müller", (STORECARD, COUPON), version=1)


def held_pass(row: int = 0, **changes: Any) -> Pass:
    """A storecard that was made a day ago, unless told otherwise."""
    pass_id = pass_id_of("B" * 26, row)
    made_at = START - DAY
    known: dict[str, Any] = {
        "id": pass_id,
        "tenant": TENANT,
        "brand_id": BRAND.id,
        "template_id": STORECARD.id,
        "kind": PassKind.STORECARD,
        "identifier": "anna",
        "code": f"CARD-{row:04}",
        "title": "Loyal card",
        "created_at": made_at,
        "updated_at": made_at,
        "link_hash": token_hash(LINKS.token(pass_id, 1)),
        "link_expires_at": made_at + LINK_DAYS * DAY,
        "points": 120,
    }
    return Pass(**{**known, **changes})


def opened(held: Pass | None = None, template: Template = STORECARD) -> OpenedPass:
    return OpenedPass(held or held_pass(), BRAND, template)


def coupon(**changes: Any) -> OpenedPass:
    looks = {"kind": PassKind.COUPON, "template_id": COUPON.id, "title": "5 off", "points": 0}
    return opened(held_pass(**{**looks, **changes}), COUPON)
