"""The WalletApp document's answers, field by field, our extensions beside them, and its envelope of errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from giftline.doors.answers import MAX_SHOWN, Reply
from giftline.doors.walletapp_fields import WrongFields
from giftline.errors import (
    Forbidden,
    GiftlineError,
    InvalidRequest,
    NotFound,
    Refused,
    StaleWrite,
    TooLarge,
    Unauthenticated,
)
from giftline.orders.timing import timestamp
from giftline.wallet.batch import Accepted, Operation, RowResult
from giftline.wallet.links import Links
from giftline.wallet.model import Millis, Pass
from giftline.wallet.viewing import BatchView

SUCCESSFUL: Final = "Request successful"
MAX_RESULTS: Final = 4_000_000
"""Bytes of results in one answer, counted generously: a function may answer 6 MB."""
PASS_BYTES: Final = 300
"""What a pass takes beside its code and identifier: ids, link, names of fields."""
DONE: Final[Mapping[Operation, str]] = {
    Operation.SIGNUPS: "Members imported",
    Operation.MEMBERS: "Members updated",
    Operation.LICENSEPLATES: "Licenseplates added",
    Operation.PASSES: "Passes updated",
}
"""The document's words; the other calls answer with the batch itself."""
WITHOUT_PASSES: Final = frozenset({Operation.SIGNUPS, Operation.MEMBERS, Operation.LICENSEPLATES})
STATUS_OF: Final[Mapping[type[GiftlineError], int]] = {
    InvalidRequest: 422,
    TooLarge: 413,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Refused: 409,
    StaleWrite: 503,
    GiftlineError: 500,
}
"""Status by type of error; a subclass answers as the nearest type that stands here."""


def successful(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """The document's envelope."""
    body = {"message": SUCCESSFUL, "data": data}
    return Reply(status, body, {"Cache-Control": "no-store", **(headers or {})})


def accepted(operation: Operation, webhook_url: str, batch: Accepted) -> Reply:
    """202: the batch is taken; `Batch-Id` names it on every call, in whose body or not."""
    headers = {"Batch-Id": batch.batch_id}
    if batch.duplicate_of:
        headers["Duplicate-Of"] = batch.duplicate_of
    data = DONE.get(operation) or {
        "webhook_url": webhook_url,
        "batch_id": batch.batch_id,
        "queued": list(batch.queued),
        "not_found": list(batch.not_found),
    }
    return successful(data, 202, headers)


def part_of(results: Sequence[RowResult]) -> Sequence[RowResult]:
    """As many of the results, from the first, as one answer can hold."""
    size = 0
    for at, result in enumerate(results):
        size += PASS_BYTES + len(json.dumps([result.identifier, result.code, result.reason]))
        if size > MAX_RESULTS:
            return results[: max(1, at)]
    return results


def status(
    view: BatchView, results: Sequence[RowResult], passes: Mapping[str, Pass], links: Links, next_page: str | None
) -> Reply:
    """The documented fields; `counts`, `members`, `failed` and `next` are our extensions."""
    batch = view.batch
    applied = [result for result in results if not result.reason]
    data: dict[str, Any] = {
        "requested_at": timestamp(batch.requested_at),
        "started_processing_at": _time(view.started_at),
        "finished_processing_at": _time(batch.finished_at),
        "status": view.status.value,
        "passes": [_pass(result, passes.get(result.pass_id), links) for result in applied if result.pass_id],
        "counts": {
            "queued": view.queued,
            "processing": view.processing,
            "done": view.done,
            "failed": view.failed,
            "total": batch.rows,
        },
        "failed": [{"row": r.row, "identifier": r.identifier, "reason": r.reason} for r in results if r.reason],
        "next": next_page,
    }
    if batch.operation in WITHOUT_PASSES:
        data["members"] = [{"row": result.row, "identifier": result.identifier} for result in applied]
    return successful(data)


def _pass(result: RowResult, held: Pass | None, links: Links) -> dict[str, Any]:
    return {
        "qr_code": result.code,
        "walletapp_code": result.pass_id,
        "identifier": result.identifier,
        "download_link": download_link(held, links),
    }


def download_link(held: Pass | None, links: Links) -> str | None:
    """None once it is revoked."""
    return links.url(held) if held and held.revoked_at is None else None


def renewed(held: Pass, links: Links) -> Reply:
    """What a pass's link is now, and until when it opens."""
    link = download_link(held, links)
    expires_at = timestamp(held.link_expires_at) if link else None
    return successful({"walletapp_code": held.id, "download_link": link, "expires_at": expires_at})


def error_reply(error: GiftlineError) -> Reply:
    """What went wrong in words, and under `errors` every wrong field."""
    kind = next(k for k in type(error).__mro__ if k in STATUS_OF)
    status = STATUS_OF[kind]
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "1"} if status == 503 else {})
    return Reply(status, {"message": _message(error, status), "errors": _errors(error)}, headers)


def _message(error: GiftlineError, status: int) -> str:
    if isinstance(error, InvalidRequest):
        return _count(error.total if isinstance(error, WrongFields) else len(error.problems))
    if status == 500:
        return "something went wrong on our side; nothing of the request was taken"
    return str(error)[:2_000]


def _count(total: int) -> str:
    if total == 1:
        return "1 field is wrong"
    more = f"; the first {MAX_SHOWN} are named" if total > MAX_SHOWN else ""
    return f"{total} fields are wrong{more}"


def _errors(error: GiftlineError) -> dict[str, list[str]]:
    if isinstance(error, TooLarge):
        return {"body": [str(error)]}
    problems = error.problems[:MAX_SHOWN] if isinstance(error, InvalidRequest) else ()
    return _by_field((p.field, f"{p.problem}; expected {p.expected}") for p in problems)


def _by_field(problems: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name, said in problems:
        errors.setdefault(name, []).append(said)
    return errors


def _time(at: Millis | None) -> str | None:
    return None if at is None else timestamp(at)
