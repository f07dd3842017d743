"""Each tenant's signing secret: made when it is first needed, shown to the tenant, changed without a gap."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.delivery.attempts import SealedSecrets
from giftline.delivery.events import Millis
from giftline.errors import Refused, StaleWrite
from giftline.orders.timing import HOUR, Timing, timestamp
from giftline.secret import Secret

if TYPE_CHECKING:
    from giftline.delivery.ports import SecretKeeper, Webhooks
    from giftline.orders.ports import Clock

SECRET_BYTES: Final = 32
BOTH_SIGN_FOR: Final[Millis] = 24 * HOUR
"""After a rotation; within it a receiver takes the new secret over."""


@dataclass(frozen=True, slots=True)
class Signing:
    """The secrets that sign now, the new one first. None of them shows in a repr."""

    current: Secret
    made_at: Millis
    previous: Secret | None = None
    previous_until: Millis | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.current,) if self.previous is None else (self.current, self.previous)


def new_signing_secret() -> Secret:
    """`whsec_` and 32 random bytes in base64, as receivers' libraries take it."""
    return Secret("whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode())


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """What signs a tenant's deliveries."""

    webhooks: Webhooks
    keeper: SecretKeeper
    clock: Clock
    timing: Timing
    new_secret: Callable[[], Secret] = new_signing_secret

    def __call__(self, tenant: str) -> Signing:
        return self._opened(self._stored(tenant))

    def rotate(self, tenant: str) -> Signing:
        """A new secret signs beside the old one for 24 h. Refused where two sign already: with a third,
        a receiver that has not followed yet would be cut off.
        """
        stored, now = self._stored(tenant), self.clock.now()
        if self._both_sign(stored):
            until = timestamp(stored.previous_until or now)
            raise Refused(f"the secret before this one still signs until {until}; expected a rotation after that")
        after = replace(
            stored,
            current=self._sealed(tenant),
            made_at=now,
            previous=stored.current,
            previous_until=now + self.timing.scaled(BOTH_SIGN_FOR),
        )
        return self._opened(self.webhooks.save_secrets(after))

    def _stored(self, tenant: str) -> SealedSecrets:
        """Whoever comes first makes it; the others find it."""
        stored = self.webhooks.secrets(tenant)
        if stored is not None:
            return stored
        try:
            return self.webhooks.save_secrets(SealedSecrets(tenant, self._sealed(tenant), self.clock.now()))
        except StaleWrite:
            made = self.webhooks.secrets(tenant)
            if made is None:
                raise
            return made

    def _sealed(self, tenant: str) -> bytes:
        return self.keeper.seal(tenant, self.new_secret())

    def _both_sign(self, stored: SealedSecrets) -> bool:
        return stored.previous_until is not None and self.clock.now() < stored.previous_until

    def _opened(self, stored: SealedSecrets) -> Signing:
        current = self.keeper.open(stored.tenant, stored.current)
        if not self._both_sign(stored):
            return Signing(current, stored.made_at)
        previous = self.keeper.open(stored.tenant, stored.previous)
        return Signing(current, stored.made_at, previous, stored.previous_until)
