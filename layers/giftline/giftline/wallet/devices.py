"""Apple's web service: phones that hold a pass ask which of theirs have changed, and fetch them."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from giftline.errors import Refused, StaleWrite, Unauthenticated
from giftline.orders.ports import Clock
from giftline.wallet.links import Links
from giftline.wallet.model import Millis, Pass
from giftline.wallet.opening import OpenedPass, with_its_looks
from giftline.wallet.ports import Wallets

SERIAL: Final = re.compile(r"[A-Z2-7]{24}")
"""As `pass_id_of` makes them."""
SETTLED_AFTER: Final[Millis] = 60_000
"""A change is stamped before it is written; it can be read at the latest so long after its stamp."""
TRIES: Final = 5
MOST_DEVICES: Final = 50
NO_SUCH_PASS: Final = "this token is not good for a pass of that serial number"  # noqa: S105  # a sentence


class Devices(Protocol):
    """Which phones want to hear of which passes. Two sides of one fact, always written together."""

    def register(self, held: Pass, device: str, push_token: str) -> bool:
        """True where it is new; a device that is known gets the push token of this call.

        A new one counts in `Pass.devices`, in the same transaction; StaleWrite where the pass is not as it was read.
        """
        ...

    def unregister(self, held: Pass, device: str) -> bool:
        """False where there was nothing to end; StaleWrite as in `register`."""
        ...

    def passes_of(self, device: str) -> list[str]:
        """Ids of the passes that the device has registered."""
        ...

    def devices_of(self, pass_id: str) -> list[tuple[str, str]]:
        """(device, push token) of each phone that has registered the pass."""
        ...


@dataclass(frozen=True, slots=True)
class HeldPass:
    """The pass of a serial number for whom shows its token; Unauthenticated alike for no pass and a wrong token."""

    wallets: Wallets
    links: Links

    def __call__(self, serial: str, token: str) -> Pass:
        known = SERIAL.fullmatch(serial) is not None
        right = hmac.compare_digest(self.links.apple_token(serial).encode(), token.encode(errors="replace"))
        held = self.wallets.passes([serial]).get(serial) if known and right else None
        if held is None:
            raise Unauthenticated(NO_SUCH_PASS)
        return held


@dataclass(frozen=True, slots=True)
class RegisterDevice:
    """A phone has taken a pass and wants to hear of its changes. Refused for more phones than one person has."""

    held_pass: HeldPass
    devices: Devices

    def __call__(self, serial: str, token: str, device: str, push_token: str) -> bool:
        """True where it is new. StaleWrite only where the pass changes again and again meanwhile."""
        for _ in range(TRIES - 1):
            try:
                return self._register(serial, token, device, push_token)
            except StaleWrite:
                continue  # points were added meanwhile: the next reading knows
        return self._register(serial, token, device, push_token)

    def _register(self, serial: str, token: str, device: str, push_token: str) -> bool:
        held = self.held_pass(serial, token)
        if held.devices >= MOST_DEVICES and device not in dict(self.devices.devices_of(held.id)):
            raise Refused(f"{held.devices} devices have this pass already; expected at most {MOST_DEVICES}")
        return self.devices.register(held, device, push_token)


@dataclass(frozen=True, slots=True)
class UnregisterDevice:
    """A phone has thrown its pass away."""

    held_pass: HeldPass
    devices: Devices

    def __call__(self, serial: str, token: str, device: str) -> bool:
        """False where it was not registered."""
        for _ in range(TRIES - 1):
            try:
                return self.devices.unregister(self.held_pass(serial, token), device)
            except StaleWrite:
                continue
        return self.devices.unregister(self.held_pass(serial, token), device)


@dataclass(frozen=True, slots=True)
class Updates:
    """Serial numbers of passes to fetch, and the tag with which the phone asks the next time."""

    serials: tuple[str, ...]
    tag: Millis


@dataclass(frozen=True, slots=True)
class UpdatedPasses:
    """Which of a phone's passes have changed since its last question. The device's id is all it has to show."""

    wallets: Wallets
    devices: Devices
    clock: Clock

    def __call__(self, device: str, since: Millis | None) -> Updates | None:
        """None where nothing has. What changed within the last minute is listed again, rather than missed."""
        held = self.wallets.passes(self.devices.passes_of(device)).values()
        changed = [one for one in held if since is None or one.updated_at > since]
        if not changed:
            return None
        tag = settled(max(one.updated_at for one in changed), self.clock.now())
        return Updates(tuple(sorted(one.id for one in changed)), max(tag, since or 0))


@dataclass(frozen=True, slots=True)
class FetchPass:
    """The pass as it is now, also where its link was revoked: the phone shall show that it is void."""

    held_pass: HeldPass
    wallets: Wallets

    def __call__(self, serial: str, token: str) -> OpenedPass:
        return with_its_looks(self.wallets, self.held_pass(serial, token))


@dataclass(frozen=True, slots=True)
class NoPush:
    """Tells no phone: Apple takes a push over HTTP/2 and under Apple's own certificate alone (docs/operations.md).

    A phone then fetches when its owner pulls the pass down or turns automatic updates on anew.
    """

    def changed(self, passes: Sequence[Pass]) -> None:
        """Nothing to do, and nothing lost: what a phone fetches is always the pass as it is."""


def settled(changed_at: Millis, now: Millis) -> Millis:
    """A time up to which everything that happened can be seen: the pass's own, unless that is too fresh."""
    return min(changed_at, now - SETTLED_AFTER)
