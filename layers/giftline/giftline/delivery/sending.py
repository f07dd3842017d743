"""One try to deliver an event: at least once under one id, never sooner or more often than planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from giftline.delivery.attempts import Attempt, Endpoint
from giftline.delivery.events import EventState, Millis, WebhookEvent
from giftline.delivery.signing import signed_headers
from giftline.delivery.signing_secrets import Signing
from giftline.errors import NotFound, StaleWrite
from giftline.orders.timing import MINUTE, SECOND, Timing, timestamp

if TYPE_CHECKING:
    from giftline.delivery.ports import Answer, Webhooks, WebhookSender
    from giftline.orders.ports import Clock

DISABLED: Final = "endpoint disabled by 410; enable it by resending"
GONE_STATUS: Final = 410
MAX_PROBLEM: Final = 500
JITTER_SHARE: Final = 0.1
EARLY: Final[Millis] = SECOND
"""A wait may end that much before its time, by the clock of another machine. Never scaled."""
TASK_TAKES: Final[Millis] = MINUTE
"""One invocation with its deadline. Never scaled."""
LOST_AFTER: Final[Millis] = 10 * MINUTE
"""An execution that has not tried by then, after its time, is given up for lost."""
RECORD_TRIES: Final = 5


class Found(StrEnum):
    """What became of a try. GONE: there is nothing to do for this run (any more)."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GIVEN_UP = "given_up"
    DISABLED = "disabled"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Sent:
    """`wait_until`: when the next try is due; now, where there is none."""

    found: Found
    wait_until: Millis

    def as_state(self) -> dict[str, str]:
        """As the state machine reads it."""
        return {"found": self.found.value, "wait_until": timestamp(self.wait_until)}


@dataclass(frozen=True, slots=True)
class SendWebhook:
    """Counts the try before it sends, so that no crash makes it send more often than it may."""

    webhooks: Webhooks
    sender: WebhookSender
    signing_secrets: Callable[[str], Signing]
    clock: Clock
    timing: Timing
    jitter: Callable[[], float]

    def __call__(self, tenant: str, event_id: str, run: int, delays: Sequence[int]) -> Sent:
        """`delays`: seconds before each try (unscaled); there are as many tries as delays."""
        now = self.clock.now()
        try:
            event = self.webhooks.get(tenant, event_id)
        except NotFound:
            return Sent(Found.GONE, now)
        if event.state is not EventState.PENDING or event.runs != run:
            return Sent(Found.GONE, now)
        if event.try_at is not None and now < event.try_at - EARLY:
            return Sent(Found.AGAIN, event.try_at)
        if event.tries_now >= len(delays):
            return self._fail(event, Found.GIVEN_UP, event.last_problem or "every try was made")
        if self.webhooks.disabled(tenant, event.url) is not None:
            return self._fail(event, Found.DISABLED, DISABLED)
        return self._try(event, delays)

    def _fail(self, event: WebhookEvent, found: Found, problem: str) -> Sent:
        self.webhooks.save(_failed(replace(event, last_problem=problem)))
        return Sent(found, self.clock.now())

    def _try(self, event: WebhookEvent, delays: Sequence[int]) -> Sent:
        """Secrets are opened first: trouble with them is not a try."""
        secrets, now = self.signing_secrets(event.tenant).secrets, self.clock.now()
        attempt = Attempt(event.tenant, event.id, event.tries + 1, event.runs, now)
        planned = self._planned(replace(event, tries=attempt.number), delays)
        counted = replace(planned, last_status=None, last_problem=attempt.problem)
        counted = self.webhooks.save(counted, attempt)
        headers = signed_headers(event.id, event.body, now, secrets)
        answer = self.sender.post(event.url, event.body.encode(), headers)
        return self._record(counted, attempt, answer, delays)

    def _planned(self, event: WebhookEvent, delays: Sequence[int]) -> WebhookEvent:
        """With the time of its next try, and from when on the sweep takes it for lost."""
        now, made = self.clock.now(), event.tries_now
        delay = delays[made] * SECOND * (1 + JITTER_SHARE * self.jitter()) if made < len(delays) else 0
        try_at = now + self.timing.scaled(round(delay))
        return replace(event, try_at=try_at, due_at=try_at + TASK_TAKES + self.timing.scaled(LOST_AFTER))

    def _record(self, event: WebhookEvent, attempt: Attempt, answer: Answer, delays: Sequence[int]) -> Sent:
        """What the endpoint said is a fact, whoever wrote to the event meanwhile."""
        problem = _problem(answer)
        made = replace(attempt, status=answer.status, problem=problem, milliseconds=answer.milliseconds)
        for _ in range(RECORD_TRIES):
            found = _found(event, attempt, answer, len(delays))
            after = replace(event, last_status=answer.status, last_problem=problem)
            if found is Found.DELIVERED:
                after = replace(after, state=EventState.DELIVERED, try_at=None, due_at=None)
            elif found is Found.AGAIN:
                after = self._planned(after, delays)
            elif found is not Found.GONE:
                after = _failed(after)
            disabled = Endpoint(event.tenant, event.url, self.clock.now()) if found is Found.DISABLED else None
            try:
                self.webhooks.save(after, made, disabled)
            except StaleWrite:
                event = self.webhooks.get(event.tenant, event.id)
            else:
                return Sent(found, after.try_at or self.clock.now())
        raise StaleWrite(f"event {event.id} kept moving: try {attempt.number} stays without its outcome")


def _found(event: WebhookEvent, attempt: Attempt, answer: Answer, tries: int) -> Found:
    """Success counts for any run; what failed is only for the run that tried it to judge."""
    if answer.status is not None and 200 <= answer.status < 300:
        return Found.DELIVERED
    if event.state is not EventState.PENDING or (event.runs, event.tries) != (attempt.run, attempt.number):
        return Found.GONE
    if answer.status == GONE_STATUS:
        return Found.DISABLED
    return Found.GIVEN_UP if event.tries_now >= tries else Found.AGAIN


def _problem(answer: Answer) -> str:
    status = answer.status
    if status is not None and 200 <= status < 300:
        return ""
    if status is None:
        said = "no answer"
    else:
        said = f"answered {status}" + ("; redirects are not followed" if 300 <= status < 400 else "")
    return (answer.problem or f"{said}; expected 2xx")[:MAX_PROBLEM]


def _failed(event: WebhookEvent) -> WebhookEvent:
    return replace(event, state=EventState.FAILED, try_at=None, due_at=None)
