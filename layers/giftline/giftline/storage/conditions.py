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


NEVER: Final = frozenset(("ValidationError",))


def is_never_taken(error: ClientError) -> bool:
    """Whether a transaction breaks a bound of the table, such as an item of more than 400 KB."""
    code = error.response.get("Error", {}).get("Code")
    return code == "ValidationException" or (code == "TransactionCanceledException" and _reasons(error) == NEVER)


def expect(error: ClientError, code: str) -> None:
    """Let anything but the expected refusal pass through as the accident it is."""
    if error.response.get("Error", {}).get("Code") != code:
        raise error


def expect_lost(error: ClientError) -> None:
    """Let anything but a write that somebody else came before pass through as the accident it is.

    A transaction that was also throttled is an accident: what is stored says nothing about it.
    """
    code = error.response.get("Error", {}).get("Code")
    if code == "TransactionCanceledException":
        if _reasons(error) <= LOST_REASONS:
            return
    elif code in LOST:
        return
    raise error


def _reasons(error: ClientError) -> set[str]:
    reasons = {one.get("Code", "None") for one in error.response.get("CancellationReasons", ())}
    return reasons - {"None"}
