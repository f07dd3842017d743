"""What a tenant is told of its webhooks; of a URL, only what names the endpoint."""

from __future__ import annotations

from typing import Any

from giftline.delivery.attempts import Attempt
from giftline.delivery.events import Millis, WebhookEvent
from giftline.delivery.listing import EventView, shown_url
from giftline.delivery.ports import EventsPage
from giftline.delivery.resending import Resent
from giftline.delivery.signing_secrets import Signing
from giftline.orders.timing import timestamp


def listed(page: EventsPage) -> dict[str, Any]:
    """`next` is null at the end."""
    return {"events": [event(one) for one in page.events], "next": page.next or None}


def shown(view: EventView) -> dict[str, Any]:
    """With the body as it is sent, and every attempt."""
    return {
        **event(view.event),
        "endpointDisabled": view.is_disabled,
        "body": view.event.body,
        "attempts": [_attempt(one) for one in view.attempts],
    }


def resent(found: Resent) -> dict[str, Any]:
    """`next` is null where the whole range was looked through."""
    return {"resent": len(found.events), "events": [one.id for one in found.events], "next": found.next or None}


def secret(signing: Signing) -> dict[str, Any]:
    """In the clear: it goes to the tenant and nowhere else."""
    return {
        "secret": signing.current.reveal(),
        "madeAt": timestamp(signing.made_at),
        "previousSecret": signing.previous.reveal() if signing.previous else None,
        "previousSignsUntil": _time(signing.previous_until),
    }


def event(one: WebhookEvent) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": one.state.value,
        "subject": one.subject,
        "url": shown_url(one.url),
        "createdAt": timestamp(one.created_at),
        "tries": one.tries,
        "lastStatus": one.last_status,
        "lastProblem": one.last_problem or None,
        "nextTryAt": _time(one.try_at),
    }


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "number": one.number,
        "run": one.run,
        "at": timestamp(one.at),
        "status": one.status,
        "problem": one.problem or None,
        "milliseconds": one.milliseconds,
    }


def _time(at: Millis | None) -> str | None:
    return None if at is None else timestamp(at)
