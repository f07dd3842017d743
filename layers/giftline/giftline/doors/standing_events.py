"""The scheduler's event of a standing order, and the use case that it calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from giftline.standing.model import Outcome
from giftline.standing.running import RunStandingOrder
from giftline.standing.times import Millis


@dataclass(frozen=True, slots=True)
class StandingEvents:
    """The job "standing": {"job": "standing", "tenant": …, "id": …, "scheduled_at": "2026-12-01T08:00:00Z"}."""

    run: RunStandingOrder

    def __call__(self, event: Mapping[str, Any]) -> dict[str, int]:
        """What came of it. ValueError for an event that names no standing order: it belongs to the dead letters."""
        tenant, standing_id = event.get("tenant"), event.get("id")
        if not (isinstance(tenant, str) and isinstance(standing_id, str) and tenant and standing_id):
            raise ValueError("a standing order's event has no tenant or no id; expected both, as text")
        firing = self.run(tenant, standing_id, scheduled_time(event.get("scheduled_at")))
        return {outcome.lower(): int(firing is not None and firing.outcome is outcome) for outcome in Outcome}


def scheduled_time(text: Any) -> Millis | None:
    """None where the scheduler put no time there, as one on one machine: then whatever is due is ordered."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return int(moment.timestamp()) * 1000 if moment.tzinfo else None
