"""Look after standing orders whose event did not come, and after schedules that are not as the record wants them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.errors import StaleWrite
from giftline.rounds import visit_each

if TYPE_CHECKING:
    from giftline.orders.ports import Clock
    from giftline.standing.ports import StandingOrders
    from giftline.standing.running import RunStandingOrder

SWEEP_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class SyncSchedules:
    """Safe to run twice at once. What cannot be helped now goes behind the others, and is tried again."""

    standing_orders: StandingOrders
    run: RunStandingOrder
    clock: Clock

    def __call__(self) -> dict[str, int]:
        """How many were due to be looked at, and of how many a time was dealt with."""
        due = self.standing_orders.due(self.clock.now(), SWEEP_LIMIT)
        caught_up = visit_each("the sweep of standing orders", due, self._visit, lambda place: place[1])
        return {"due": len(due), "caught_up": caught_up}

    def _visit(self, place: tuple[str, str]) -> int:
        standing, now = self.standing_orders.get(*place), self.clock.now()
        if standing.due_at is None or standing.due_at > now:
            return 0
        try:
            standing = self.standing_orders.save(replace(standing, looked_at=now))
            caught_up = self.run.catch_up(standing) is not None
            if caught_up:
                self.run.settle.again(self.standing_orders.get(*place))
            return int(caught_up)
        except StaleWrite:
            return 0  # it moved: somebody looks after it, or it is due again in a minute
