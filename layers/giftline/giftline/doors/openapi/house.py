"""How Giftline's own calls refuse, as `doors.answers` does it: the Wpay document's shape of an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from giftline.doors.openapi.model import Refusals, Schema
from giftline.doors.openapi.schemas import TEXT, WHOLE, listed, record, ref

SCHEMAS: Final[Mapping[str, Schema]] = {
    "Error": record(
        {
            "code": WHOLE,
            "message": TEXT,
            "messages": listed(record({"field": TEXT, "problem": TEXT, "expected": TEXT})),
        },
        description="What was wrong; under `messages` every wrong field at once.",
    ),
    "GatewayMessage": record(
        {"message": TEXT}, description="The gateway's own word, where the call came no further than that."
    ),
}
HOUSE: Final = Refusals(
    ref("Error"),
    {
        400: "A wrong field, or several: each is named.",
        401: "No token, or one that nobody here has.",
        403: "The token lacks an ability; the message says which.",
        404: "Not there, or another tenant's: nothing tells the two apart.",
        409: "Not in this state, or not yet.",
        410: "Cancelled, or gone.",
        413: "The body is too large.",
        500: "Our own fault.",
        503: "Somebody else changed the same at this moment; nothing was done, and the call can be sent again.",
    },
    always=(500, 503),
)
