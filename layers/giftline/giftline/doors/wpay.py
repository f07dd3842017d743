"""The Wpay document's calls, served: token, request, one use case, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.doors import wpay_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, text_of, token_of, whole_number
from giftline.errors import FieldProblem, InvalidRequest
from giftline.orders.accepting import AcceptOrder
from giftline.orders.catalogue import Catalogue
from giftline.orders.viewing import ViewCards, ViewOrder

MAX_LIMIT: Final = 500
DEFAULT_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class WpayDoor:
    """Errors are raised; `error_reply` turns them into answers."""

    tokens: Tokens
    catalogue: Catalogue
    accept_order: AcceptOrder
    view_order: ViewOrder
    view_cards: ViewCards
    url_problem: Callable[[str], str] | None = None

    def place(self, call: Call) -> Reply:
        tenant = authorize(self.tokens, token_of(call.headers), Ability.ORDERS_STORE).tenant
        # why: pydantic is a third of this function's cold start, and only this call needs it
        from giftline.doors.wpay_requests import parse_order  # noqa: PLC0415

        request = parse_order(tenant, text_of(call), self.catalogue, self.url_problem)
        return Reply(202, wpay_answers.accepted(self.accept_order(request)))

    def status(self, call: Call, refno: str) -> Reply:
        """Links to files with cards are for those alone who may see cards."""
        access = authorize(self.tokens, token_of(call.headers), Ability.ORDERS_GET)
        may_see_cards = Ability.CARDS_GET in access.abilities
        view = self.view_order(access.tenant, unquote(refno), may_see_cards=may_see_cards)
        return Reply(200, wpay_answers.status(view))

    def cards(self, call: Call, order_id: str) -> Reply:
        """First page 200, later ones 201, as the document says."""
        tenant = authorize(self.tokens, token_of(call.headers), Ability.CARDS_GET).tenant
        offset, limit = page_of(call.query_string_parameters)
        part = self.view_cards(tenant, order_id, offset, limit)
        return Reply(200 if offset == 0 else 201, wpay_answers.cards(part, self.catalogue))


def page_of(query: Mapping[str, Any]) -> tuple[int, int]:
    """`limit` 1 to 500, `offset` a multiple of it (docs/protocols.md, cards page)."""
    offset = whole_number(query.get("offset", "0"))
    limit = whole_number(query.get("limit", str(DEFAULT_LIMIT)))
    problems = []
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        expected = f"a whole number from 1 to {MAX_LIMIT}"
        problems.append(FieldProblem("limit", f"{query.get('limit')!r:.40}", expected))
    if offset is None or (limit and limit <= MAX_LIMIT and offset % limit):
        expected = "a whole number from 0 that is a multiple of limit"
        problems.append(FieldProblem("offset", f"{query.get('offset')!r:.40}", expected))
    if problems or offset is None or limit is None:
        raise InvalidRequest(problems)
    return offset, limit
