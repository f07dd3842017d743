"""The accidents of the seeded profile, drawn and counted."""

from collections.abc import Collection

from sandbox.faults import PROFILES, Fault, draw
from sandbox.settings import Settings
from sandbox.walleo.journal import Journal

# The supplier's seconds in which a committed pull request may not be found yet.
LOOKUP_LAG = 60.0


class Accidents:
    """Keyed by operation and request id, so that the order in which requests come decides nothing."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        self._settings = settings
        self._journal = journal

    def draw(self, request: str, allowed: Collection[Fault]) -> Fault | None:
        if not PROFILES[self._settings.faults]:
            return None
        turn = self._journal.count("request", request)
        fault = draw(self._settings.faults, self._settings.seed, request, turn, allowed)
        if fault:
            self._journal.count("fault", fault)
        return fault

    def hides(self, request_id: str, age: float) -> bool:
        """Whether a request committed that many seconds of this machine ago cannot be found yet."""
        if age >= self._settings.scaled(LOOKUP_LAG):
            return False
        key = f"lookup lag of pull request {request_id}"
        hidden = draw(self._settings.faults, self._settings.seed, key, 1, [Fault.LOOKUP_LAG]) is not None
        if hidden:
            self._journal.count("fault", Fault.LOOKUP_LAG)
        return hidden
