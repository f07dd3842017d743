"""Passes as a download link opens them."""

from __future__ import annotations

from giftline.wallet.model import BarcodeFormat, Brand, Pass, PassKind, Template
from giftline.wallet.opening import OpenedPass

STORECARD = Template("gold", PassKind.STORECARD, "Gold card", background="#aa8800")
COUPON = Template("ten", PassKind.COUPON, "10 % off", "On all shoes", barcode=BarcodeFormat.CODE_128)
BRAND = Brand("shoes", "acme", "Acme Shoes", (STORECARD, COUPON))


def storecard(**changed: object) -> OpenedPass:
    return OpenedPass(a_pass(STORECARD, **{"points": 120} | changed), BRAND, STORECARD)


def coupon(**changed: object) -> OpenedPass:
    dates = {"starts_on": "2025-06-01", "expires_on": "2025-12-31"}
    return OpenedPass(a_pass(COUPON, **dates | changed), BRAND, COUPON)


def a_pass(template: Template, **changed: object) -> Pass:
    values: dict[str, object] = {
        "id": "MFRGGZDFMZTWQ2LKNNWG23TP",
        "tenant": "acme",
        "brand_id": BRAND.id,
        "template_id": template.id,
        "kind": template.kind,
        "identifier": "ada@example.com",
        "code": "CODE-4711",
        "title": template.title,
        "created_at": 1_750_000_000_000,
        "updated_at": 1_750_000_000_000,
        "link_hash": "0" * 64,
        "link_expires_at": 1_800_000_000_000,
    }
    return Pass(**values | changed)  # type: ignore[arg-type]
