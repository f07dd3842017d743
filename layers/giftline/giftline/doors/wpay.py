"""The Wpay document's calls, served: token, request, one use case, answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability, Access
from giftline.doors import file_answers, wpay_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, text_of, token_of
from giftline.doors.files import is_file_name
from giftline.doors.wpay_parameters import MAX_LIMIT, find_balance, page_of, read_refno
from giftline.errors import Forbidden, Misconfigured, NotFound
from giftline.orders.accepting import AcceptOrder
from giftline.orders.catalogue import Catalogue
from giftline.orders.model import Order
from giftline.orders.viewing import ViewCards, ViewOrder

if TYPE_CHECKING:
    from giftline.accounts.ports import Ledger
    from giftline.delivery.viewing_files import FileView, ViewFile
    from giftline.orders.cancelling import CancelOrder
    from giftline.orders.holding import HoldOrder
    from giftline.orders.reversing import ReverseOrder

T = TypeVar("T")
HOLD_SECONDS: Final = 10.0
"""For which a client that waits is held; then its order goes on as a batch."""


@dataclass(frozen=True, slots=True)
class WpayDoor:
    """Errors are raised; `error_reply` turns them into answers."""

    tokens: Tokens
    catalogue: Catalogue
    accept_order: AcceptOrder
    view_order: ViewOrder
    view_cards: ViewCards
    url_problem: Callable[[str], str] | None = None
    hold_order: HoldOrder | None = None
    cancel_order: CancelOrder | None = None
    reverse_order: Callable[[], ReverseOrder] | None = None
    """Made when it is first called: it needs the suppliers and their secrets, and hardly any call does."""
    ledger: Ledger | None = None
    hold_seconds: float = HOLD_SECONDS
    view_file: ViewFile | None = None

    def place(self, call: Call) -> Reply:
        """202, or 201 with the cards for a client that waits and whose cards came in time."""
        access = self._access(call, Ability.ORDERS_STORE)
        # why: pydantic is a third of this function's cold start, and only this call needs it
        from giftline.doors.wpay_requests import parse_order  # noqa: PLC0415

        request = parse_order(access.tenant, text_of(call), self.catalogue, self.url_problem)
        if not request.at_once:
            return self._accepted(self.accept_order(request))
        if Ability.CARDS_GET not in access.abilities:
            raise Forbidden(Ability.CARDS_GET)
        order = self.accept_order(request)
        if self.hold_order:
            order = self.hold_order(order, self.hold_seconds)
        return self._cards_at_once(order)

    def status(self, call: Call, refno: str) -> Reply:
        """Links to files with cards are for those alone who may see cards. Until a dropped file is an order, its
        reading is what there is to tell.
        """
        access = self._access(call, Ability.ORDERS_GET)
        may_see_cards = Ability.CARDS_GET in access.abilities
        named = unquote(refno)
        try:
            view = self.view_order(access.tenant, named, may_see_cards=may_see_cards)
        except NotFound:
            file = self._file(access.tenant, named)
            if file is None:
                raise
            return Reply(200, file_answers.status(file))
        return Reply(200, wpay_answers.status(view, cancellable=self._is_cancellable(view.order)))

    def cards(self, call: Call, order_id: str) -> Reply:
        """First page 200, later ones 201, as the document says."""
        tenant = self._access(call, Ability.CARDS_GET).tenant
        offset, limit = page_of(call.query_string_parameters)
        part = self.view_cards(tenant, order_id, offset, limit)
        return Reply(200 if offset == 0 else 201, wpay_answers.cards(part, self.catalogue))

    def cancel(self, call: Call) -> Reply:
        """200 once it is cancelled, 202 while lots under way come to their end."""
        tenant = self._access(call, Ability.ORDERS_STORE).tenant
        refno = read_refno(text_of(call))
        return _stands(_wired(self.cancel_order)(tenant, refno))

    def reverse(self, call: Call) -> Reply:
        """As `cancel`, also of what was sold already."""
        tenant = self._access(call, Ability.ORDERS_STORE).tenant
        refno = read_refno(text_of(call))
        return _stands(_wired(self.reverse_order)()(tenant, refno))

    def balance(self, call: Call) -> Reply:
        tenant = self._access(call, Ability.ORDERS_GET).tenant
        balances = _wired(self.ledger).balances(tenant)
        shown = find_balance(tenant, call.query_string_parameters.get("currency"), balances)
        return Reply(200, wpay_answers.balance(shown, balances))

    def _access(self, call: Call, ability: Ability) -> Access:
        return authorize(self.tokens, token_of(call.headers), ability)

    def _file(self, tenant: str, name: str) -> FileView | None:
        return self.view_file.find(tenant, name) if self.view_file and is_file_name(name) else None

    def _accepted(self, order: Order) -> Reply:
        return Reply(202, wpay_answers.accepted(order, cancellable=self._is_cancellable(order)))

    def _cards_at_once(self, order: Order) -> Reply:
        """What did not come, or not in time, is asked for by its status, as a batch is."""
        if not order.status.has_cards or order.cards_removed_at is not None:
            return self._accepted(order)
        return Reply(201, wpay_answers.at_once(self.view_cards(order.tenant, order.id, 0, MAX_LIMIT), self.catalogue))

    def _is_cancellable(self, order: Order) -> bool:
        return self.cancel_order is not None and self.cancel_order.is_allowed(order)


def _stands(order: Order) -> Reply:
    return Reply(202 if order.status.is_open else 200, wpay_answers.stands(order))


def _wired(part: T | None) -> T:
    if part is None:
        raise Misconfigured("this function was not given what that call needs")
    return part
