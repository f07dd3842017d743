"""The WalletApp document's bulk calls, declared: their bodies are the very fields that the door reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giftline.doors.openapi.fields import object_of
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Parameter, Refusals, Schema
from giftline.doors.openapi.schemas import (
    COUNT,
    IDENTIFIER,
    MOMENT,
    TEXT,
    by_name,
    listed,
    maybe,
    one_of,
    record,
    ref,
    text,
    whole,
)
from giftline.doors.walletapp import GET, MAX_KEY, MAX_LIMIT, STORE
from giftline.doors.walletapp_answers import DONE, SUCCESSFUL
from giftline.doors.walletapp_requests import DOCUMENTS, MAX_ROWS
from giftline.wallet import batch
from giftline.wallet.batch import BatchStatus

REFUSALS: Final = Refusals(
    ref("WalletAppError"),
    {
        401: "No token, or one that nobody here has.",
        403: "The token lacks an ability; the message says which.",
        404: "Not there, or another tenant's: nothing tells the two apart.",
        413: "The body is too large.",
        422: "A wrong field, or several: each is named; or an Idempotency-Key that came before with another body.",
        500: "Our own fault; nothing of the request was taken.",
        503: "Somebody else changed the same at this moment; nothing was done, and the call can be sent again.",
    },
    always=(500, 503),
)
_HEADERS: Final = {"Batch-Id": "Names the batch for its status call."}
_EXAMPLES: Final[Mapping[batch.Operation, Mapping[str, Any]]] = {
    batch.Operation.COUPONS: {"coupon_id": "free-espresso", "users": [{"identifier": "member-0001"}]},
    batch.Operation.STORECARDS: {"storecard_id": "loyalty", "users": [{"identifier": "member-0001"}]},
    batch.Operation.POINTS: {"storecard_id": "loyalty", "users": [{"identifier": "member-0001", "points": 10}]},
    batch.Operation.SIGNUPS: {"users": [{"identifier": "member-0001", "email": "member@example.com"}]},
    batch.Operation.MEMBERS: {"users": [{"identifier": "member-0001", "first_name": "Ada"}]},
    batch.Operation.LICENSEPLATES: {"users": [{"identifier": "member-0001", "licenseplates": ["AB 123"]}]},
    batch.Operation.PASSES: {"storecard_id": "loyalty", "users": [{"identifier": "member-0001", "points": 10}]},
}
_SUMMARIES: Final[Mapping[batch.Operation, str]] = {
    batch.Operation.COUPONS: "Give coupons to members",
    batch.Operation.STORECARDS: "Give storecards to members",
    batch.Operation.POINTS: "Add points to storecards",
    batch.Operation.SIGNUPS: "Sign members up",
    batch.Operation.MEMBERS: "Change members",
    batch.Operation.LICENSEPLATES: "Add licence plates to members",
    batch.Operation.PASSES: "Change members' passes",
}


def envelope(data: Schema) -> Schema:
    """The document's own around every good answer."""
    return record({"message": {"const": SUCCESSFUL}, "data": data})


SCHEMAS: Final[Mapping[str, Schema]] = {
    "WalletAppError": record({"message": TEXT, "errors": by_name(listed(TEXT))}),
    "Batch": envelope(
        record({"webhook_url": TEXT, "batch_id": IDENTIFIER, "queued": listed(TEXT), "not_found": listed(TEXT)})
    ),
    "BatchTaken": envelope(one_of(DONE.values())),
    "BatchState": envelope(
        record(
            {
                "requested_at": MOMENT,
                "started_processing_at": maybe(MOMENT),
                "finished_processing_at": maybe(MOMENT),
                "status": one_of(BatchStatus),
                "passes": listed(
                    record(
                        {
                            "qr_code": TEXT,
                            "walletapp_code": TEXT,
                            "identifier": TEXT,
                            "download_link": maybe(TEXT),
                        }
                    )
                ),
                "counts": record(dict.fromkeys(("queued", "processing", "done", "failed", "total"), COUNT)),
                "failed": listed(record({"row": COUNT, "identifier": TEXT, "reason": TEXT})),
                "next": maybe(TEXT),
            },
            {"members": listed(record({"row": COUNT, "identifier": TEXT}))},
        )
    ),
}


def bulk(named: batch.Operation) -> Operation:
    """One bulk call; members are changed, and so PUT."""
    document = DOCUMENTS[named]
    users = listed(object_of(document.row), minItems=1, maxItems=MAX_ROWS)
    head = {field.name: "corner-coffee" for field in document.head if field.name == "brand_id"}
    needs_hook = any(field.name == "webhook_url" and field.is_required for field in document.head)
    hook = {"webhook_url": "https://example.com/hook"} if needs_hook else {}
    return Operation(
        "PUT" if named is batch.Operation.MEMBERS else "POST",
        f"/bulk/{named}",
        f"bulk_{named}",
        _SUMMARIES[named],
        {202: Answer("The batch is queued.", ref("BatchTaken" if named in DONE else "Batch"), headers=_HEADERS)},
        refuses=(401, 403, 413, 422),
        abilities=(STORE[named],),
        parameters=(
            Parameter("Idempotency-Key", text(MAX_KEY, pattern="^[!-~]+$"), "The same key, the same batch.", "header"),
        ),
        body=Body(object_of(document.head, {"users": users}), {**head, **hook, **_EXAMPLES[named]}),
    )


STATUS: Final = Operation(
    "GET",
    "/webhooks/{operation}/{batch_id}",
    "batch_status",
    "How far a batch is",
    {200: Answer("Its counts, and a part of its results.", ref("BatchState"))},
    refuses=(401, 403, 404, 422),
    description="`next` leads to the rest of the results.",
    abilities=tuple(dict.fromkeys(GET.values())),
    parameters=(
        Parameter("operation", one_of(batch.Operation), "The bulk call that made it.", "path"),
        Parameter("batch_id", IDENTIFIER, "", "path"),
        Parameter("offset", whole(0, 999_999_999), "The first row of the body; 0 where it is left out."),
        Parameter("limit", whole(1, MAX_LIMIT), f"Rows; {MAX_LIMIT} where it is left out."),
    ),
)

WALLETAPP: Final = Door(
    "WalletApp",
    "Bulk requests on members, coupons and storecards, as the WalletApp document has them.",
    "bulk_api",
    REFUSALS,
    (*(bulk(named) for named in batch.Operation), STATUS),
    SCHEMAS,
)
