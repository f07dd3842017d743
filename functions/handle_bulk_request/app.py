"""Each message is an order's id: start its execution; report the ones that failed."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from giftline import bootstrap

processor = BatchProcessor(event_type=EventType.SQS)
start_order = bootstrap.start_order()


def start(record: SQSRecord) -> None:
    start_order(json.loads(record.body)["id"])


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, start, processor, context)
