"""Everything that a stack wrote down anywhere, to be searched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.stack_support.stack import Stack

MACHINES = ("FulfilOrderStateMachineArn", "DeliverWebhookStateMachineArn")


def log_messages(stack: Stack) -> Iterator[str]:
    logs = stack.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        yield from (event["message"] for page in pages for event in page["events"])


def histories(stack: Stack) -> Iterator[str]:
    states = stack.client("stepfunctions")
    for name in MACHINES:
        for page in states.get_paginator("list_executions").paginate(stateMachineArn=stack.outputs[name]):
            for execution in page["executions"]:
                yield from history(states, execution["executionArn"])


def history(states: Any, arn: str) -> Iterator[str]:
    yield json.dumps(states.describe_execution(executionArn=arn), default=str)
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn, includeExecutionData=True)
    yield from (json.dumps(event, default=str) for events in pages for event in events["events"])


def queued_messages(stack: Stack) -> Iterator[str]:
    """What waits in any queue, left where it is."""
    sqs = stack.client("sqs")
    for url in sqs.list_queues().get("QueueUrls", []):
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=5).get("Messages"):
            yield from (json.dumps(message, default=str) for message in found)


def items(stack: Stack) -> Iterator[dict[str, Any]]:
    dynamo = stack.client("dynamodb")
    for table in dynamo.list_tables()["TableNames"]:
        for page in dynamo.get_paginator("scan").paginate(TableName=table):
            yield from page["Items"]


def raw(value: Any) -> bytes:
    """Everything an item holds, its bytes as they are."""
    if isinstance(value, dict):
        return b"\n".join(str(name).encode() + b" " + raw(inner) for name, inner in value.items())
    if isinstance(value, list):
        return b"\n".join(raw(inner) for inner in value)
    return value if isinstance(value, bytes) else str(value).encode()


def objects(stack: Stack) -> Iterator[tuple[str, bytes]]:
    s3 = stack.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for entry in page.get("Contents", []):
                yield entry["Key"], s3.get_object(Bucket=bucket["Name"], Key=entry["Key"])["Body"].read()
