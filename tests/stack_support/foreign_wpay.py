"""A second Wpay, written from the document alone; it shares nothing with the sandbox and is odd where it may be.

Unknown refnos answer 404, error bodies have no more than a code and a message, `total_cards` is the page's count,
fields of the example that say nothing are left out, and order ids are numbers.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.stack_support.door import Cards, cards_of_answer
from tests.stack_support.supplier import lot_reference

KEY = "a-key-of-another-supplier"
ORDERS = "/v1/partner/giftcards/orders"
STATUS = re.compile(r"/v1/partner/giftcards/order/([^/]+)/status")
CARDS = re.compile(r"/v1/partner/giftcards/order/([^/]+)/cards")
STATUSES = ("PENDING", "PROCESSING", "COMPLETE")
NOT_AVAILABLE = {"code": 5320, "message": "Order not available"}

Reply = tuple[int, dict[str, Any]]


@dataclass
class ForeignWpay:
    """Its books: orders by refno, each with its cards and how often it was asked about."""

    url: str = ""
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: Counter[str] = field(default_factory=Counter)
    keys: set[str | None] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sold(self, order_id: str) -> Cards:
        return cards_of_answer(self.orders[lot_reference(order_id)]["cards"])

    def place(self, body: dict[str, Any]) -> Reply:
        refno = body["refno"]
        self.posts[refno] += 1
        if refno in self.orders:
            return 400, {"code": 5313, "message": "Duplicate reference number"}
        due = sum(Decimal(str(p["price"])) * p["qty"] for p in body["products"])
        paid = sum(Decimal(str(p["amount"])) for p in body["payments"])
        if due != paid or body["syncOnly"] is not False:
            return 400, {"code": 5036, "message": "Amount mismatch"}
        order_id = str(7_000_000 + len(self.orders))
        self.orders[refno] = {"orderId": order_id, "asked": 0, "cards": self.make_cards(order_id, body["products"])}
        return 202, {"status": "PENDING", "orderId": order_id, "refno": refno}

    def make_cards(self, order_id: str, products: list[dict[str, Any]]) -> list[dict[str, Any]]:
        skus = [(product["sku"], product["price"]) for product in products for _ in range(product["qty"])]
        return [
            {
                "sku": sku,
                "cardNumber": f"5{order_id}{at:08d}",
                "cardPin": f"{at * 7 % 10_000:04d}",
                "amount": f"{Decimal(str(price)):.2f}",
                "validity": "2030-05-04T18:30:00+00:00",
                "cardId": at + 1,
            }
            for at, (sku, price) in enumerate(skus)
        ]

    def status(self, refno: str) -> Reply:
        order = self.orders.get(refno)
        if order is None:
            return 404, NOT_AVAILABLE
        word = STATUSES[min(order["asked"], len(STATUSES) - 1)]
        order["asked"] += 1
        return 200, {"status": word, "orderId": order["orderId"], "refno": refno}

    def cards(self, order_id: str, offset: int, limit: int) -> Reply:
        order = next((one for one in self.orders.values() if one["orderId"] == order_id), None)
        if order is None:
            return 404, NOT_AVAILABLE
        if order["asked"] < len(STATUSES):
            return 409, {"code": 5000, "message": "Order is in process"}
        if not 1 <= limit <= 500 or offset % limit:
            return 400, {"code": 5000, "message": "Wrong page"}
        page = order["cards"][offset : offset + limit]
        return (201 if offset else 200), {"cards": page, "total_cards": len(page)}


class Desk(BaseHTTPRequestHandler):
    """Requests as they come over the wire."""

    protocol_version = "HTTP/1.1"
    wpay: ForeignWpay

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(lambda: self.wpay.place(body) if self.path == ORDERS else (404, NOT_AVAILABLE))

    def do_GET(self) -> None:
        self.answer(self.read)

    def read(self) -> Reply:
        url = urlsplit(self.path)
        if found := STATUS.fullmatch(url.path):
            return self.wpay.status(unquote(found[1]))
        if found := CARDS.fullmatch(url.path):
            query = parse_qs(url.query)
            return self.wpay.cards(unquote(found[1]), int(query["offset"][0]), int(query["limit"][0]))
        return 404, NOT_AVAILABLE

    def answer(self, act: Any) -> None:
        key = self.headers["X-Api-Key"]
        with self.wpay.lock:
            self.wpay.keys.add(key)
            status, body = act() if key == KEY else (401, {"code": 401, "message": "Unauthorised"})
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


@contextmanager
def serving() -> Iterator[ForeignWpay]:
    """The supplier on a free port of this machine."""
    wpay = ForeignWpay()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundDesk", (Desk,), {"wpay": wpay}))
    server.daemon_threads = True
    wpay.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield wpay
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
