"""The calls that make brands with their coupon and storecard templates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.doors import walletapp_answers
from giftline.doors.answers import Reply
from giftline.doors.brands_requests import is_brand_id, parse_brand
from giftline.doors.calls import Call, text_of, token_of
from giftline.errors import NotFound
from giftline.wallet.model import Brand, PassKind, Template
from giftline.wallet.ports import Wallets


@dataclass(frozen=True, slots=True)
class BrandsDoor:
    """Errors are raised; `walletapp_answers.error_reply` turns them into answers."""

    tokens: Tokens
    wallets: Wallets

    def save(self, call: Call, brand_id: str) -> Reply:
        """Create or replace: the same body again changes nothing. StaleWrite where somebody else does so now."""
        tenant = authorize(self.tokens, token_of(call.headers), Ability.BRANDS_STORE).tenant
        brand = parse_brand(tenant, unquote(brand_id), text_of(call))
        held = self.wallets.brand(tenant, brand.id)
        brand = replace(brand, version=held.version) if held else brand
        if brand != held:
            self.wallets.save_brand(brand)
        return walletapp_answers.successful(described(brand))

    def get(self, call: Call, brand_id: str) -> Reply:
        """As `save` takes it."""
        tenant = authorize(self.tokens, token_of(call.headers), Ability.BRANDS_STORE).tenant
        named = unquote(brand_id)
        brand = self.wallets.brand(tenant, named) if is_brand_id(named) else None
        if brand is None:
            raise NotFound(f"no brand of yours is called {named!a:.80}")
        return walletapp_answers.successful(described(brand))


def described(brand: Brand) -> dict[str, Any]:
    """The body that makes this brand, with its id."""
    return {
        "id": brand.id,
        "name": brand.name,
        "coupons": [_template(t) for t in brand.templates if t.kind is PassKind.COUPON],
        "storecards": [_template(t) for t in brand.templates if t.kind is PassKind.STORECARD],
    }


def _template(template: Template) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": template.id,
        "title": template.title,
        "description": template.description,
        "background": template.background,
        "foreground": template.foreground,
        "barcode": template.barcode.value,
    }
    return shown | ({"valid_days": template.valid_days} if template.kind is PassKind.COUPON else {})
