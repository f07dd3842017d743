"""A tenant's calls on its webhooks, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giftline.accounts.model import Ability
from giftline.delivery.events import EventState
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import COUNT, FLAG, MOMENT, TEXT, listed, maybe, one_of, record, ref, whole
from giftline.doors.webhooks_requests import DEFAULT_LIMIT, EVENT_ID, MAX_LIMIT

_EVENT_ID: Final = {"type": "string", "pattern": f"^{EVENT_ID.pattern}$"}
_OF_PATH: Final = Parameter("event_id", _EVENT_ID, "", "path")
_EVENT: Final[Mapping[str, Schema]] = {
    "id": _EVENT_ID,
    "state": one_of(EventState),
    "subject": TEXT,
    "url": TEXT,
    "createdAt": MOMENT,
    "tries": COUNT,
    "lastStatus": maybe(COUNT),
    "lastProblem": maybe(TEXT),
    "nextTryAt": maybe(MOMENT),
}
_ATTEMPT: Final = record(
    {
        "number": COUNT,
        "run": COUNT,
        "at": MOMENT,
        "status": maybe(COUNT),
        "problem": maybe(TEXT),
        "milliseconds": COUNT,
    }
)
SCHEMAS: Final[Mapping[str, Schema]] = {
    "WebhookEvent": record(_EVENT),
    "WebhookEvents": record({"events": listed(ref("WebhookEvent")), "next": maybe(_EVENT_ID)}),
    "WebhookEventWhole": record({**_EVENT, "endpointDisabled": FLAG, "body": TEXT, "attempts": listed(_ATTEMPT)}),
    "Resent": record({"resent": COUNT, "events": listed(_EVENT_ID), "next": maybe(_EVENT_ID)}),
    "SigningSecret": record(
        {
            "secret": TEXT,
            "madeAt": MOMENT,
            "previousSecret": maybe(TEXT),
            "previousSignsUntil": maybe(MOMENT),
        }
    ),
}
_RANGE: Final = record({"from": MOMENT, "to": MOMENT}, {"next": _EVENT_ID}, additionalProperties=False)
_EXAMPLE: Final = {"from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z"}


def _call(method: str, path: str, name: str, summary: str, answer: tuple[int, str, str], **more: Any) -> Operation:
    status, told, schema = answer
    return Operation(
        method,
        f"/v1/webhooks{path}",
        name,
        summary,
        {status: Answer(told, ref(schema))},
        refuses=(401, 403, *more.pop("refuses", ())),
        abilities=(Ability.WEBHOOKS,),
        **more,
    )


WEBHOOKS: Final = Door(
    "Webhooks",
    "What was sent to a tenant's backend, sending it again, and the secret that signs it.",
    "webhooks_api",
    HOUSE,
    (
        _call(
            "GET",
            "",
            "list_webhooks",
            "What was sent",
            (200, "A page of events; `next` leads on.", "WebhookEvents"),
            refuses=(400,),
            parameters=(
                Parameter("from", MOMENT, "Made then or later."),
                Parameter("to", MOMENT, "Made before then."),
                Parameter("state", one_of(EventState)),
                Parameter("limit", whole(1, MAX_LIMIT), f"{DEFAULT_LIMIT} where it is left out."),
                Parameter("next", _EVENT_ID, "What the page before gave as next."),
            ),
        ),
        _call(
            "GET",
            "/{event_id}",
            "show_webhook",
            "One event",
            (200, "With its body and every attempt.", "WebhookEventWhole"),
            refuses=(404,),
            parameters=(_OF_PATH,),
        ),
        _call(
            "POST",
            "/{event_id}/resend",
            "resend_webhook",
            "Send one again",
            (202, "It is on its way.", "WebhookEvent"),
            refuses=(404,),
            parameters=(_OF_PATH,),
        ),
        _call(
            "POST",
            "/resend",
            "resend_failed",
            "Send again what failed",
            (202, "A part of them; `next` leads on.", "Resent"),
            refuses=(400, 413),
            body=Body(_RANGE, _EXAMPLE),
        ),
        _call("GET", "/secret", "show_secret", "The secret", (200, "The secret that signs now.", "SigningSecret")),
        _call(
            "POST",
            "/secret/rotate",
            "rotate_secret",
            "Make a new secret",
            (200, "The new one; the one before signs for a while beside it.", "SigningSecret"),
            refuses=(409,),
        ),
    ),
    SCHEMAS,
)
