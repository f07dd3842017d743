"""What one sandbox server is told when it starts."""

from dataclasses import dataclass
from pathlib import Path


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

    def scaled(self, seconds: float) -> float:
        return seconds * self.time_scale

    def processing_seconds(self, cards: int) -> float:
        """How long an order of that many cards takes, in seconds of this machine."""
        return self.scaled(self.base_seconds + self.seconds_per_card * cards)
