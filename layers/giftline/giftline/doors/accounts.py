"""Calls on money: an operator's for any tenant, a tenant's own to look at its balances and their entries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.funding import ManageFunds, ViewFunds
from giftline.accounts.model import Ability
from giftline.doors import accounts_answers
from giftline.doors.accounts_requests import MoveRequest, parse_entries, parse_limits, parse_move
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, text_of, token_of
from giftline.errors import InsufficientFunds, InvalidRequest, NotFound

MAX_TENANT: Final = 64


@dataclass(frozen=True, slots=True)
class AccountsDoor:
    """Errors are raised; `error_reply` turns them into answers."""

    tokens: Tokens
    manage: ManageFunds
    view: ViewFunds
    url_problem: Callable[[str], str] | None = None

    # --- an operator's: all tenants

    def deposit(self, call: Call, tenant: str) -> Reply:
        """Once a reference: the same call again answers the same and moves nothing."""
        who, named, move = self._move(call, tenant)
        entry = self.manage.deposit(named, move.money.currency, move.money.minor, move.reference)
        _log("deposit", named, move, who)
        return Reply(201, accounts_answers.moved(entry))

    def withdraw(self, call: Call, tenant: str) -> Reply:
        """As `deposit`; no more than is available."""
        who, named, move = self._move(call, tenant)
        try:
            entry = self.manage.withdraw(named, move.money.currency, move.money.minor, move.reference)
        except InsufficientFunds as refusal:  # in the words of this call, not of an order's
            problems = [replace(problem, field="amount", code="") for problem in refusal.problems]
            raise InvalidRequest(problems) from refusal
        _log("withdrawal", named, move, who)
        return Reply(201, accounts_answers.moved(entry))

    def set_limits(self, call: Call, tenant: str) -> Reply:
        """All of them at once, for one currency."""
        who, named = self._operator(call), checked_tenant(tenant)
        asked = parse_limits(text_of(call), self.url_problem)
        after = self.manage.set_limits(named, asked.currency, asked.limits)
        logging.getLogger(__name__).info("limits of %s in %s set by %r", named, asked.currency.code, who)
        return Reply(200, accounts_answers.limited(after))

    def balances_of(self, call: Call, tenant: str) -> Reply:
        return self._balances(self._known(call, tenant))

    def entries_of(self, call: Call, tenant: str) -> Reply:
        return self._entries(call, self._known(call, tenant))

    # --- a tenant's own

    def balances(self, call: Call) -> Reply:
        return self._balances(authorize(self.tokens, token_of(call.headers), Ability.BALANCE_GET).tenant)

    def entries(self, call: Call) -> Reply:
        return self._entries(call, authorize(self.tokens, token_of(call.headers), Ability.BALANCE_GET).tenant)

    def _balances(self, tenant: str) -> Reply:
        return Reply(200, accounts_answers.balances(tenant, self.view.balances(tenant)))

    def _entries(self, call: Call, tenant: str) -> Reply:
        asked = parse_entries(call.query_string_parameters)
        page = self.view.entries(tenant, asked.currency, asked.after, asked.limit)
        return Reply(200, accounts_answers.entries(tenant, page))

    def _operator(self, call: Call) -> str:
        return authorize(self.tokens, token_of(call.headers), Ability.ACCOUNTS).tenant

    def _known(self, call: Call, tenant: str) -> str:
        self._operator(call)
        named = checked_tenant(tenant)
        self.manage.check(named)
        return named

    def _move(self, call: Call, tenant: str) -> tuple[str, str, MoveRequest]:
        return self._operator(call), checked_tenant(tenant), parse_move(text_of(call))


def checked_tenant(text: str) -> str:
    """From a path. What cannot name a tenant is as unknown as any."""
    tenant = unquote(text)
    if not (0 < len(tenant) <= MAX_TENANT and tenant.isascii()):
        raise NotFound(f"no tenant is called {tenant!a:.80}")
    return tenant


def _log(what: str, tenant: str, move: MoveRequest, who: str) -> None:
    """Who moved money is on record in the log; the entry says what and when."""
    money, code = move.money, move.money.currency.code
    logging.getLogger(__name__).info("%s of %s %s, %s, by %r: %r", what, money, code, tenant, who, move.reference)
