"""Wpay in memory, as its batch order document says, with the accidents of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from urllib.parse import unquote

from giftline.suppliers.http import Answer
from tests.simulation.suppliers import wpay_bodies as bodies
from tests.simulation.suppliers.course import Course, begin
from tests.simulation.suppliers.ledger import Sale, SoldCard
from tests.simulation.suppliers.road import ON_SALES, Reply, header
from tests.simulation.suppliers.simulated import SimulatedSupplier
from tests.simulation.suppliers.wpay_bodies import OrderRequest, Refused, refusal

ORDERS: Final = "/v1/partner/giftcards/orders"
REVERSE: Final = "/v1/partner/giftcards/orders/reverse"
ORDER: Final = "/v1/partner/giftcards/order/"
LARGEST_PAGE: Final = 500

REFUSALS: Final = (5320, 5318, 5038)
TAKEN: Final = (5313, 5313, 5313, 5002)
ABSENT: Final = (404, 400)
STRANGE: Final = ("Activate Error", "Closed", "VENDOR_HOLD", "")
PROCESSING_TIMES: Final = (*((10_000, 290_000),) * 12, *((290_000, 1_200_000),) * 3, (1_200_000, 10_800_000))
"""Mostly ready when first asked about: every further question is much like the one before."""
AT_ONCE_TIMES: Final = (*((0, 0),) * 3, PROCESSING_TIMES[0])
"""With syncOnly true; what takes longer goes on as a batch."""
ERRORS: Final = {
    429: refusal(429, 429, "Too many requests")[1],
    500: refusal(500, "GC-5555", "Something went wrong, please try again")[1],
    503: refusal(503, "GC-5555", "Service unavailable")[1],
}
STRANGER: Final = ("AAN9299999999", "somebody-elses-0001")


@dataclass(frozen=True, slots=True)
class Order:
    """`shown`: the cardIds that some answer has carried."""

    order_id: str
    first_card_id: int
    currency: str
    sale: Sale
    course: Course
    shown: set[int] = field(default_factory=set)


class SimulatedWpay(SimulatedSupplier):
    """Sells under a refno, or twice under it where it is not `unique`."""

    errors = ERRORS
    brand = 8

    def _open(self) -> None:
        self._next_card_id = 370_001
        self._by_refno: dict[str, list[Order]] = {}
        self._by_order_id: dict[str, Order] = {}

    def request(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
    ) -> Answer:
        """One request; what it does happens at `now()`, before any of `seconds` has passed."""
        self.catch_up()
        if not header(headers, "x-api-key"):
            return self._road.carry(lambda _: refusal(401, 401, "Unauthorised"), seconds)
        if method == "POST" and path == ORDERS:
            return self._road.carry(partial(self._place, body), seconds, ON_SALES)
        if method == "POST" and path == REVERSE:
            return self._road.carry(partial(self._take_back, body), seconds)
        place, _, query = path.removeprefix(ORDER).partition("?")
        name, _, question = place.partition("/")
        if method == "GET" and path.startswith(ORDER) and question == "status":
            return self._road.carry(partial(self._tell_status, unquote(name)), seconds)
        if method == "GET" and path.startswith(ORDER) and question == "cards":
            return self._road.carry(partial(self._show_cards, unquote(name), query), seconds)
        return self._road.carry(lambda _: refusal(404, 404, "No such resource"), seconds)

    def _place(self, body: bytes | None, at: int) -> Reply:
        try:
            request = bodies.read_order(body)
        except Refused as refused:
            return refusal(400, refused.code, "Invalid request")
        if self._draw.happens("refused"):
            return self._refuse()
        if self._unique and request.refno in self._by_refno:
            return refusal(400, self._draw.one_of(TAKEN), "Duplicate reference number")
        order = self._sell(request, at)
        if self._draw.happens("refused after commit"):
            return self._refuse()
        if request.at_once and order.course.is_done(at) and not order.sale.dead:
            return bodies.placed_at_once(request, order.order_id, enumerate(order.sale.cards, order.first_card_id))
        return bodies.placed(request, order.order_id)

    def _refuse(self) -> Reply:
        return refusal(400, self._draw.one_of(REFUSALS), "Refused")

    def _sell(self, request: OrderRequest, at: int) -> Order:
        dead = self._draw.happens("cancelled")
        ending = self._draw.one_of(("CANCELED", "CANCELLED")) if dead else "COMPLETE"
        times = AT_ONCE_TIMES if request.at_once else PROCESSING_TIMES
        course = begin(self._draw, at, times, ("PENDING", "PROCESSING", ending))
        cards = () if dead else self._printer.cards(request.lines)
        sale = Sale(request.refno, request.lines, cards, at, dead)
        order_id = f"AAN92{len(self._by_order_id) + 1:08d}"
        order = Order(order_id, self._next_card_id, request.currency, sale, course)
        self._next_card_id += len(cards)
        self._by_refno.setdefault(request.refno, []).append(order)
        self._by_order_id[order_id] = order
        self.ledger.add(sale)
        return order

    def _take_back(self, body: bytes | None, at: int) -> Reply:
        """Once it is complete; asked again about what it took back, it says so again."""
        refno = bodies.read_refno(body)
        order = self._by_refno[refno][-1] if refno in self._by_refno else None
        if order is None or not order.course.is_done(at) or not order.sale.cards:
            return refusal(400, 5320, "Order not available")
        if not order.sale.dead:
            if self._draw.happens("card used"):
                return refusal(400, 5000, "A card was used")
            words = (*order.course.words[:2], "CANCELED")
            gone = replace(order, sale=self.ledger.take_back(order.sale), course=replace(order.course, words=words))
            self._by_refno[refno][-1] = self._by_order_id[order.order_id] = gone
        return bodies.reversed_order(refno)

    def _tell_status(self, refno: str, at: int) -> Reply:
        if self._draw.happens("other order"):
            return self._tell_other(refno, at)
        for order in reversed(self._by_refno.get(refno, ())):
            if at >= order.course.known:
                return bodies.status(order.course.word(at, self._draw, STRANGE), order.order_id, refno)
        return refusal(self._draw.one_of(ABSENT), 5320, "Order not available")

    def _tell_other(self, refno: str, at: int) -> Reply:
        others = [order for order in self._by_order_id.values() if order.sale.reference != refno]
        if not others:
            return bodies.status("COMPLETE", *STRANGER)
        other = self._draw.one_of(others)
        return bodies.status(other.course.word(at, self._draw, STRANGE), other.order_id, other.sale.reference)

    def _show_cards(self, order_id: str, query: str, at: int) -> Reply:
        order = self._by_order_id.get(order_id)
        if order is None:
            return refusal(404, 5320, "Order not available")
        try:
            offset, limit = read_page(query)
        except ValueError:
            return refusal(400, 5000, "Wrong offset or limit")
        if not order.course.is_done(at):
            return refusal(409, 409, "The order is still being processed")
        if order.sale.dead:
            return refusal(410, 410, "The order is cancelled")
        if self._draw.happens("not yet"):
            return refusal(409, 409, "The order is still being processed")
        return self._page(order, offset, limit)

    def _page(self, order: Order, offset: int, limit: int) -> Reply:
        shown = self._choose(order, offset, limit)
        hidden = self._hide_pin(order, shown)
        total = len(order.sale.cards)
        if self._draw.happens("wrong total_cards"):
            total = self._draw.one_of((1, self._draw.whole(0, 2 * total)))
        return bodies.page(offset, shown, hidden, order.currency, total)

    def _choose(self, order: Order, offset: int, limit: int) -> list[tuple[int, SoldCard]]:
        """The cards of a page with their cardIds; each accident only where it makes a difference."""
        draw, count = self._draw, len(order.sale.cards)
        start = offset
        if offset and draw.happens("repeated page"):
            start = offset - limit
        elif count > 1 and draw.happens("wrong page"):
            start = (offset + draw.whole(1, count - 1)) % count
        cards = list(enumerate(order.sale.cards[start : start + limit], order.first_card_id + start))
        if cards and draw.happens("short page"):
            cards = cards[: draw.whole(0, len(cards) - 1)]
        if len(cards) > 1 and draw.happens("repeated card"):
            here = draw.whole(1, len(cards) - 1)
            cards[here] = cards[here - 1]
        return draw.shuffled(cards) if len(cards) > 1 and draw.happens("reordered") else cards

    def _hide_pin(self, order: Order, cards: list[tuple[int, SoldCard]]) -> int:
        """The cardId whose PIN is left out, 0 for none."""
        new = [card_id for card_id, _ in cards if card_id not in order.shown]
        order.shown.update(new)
        return self._draw.one_of(new) if new and self._draw.happens("card without pin") else 0


def read_page(query: str) -> tuple[int, int]:
    """Offset and limit; raises ValueError where the offset is no multiple of a limit of up to 500."""
    asked = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    offset, limit = int(asked.get("offset", 0)), int(asked.get("limit", 100))
    if offset < 0 or not 1 <= limit <= LARGEST_PAGE or offset % limit:
        raise ValueError(query)
    return offset, limit
