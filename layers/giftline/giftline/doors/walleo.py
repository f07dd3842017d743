"""The Walleo document's calls, served: signature, request, one use case, answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol
from urllib.parse import unquote

from giftline.accounts.model import Ability
from giftline.doors import walleo_answers as answers
from giftline.doors.answers import Reply
from giftline.doors.walleo_answers import PullStatus, status_of
from giftline.doors.walleo_refusals import (
    CardNotFound,
    FirstAnswer,
    OutOfStock,
    PullFailed,
    PullRequestNotFound,
    RequestIdUsed,
    WalleoRefused,
    as_documented,
)
from giftline.doors.walleo_requests import InStock, find_product, read_line, read_part, read_request_id, refno_of
from giftline.doors.walleo_signatures import CheckSignature, SignedCall
from giftline.doors.walleo_values import values_of
from giftline.errors import CardsRemoved, RefnoConflict, Refused
from giftline.money import Money
from giftline.orders.accepting import AcceptOrder
from giftline.orders.catalogue import Catalogue, Product
from giftline.orders.holding import HoldOrder
from giftline.orders.model import Card, Order, OrderRequest, OrderStatus
from giftline.orders.ports import Clock, Orders
from giftline.orders.viewing import CardsSlice, ViewCards

SOURCE: Final = "walleo"
HOLD_SECONDS: Final = 9.0
"""The document has its clients wait 10 s."""
COME_BACK_SECONDS: Final = 10
KEEP_REFUSALS: Final = 7 * 24 * 3600
"""Seconds for which a synchronous call is refused as it was the first time."""

Balances = Callable[[str], Sequence[Money]]
"""What a tenant has available, by currency."""


class FirstRefusals(Protocol):
    """What synchronous calls were refused with: HTTP status, code, message."""

    def find(self, tenant: str, refno: str) -> tuple[int, str, str] | None: ...

    def keep(self, tenant: str, refno: str, refusal: tuple[int, str, str], until: int) -> None:
        """The first one stays."""
        ...


def has_offers(product: Product) -> bool:
    return bool(product.offers)


@dataclass(frozen=True, slots=True)
class WalleoDoor:
    """Errors are raised; `walleo_refusals.error_reply` turns them into answers."""

    check: CheckSignature
    catalogue: Catalogue
    accept_order: AcceptOrder
    orders: Orders
    view_cards: ViewCards
    hold_order: HoldOrder
    refusals: FirstRefusals
    clock: Clock
    balances: Balances
    is_in_stock: InStock = has_offers
    hold_seconds: float = HOLD_SECONDS

    def create_pull_request(self, call: SignedCall) -> Reply:
        """RequestIdUsed whatever was ordered under it before, be it the same."""
        caller = self.check(call, Ability.ORDERS_STORE)
        part = read_part(caller.body, "pull_request")
        request_id = read_request_id(part.get("request_id"))
        self.check.once(caller, request_id)
        refno = refno_of(request_id)
        if known := self.orders.find(caller.tenant, refno):
            self._announce_again(known)
            raise RequestIdUsed
        try:
            line = read_line(part, self.catalogue, self.is_in_stock)
            order, is_new = self._order(OrderRequest(caller.tenant, refno, (line,), SOURCE))
        except Refused:
            self.check.spend(caller)
            raise
        if not is_new:
            raise RequestIdUsed
        return Reply(200, answers.created(order, request_id))

    def pull_request(self, call: SignedCall, request_id: str) -> Reply:
        caller = self.check(call, Ability.ORDERS_GET, Ability.CARDS_GET)
        named = unquote(request_id)
        order = self.orders.find(caller.tenant, refno_of(named))
        if order is None or order.source != SOURCE:
            raise PullRequestNotFound(named)
        return Reply(200, answers.pull_request(order, named, self._card(order)))

    def create_card(self, call: SignedCall) -> Reply:
        """The same X-RequestId, the same answer; without one each call is a new card, under an id that we tell."""
        sent = {name.lower(): value for name, value in call.headers.items()}.get("x-requestid", "").strip()
        caller = self.check(call, Ability.ORDERS_STORE, Ability.CARDS_GET)
        part = read_part(caller.body, "card")
        request_id = read_request_id(sent or str(uuid.uuid4()))
        self.check.once(caller, sent)
        refno = refno_of(request_id)
        order = self.orders.find(caller.tenant, refno)
        if order is None:
            order = self._order_at_once(caller.tenant, refno, part)
        else:
            self._announce_again(order)
        if order.source != SOURCE:
            raise RequestIdUsed
        reply = self._held(self.hold_order(order, self.hold_seconds))
        return replace(reply, headers={**reply.headers, "X-RequestId": request_id})

    def card(self, call: SignedCall, card_id: str) -> Reply:
        caller = self.check(call, Ability.CARDS_GET)
        named = unquote(card_id)
        try:
            found = self.view_cards(caller.tenant, answers.order_id_of(named), 0, 1)
        except Refused as error:
            raise CardNotFound(named) from error
        first = _first(found)
        if first is None or found.order.source != SOURCE or status_of(found.order) is not PullStatus.SUCCESS:
            raise CardNotFound(named)
        return Reply(200, {"card": answers.card_fields(found.order, first)})

    def gift_cards(self, call: SignedCall) -> Reply:
        """Those that can be ordered here: some have no amount of whole units."""
        self.check(call)
        products = sorted(self.catalogue.products.values(), key=lambda product: product.sku)
        return Reply(200, [answers.gift_card(one) for one in products if values_of(one) or not one.offers])

    def gift_card(self, call: SignedCall, code: str) -> Reply:
        self.check(call)
        return Reply(200, answers.gift_card(find_product(unquote(code), self.catalogue)))

    def inventory(self, call: SignedCall, code: str) -> Reply:
        self.check(call)
        product = find_product(unquote(code), self.catalogue)
        return Reply(200, answers.inventory(product, is_in_stock=self.is_in_stock(product)))

    def balance(self, call: SignedCall) -> Reply:
        caller = self.check(call, Ability.ORDERS_GET)
        return Reply(200, answers.balance(self.balances(caller.tenant)))

    # --- one order of one card

    def _order(self, request: OrderRequest) -> tuple[Order, bool]:
        """The order of that refno, and whether this call made it: of calls at one time one does."""
        made: list[str] = []

        def new_id() -> str:
            made.append(self.accept_order.new_id())
            return made[-1]

        try:
            order = replace(self.accept_order, new_id=new_id)(request)
        except RefnoConflict:
            known = self.orders.find(request.tenant, request.refno)
            if known is None:
                raise
            return known, False
        return order, order.id in made

    def _order_at_once(self, tenant: str, refno: str, part: Mapping[str, Any]) -> Order:
        """What the first call was refused with is what every later one is refused with."""
        if first := self.refusals.find(tenant, refno):
            raise FirstAnswer(*first)
        try:
            line = read_line(part, self.catalogue, self.is_in_stock)
            return self._order(OrderRequest(tenant, refno, (line,), SOURCE, at_once=True))[0]
        except Refused as error:
            documented = as_documented(error)
            if isinstance(documented, WalleoRefused) and documented.is_final:
                refusal = (documented.status, documented.code, str(documented))
                self.refusals.keep(tenant, refno, refusal, self.clock.now() // 1_000 + KEEP_REFUSALS)
            raise

    def _announce_again(self, known: Order) -> None:
        """A call that found its order not begun sees to it that it is: the one before may have died in between."""
        if known.status is OrderStatus.PENDING and known.source == SOURCE:
            self.accept_order.messages.announce(known.id)

    def _held(self, order: Order) -> Reply:
        status = status_of(order)
        if status is PullStatus.ERROR:
            raise self._failure(order)
        if status is not PullStatus.SUCCESS:
            headers = {"Cache-Control": "no-store", "Retry-After": str(COME_BACK_SECONDS)}
            return Reply(202, answers.come_back_later(), headers)
        card = self._card(order)
        if card is None:
            raise CardNotFound(answers.public_id(order.id, answers.CARD))
        return Reply(200, {"card": answers.card_fields(order, card)})

    def _failure(self, order: Order) -> WalleoRefused:
        """A supplier's own word where the document has it too."""
        sold_out = any(OutOfStock.code in lot.reason for lot in self.orders.lots(order.id))
        return OutOfStock(order.lines[0].sku) if sold_out else PullFailed()

    def _card(self, order: Order) -> Card | None:
        """None where there is none yet, or where its secrets are gone by the tenant's own rule."""
        if status_of(order) is not PullStatus.SUCCESS:
            return None
        try:
            return _first(self.view_cards(order.tenant, order.id, 0, 1))
        except CardsRemoved:
            return None


def _first(part: CardsSlice) -> Card | None:
    return next((card for card in part.cards if card.number), None)
