"""What one sandbox server is told when it starts, whichever of the three it is."""

from dataclasses import dataclass
from pathlib import Path

WALLEO_SHARED_KEY = "5a6e0f3b9c1d48e7a2b4c6d8e0f1a3b5"  # hex, as every shared key of Walleo
GOOGLE_ISSUER_ID = "3388000000000000001"
GOOGLE_ACCOUNT = "giftline@sandbox.example"


@dataclass(frozen=True, slots=True)
class Settings:
    """Durations are the suppliers' own seconds; `scaled` turns them into seconds of this machine."""

    state: Path
    api_key: str = "sandbox-key"
    time_scale: float = 0.001
    faults: str = "none"
    seed: int = 1
    base_seconds: float = 240.0
    seconds_per_card: float = 0.1
    # Seconds of this machine: the timeouts of HTTP calls are never scaled, so neither are these two.
    hang_seconds: float = 15.0
    slow_seconds: float = 0.2
    # Minor units.
    opening_balance: int = 50_000_000_00
    walleo_api_key: str = "sandbox-key"
    walleo_id: str = "sandbox"
    walleo_shared_key: str = WALLEO_SHARED_KEY
    walleo_opening_balance: int = 50_000_000_00
    # How long one pull request takes.
    pull_seconds: float = 4.0
    # Requests in a second of this machine; 0 is no limit.
    walleo_rate: int = 0
    # PEM; without it Google's token endpoint takes no signature.
    google_public_key: Path | None = None
    google_issuer_id: str = GOOGLE_ISSUER_ID
    google_account: str = GOOGLE_ACCOUNT

    def scaled(self, seconds: float) -> float:
        return seconds * self.time_scale

    def processing_seconds(self, cards: int) -> float:
        """How long an order of that many cards takes, in seconds of this machine."""
        return self.scaled(self.base_seconds + self.seconds_per_card * cards)
