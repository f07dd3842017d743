"""The accidents of the seeded profile, drawn and counted."""

from collections.abc import Collection

from sandbox.database import Database
from sandbox.faults import PROFILES, Fault, draw
from sandbox.settings import Settings

# The supplier's seconds in which a committed order may not be found yet.
LOOKUP_LAG = 60.0


class Accidents:
    """Keyed by operation and refno, not by path: order ids depend on who came first, refnos do not."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def draw(self, request: str, allowed: Collection[Fault]) -> Fault | None:
        if not PROFILES[self._settings.faults]:
            return None
        turn = self._count("request", request)
        fault = draw(self._settings.faults, self._settings.seed, request, turn, allowed)
        if fault:
            self._count("fault", fault)
        return fault

    def hides(self, refno: str, age: float) -> bool:
        """Whether an order committed that many seconds of this machine ago cannot be found yet."""
        if age >= self._settings.scaled(LOOKUP_LAG):
            return False
        key = f"lookup lag {refno}"
        hidden = draw(self._settings.faults, self._settings.seed, key, 1, [Fault.LOOKUP_LAG]) is not None
        if hidden:
            self._count("fault", Fault.LOOKUP_LAG)
        return hidden

    def _count(self, what: str, name: str) -> int:
        with self._database.transaction() as at:
            row = at.execute(
                "INSERT INTO counts VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n", (what, name)
            ).fetchone()
        return int(row[0])
