"""Schedules of standing orders at EventBridge Scheduler, in a group of their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from giftline.standing.model import LATEST, StandingOrder
from giftline.standing.rate import Rate
from giftline.standing.times import Millis
from giftline.storage.conditions import expect

SCHEDULED_TIME: Final = "<aws.scheduler.scheduled-time>"
"""EventBridge Scheduler puts the time there, such as 2026-12-01T08:00:00Z (User Guide, "Adding context attributes")."""
MAX_RETRIES: Final = 185
"""The most that EventBridge Scheduler takes, and its default."""


class EventBridgeSchedules:
    """The Schedules port. `target_arn` is the function that is called, `role_arn` the role that may call it;
    `dead_letter_arn`, where there is one, the queue that gets what could not be handed over.
    """

    def __init__(self, client: Any, group: str, target_arn: str, role_arn: str, dead_letter_arn: str = "") -> None:
        self._client = client
        self._group = group
        self._target = {"Arn": target_arn, "RoleArn": role_arn}
        self._dead_letters = {"DeadLetterConfig": {"Arn": dead_letter_arn}} if dead_letter_arn else {}

    def create(self, standing: StandingOrder, first: Millis) -> None:
        """No flexible window, and no end date: the record knows better which time is the last."""
        # A rate counts from its start; a cron expression has its times in itself.
        start = (
            {"StartDate": datetime.fromtimestamp(first / 1000, tz=UTC)} if isinstance(standing.recurrence, Rate) else {}
        )
        try:
            self._client.create_schedule(
                Name=schedule_name(standing.id),
                GroupName=self._group,
                ScheduleExpression=standing.recurrence.expression,
                ScheduleExpressionTimezone=standing.recurrence.time_zone,
                FlexibleTimeWindow={"Mode": "OFF"},
                Target=self._target | self._dead_letters | {"Input": event_of(standing), "RetryPolicy": _retries()},
                **start,
            )
        except ClientError as error:
            expect(error, "ConflictException")

    def delete(self, standing_id: str) -> None:
        try:
            self._client.delete_schedule(Name=schedule_name(standing_id), GroupName=self._group)
        except ClientError as error:
            expect(error, "ResourceNotFoundException")


def schedule_name(standing_id: str) -> str:
    """At most 64 letters, digits and - _ . as EventBridge Scheduler takes them; ids are of 26."""
    return f"standing-{standing_id}"


def event_of(standing: StandingOrder) -> str:
    """What the function is called with."""
    job = {"job": "standing", "tenant": standing.tenant, "id": standing.id, "scheduled_at": SCHEDULED_TIME}
    return json.dumps(job)


def _retries() -> dict[str, int]:
    """As long as a time would still be ordered."""
    return {"MaximumEventAgeInSeconds": LATEST // 1000, "MaximumRetryAttempts": MAX_RETRIES}
