"""The Wpay document's calls on our stack, as a customer makes them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import requests

from tests.stack_support.waiting import wait_for

SECONDS = 120
"""Twenty cold starts at once on the embedded AWS take more than half a minute."""
OPEN = ("PENDING", "PROCESSING")
SKU = "WWQ651BHNWSH"


@dataclass(frozen=True, slots=True)
class Product:
    """So many cards of a sku, each worth `price`; `currency` is its ISO 4217 number: AUD, or "978" for EUR."""

    sku: str
    quantity: int
    price: str = "5.00"
    currency: str = "036"

    @property
    def total(self) -> Decimal:
        return Decimal(self.price) * self.quantity


def order_body(refno: str, *products: Product) -> dict[str, Any]:
    """The document's request."""
    lines = [{"sku": p.sku, "price": float(p.price), "qty": p.quantity, "currency": p.currency} for p in products]
    total = float(sum(product.total for product in products))
    return {"payments": [{"code": "svc", "amount": total}], "products": lines, "refno": refno, "syncOnly": False}


@dataclass(frozen=True, slots=True)
class Door:
    """The doors of one stack, entered with one token."""

    url: str
    token: str
    scheme: str = "X-Api-Key"

    def with_bearer(self) -> Door:
        return replace(self, scheme="Authorization")

    def with_token(self, token: str) -> Door:
        return replace(self, token=token)

    def place(self, refno: str, *products: Product) -> requests.Response:
        return self.post(order_body(refno, *products))

    def post(self, body: Any) -> requests.Response:
        return self.send(json.dumps(body).encode())

    def send(self, body: bytes) -> requests.Response:
        return self._call("POST", "orders", body)

    def status(self, refno: str) -> requests.Response:
        return self._call("GET", f"order/{refno}/status")

    def cards(self, order_id: str, offset: int = 0, limit: int = 500) -> requests.Response:
        return self._call("GET", f"order/{order_id}/cards?offset={offset}&limit={limit}")

    def closed(self, refno: str, seconds: float = 60) -> dict[str, Any]:
        """The status answer once the order has come to its end."""

        def ended() -> dict[str, Any] | None:
            answer = self.status(refno)
            body: dict[str, Any] = answer.json() if answer.status_code == 200 else {"status": OPEN[0]}
            return None if body["status"] in OPEN else body

        return wait_for(ended, seconds, f"the end of order {refno}")

    def all_cards(self, order_id: str, limit: int = 500) -> list[dict[str, Any]]:
        """Every card of a closed order, page by page as the document says: 200 first, 201 later."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.cards(order_id, offset=len(found), limit=limit)
            assert answer.status_code == (201 if found else 200), answer.text
            page = answer.json()["cards"]
            found += page
            if len(page) < limit:
                return found

    def _call(self, method: str, path: str, body: bytes | None = None) -> requests.Response:
        value = f"Bearer {self.token}" if self.scheme == "Authorization" else self.token
        headers = {self.scheme: value, "Content-Type": "application/json"} if self.token else {}
        url = f"{self.url}/v1/partner/giftcards/{path}"
        return requests.request(method, url, headers=headers, data=body, timeout=SECONDS)


def download(link: str) -> str:
    """A file by its presigned link, with no other credentials."""
    answer = requests.get(link, timeout=SECONDS)
    assert answer.status_code == 200, answer.text[:200]
    return answer.content.decode("utf-8-sig")


def rows_of(csv_text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text, newline="")))


Cards = Counter[tuple[str, str, str | None, str]]
"""sku, number, PIN and amount of each card, counted: the same cards, the same money, each once."""


def cards_of_answer(cards: list[dict[str, Any]]) -> Cards:
    """Of the cards call, ours and the sandbox's alike."""
    return Counter((card["sku"], card["cardNumber"], card["cardPin"], card["amount"]) for card in cards)


def cards_of_rows(rows: list[dict[str, str]]) -> Cards:
    """Of cards.csv and cards.jsonl, where a card without PIN has an empty one."""
    return Counter((row["sku"], row["card_number"], row["pin"] or None, row["amount"]) for row in rows)


def money_of(cards: Cards) -> Decimal:
    return sum((Decimal(amount) * count for (_, _, _, amount), count in cards.items()), Decimal(0))
