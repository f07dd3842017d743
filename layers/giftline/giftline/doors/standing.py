"""A tenant's calls on its standing orders: token, request, one use case, answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.doors import standing_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, text_of, token_of
from giftline.doors.standing_listing import checked_id, parse_page
from giftline.orders.catalogue import Catalogue
from giftline.standing.keeping import ChangeStandingOrder, CreateStandingOrder, ViewStandingOrder
from giftline.standing.model import StandingOrder
from giftline.standing.ports import StandingOrders


@dataclass(frozen=True, slots=True)
class StandingDoor:
    """Errors are raised; `error_reply` turns them into answers. Only the token's tenant is seen."""

    tokens: Tokens
    catalogue: Catalogue
    standing_orders: StandingOrders
    create_order: CreateStandingOrder
    change_order: ChangeStandingOrder
    view_order: ViewStandingOrder
    url_problem: Callable[[str], str] | None = None

    def create(self, call: Call) -> Reply:
        """201, also where the same name with the same content is sent again: the same standing order."""
        tenant = self._tenant(call, Ability.ORDERS_STORE)
        # why: pydantic is a third of this function's cold start, and only this call needs it
        from giftline.doors.standing_requests import parse_standing  # noqa: PLC0415

        request = parse_standing(tenant, text_of(call), self.catalogue, self.url_problem)
        return Reply(201, standing_answers.standing_order(self.create_order(request)))

    def list(self, call: Call) -> Reply:
        tenant = self._tenant(call, Ability.ORDERS_GET)
        asked = parse_page(call.query_string_parameters)
        return Reply(200, standing_answers.listed(self.standing_orders.page(tenant, asked.limit, asked.after)))

    def show(self, call: Call, standing_id: str) -> Reply:
        tenant = self._tenant(call, Ability.ORDERS_GET)
        return Reply(200, standing_answers.standing_order(*self.view_order(tenant, checked_id(standing_id))))

    def delete(self, call: Call, standing_id: str) -> Reply:
        """It is ENDED, and can still be read: its orders go on naming it."""
        return self._change(call, standing_id, self.change_order.delete)

    def pause(self, call: Call, standing_id: str) -> Reply:
        return self._change(call, standing_id, self.change_order.pause)

    def resume(self, call: Call, standing_id: str) -> Reply:
        return self._change(call, standing_id, self.change_order.resume)

    def _change(self, call: Call, standing_id: str, act: Callable[[str, str], StandingOrder]) -> Reply:
        tenant = self._tenant(call, Ability.ORDERS_STORE)
        return Reply(200, standing_answers.standing_order(act(tenant, checked_id(standing_id))))

    def _tenant(self, call: Call, ability: Ability) -> str:
        return authorize(self.tokens, token_of(call.headers), ability).tenant
