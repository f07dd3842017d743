"""The calls that make another download link for a pass, or end it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability, Access, token_hash
from giftline.doors import walletapp_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, token_of
from giftline.doors.walletapp import is_id
from giftline.errors import NotFound
from giftline.wallet.linking import RenewLink, RevokeLink, owned_pass
from giftline.wallet.links import Links
from giftline.wallet.model import Pass, PassKind
from giftline.wallet.ports import Wallets

STORE: Final = {PassKind.COUPON: Ability.COUPONS_STORE, PassKind.STORECARD: Ability.STORECARDS_STORE}


@dataclass(frozen=True, slots=True)
class PassLinksDoor:
    """Errors are raised; `walletapp_answers.error_reply` turns them into answers."""

    tokens: Tokens
    wallets: Wallets
    renew_link: RenewLink
    revoke_link: RevokeLink
    links: Links

    def renew(self, call: Call, pass_id: str) -> Reply:
        """The new link; the old one opens nothing any more."""
        return walletapp_answers.renewed(self.renew_link(self._held(call, pass_id)), self.links)

    def revoke(self, call: Call, pass_id: str) -> Reply:
        """No link opens the pass until a new one is made."""
        return walletapp_answers.renewed(self.revoke_link(self._held(call, pass_id)), self.links)

    def _held(self, call: Call, pass_id: str) -> Pass:
        """The caller's own pass, whose kind says what the token must be able to do."""
        token = token_of(call.headers)
        access = self.tokens.find(token_hash(token)) if token else None
        held = owned_pass(self.wallets, access.tenant, pass_id) if access and is_id(pass_id) else None
        authorize(self.tokens, token, STORE[held.kind] if held else _either(access))
        if held is None:
            raise NotFound(f"no pass of yours is called {pass_id!a:.80}")
        return held


def _either(access: Access | None) -> Ability:
    """Of a pass that is not there either ability is enough to hear so."""
    has_coupons = access is not None and Ability.COUPONS_STORE in access.abilities
    return Ability.COUPONS_STORE if has_coupons else Ability.STORECARDS_STORE
