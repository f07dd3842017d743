"""Events come twice, late, in any order or never; workers die at any call, or meet another there: one order a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.errors import GiftlineError, InsufficientFunds, InvalidRequest
from giftline.money import Money
from giftline.orders.model import Order, OrderRequest
from giftline.standing.model import AGAIN, GRACE, Cause, Outcome, ScheduleState, StandingOrder, State
from giftline.standing.times import MINUTE
from tests.fakes.house import AUD
from tests.fakes.standing import StandingHouse, a_request, instant

START = "2026-10-23T12:00"  # the clocks of Berlin go back on the 25th
DUE = ("2026-10-24T07:00", "2026-10-25T08:00", "2026-10-26T08:00")
LAST = date(2026, 10, 26)
DAY = 24 * 60
QUIET = (GRACE + 2 * AGAIN) // MINUTE


class Killed(BaseException):
    """The process is gone: nothing catches that."""


@dataclass
class Fates:
    """What the next calls of ports come to; `meanwhile` another worker is at it between two of them."""

    plan: list[str]
    meanwhile: Callable[[], None] = lambda: None

    def around(self, call: Callable[[], Any]) -> Any:
        fate = self.plan.pop(0) if self.plan else "lives"
        if fate == "meanwhile":
            self.meanwhile()
        if fate == "before":
            raise Killed
        result = call()
        if fate == "after":
            raise Killed
        return result


@dataclass
class Deadly:
    """A port, or a use case, on which the fates have their say."""

    port: Any
    fates: Fates

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            return self.fates.around(lambda: getattr(self.port, name)(*given, **named))

        return call

    def __call__(self, *given: Any) -> Any:
        return self.fates.around(lambda: self.port(*given))


@dataclass
class World:
    """One standing order of three times, its events, and workers that may die."""

    plan: list[str] = field(default_factory=list)
    home: StandingHouse = field(default_factory=StandingHouse)

    def __post_init__(self) -> None:
        self.home.at(START)
        self.fates = Fates(self.plan, self._other)
        self.deadly = StandingHouse(
            self.home.house,
            Deadly(self.home.standing_orders, self.fates),
            Deadly(self.home.schedules, self.fates),
            Deadly(self.home.deliveries, self.fates),
            accept=Deadly(self.accept, self.fates),
            orders=Deadly(self.home.house.orders, self.fates),
        )
        while not self.home.standing_orders.records:  # the caller sends it again until it is answered
            self.attempt(lambda: self.deadly.create(a_request(end=LAST, webhook_url="https://shop.example/hooks")))
        ((_, self.standing),) = self.home.standing_orders.records.items()

    def accept(self, request: OrderRequest) -> Order:
        return self.home.house.accept_order(request)

    def attempt(self, act: Callable[[], object]) -> None:
        """Nobody who called is there any more, or it is called again later."""
        with contextlib.suppress(Killed, GiftlineError):
            act()

    def event(self, text: str) -> None:
        self.attempt(lambda: self.deadly.event(self.standing, text))

    def _other(self) -> None:
        """Another worker, of the event that is due, whose calls all live."""
        standing = self.home.standing_orders.records.get(("acme", self.standing.id)) if self._is_made else None
        if standing is not None and standing.next_at is not None:
            self.home.run.catch_up(standing)

    @property
    def _is_made(self) -> bool:
        return hasattr(self, "standing")

    @property
    def now(self) -> StandingOrder:
        return self.home.now(self.standing)

    def settle_down(self, minutes: int = 30) -> None:
        """The sweep goes round until nobody dies any more, and then as often as it waits for an event."""
        quiet = 0
        for _ in range(minutes):
            quiet = quiet + 1 if not self.fates.plan else 0
            self.attempt(self.deadly.sync)
            self.home.house.clock.pass_(MINUTE)
            if quiet > QUIET:
                break

    def check(self) -> None:
        refnos = [order.refno for order in self.home.made]
        assert len(set(refnos)) == len(refnos)
        assert set(refnos) <= {self.standing.refno(instant(text)) for text in DUE}
        for firing in self.home.standing_orders.times.values():
            order = self.home.house.orders.find("acme", self.standing.refno(firing.at))
            assert (order is not None) == (firing.outcome is Outcome.ORDERED)


FATES = st.lists(st.sampled_from(["lives", "lives", "lives", "before", "after", "meanwhile"]), max_size=50)
EVENTS = st.lists(st.tuples(st.integers(0, DAY - 1), st.sampled_from(DUE)), max_size=12)


@settings(max_examples=100, deadline=None)
@given(fates=FATES, events=EVENTS)
def test_each_time_makes_exactly_one_order_whatever_happens_to_its_events(
    fates: list[str], events: list[tuple[int, str]]
) -> None:
    world = World(fates)
    arrivals = sorted((instant(text) + delay * MINUTE, text) for delay, text in events)
    for text in DUE:
        today = instant(text)
        for at, named in (one for one in arrivals if today <= one[0] < today + 10 * MINUTE):
            world.home.house.clock.time = max(world.home.house.clock.time, at)
            world.event(named)
        world.home.house.clock.time = max(world.home.house.clock.time, today + 10 * MINUTE)
        world.settle_down(60)
        for at, named in (one for one in arrivals if one[0] >= today + 10 * MINUTE):
            world.home.house.clock.time = max(world.home.house.clock.time, min(at, today + DAY * MINUTE - MINUTE))
            world.event(named)
    world.settle_down(60)
    world.check()
    assert len(world.home.made) == len(DUE)
    assert (world.now.state, world.now.schedule_state) == (State.ENDED, ScheduleState.GONE)
    assert world.home.schedules.there == {}


@pytest.mark.parametrize("fate", ["before", "after", "meanwhile"])
@pytest.mark.parametrize("at", range(30))
def test_one_accident_at_any_call(at: int, fate: str) -> None:
    world = World(["lives"] * at + [fate])
    for text in DUE:
        world.home.at(text)
        world.event(text)
        world.settle_down()
    world.check()
    assert len(world.home.made) == len(DUE)
    assert world.home.schedules.there == {}


@pytest.mark.parametrize("fate", ["before", "after", "meanwhile"])
@pytest.mark.parametrize("at", range(16))
def test_too_little_money_pauses_and_tells_once_whatever_happens_on_the_way(at: int, fate: str) -> None:
    world = World()

    def refuse(_: OrderRequest) -> Order:
        raise InsufficientFunds(Money(400, AUD), Money(1_000, AUD))

    world.home.accept, world.deadly.accept = refuse, Deadly(refuse, world.fates)
    world.fates.plan[:] = ["lives"] * at + [fate]
    world.home.at(DUE[0])
    world.event(DUE[0])
    world.event(DUE[0])
    world.settle_down(10)
    assert (world.now.state, world.now.cause) == (State.PAUSED, Cause.INSUFFICIENT_FUNDS)
    assert [body["status"] for body in world.home.told] == ["standing_order.paused"]
    assert set(world.home.deliveries.started) <= set(world.home.standing_orders.events)
    assert world.home.made == []


@pytest.mark.parametrize("act", ["pause", "delete"])
def test_an_order_that_was_made_before_a_crash_is_recorded_though_nothing_is_ordered_any_more(act: str) -> None:
    world = World()
    world.deadly.standing_orders = Deadly(world.home.standing_orders, Fates(["lives", "lives", "before"]))
    world.home.at(DUE[0])
    world.event(DUE[0])
    assert (len(world.home.made), world.home.standing_orders.times) == (1, {})
    getattr(world.home.change, act)("acme", world.standing.id)
    firing = world.home.event(world.standing, DUE[0])
    assert firing
    assert (firing.outcome, firing.order_id) == (Outcome.ORDERED, world.home.made[0].id)
    world.check()


ACTS = st.lists(
    st.sampled_from(["event", "sync", "pause", "resume", "delete", "poor", "rich", "minute", "hours"]), max_size=40
)


@settings(max_examples=100, deadline=None)
@given(fates=FATES, acts=ACTS, named=st.lists(st.sampled_from(DUE), max_size=40))
def test_no_history_of_acts_and_accidents_orders_a_time_twice_or_against_its_record(
    fates: list[str], acts: list[str], named: list[str]
) -> None:
    world, is_rich = World(fates), True

    def accept(request: OrderRequest) -> Order:
        if not is_rich:
            raise InvalidRequest([])
        return world.accept(request)

    world.home.accept, world.deadly.accept = accept, Deadly(accept, world.fates)
    place = "acme", world.standing.id
    doing: dict[str, Callable[[], object]] = {
        "event": lambda: world.deadly.event(world.standing, named.pop() if named else DUE[0]),
        "sync": world.deadly.sync,
        "pause": lambda: world.deadly.change.pause(*place),
        "resume": lambda: world.deadly.change.resume(*place),
        "delete": lambda: world.deadly.change.delete(*place),
        "minute": lambda: world.home.house.clock.pass_(MINUTE),
        "hours": lambda: world.home.house.clock.pass_(7 * 60 * MINUTE),
    }
    for act in acts:
        is_rich = act == "rich" or (is_rich and act != "poor")
        if act in doing:
            world.attempt(doing[act])
    world.fates.plan.clear()
    for text in DUE:
        world.attempt(lambda text=text: world.home.event(world.standing, text))  # type: ignore[misc]
    world.settle_down(3)
    world.check()
    refused = [one for one in world.home.standing_orders.times.values() if one.outcome is Outcome.REFUSED]
    assert len(world.home.told) <= len(refused)
    assert {body["scheduled_for"] for body in world.home.told} <= {firing.local for firing in refused}
    if world.now.state is State.ENDED:
        assert world.home.schedules.there == {}
