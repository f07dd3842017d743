"""What a time of a standing order comes to: one order, or a reason that is written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from giftline.errors import InsufficientFunds, InvalidRequest, OverLimit, Refused
from giftline.money import Money
from giftline.orders.catalogue import Catalogue
from giftline.orders.model import MAX_REFNO, Order, OrderRequest, is_refno
from giftline.standing.cron import parse_cron
from giftline.standing.model import Cause, Outcome, ScheduleState, Skips, StandingOrder, State
from giftline.standing.rate import parse_rate
from giftline.standing.recurrence import Every, Recurrence
from giftline.standing.running import LOOKED_BACK
from giftline.standing.times import MINUTE
from tests.fakes.house import AUD, CATALOGUE, EUR, SKU, line
from tests.fakes.standing import StandingHouse, a_request, instant

NOON = "2026-11-30T12:00"
FIRST, SECOND, THIRD = "2026-12-01T08:00", "2026-12-02T08:00", "2026-12-03T08:00"


@pytest.fixture
def home() -> StandingHouse:
    home = StandingHouse()
    home.at(NOON)
    return home


@dataclass
class Poor:
    """AcceptOrder of a tenant without money, until it has some."""

    accept: Any
    error: Exception | None = None

    def __call__(self, request: OrderRequest) -> Order:
        if self.error:
            raise self.error
        order: Order = self.accept(request)
        return order


def poor(home: StandingHouse) -> Poor:
    home.accept = Poor(home.house.accept_order, InsufficientFunds(Money(400, AUD), Money(1_000, AUD)))
    return home.accept  # type: ignore[no-any-return]


def test_an_event_makes_one_order_with_a_refno_of_its_time(home: StandingHouse) -> None:
    standing = home.created(webhook_url="https://shop.example/hooks")
    home.at(FIRST)
    firing = home.event(standing, FIRST)
    (order,) = home.made
    assert order.refno == f"standing-{standing.id}-20261201T0800Z"
    assert is_refno(order.refno)
    assert len(order.refno) <= MAX_REFNO
    assert (order.lines, order.tenant) == (standing.lines, standing.tenant)
    assert order.webhook_url == "https://shop.example/hooks"
    assert firing
    assert (firing.outcome, firing.order_id, firing.local) == (Outcome.ORDERED, order.id, "2026-12-01T09:00")
    assert home.now(standing).next_at == instant(SECOND)


def test_an_event_that_comes_again_changes_nothing(home: StandingHouse) -> None:
    standing = home.created()
    home.at(FIRST)
    first = home.event(standing, FIRST)
    home.at(SECOND)
    assert home.event(standing, FIRST) == first
    assert len(home.made) == 1


def test_events_out_of_order_make_an_order_each(home: StandingHouse) -> None:
    standing = home.created()
    home.at(SECOND)
    home.event(standing, SECOND)
    assert home.now(standing).next_at == instant(FIRST)
    home.event(standing, FIRST)
    home.at("2026-12-02T08:05")
    home.sync()
    assert len(home.made) == 2
    assert home.now(standing).next_at == instant(THIRD)


def test_an_event_up_to_a_day_late_still_orders_and_a_later_one_does_not(home: StandingHouse) -> None:
    standing = home.created()
    home.at(SECOND)
    assert home.event(standing, FIRST).outcome is Outcome.ORDERED  # type: ignore[union-attr]
    home.at("2026-12-03T08:01")
    late = home.event(standing, SECOND)
    assert late
    assert (late.outcome, late.reason) == (Outcome.SKIPPED, "too late: nobody came to it within 24 hours")


def test_a_minute_that_is_no_time_of_it_or_lies_ahead_is_left_alone(home: StandingHouse) -> None:
    standing = home.created()
    home.at(FIRST)
    assert home.event(standing, "2026-12-01T08:01") is None
    assert home.event(standing, SECOND) is None
    assert (home.made, home.standing_orders.times) == ([], {})


def test_nobody_raises_about_a_standing_order_that_nobody_knows(home: StandingHouse) -> None:
    assert home.run("acme", "UNKNOWN", instant(FIRST)) is None


def test_an_event_without_a_time_orders_what_is_due(home: StandingHouse) -> None:
    standing = home.created()
    home.at("2026-12-01T09:30")
    firing = home.run(standing.tenant, standing.id, None)
    assert firing
    assert firing.at == instant(FIRST)
    assert home.run(standing.tenant, standing.id, None) is None
    assert len(home.made) == 1


@pytest.mark.parametrize(
    ("skips", "reason"),
    [
        (Skips(dates=(date(2026, 12, 1),)), "2026-12-01 is a date to skip"),
        (Skips(holidays=("12-25", "12-01")), "2026-12-01 is a holiday to skip (12-01)"),
        (Skips(weekends=True, holidays=("easter", "12-02")), ""),
    ],
)
def test_days_to_skip(home: StandingHouse, skips: Skips, reason: str) -> None:
    standing = home.created(skips=skips)
    home.at(FIRST)
    firing = home.event(standing, FIRST)
    assert firing
    assert firing.reason == reason
    assert len(home.made) == (not reason)


def test_a_weekend_is_that_of_its_own_time_zone(home: StandingHouse) -> None:
    sydney = Recurrence(Every.DAY, "06:00", "Australia/Sydney")
    standing = home.created(recurrence=sydney, skips=Skips(weekends=True))
    home.at("2026-12-04T19:00")
    saturday = home.event(standing, "2026-12-04T19:00")
    assert saturday
    assert saturday.reason == "2026-12-05 is on a weekend"


def test_an_order_is_skipped_while_the_one_before_is_open(home: StandingHouse) -> None:
    standing = home.created(skips=Skips(if_previous_open=True))
    home.at(FIRST)
    home.event(standing, FIRST)
    home.at(SECOND)
    skipped = home.event(standing, SECOND)
    assert skipped
    assert skipped.reason == f"the order before, {standing.refno(instant(FIRST))}, is still open"
    home.close(home.made[0])
    home.at(THIRD)
    assert home.event(standing, SECOND) == skipped
    assert home.event(standing, THIRD).outcome is Outcome.ORDERED  # type: ignore[union-attr]


def test_an_order_that_stays_open_is_still_the_one_before_after_any_number_of_skipped_times(
    home: StandingHouse,
) -> None:
    every = parse_rate("rate(1 minute)", "UTC")
    assert every is not None
    standing = home.created(recurrence=every, skips=Skips(if_previous_open=True))
    for _ in range(LOOKED_BACK + 5):
        home.house.clock.pass_(MINUTE)
        home.run(standing.tenant, standing.id, home.house.clock.now())
    (order,) = home.made
    home.close(order)
    home.house.clock.pass_(MINUTE)
    home.run(standing.tenant, standing.id, home.house.clock.now())
    assert len(home.made) == 2


def test_a_sku_whose_currency_changed_pauses_it(home: StandingHouse) -> None:
    standing = home.created()
    product = CATALOGUE.product(SKU)
    home.catalogue = Catalogue([replace(product, currency=EUR)])
    home.at(FIRST)
    home.event(standing, FIRST)
    paused = home.now(standing)
    assert (paused.state, paused.cause, home.made) == (State.PAUSED, Cause.CATALOGUE, [])
    assert paused.reason == "order.products.0.currency: AUD is its currency no more; expected EUR"


def test_too_little_money_pauses_it_and_tells_so_until_it_is_resumed(home: StandingHouse) -> None:
    standing = home.created(webhook_url="https://shop.example/hooks")
    accept = poor(home)
    home.at(FIRST)
    refused = home.event(standing, FIRST)
    assert refused
    assert refused.outcome is Outcome.REFUSED
    paused = home.now(standing)
    assert (paused.state, paused.reason) == (
        State.PAUSED,
        "payments.0.amount: 10.00 AUD needed, 4.00 AUD available; expected at most 4.00 AUD",
    )
    assert paused.cause is Cause.INSUFFICIENT_FUNDS
    assert home.told == [
        {
            "status": "standing_order.paused",
            "standing_order_id": standing.id,
            "name": standing.name,
            "cause": "insufficient_funds",
            "reason": paused.reason,
            "scheduled_for": "2026-12-01T09:00",
            "refno": standing.refno(instant(FIRST)),
        }
    ]
    assert home.deliveries.started == list(home.standing_orders.events)
    accept.error = None
    assert home.event(standing, FIRST) == refused
    home.at(SECOND)
    skipped = home.event(standing, SECOND)
    assert skipped
    assert skipped.reason == f"paused: {paused.reason}"
    home.at("2026-12-02T10:00")
    resumed = home.change.resume(standing.tenant, standing.id)
    assert (resumed.state, resumed.next_at) == (State.ACTIVE, instant(THIRD))
    home.event(standing, FIRST)
    home.event(standing, SECOND)
    assert home.now(standing).state is State.ACTIVE
    home.at(THIRD)
    home.event(standing, THIRD)
    assert [order.refno for order in home.made] == [standing.refno(instant(THIRD))]


def test_a_sku_that_left_the_catalogue_pauses_it(home: StandingHouse) -> None:
    standing = home.created()
    home.catalogue = Catalogue([])
    home.at(FIRST)
    home.event(standing, FIRST)
    paused = home.now(standing)
    assert paused.state is State.PAUSED
    assert paused.cause is Cause.CATALOGUE
    assert paused.reason.startswith("order.products.0.sku: unknown sku")
    assert home.made == []


def test_an_accident_is_no_refusal(home: StandingHouse) -> None:
    standing = home.created()
    poor(home).error = TimeoutError("the table is throttled")
    home.at(FIRST)
    with pytest.raises(TimeoutError):
        home.event(standing, FIRST)
    assert home.now(standing).state is State.ACTIVE
    assert home.standing_orders.times == {}


def test_the_last_time_before_its_end_ends_it_and_its_schedule(home: StandingHouse) -> None:
    standing = home.created(end=date(2026, 12, 1))
    assert set(home.schedules.there) == {standing.id}
    home.at(FIRST)
    home.event(standing, FIRST)
    after = home.now(standing)
    assert (after.state, after.reason, after.schedule_state) == (
        State.ENDED,
        "its last time has passed",
        ScheduleState.GONE,
    )
    assert home.schedules.there == {}
    assert len(home.made) == 1


def test_one_that_is_paused_ends_by_its_date_all_the_same(home: StandingHouse) -> None:
    standing = home.created(end=date(2026, 12, 1))
    home.change.pause(standing.tenant, standing.id)
    home.at("2026-12-02T08:01")
    assert home.event(standing, SECOND) is None
    assert home.now(standing).state is State.ENDED
    with pytest.raises(Refused, match="has ended"):
        home.change.resume(standing.tenant, standing.id)


def test_it_starts_on_its_day(home: StandingHouse) -> None:
    standing = home.created(start=date(2026, 12, 2))
    assert standing.next_at == instant(SECOND)
    home.at(FIRST)
    assert home.event(standing, FIRST) is None


def test_what_is_deleted_never_orders_and_loses_its_schedule(home: StandingHouse) -> None:
    standing = home.created()
    home.change.delete(standing.tenant, standing.id)
    assert home.schedules.there == {}
    home.schedules.create(standing, instant(FIRST))  # a creation that was under way when it was deleted
    home.at(FIRST)
    firing = home.event(standing, FIRST)
    assert firing
    assert firing.reason == "ended: deleted by its tenant"
    assert (home.schedules.there, home.made) == ({}, [])


def test_the_same_name_is_the_same_standing_order(home: StandingHouse) -> None:
    first = home.created()
    home.at(FIRST)
    assert home.create(a_request()).id == first.id
    assert len(home.standing_orders.records) == 1
    with pytest.raises(InvalidRequest, match="other content"):
        home.create(a_request(lines=(line(3),)))


def test_one_that_would_never_order_is_refused(home: StandingHouse) -> None:
    with pytest.raises(InvalidRequest, match="no time from now") as caught:
        home.created(end=date(2026, 11, 30))
    assert [problem.field for problem in caught.value.problems] == ["end"]
    assert home.standing_orders.records == {}


def test_a_schedule_that_could_not_be_created_is_created_by_the_sweep(home: StandingHouse) -> None:
    home.schedules.trouble = ConnectionError()
    standing = home.created()
    assert standing.schedule_state is ScheduleState.WANTED
    home.at("2026-11-30T12:01")
    with pytest.raises(Exception, match=standing.id):
        home.sync()
    home.schedules.trouble = None
    home.at("2026-11-30T12:02")
    assert home.sync() == {"due": 1, "caught_up": 0}
    assert home.now(standing).schedule_state is ScheduleState.THERE
    assert set(home.schedules.there) == {standing.id}
    assert home.sync() == {"due": 0, "caught_up": 0}


def test_a_time_whose_event_never_came_is_ordered_by_the_sweep(home: StandingHouse) -> None:
    standing = home.created()
    home.at("2026-12-01T08:04")
    assert home.sync()["due"] == 0
    home.at("2026-12-01T08:05")
    assert home.sync() == {"due": 1, "caught_up": 1}
    assert [order.refno for order in home.made] == [standing.refno(instant(FIRST))]


def test_the_scheduler_being_down_does_not_keep_the_sweep_from_ordering(home: StandingHouse) -> None:
    home.schedules.trouble = ConnectionError()
    home.created()
    home.at(FIRST)
    with pytest.raises(Exception, match="ConnectionError"):
        home.sync()
    assert len(home.made) == 1


def test_what_was_missed_for_days_is_recorded_and_only_the_last_day_is_ordered(home: StandingHouse) -> None:
    standing = home.created()
    home.at("2026-12-05T07:00")
    home.sync()
    outcomes = [firing.outcome for firing in home.standing_orders.firings(standing.tenant, standing.id, 9)]
    assert outcomes == [Outcome.ORDERED, Outcome.SKIPPED, Outcome.SKIPPED, Outcome.SKIPPED]


def test_a_creator_whose_standing_order_was_deleted_meanwhile_takes_its_schedule_away(home: StandingHouse) -> None:
    class Slow:
        """Somebody deletes the standing order while its schedule is being created."""

        def create(self, standing: StandingOrder, first: int) -> None:
            schedules.create(standing, first)
            home.schedules = schedules
            home.change.delete(standing.tenant, standing.id)
            schedules.create(standing, first)

        def delete(self, standing_id: str) -> None:
            schedules.delete(standing_id)

    schedules, home.schedules = home.schedules, Slow()
    standing = home.created()
    assert home.now(standing).state is State.ENDED
    assert schedules.there == {}


def test_a_schedule_that_somebody_deleted_is_there_again_once_an_event_was_missed(home: StandingHouse) -> None:
    standing = home.created()
    home.schedules.there.clear()
    home.at("2026-12-01T08:05")
    assert home.sync() == {"due": 1, "caught_up": 1}
    assert set(home.schedules.there) == {standing.id}


@pytest.mark.parametrize("is_event_lost", [False, True])
@pytest.mark.parametrize("moved", [-60, 60])
def test_a_time_that_a_government_moved_is_ordered_once(home: StandingHouse, moved: int, is_event_lost: bool) -> None:
    """The next time was told by yesterday's rules of the time zone; the scheduler has today's."""
    standing = home.created()
    home.standing_orders.save(replace(standing, next_at=instant(FIRST) + moved * MINUTE))
    home.at(FIRST)
    if not is_event_lost:
        home.event(standing, FIRST)
    home.at("2026-12-01T12:00")
    home.sync()
    assert [order.refno for order in home.made] == [standing.refno(instant(FIRST))]
    assert home.now(standing).next_at == instant(SECOND)


def test_a_rate_counts_from_the_minute_of_its_creation_or_from_its_start(home: StandingHouse) -> None:
    every = parse_rate("rate(36 hours)", "Europe/Berlin")
    assert every is not None
    home.house.clock.pass_(30_500)
    standing = home.created(recurrence=every)
    assert standing.next_at == instant("2026-12-02T00:00")
    assert home.schedules.firsts[standing.id] == instant("2026-12-02T00:00")
    later = home.created(name="later", recurrence=every, start=date(2026, 12, 24))
    assert later.next_at == instant("2026-12-23T23:00")
    home.at("2026-12-02T00:00")
    assert home.event(standing, "2026-12-02T00:00").outcome is Outcome.ORDERED  # type: ignore[union-attr]
    assert home.now(standing).next_at == instant("2026-12-03T12:00")
    assert home.create(a_request(recurrence=every)).id == standing.id


def test_an_expression_of_several_times_a_day_makes_an_order_each(home: StandingHouse) -> None:
    twice = parse_cron("cron(0 9,17 ? * TUE *)", "Europe/Berlin")
    assert twice is not None
    standing = home.created(recurrence=twice)
    for text in (FIRST, "2026-12-01T16:00"):
        home.at(text)
        home.event(standing, text)
    assert [order.refno[-14:] for order in home.made] == ["20261201T0800Z", "20261201T1600Z"]
    assert home.now(standing).next_at == instant("2026-12-08T08:00")


def test_an_expression_that_never_comes_is_refused(home: StandingHouse) -> None:
    never = parse_cron("cron(0 0 30 2 ? *)", "UTC")
    assert never is not None
    with pytest.raises(InvalidRequest, match="schedule: it has no time within the next years"):
        home.created(recurrence=never)


def test_a_pause_with_no_webhook_is_told_to_nobody_but_the_log(
    home: StandingHouse, caplog: pytest.LogCaptureFixture
) -> None:
    standing = home.created()
    poor(home)
    home.at(FIRST)
    home.event(standing, FIRST)
    assert home.now(standing).state is State.PAUSED
    assert (home.told, home.deliveries.started) == ([], [])
    assert caplog.messages == [f"standing_order.paused: {standing.id} of acme: insufficient_funds"]


def test_a_limit_of_the_tenant_pauses_it_under_its_own_cause(home: StandingHouse) -> None:
    standing = home.created()
    poor(home).error = OverLimit("a day", Money(1_000, AUD), Money(500, AUD), Money(0, AUD))
    home.at(FIRST)
    home.event(standing, FIRST)
    assert home.now(standing).cause is Cause.OVER_LIMIT
