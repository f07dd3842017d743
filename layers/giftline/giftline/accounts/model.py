"""Tokens and what they allow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from giftline.secret import Secret


class Ability(StrEnum):
    """What a token may do; the WalletApp document's words, and ours for orders."""

    ORDERS_STORE = "orders.store"
    ORDERS_GET = "orders.get"
    CARDS_GET = "cards.get"
    REVIEWS = "reviews"  # crosses tenants: for those who run the installation


TENANT_ABILITIES: Final = frozenset(Ability) - {Ability.REVIEWS}
"""What a tenant's own token may have."""
OPERATOR_ABILITIES: Final = frozenset({Ability.REVIEWS})


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a token speaks for, and what it may do."""

    tenant: str
    abilities: frozenset[str]


def token_hash(token: Secret) -> str:
    """Tokens are long and random, so a plain SHA-256 keeps them (docs/security.md)."""
    return hashlib.sha256(token.reveal().encode()).hexdigest()
