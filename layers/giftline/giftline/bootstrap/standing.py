"""Wires ports to adapters for standing orders.

Imports stand inside the functions: # why: as in giftline.bootstrap
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from giftline import bootstrap
from giftline.bootstrap.resources import CLOCK, accounts, client, settings, timing
from giftline.bootstrap.webhooks import deliveries

if TYPE_CHECKING:
    from giftline.doors.standing import StandingDoor
    from giftline.doors.standing_events import StandingEvents
    from giftline.standing.running import RunStandingOrder
    from giftline.standing.scheduling import SettleSchedule
    from giftline.standing.sweeping import SyncSchedules
    from giftline.storage.standing import DynamoStandingOrders


def standing_door() -> StandingDoor:
    from giftline.doors.standing import StandingDoor  # why: cold start
    from giftline.standing.keeping import (  # why: cold start
        ChangeStandingOrder,
        CreateStandingOrder,
        ViewStandingOrder,
    )

    create = CreateStandingOrder(standing_orders(), settle_schedule(), CLOCK)
    change = ChangeStandingOrder(standing_orders(), settle_schedule(), CLOCK)
    view = ViewStandingOrder(standing_orders())
    catalogue, url_problem = bootstrap.catalogue(), bootstrap.url_problem
    return StandingDoor(accounts(), catalogue, standing_orders(), create, change, view, url_problem)


def standing_events() -> StandingEvents:
    from giftline.doors.standing_events import StandingEvents  # why: cold start

    return StandingEvents(run_standing_order())


def sync_schedules() -> SyncSchedules:
    from giftline.standing.sweeping import SyncSchedules  # why: cold start

    return SyncSchedules(standing_orders(), run_standing_order(), CLOCK)


def run_standing_order() -> RunStandingOrder:
    from giftline.standing.running import RunStandingOrder  # why: cold start

    return RunStandingOrder(
        standing_orders(),
        bootstrap.orders(),
        bootstrap.accept_order(),
        bootstrap.catalogue(),
        settle_schedule(),
        CLOCK,
        timing(),
        deliveries(),
    )


def settle_schedule() -> SettleSchedule:
    from giftline.standing.scheduling import SettleSchedule  # why: cold start
    from giftline.storage.schedules import EventBridgeSchedules  # why: cold start

    named = settings()
    schedules = EventBridgeSchedules(
        client("scheduler"),
        named.need("standing_group"),
        named.need("standing_target_arn"),
        named.need("standing_role_arn"),
        named.standing_dead_letter_arn,
    )
    return SettleSchedule(standing_orders(), schedules, CLOCK)


@cache
def standing_orders() -> DynamoStandingOrders:
    from giftline.storage.standing import DynamoStandingOrders  # why: cold start

    named = settings()
    return DynamoStandingOrders(client("dynamodb"), named.need("orders_table"), named.need("webhooks_table"))
