"""Whether a caller may: 401 without a known token, 403 naming the ability that is missing."""

from __future__ import annotations

from typing import Protocol

from giftline.accounts.model import Ability, Access, token_hash
from giftline.errors import Forbidden, Unauthenticated
from giftline.secret import Secret


class Tokens(Protocol):
    def find(self, hashed: str) -> Access | None: ...


def authorize(tokens: Tokens, token: Secret, ability: Ability) -> Access:
    """Whom the token speaks for, if it may."""
    access = tokens.find(token_hash(token)) if token else None
    if access is None:
        raise Unauthenticated("no known token: send yours as 'X-Api-Key: …' or 'Authorization: Bearer …'")
    if ability not in access.abilities:
        raise Forbidden(ability)
    return access
