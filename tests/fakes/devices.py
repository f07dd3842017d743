"""The port of Apple's devices in memory, with the promises of the table it stands for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from giftline.errors import StaleWrite
from giftline.wallet.model import Pass
from tests.fakes.wallet import FakeWallets


@dataclass
class FakeDevices:
    """Push tokens by pass and device; `stale` makes so many of the next writes meet somebody else's."""

    wallets: FakeWallets
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    stale: int = 0

    def register(self, held: Pass, device: str, push_token: str) -> bool:
        is_new = (held.id, device) not in self.tokens
        if is_new:
            self._count(held, 1)
        self.tokens[held.id, device] = push_token
        return is_new

    def unregister(self, held: Pass, device: str) -> bool:
        if (held.id, device) not in self.tokens:
            return False
        self._count(held, -1)
        del self.tokens[held.id, device]
        return True

    def passes_of(self, device: str) -> list[str]:
        return [pass_id for pass_id, one in self.tokens if one == device]

    def devices_of(self, pass_id: str) -> list[tuple[str, str]]:
        return [(device, token) for (one, device), token in self.tokens.items() if one == pass_id]

    def _count(self, held: Pass, change: int) -> None:
        if self.stale:
            self.stale -= 1
            raise StaleWrite(f"pass {held.id} moved past version {held.version}")
        self.wallets.save_pass(replace(held, devices=held.devices + change))
