"""Tokens and what they allow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from giftline.secret import Secret


class Ability(StrEnum):
    """What a token may do; the WalletApp document's words, and ours for the rest."""

    ORDERS_STORE = "orders.store"
    ORDERS_GET = "orders.get"
    CARDS_GET = "cards.get"
    COUPONS_STORE = "coupons.store"
    COUPONS_GET = "coupons.get"
    STORECARDS_STORE = "storecards.store"
    STORECARDS_GET = "storecards.get"
    MEMBERS_STORE = "members.store"
    LPR_STORE = "lpr.store"
    BRANDS_STORE = "brands.store"
    WEBHOOKS = "webhooks"
    BALANCE_GET = "balance.get"
    REVIEWS = "reviews"  # crosses tenants, as the next one: for those who run the installation
    ACCOUNTS = "accounts"


OPERATOR_ABILITIES: Final = frozenset({Ability.REVIEWS, Ability.ACCOUNTS})
TENANT_ABILITIES: Final = frozenset(Ability) - OPERATOR_ABILITIES
"""What a tenant's own token may have."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a token speaks for, and what it may do."""

    tenant: str
    abilities: frozenset[str]

    @property
    def is_operator(self) -> bool:
        """Whether it may see what is any tenant's."""
        return Ability.ACCOUNTS in self.abilities


def token_hash(token: Secret) -> str:
    """Tokens are long and random, so a plain SHA-256 keeps them (docs/security.md)."""
    return hashlib.sha256(token.reveal().encode()).hexdigest()
