"""What a tenant's backend is told: one event a closed batch or order, under one id for ever."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

Millis = int
"""Milliseconds since 1970, UTC."""


class EventState(StrEnum):
    """PENDING: tries go on. FAILED: ten tries, or the endpoint is disabled; it can be sent again."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One documented body for one URL. `subject` is the batch's or the order's id.

    `runs` counts the executions that were started after the first one: it names the one that may send. Of its
    `tries` those that are `forgiven` lie before it was last resent; before `try_at` it is not tried again.
    """

    id: str
    tenant: str
    url: str = field(repr=False)
    subject: str
    body: str
    created_at: Millis
    state: EventState = EventState.PENDING
    tries: int = 0
    runs: int = 0
    due_at: Millis | None = None
    version: int = 0
    forgiven_tries: int = 0
    try_at: Millis | None = None
    last_status: int | None = None
    last_problem: str = ""

    @property
    def tries_now(self) -> int:
        """Since it was made, or last resent: what the bound on tries counts."""
        return self.tries - self.forgiven_tries


def event_id(subject: str, at: Millis) -> str:
    """Sorts by time, and is the same whoever writes it: `evt_`, 12 hex digits of ms, 16 of the subject's hash."""
    return f"evt_{at:012x}{hashlib.sha256(subject.encode()).hexdigest()[:16]}"


def new_event(tenant: str, subject: str, url: str, body: str, at: Millis, due_at: Millis) -> WebhookEvent:
    """Pending; from `due_at` on, the sweep starts an execution for it, whatever became of the first one."""
    return WebhookEvent(event_id(subject, at), tenant, url, subject, body, at, due_at=due_at)


def success_body(batch_id: str, link: str) -> str:
    """The document's first body."""
    return json.dumps({"status": "success", "batch_id": batch_id, "link": link})


def failed_body(batch_id: str, error: str) -> str:
    """The document's second body."""
    return json.dumps({"status": "failed", "batch_id": batch_id, "error": error})
