"""Standing orders: the same cases on the fake, and on DynamoDB of the embedded AWS."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from giftline.accounts.ledger import Limits
from giftline.delivery.events import WebhookEvent
from giftline.errors import NotFound, StaleWrite
from giftline.standing.cron import parse_cron
from giftline.standing.model import (
    Cause,
    Firing,
    Outcome,
    ScheduleState,
    Skips,
    StandingOrder,
    State,
    When,
    fingerprint,
    standing_id,
)
from giftline.standing.notices import paused_event
from giftline.standing.ports import StandingOrders
from giftline.standing.rate import Rate
from giftline.standing.recurrence import Every, Recurrence, Weekday
from giftline.standing.times import MINUTE
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.ledger import DynamoLedger
from giftline.storage.standing import DynamoStandingOrders
from giftline.storage.standing_items import standing_from_item, standing_to_item
from giftline.storage.webhooks import DynamoWebhooks
from tests.fakes.house import AUD, line
from tests.fakes.standing import DAILY, FakeStandingOrders, StandingHouse, a_request, instant

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
MakeTable = Callable[[str], str]
both = pytest.mark.parametrize("kind", ["fake", "aws"])
START = instant("2026-11-30T12:00")
FIRST = instant("2026-12-01T08:00")
URL = "https://shop.example/hooks"


@pytest.fixture
def tenant() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def kept(kind: str, request: pytest.FixtureRequest) -> StandingOrders:
    if kind == "fake":
        return FakeStandingOrders()
    aws: MakeClient = request.getfixturevalue("aws")
    table: MakeTable = request.getfixturevalue("table")
    return DynamoStandingOrders(aws("dynamodb"), table("OrdersTable"), table("WebhooksTable"))


def a_standing(tenant: str, name: str = "daily coffee", **more: Any) -> StandingOrder:
    request = replace(a_request(name), tenant=tenant)
    return replace(
        StandingOrder(
            id=standing_id(tenant, name),
            tenant=tenant,
            name=name,
            lines=request.lines,
            recurrence=DAILY,
            start=date(2026, 11, 30),
            fingerprint=fingerprint(request),
            created_at=START,
            active_since=START,
            looked_at=START,
            webhook_url=URL,
            next_at=FIRST,
            schedule_state=ScheduleState.THERE,
        ),
        **more,
    )


def a_firing(standing: StandingOrder, at: int = FIRST, outcome: Outcome = Outcome.SKIPPED, **more: Any) -> Firing:
    return replace(Firing(standing.tenant, standing.id, at, standing.recurrence.local(at), outcome, at + 5), **more)


WEEKDAYS = parse_cron("cron(0/30 9-17 ? * MON-FRI *)", "America/New_York")
SCHEDULES: tuple[When | None, ...] = (
    DAILY,
    Recurrence(Every.WEEK, "00:00", "UTC", (Weekday.MON, Weekday.SUN)),
    Recurrence(Every.MONTH, "23:59", "Australia/Sydney", day=31),
    WEEKDAYS,
    Rate("rate(90 minutes)", "UTC", 90, START),
)


@both
@pytest.mark.parametrize("when", SCHEDULES)
def test_one_comes_back_as_it_went_in(kept: StandingOrders, tenant: str, when: When) -> None:
    standing = a_standing(
        tenant,
        recurrence=when,
        end=date(2027, 1, 31),
        skips=Skips((date(2026, 12, 24),), ("12-25", "easter-2"), weekends=True, if_previous_open=True),
        lines=(line(2), line(3, "WPAY-GROCERY", 1_050)),
        state=State.PAUSED,
        reason="too little",
        cause=Cause.INSUFFICIENT_FUNDS,
    )
    assert kept.add(standing) == standing
    assert kept.get(tenant, standing.id) == standing


@both
def test_what_is_there_stays_as_it_is(kept: StandingOrders, tenant: str) -> None:
    saved = kept.save(replace(kept.add(a_standing(tenant)), looked_at=START + 1))
    assert kept.add(a_standing(tenant)) == saved


@both
def test_another_tenants_is_not_found(kept: StandingOrders, tenant: str) -> None:
    standing = kept.add(a_standing(tenant))
    with pytest.raises(NotFound):
        kept.get("another", standing.id)
    assert kept.page("another", 9).orders == ()


@both
def test_a_save_over_an_old_version_writes_nothing(kept: StandingOrders, tenant: str) -> None:
    standing = kept.add(a_standing(tenant))
    saved = kept.save(replace(standing, state=State.ENDED, next_at=None))
    assert kept.save(replace(standing, state=State.ENDED, next_at=None)) == saved  # its answer was lost
    with pytest.raises(StaleWrite):
        kept.save(replace(standing, state=State.PAUSED))
    assert kept.get(tenant, standing.id) == saved


@both
def test_a_pause_and_its_event_are_written_together_or_not_at_all(
    kept: StandingOrders, kind: str, request: pytest.FixtureRequest, tenant: str
) -> None:
    standing = kept.add(a_standing(tenant))
    firing = a_firing(standing, outcome=Outcome.REFUSED, cause=Cause.INSUFFICIENT_FUNDS, reason="too little")
    event = paused_event(standing, firing, FIRST)
    assert event is not None

    def stored() -> list[WebhookEvent]:
        if isinstance(kept, FakeStandingOrders):
            return list(kept.events.values())
        client, table = request.getfixturevalue("aws")("dynamodb"), request.getfixturevalue("table")
        return list(DynamoWebhooks(client, table("WebhooksTable")).events(tenant, 0, FIRST * 2, None, 9).events)

    with pytest.raises(StaleWrite):
        kept.save(replace(standing, state=State.PAUSED, version=7), event)
    assert stored() == []
    paused = kept.save(replace(standing, state=State.PAUSED), event)
    assert (kept.get(tenant, standing.id), stored()) == (paused, [event])
    assert kept.save(replace(standing, state=State.PAUSED), event) == paused  # its answer was lost
    with pytest.raises(StaleWrite):
        kept.save(replace(standing, state=State.PAUSED, reason="another"), event)


@both
def test_pages_go_on_where_they_stopped(kept: StandingOrders, tenant: str) -> None:
    ids = sorted(kept.add(a_standing(tenant, f"number {number}")).id for number in range(5))
    found, after = list[str](), ""
    for _ in range(4):
        page = kept.page(tenant, 2, after)
        found += [one.id for one in page.orders]
        after = page.next
        if not after:
            break
    assert found == ids
    assert not after


@both
def test_what_is_due_is_told_the_longest_due_first_and_among_orders_that_are_not_ours(
    kept: StandingOrders, tenant: str
) -> None:
    late = kept.add(a_standing(tenant, "late", next_at=FIRST + 9 * MINUTE))
    soon = kept.add(a_standing(tenant, "soon"))
    wanted = kept.add(a_standing(tenant, "wanted", schedule_state=ScheduleState.WANTED))
    kept.add(a_standing(tenant, "paused", state=State.PAUSED))
    gone = a_standing(tenant, "gone", state=State.ENDED, next_at=None, schedule_state=ScheduleState.GONE)
    kept.add(gone)
    ours = [place for place in kept.due(FIRST + 20 * MINUTE, 1_000) if place[0] == tenant]
    assert ours == [(tenant, wanted.id), (tenant, soon.id), (tenant, late.id)]
    assert [place for place in kept.due(FIRST, 1_000) if place[0] == tenant] == [(tenant, wanted.id)]
    kept.save(replace(soon, state=State.PAUSED))
    assert (tenant, soon.id) not in kept.due(FIRST + 20 * MINUTE, 1_000)


@both
def test_of_a_time_the_first_word_stays_but_an_order_goes_over_anything(kept: StandingOrders, tenant: str) -> None:
    standing = kept.add(a_standing(tenant))
    first = a_firing(standing, reason="a holiday")
    local = first.local
    assert kept.firing(tenant, standing.id, local) is None
    assert kept.record(first) == first
    assert kept.record(a_firing(standing, outcome=Outcome.REFUSED, reason="poor")) == first
    ordered = a_firing(standing, outcome=Outcome.ORDERED, order_id="ORDER1", refno=standing.refno(FIRST))
    assert kept.record(ordered) == ordered
    assert kept.record(first) == ordered
    assert kept.firing(tenant, standing.id, local) == ordered


@both
def test_firings_are_told_the_latest_first(kept: StandingOrders, tenant: str) -> None:
    standing = kept.add(a_standing(tenant))
    days = [FIRST + day * 1_440 * MINUTE for day in (1, 0, 2)]
    for at in days:
        kept.record(a_firing(standing, at))
    assert [firing.at for firing in kept.firings(tenant, standing.id, 2)] == sorted(days, reverse=True)[:2]


@pytest.fixture
def home(aws: MakeClient, table: MakeTable, tenant: str) -> StandingHouse:
    """Standing orders, orders and money in the tables of the embedded AWS."""
    client = aws("dynamodb")
    ledger = DynamoLedger(client, table("AccountsTable"), table("WebhooksTable"))
    home = StandingHouse(
        standing_orders=DynamoStandingOrders(client, table("OrdersTable"), table("WebhooksTable")),
        orders=DynamoOrders(client, table("OrdersTable"), table("WebhooksTable"), ledger),
    )
    ledger.set_limits(tenant, AUD, Limits(), 0)
    ledger.deposit(tenant, AUD, 1_500, "some money", START)
    home.at("2026-11-30T12:00")
    home.accept = replace(home.house.accept_order, orders=home.orders, new_id=lambda: uuid.uuid4().hex)
    return home


def test_many_events_at_once_make_one_order_and_too_little_money_one_pause(
    home: StandingHouse, aws: MakeClient, table: MakeTable, tenant: str
) -> None:
    """10.00 an order, 15.00 there: the first day's events make one order, those of the second pause it."""
    standing = home.create(replace(a_request(webhook_url=URL), tenant=tenant))

    def event(at: int) -> Outcome | None:
        try:
            firing = home.run(tenant, standing.id, at)
        except StaleWrite:
            return None  # the scheduler brings the event again
        return firing.outcome if firing else None

    home.at("2026-12-01T08:00")
    with ThreadPoolExecutor(8) as crew:
        first = set(crew.map(event, [FIRST] * 16))
    home.at("2026-12-02T08:00")
    with ThreadPoolExecutor(8) as crew:
        second = set(crew.map(event, [FIRST + 1_440 * MINUTE] * 16))
    assert (first - {None}, second - {None}) == ({Outcome.ORDERED}, {Outcome.REFUSED})
    made = home.orders.find(tenant, standing.refno(FIRST))
    assert made is not None
    assert home.orders.find(tenant, standing.refno(FIRST + 1_440 * MINUTE)) is None
    ledger = DynamoLedger(aws("dynamodb"), table("AccountsTable"))
    assert (ledger.balance(tenant, AUD).available, ledger.balance(tenant, AUD).reserved) == (500, 1_000)
    paused = home.standing_orders.get(tenant, standing.id)
    assert (paused.state, paused.cause) == (State.PAUSED, Cause.INSUFFICIENT_FUNDS)
    events = DynamoWebhooks(aws("dynamodb"), table("WebhooksTable")).events(tenant, 0, FIRST * 2, None, 9).events
    assert [(one.subject, one.url) for one in events] == [(standing.id, URL)]


def test_an_item_is_indexed_only_while_somebody_has_to_look_at_it() -> None:
    standing = a_standing("acme", version=4)
    item = standing_to_item(standing)
    assert (item["pk"], item["sk"]) == ({"S": "STANDING#acme"}, {"S": f"ORDER#{standing.id}"})
    assert (item["open"], item["due_at"]) == ({"S": "STANDING"}, {"N": str(FIRST + 5 * MINUTE)})
    assert standing_from_item(item) == standing
    assert "open" not in standing_to_item(replace(standing, state=State.PAUSED))
