"""A pass gets another download link, or none: what was sent to the wrong person opens nothing any more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from giftline.orders.ports import Clock
from giftline.wallet.links import Links, with_new_link
from giftline.wallet.model import Pass
from giftline.wallet.ports import Wallets


@dataclass(frozen=True, slots=True)
class RenewLink:
    """StaleWrite where the pass has changed since it was read, and the old link is still good."""

    wallets: Wallets
    links: Links
    clock: Clock

    def __call__(self, held: Pass) -> Pass:
        return self.wallets.save_pass(with_new_link(held, self.links, self.clock.now()))


@dataclass(frozen=True, slots=True)
class RevokeLink:
    """Once is enough: a revoked pass stays as it was revoked."""

    wallets: Wallets
    clock: Clock

    def __call__(self, held: Pass) -> Pass:
        if held.revoked_at is not None:
            return held
        now = self.clock.now()
        return self.wallets.save_pass(replace(held, revoked_at=now, updated_at=max(now, held.updated_at + 1)))


def owned_pass(wallets: Wallets, tenant: str, pass_id: str) -> Pass | None:
    """A pass of that tenant; another tenant's is as good as none."""
    held = wallets.passes([pass_id]).get(pass_id)
    return held if held and held.tenant == tenant else None
