"""The operators' calls: what is in review in all tenants, and one act on one lot of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.doors import reviews_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, read_object, text_of, token_of, unknown_fields, whole_number
from giftline.errors import FieldProblem, InvalidRequest, NotFound
from giftline.orders.model import is_refno
from giftline.orders.reviewing import ListReviews, ResolveReview, Way
from giftline.orders.timing import Timing

MAX_BODY: Final = 16 * 1024
MAX_WHY: Final = 500
MAX_WHO: Final = 100
FIELDS: Final = ("act", "why", "who")


@dataclass(frozen=True, slots=True)
class ActRequest:
    """What a person wants done about a lot; `who` is empty where the token's tenant stands for them."""

    way: Way
    why: str
    who: str


@dataclass(frozen=True, slots=True)
class ReviewsDoor:
    """Errors are raised; `error_reply` turns them into answers."""

    tokens: Tokens
    list_reviews: ListReviews
    resolve_review: ResolveReview
    timing: Timing

    def list(self, call: Call) -> Reply:
        authorize(self.tokens, token_of(call.headers), Ability.REVIEWS)
        found = self.list_reviews()
        return Reply(200, {"reviews": [reviews_answers.review(one, self.timing) for one in found]})

    def resolve(self, call: Call, order_id: str, lot: str) -> Reply:
        access = authorize(self.tokens, token_of(call.headers), Ability.REVIEWS)
        number = whole_number(lot)
        if number is None or not is_refno(order_id):
            raise NotFound(f"nothing in review is called {order_id!r:.80} with lot {lot!r:.20}")
        act = parse_act(text_of(call))
        who = act.who or access.tenant
        after = self.resolve_review(order_id, number, act.way, who, act.why)
        logging.getLogger(__name__).info("review of %s, lot %d: %s by %r", order_id, number, act.way, who)
        return Reply(200, reviews_answers.resolved(order_id, after))


def parse_act(text: str) -> ActRequest:
    """TooLarge, or InvalidRequest naming every wrong field; a field of no meaning may be a slip."""
    body = read_object(text, MAX_BODY, "a JSON object with act, why and perhaps who")
    problems = [
        *_act_problems(body),
        *_text_problems(body, "why", MAX_WHY, is_required=True),
        *_text_problems(body, "who", MAX_WHO, is_required=False),
        *unknown_fields(body, FIELDS),
    ]
    if problems:
        raise InvalidRequest(problems)
    return ActRequest(Way(body["act"]), body["why"].strip(), (body.get("who") or "").strip())


def _act_problems(body: Mapping[str, Any]) -> list[FieldProblem]:
    expected = f"one of {', '.join(Way)}"
    if "act" not in body:
        return [FieldProblem("act", "missing", expected)]
    act = body["act"]
    known = isinstance(act, str) and act in list(Way)
    return [] if known else [FieldProblem("act", f"{act!r:.40} is no act", expected)]


def _text_problems(body: Mapping[str, Any], name: str, most: int, *, is_required: bool) -> list[FieldProblem]:
    expected = f"1 to {most} printable characters"
    text = body.get(name)
    if text is None:
        return [FieldProblem(name, "missing", expected)] if is_required else []
    if not isinstance(text, str):
        return [FieldProblem(name, "not a text", expected)]
    if not text.strip():
        return [FieldProblem(name, "empty", expected)]
    if len(text) > most:
        return [FieldProblem(name, f"{len(text)} characters", expected)]
    return [] if text.isprintable() else [FieldProblem(name, "holds a character that cannot be printed", expected)]
