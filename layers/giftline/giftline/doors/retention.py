"""Calls on retention: for how long each tenant's cards are kept, and the proof that an order's are gone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.doors import retention_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, access_of, text_of, token_of
from giftline.doors.retention_requests import parse_rule
from giftline.orders.model import is_refno

if TYPE_CHECKING:
    from giftline.orders.retention_ports import RetentionRules
    from giftline.orders.retention_setting import SetRetention, ViewRemoval


@dataclass(frozen=True, slots=True)
class RetentionDoor:
    """Errors are raised; `error_reply` turns them into answers.

    Setting a rule is an operator's call: what it removes nobody brings back, and a tenant's token lies in programs.
    """

    tokens: Tokens
    rules: RetentionRules
    set_retention: SetRetention
    view_removal: ViewRemoval

    def list(self, call: Call) -> Reply:
        authorize(self.tokens, token_of(call.headers), Ability.ACCOUNTS)
        return Reply(200, {"rules": [retention_answers.rule(one) for one in self.rules.all()]})

    def set(self, call: Call, tenant: str) -> Reply:
        access = authorize(self.tokens, token_of(call.headers), Ability.ACCOUNTS)
        asked = parse_rule(text_of(call))
        who = asked.who or access.tenant
        found = self.set_retention(unquote(tenant), asked.days, who, dry_run=asked.dry_run)
        if not asked.dry_run:
            logging.getLogger(__name__).info("retention of %r: %r days by %r", found.rule.tenant, asked.days, who)
        return Reply(200, retention_answers.rule_set(found, dry_run=asked.dry_run))

    def removal(self, call: Call, order_id: str) -> Reply:
        """Of the tenant's own orders, and for operators of any tenant's; 404 alike for foreign and unknown ones, and
        for those that keep their cards.
        """
        access = access_of(self.tokens, call.headers, Ability.ORDERS_GET)
        owner = self._owner(order_id) if access.is_operator else access.tenant
        return Reply(200, retention_answers.removal(self.view_removal(owner, order_id)))

    def _owner(self, order_id: str) -> str:
        """Nobody, where nothing was removed of an order of that id."""
        found = self.view_removal.kept.removal(order_id) if is_refno(order_id) else None
        return found.tenant if found else ""
