"""The errors that boto3's clients raise, as the code under test tells them apart: by code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

THROTTLING = {"dynamodb": "ProvisionedThroughputExceededException", "s3": "SlowDown"}


def refusal(code: str, operation: str, message: str = "", **more: Any) -> ClientError:
    """A ClientError of that code; `more` stands beside "Error" in the response."""
    response: Any = {"Error": {"Code": code, "Message": message or code}, **more}
    return ClientError(response, operation)


def cancellation(codes: Sequence[str]) -> ClientError:
    """A cancelled transaction; one code for each of its items, "None" for those that were fine."""
    reasons = [{"Code": code} for code in codes]
    return refusal(
        "TransactionCanceledException",
        "TransactWriteItems",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]",
        CancellationReasons=reasons,
    )


def throttling(effect: str) -> ClientError:
    """What an effect's service answers when it is asked too often; effects begin with its name."""
    service, _, operation = effect.partition(" ")
    return refusal(THROTTLING.get(service, "ThrottlingException"), operation)
