"""A second Wpay, written from the document alone; it shares nothing with the sandbox and is odd where it may be.

Unknown refnos answer 404, error bodies have no more than a code and a message, `total_cards` is the page's count,
fields of the example that say nothing are left out, and order ids are numbers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.stack_support.door import Cards, cards_of_answer
from tests.stack_support.foreign_accidents import Accident, Accidents
from tests.stack_support.foreign_server import Call, ForeignSupplier, Reply, serve
from tests.stack_support.supplier import lot_reference

KEY = "a-key-of-another-supplier"
ORDERS = "/v1/partner/giftcards/orders"
STATUS = re.compile(r"/v1/partner/giftcards/order/([^/]+)/status")
CARDS = re.compile(r"/v1/partner/giftcards/order/([^/]+)/cards")
STATUSES = ("PENDING", "PROCESSING", "COMPLETE")
MOST_AT_ONCE = 10
NOT_AVAILABLE = {"code": 5320, "message": "Order not available"}
ODD_PAGES = (Accident.SHORT_PAGE, Accident.REPEATED_PAGE, Accident.REORDERED_PAGE)


@dataclass
class ForeignWpay(ForeignSupplier):
    """Its books: orders by refno, each with its cards and how often it was asked about."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: set[str | None] = field(default_factory=set)

    def sold(self, order_id: str) -> Cards:
        return cards_of_answer(self.orders[lot_reference(order_id)]["cards"])

    def sold_to(self, order_id: str) -> Cards:
        cards = Cards()
        for refno, order in self.orders.items():
            if order_id in refno:
                cards += cards_of_answer(order["cards"])
        return cards

    def numbers(self) -> list[str]:
        return [card["cardNumber"] for order in self.orders.values() for card in order["cards"]]

    def reference(self, call: Call) -> str:
        return str(call.body.get("refno", ""))

    def oddities(self, call: Call) -> tuple[Accident, ...]:
        path = urlsplit(call.path).path
        if CARDS.fullmatch(path):
            return ODD_PAGES
        return (Accident.STALE,) if STATUS.fullmatch(path) else ()

    def reply(self, call: Call, accident: Accident | None) -> Reply:
        key = call.headers["X-Api-Key"]
        self.keys.add(key)
        if key != KEY:
            return 401, {"code": 401, "message": "Unauthorised"}
        url = urlsplit(call.path)
        if call.method == "POST":
            return self.place(call.body) if url.path == ORDERS else (404, NOT_AVAILABLE)
        if found := STATUS.fullmatch(url.path):
            return self.status(unquote(found[1]), accident)
        if found := CARDS.fullmatch(url.path):
            query = parse_qs(url.query)
            return self.cards(unquote(found[1]), int(query["offset"][0]), int(query["limit"][0]), accident)
        return 404, NOT_AVAILABLE

    def place(self, body: dict[str, Any]) -> Reply:
        refno = body["refno"]
        if refno in self.orders:
            self.refused_twice += 1
            return 400, {"code": 5313, "message": "Duplicate reference number"}
        due = sum(Decimal(str(p["price"])) * p["qty"] for p in body["products"])
        paid = sum(Decimal(str(p["amount"])) for p in body["payments"])
        at_once = body["syncOnly"]
        if due != paid or not isinstance(at_once, bool):
            return 400, {"code": 5036, "message": "Amount mismatch"}
        if at_once and sum(p["qty"] for p in body["products"]) > MOST_AT_ONCE:
            return 400, {"code": 11159, "message": "Quantity"}
        order_id = str(7_000_000 + len(self.orders))
        self.orders[refno] = {
            "orderId": order_id,
            "asked": len(STATUSES) if at_once else 0,
            "known_from": time.monotonic() + self.accidents.lag_of_an_order(),
            "cards": self.make_cards(order_id, body["products"]),
        }
        told = {"orderId": order_id, "refno": refno}
        if at_once:
            return 201, told | {"status": "COMPLETE", "cards": self.orders[refno]["cards"]}
        return 202, told | {"status": "PENDING"}

    def make_cards(self, order_id: str, products: list[dict[str, Any]]) -> list[dict[str, Any]]:
        skus = [(product["sku"], product["price"]) for product in products for _ in range(product["qty"])]
        return [
            {
                "sku": sku,
                "cardNumber": f"5{order_id}{at * 7_919 % 100_000_007:011d}",
                "cardPin": f"{at * 7 % 10_000:04d}",
                "amount": f"{Decimal(str(price)):.2f}",
                "validity": "2030-05-04T18:30:00+00:00",
                "cardId": at + 1,
            }
            for at, (sku, price) in enumerate(skus)
        ]

    def status(self, refno: str, accident: Accident | None) -> Reply:
        order = self.orders.get(refno)
        if order is None or time.monotonic() < order["known_from"]:
            return 404, NOT_AVAILABLE
        furthest = len(STATUSES) - (2 if accident is Accident.STALE else 1)
        word = STATUSES[min(order["asked"], furthest)]
        order["asked"] += 1
        return 200, {"status": word, "orderId": order["orderId"], "refno": refno}

    def cards(self, order_id: str, offset: int, limit: int, accident: Accident | None) -> Reply:
        order = next((one for one in self.orders.values() if one["orderId"] == order_id), None)
        if order is None:
            return 404, NOT_AVAILABLE
        if order["asked"] < len(STATUSES):
            return 409, {"code": 5000, "message": "Order is in process"}
        if not 1 <= limit <= 500 or offset % limit:
            return 400, {"code": 5000, "message": "Wrong page"}
        page = odd_page(order["cards"], offset, limit, accident)
        return (201 if offset else 200), {"cards": page, "total_cards": len(page)}


def odd_page(cards: list[dict[str, Any]], offset: int, limit: int, accident: Accident | None) -> list[dict[str, Any]]:
    """The page that was asked for, or one that does not hold what it should."""
    page = cards[offset : offset + limit]
    match accident:
        case Accident.SHORT_PAGE:
            return page[: len(page) * 2 // 3]
        case Accident.REPEATED_PAGE:
            return cards[:limit] if offset else page[:1] * len(page)
        case Accident.REORDERED_PAGE:
            return [*cards[7:], *cards[:7]][offset : offset + limit][::-1]
    return page


@contextmanager
def serving(accidents: Accidents | None = None) -> Iterator[ForeignWpay]:
    """The supplier on a free port of this machine."""
    wpay = ForeignWpay(accidents or Accidents())
    with serve(wpay):
        yield wpay
