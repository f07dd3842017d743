"""What the queues of a stack hand to its functions, and when they give a message up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.stack_support.stack import Stack


@dataclass(frozen=True, slots=True)
class GivingUp:
    """Seconds that a message stays hidden, how often it is handed out, and where it goes then."""

    hidden: int
    receives: int
    dead_letters: str


def giving_up(stack: Stack, queue: str) -> GivingUp:
    """Of the queue by its name in the template."""
    attributes = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs[f"{queue}Url"], AttributeNames=["RedrivePolicy", "VisibilityTimeout"]
    )["Attributes"]
    policy = json.loads(attributes["RedrivePolicy"])
    return GivingUp(int(attributes["VisibilityTimeout"]), int(policy["maxReceiveCount"]), policy["deadLetterTargetArn"])


def record(number: int, body: str, queue: str) -> dict[str, Any]:
    """A message as SQS hands it to a function."""
    arn = f"arn:aws:sqs:us-east-1:000000000000:giftline-{queue}"
    return {"messageId": f"m{number}", "body": body, "eventSource": "aws:sqs", "eventSourceARN": arn, "attributes": {}}
