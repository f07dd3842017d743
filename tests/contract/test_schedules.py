"""Schedules: the same cases on the fake, and on EventBridge Scheduler of the embedded AWS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from giftline.standing.model import StandingOrder, When
from giftline.standing.ports import Schedules
from giftline.standing.rate import Rate
from giftline.standing.recurrence import Every, Recurrence
from giftline.storage.schedules import SCHEDULED_TIME, EventBridgeSchedules, schedule_name
from tests.fakes.standing import FakeSchedules, StandingHouse, a_request, instant

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
both = pytest.mark.parametrize("kind", ["fake", "aws"])
GROUP = "giftline-standing-orders"
TARGET = "arn:aws:lambda:ap-southeast-2:000000000000:function:RunSchedule"
ROLE = "arn:aws:iam::000000000000:role/StandingOrdersRole"
DEAD = "arn:aws:sqs:ap-southeast-2:000000000000:SchedulesDeadLetterQueue"
FIRST = instant("2026-12-01T08:00")
MONTHLY = Recurrence(Every.MONTH, "09:00", "Europe/Berlin", day=30)


@pytest.fixture(scope="session")
def scheduler(aws: MakeClient) -> Any:
    client = aws("scheduler")
    client.create_schedule_group(Name=GROUP)
    return client


@pytest.fixture
def schedules(kind: str, request: pytest.FixtureRequest) -> Schedules:
    if kind == "fake":
        return FakeSchedules()
    return EventBridgeSchedules(request.getfixturevalue("scheduler"), GROUP, TARGET, ROLE, DEAD)


def a_standing(recurrence: When = MONTHLY) -> StandingOrder:
    home = StandingHouse()
    home.at("2026-11-30T12:00")
    return home.create(replace(a_request(recurrence=recurrence), tenant=uuid.uuid4().hex))


@both
def test_what_is_there_may_be_created_again_and_what_is_gone_deleted_again(schedules: Schedules) -> None:
    standing = a_standing()
    for _ in range(2):
        schedules.create(standing, FIRST)
    for _ in range(2):
        schedules.delete(standing.id)
    schedules.create(standing, FIRST)


def test_a_schedule_calls_the_function_with_the_standing_order_at_its_times(scheduler: Any) -> None:
    standing = a_standing()
    EventBridgeSchedules(scheduler, GROUP, TARGET, ROLE, DEAD).create(standing, FIRST)
    made = scheduler.get_schedule(Name=schedule_name(standing.id), GroupName=GROUP)
    assert (made["ScheduleExpression"], made["ScheduleExpressionTimezone"]) == (
        "cron(0 9 28-30 * ? *)",
        "Europe/Berlin",
    )
    assert (made["State"], made["FlexibleTimeWindow"], "StartDate" in made) == ("ENABLED", {"Mode": "OFF"}, False)
    target = made["Target"]
    assert (target["Arn"], target["RoleArn"], target["DeadLetterConfig"]) == (TARGET, ROLE, {"Arn": DEAD})
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 86_400
    assert json.loads(target["Input"]) == {
        "job": "standing",
        "tenant": standing.tenant,
        "id": standing.id,
        "scheduled_at": SCHEDULED_TIME,
    }


def test_a_rate_begins_with_its_first_time(scheduler: Any) -> None:
    standing = a_standing(Rate("rate(36 hours)", "UTC", 36 * 60))
    EventBridgeSchedules(scheduler, GROUP, TARGET, ROLE).create(standing, FIRST)
    made = scheduler.get_schedule(Name=schedule_name(standing.id), GroupName=GROUP)
    assert made["ScheduleExpression"] == "rate(36 hours)"
    assert int(made["StartDate"].timestamp()) * 1000 == FIRST
    assert "DeadLetterConfig" not in made["Target"]


def test_a_group_that_is_not_there_is_an_accident(scheduler: Any) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        EventBridgeSchedules(scheduler, "another", TARGET, ROLE).create(a_standing(), FIRST)


def test_a_name_is_one_that_the_scheduler_takes() -> None:
    name = schedule_name(a_standing().id)
    assert len(name) <= 64
    assert name.replace("-", "").isalnum()
