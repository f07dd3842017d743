"""A client of both simulated suppliers, for their own tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from giftline.suppliers.http import Answer
from tests.simulation.faults import Draw
from tests.simulation.suppliers.walleo import SimulatedWalleo
from tests.simulation.suppliers.wpay import SimulatedWpay

START = 1_750_000_000_000
HOUR = 3_600_000
SECONDS = 30.0
WPAY_KEY = {"X-Api-Key": "key"}
WALLEO_KEY = {"Authorization": "Bearer key, Id=me, Signature=00, Timestamp=1750000000"}
Rates = Mapping[str, float]


@dataclass
class Shop:
    """One order or pull a call, in virtual time."""

    rates: Rates = field(default_factory=dict)
    seed: int = 1
    unique: bool = True
    time: int = START

    def __post_init__(self) -> None:
        self.draw = Draw(self.seed, self.rates)
        self.wpay = SimulatedWpay(lambda: self.time, self.wait, self.draw, unique=self.unique)
        self.walleo = SimulatedWalleo(lambda: self.time, self.wait, self.draw, unique=self.unique)

    def wait(self, seconds: float) -> None:
        self.time += int(seconds * 1000)

    def order(self, refno: str = "R-1", quantity: int = 3, **changes: Any) -> Answer:
        product = {"sku": "WWQ651BHNWSH", "price": 5.25, "qty": quantity, "currency": "036"}
        body = {
            "payments": [{"code": "svc", "amount": 5.25 * quantity}],
            "products": [product],
            "refno": refno,
            "syncOnly": False,
        }
        path = "/v1/partner/giftcards/orders"
        return self.wpay.request("POST", path, WPAY_KEY, SECONDS, json.dumps(body | changes).encode())

    def status(self, refno: str = "R-1") -> Answer:
        return self.wpay.request("GET", f"/v1/partner/giftcards/order/{refno}/status", WPAY_KEY, SECONDS)

    def reverse(self, refno: str = "R-1") -> Answer:
        path = "/v1/partner/giftcards/orders/reverse"
        return self.wpay.request("POST", path, WPAY_KEY, SECONDS, json.dumps({"refno": refno}).encode())

    def cards(self, order_id: str = "AAN9200000001", offset: int = 0, limit: int = 500) -> Answer:
        path = f"/v1/partner/giftcards/order/{order_id}/cards?offset={offset}&limit={limit}"
        return self.wpay.request("GET", path, WPAY_KEY, SECONDS)

    def numbers(self, offset: int = 0, limit: int = 500) -> list[str]:
        return [card["cardNumber"] for card in self.cards(offset=offset, limit=limit).body["cards"]]

    def pull(self, request_id: str = "R-1", amount: Any = 50) -> Answer:
        body = {"pull_request": {"amount": amount, "gift_card_code": "IKEA", "request_id": request_id}}
        path = "/partners/v1/pull_requests"
        return self.walleo.request("POST", path, WALLEO_KEY, SECONDS, json.dumps(body).encode())

    def pulled(self, request_id: str = "R-1") -> Answer:
        return self.walleo.request("GET", f"/partners/v1/pull_requests/{request_id}", WALLEO_KEY, SECONDS)

    def sales(self, reference: str = "R-1") -> int:
        """At both suppliers, late ones among them once they are due."""
        self.wpay.catch_up()
        self.walleo.catch_up()
        return len(self.wpay.ledger.sales_of(reference)) + len(self.walleo.ledger.sales_of(reference))


def always(*names: str) -> dict[str, float]:
    return dict.fromkeys(names, 1.0)


def complete(rates: Rates, quantity: int = 6, seed: int = 1) -> Shop:
    """An order that is ready and was told without accidents; those of `rates` come from now on."""
    mix: dict[str, float] = {}
    shop = Shop(mix, seed)
    shop.order(quantity=quantity)
    shop.time += 4 * HOUR
    mix.update(rates)
    return shop


def sold_numbers(shop: Shop) -> list[str]:
    return [card.number for card in shop.wpay.ledger.sold_cards()]
