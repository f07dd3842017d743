"""What sets work in motion: the queue of new orders and the state machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_stepfunctions import SFNClient


class SqsMessages:
    """The Messages port: a message is an id and nothing else."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def announce(self, order_id: str) -> None:
        body = json.dumps({"id": order_id})
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)


class StepFunctionsExecutions:
    """The Executions port."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        self._client = client
        self._machine = state_machine_arn

    def start(self, name: str, order_id: str) -> bool:
        try:
            self._client.start_execution(
                stateMachineArn=self._machine,
                name=name,
                input=json.dumps({"order_id": order_id}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
            return False
        return True

    def is_running(self, name: str) -> bool:
        """False too where no such execution is known."""
        arn = self._machine.replace(":stateMachine:", ":execution:") + f":{name}"
        try:
            answer = self._client.describe_execution(executionArn=arn)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            return False
        return answer["status"] == "RUNNING"
