"""A tenant's calls on its webhooks: what was sent, sending it again, and the secret that signs it."""

from __future__ import annotations

from dataclasses import dataclass

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.delivery.listing import ListEvents, ViewEvent
from giftline.delivery.resending import ResendEvent, ResendFailed
from giftline.delivery.signing_secrets import SigningSecrets
from giftline.doors import webhooks_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, text_of, token_of
from giftline.doors.webhooks_requests import EVENT_ID, parse_list, parse_range
from giftline.errors import NotFound
from giftline.orders.ports import Clock


@dataclass(frozen=True, slots=True)
class WebhooksDoor:
    """Errors are raised; `error_reply` turns them into answers. Only the token's tenant is seen."""

    tokens: Tokens
    list_events: ListEvents
    view_event: ViewEvent
    resend_event: ResendEvent
    resend_failed: ResendFailed
    signing_secrets: SigningSecrets
    clock: Clock

    def list(self, call: Call) -> Reply:
        tenant = self._tenant(call)
        asked = parse_list(call.query_string_parameters, self.clock.now())
        page = self.list_events(tenant, asked.start, asked.end, asked.state, asked.limit, asked.after)
        return Reply(200, webhooks_answers.listed(page))

    def show(self, call: Call, event_id: str) -> Reply:
        return Reply(200, webhooks_answers.shown(self.view_event(self._tenant(call), checked_id(event_id))))

    def resend(self, call: Call, event_id: str) -> Reply:
        tenant = self._tenant(call)
        return Reply(202, webhooks_answers.event(self.resend_event(tenant, checked_id(event_id))))

    def resend_all_failed(self, call: Call) -> Reply:
        """A part of the range; where `next` is not null, the same call with it goes on."""
        tenant = self._tenant(call)
        asked = parse_range(text_of(call))
        resent = self.resend_failed(tenant, asked.start, asked.end, asked.after)
        return Reply(202, webhooks_answers.resent(resent))

    def secret(self, call: Call) -> Reply:
        return Reply(200, webhooks_answers.secret(self.signing_secrets(self._tenant(call))))

    def rotate(self, call: Call) -> Reply:
        return Reply(200, webhooks_answers.secret(self.signing_secrets.rotate(self._tenant(call))))

    def _tenant(self, call: Call) -> str:
        return authorize(self.tokens, token_of(call.headers), Ability.WEBHOOKS).tenant


def checked_id(event_id: str) -> str:
    """An id of no event's form is as unknown as any."""
    if not EVENT_ID.fullmatch(event_id):
        raise NotFound(f"no webhook event with id {event_id!r:.80}")
    return event_id
