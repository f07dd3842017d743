"""The rules under which an item may be written, and the answers that say that a write lost."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import ClientError

IS_NEW: Final = "attribute_not_exists(pk)"
IS_AS_READ: Final = "version = :version"
IS_THERE: Final = "attribute_exists(pk)"

LOST: Final = frozenset(
    ("ConditionalCheckFailedException", "TransactionConflictException", "TransactionInProgressException")
)
LOST_REASONS: Final = frozenset(("ConditionalCheckFailed", "TransactionConflict"))


def expect(error: ClientError, code: str) -> None:
    """Let anything but the expected refusal pass through as the accident it is."""
    if error.response.get("Error", {}).get("Code") != code:
        raise error


def expect_lost(error: ClientError) -> None:
    """Let anything but a write that somebody else came before pass through as the accident it is.

    A transaction that was also throttled is an accident: what is stored says nothing about it.
    """
    response = error.response
    code = response.get("Error", {}).get("Code")
    if code == "TransactionCanceledException":
        reasons = {one.get("Code") for one in response.get("CancellationReasons", ())} - {None, "None"}
        if reasons <= LOST_REASONS:
            return
    elif code in LOST:
        return
    raise error
