"""Each message is a chunk's place: apply its next rows; report the messages that failed."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from giftline.bootstrap import wallet

processor = BatchProcessor(event_type=EventType.SQS)
apply_chunk = wallet.apply_chunk()


def apply(record: SQSRecord) -> None:
    place = json.loads(record.body)
    apply_chunk(place["batch"], place["chunk"])


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, apply, processor, context)
