"""Keep the scheduler as the record wants it: the record is written first, so that nothing of it is ever lost."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from giftline.errors import StaleWrite
from giftline.standing.model import ScheduleState, StandingOrder, State

if TYPE_CHECKING:
    from giftline.orders.ports import Clock
    from giftline.standing.ports import Schedules, StandingOrders


@dataclass(frozen=True, slots=True)
class SettleSchedule:
    """Creates or deletes the schedule of a standing order, and writes down that it did."""

    standing_orders: StandingOrders
    schedules: Schedules
    clock: Clock

    def __call__(self, standing: StandingOrder) -> StandingOrder:
        """Whatever the scheduler says goes up to the caller: the record tells the sweep to try again."""
        if standing.is_scheduled_right:
            return standing
        if standing.state is State.ENDED:
            self.schedules.delete(standing.id)
            return self._written(replace(standing, schedule_state=ScheduleState.GONE))
        self._create(standing)
        return self._written(replace(standing, schedule_state=ScheduleState.THERE))

    def again(self, standing: StandingOrder) -> None:
        """An event did not come: perhaps somebody deleted the schedule. Nothing happens where it is there."""
        if standing.schedule_state is ScheduleState.THERE and standing.state is not State.ENDED:
            self._create(standing)

    def at_a_door(self, standing: StandingOrder) -> StandingOrder:
        """The caller's wish is written down already: that the scheduler fails is the sweep's business, not theirs."""
        try:
            return self(standing)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sweep tries again
            said = "the sweep settles the schedule of standing order %s: %s"
            logging.getLogger(__name__).warning(said, standing.id, type(error).__name__)
            return standing

    def _create(self, standing: StandingOrder) -> None:
        first = standing.next_after(self.clock.now())
        if first is not None:  # else no event is to come any more: the sweep ends it
            self.schedules.create(standing, first)

    def _written(self, settled: StandingOrder) -> StandingOrder:
        """Where it was ended meanwhile, the one who ended it may have found no schedule to delete."""
        try:
            return self.standing_orders.save(settled)
        except StaleWrite:
            now = self.standing_orders.get(settled.tenant, settled.id)
            if now.state is State.ENDED:
                self.schedules.delete(now.id)
            return now
