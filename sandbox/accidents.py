"""The accidents of the seeded profile, drawn and counted; the same for every supplier."""

from collections.abc import Collection

from sandbox.database import Database
from sandbox.faults import PROFILES, Fault, draw
from sandbox.settings import Settings

# The supplier's seconds in which what was committed may not be found yet.
LOOKUP_LAG = 60.0


class Accidents:
    """Keyed by operation and the client's own reference, not by path: ids depend on who came first."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def draw(self, request: str, allowed: Collection[Fault]) -> Fault | None:
        if not PROFILES[self._settings.faults]:
            return None
        turn = self._database.count("request", request)
        fault = draw(self._settings.faults, self._settings.seed, request, turn, allowed)
        if fault:
            self._database.count("fault", fault)
        return fault

    def hides(self, reference: str, age: float) -> bool:
        """Whether what was committed that many seconds of this machine ago cannot be found yet."""
        if age >= self._settings.scaled(LOOKUP_LAG):
            return False
        key = f"lookup lag {reference}"
        hidden = draw(self._settings.faults, self._settings.seed, key, 1, [Fault.LOOKUP_LAG]) is not None
        if hidden:
            self._database.count("fault", Fault.LOOKUP_LAG)
        return hidden
