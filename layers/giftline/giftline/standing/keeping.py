"""A tenant's own acts on its standing orders: create, look, pause, resume, delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from giftline.errors import FieldProblem, InvalidRequest, NotFound, Refused, StaleWrite
from giftline.standing.model import Cause, Firing, StandingOrder, StandingRequest, State, fingerprint, standing_id
from giftline.standing.rate import Rate
from giftline.standing.times import MINUTE, midnight

if TYPE_CHECKING:
    from giftline.orders.ports import Clock
    from giftline.standing.model import When
    from giftline.standing.ports import StandingOrders
    from giftline.standing.scheduling import SettleSchedule
    from giftline.standing.times import Millis

SHOWN_FIRINGS: Final = 50
BY_TENANT: Final = "by its tenant"
DELETED: Final = "deleted by its tenant"
TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class CreateStandingOrder:
    """The same name with the same content is the same standing order, however often it is sent."""

    standing_orders: StandingOrders
    settle: SettleSchedule
    clock: Clock

    def __call__(self, request: StandingRequest) -> StandingOrder:
        """InvalidRequest where it would never order, or where its name is another's."""
        known = self._known(request) or self.standing_orders.add(self._record(request))
        if known.fingerprint != fingerprint(request):
            expected = "another name, or what that standing order was first created with"
            raise InvalidRequest([FieldProblem("name", "names a standing order with other content", expected)])
        if known.state is State.ENDED:
            problem = f"its standing order has ended: {known.reason}"
            raise InvalidRequest([FieldProblem("name", problem, "another name")])
        return self.settle.at_a_door(known)

    def _known(self, request: StandingRequest) -> StandingOrder | None:
        try:
            return self.standing_orders.get(request.tenant, standing_id(request.tenant, request.name))
        except NotFound:
            return None

    def _record(self, request: StandingRequest) -> StandingOrder:
        now = self.clock.now()
        standing = StandingOrder(
            id=standing_id(request.tenant, request.name),
            tenant=request.tenant,
            name=request.name,
            lines=request.lines,
            recurrence=_anchored(request, now),
            start=request.start or request.recurrence.day_of(now),
            fingerprint=fingerprint(request),
            created_at=now,
            active_since=now,
            looked_at=now,
            end=request.end,
            skips=request.skips,
            webhook_url=request.webhook_url,
        )
        next_at = standing.next_after(now)
        if next_at is None:
            if standing.end is None:
                problem = FieldProblem("schedule", "it has no time within the next years", "one that comes")
            else:
                none = f"the schedule has no time from now, or from the start, to {standing.end}"
                problem = FieldProblem("end", none, "a later date, or none")
            raise InvalidRequest([problem])
        return replace(standing, next_at=next_at)


@dataclass(frozen=True, slots=True)
class ChangeStandingOrder:
    """Pause, resume, delete. Each may be asked for twice; what has ended stays so (Refused)."""

    standing_orders: StandingOrders
    settle: SettleSchedule
    clock: Clock

    def pause(self, tenant: str, standing_id: str, reason: str = BY_TENANT) -> StandingOrder:
        """Times that go by are skipped, until it is resumed."""
        return self._change(tenant, standing_id, lambda standing: self._paused(standing, reason))

    def resume(self, tenant: str, standing_id: str) -> StandingOrder:
        """It goes on with the next time: what went by is not ordered any more."""
        return self._change(tenant, standing_id, self._resumed)

    def delete(self, tenant: str, standing_id: str) -> StandingOrder:
        """Orders that it made go on; what came of its times can still be read."""
        return self._change(tenant, standing_id, self._deleted)

    def _change(self, tenant: str, standing_id: str, act: Callable[[StandingOrder], StandingOrder]) -> StandingOrder:
        """An event that came at the same moment is no reason to refuse the act."""
        for tried in range(TRIES):
            standing = self.standing_orders.get(tenant, standing_id)
            after = act(standing)
            try:
                saved = standing if after == standing else self.standing_orders.save(after)
            except StaleWrite:
                if tried == TRIES - 1:
                    raise
                continue
            return self.settle.at_a_door(saved)
        raise AssertionError("not reached")

    def _paused(self, standing: StandingOrder, reason: str) -> StandingOrder:
        if standing.state is State.PAUSED:
            return standing
        return replace(_going_on(standing), state=State.PAUSED, reason=reason, cause=Cause.TENANT)

    def _resumed(self, standing: StandingOrder) -> StandingOrder:
        if standing.state is State.ACTIVE:
            return standing
        now = self.clock.now()
        next_at = _going_on(standing).next_after(now)
        if next_at is None:
            raise Refused(f"standing order {standing.id} has no time left")
        awake = replace(standing, state=State.ACTIVE, reason="", cause=None)
        return replace(awake, active_since=now, looked_at=now, next_at=next_at)

    def _deleted(self, standing: StandingOrder) -> StandingOrder:
        return standing if standing.state is State.ENDED else ended(standing, DELETED, Cause.TENANT, self.clock.now())


@dataclass(frozen=True, slots=True)
class ViewStandingOrder:
    standing_orders: StandingOrders

    def __call__(self, tenant: str, standing_id: str) -> tuple[StandingOrder, list[Firing]]:
        """With what came of its latest times; NotFound alike for unknown and foreign."""
        standing = self.standing_orders.get(tenant, standing_id)
        return standing, self.standing_orders.firings(tenant, standing_id, SHOWN_FIRINGS)


def ended(standing: StandingOrder, reason: str, cause: Cause, now: Millis) -> StandingOrder:
    """It never orders again; its schedule is to go."""
    return replace(standing, state=State.ENDED, reason=reason, cause=cause, next_at=None, looked_at=now)


def _going_on(standing: StandingOrder) -> StandingOrder:
    if standing.state is State.ENDED:
        raise Refused(f"standing order {standing.id} has ended: {standing.reason}")
    return standing


def _anchored(request: StandingRequest, now: Millis) -> When:
    """A rate counts from its start, else from now."""
    when = request.recurrence
    if not isinstance(when, Rate):
        return when
    anchor = midnight(when.time_zone, request.start) if request.start else now // MINUTE * MINUTE
    return replace(when, anchor=anchor)
