"""What starts the delivery of an event: its state machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from giftline.delivery.events import WebhookEvent

if TYPE_CHECKING:
    from types_boto3_stepfunctions import SFNClient


class StepFunctionsDeliveries:
    """The Deliveries port: a run's execution has a name of its own, so it starts once."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        self._client = client
        self._machine = state_machine_arn

    def start(self, event: WebhookEvent) -> None:
        name = event.id if event.runs == 0 else f"{event.id}-{event.runs}"
        given = {"tenant": event.tenant, "event_id": event.id, "run": event.runs}
        try:
            self._client.start_execution(stateMachineArn=self._machine, name=name, input=json.dumps(given))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
