"""The whole orders that the tests of one stack share: placed once, a few at a time, each followed to its end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.stack_support.door import SKU, Product
from tests.stack_support.stack import Stack

AT_ONCE = 2
"""The embedded AWS unpacks the layers for each new worker, one after the other; warm ones take a second an order."""
FIRST = "three"
"""Placed alone, so that the others find a warm worker of each function."""
SECONDS = 150

LARGEST = "largest"
API_ORDERS: Mapping[str, tuple[Product, ...]] = {
    "three": (Product(SKU, 3),),
    "stuck": (Product("WPAY-TEST-STUCK", 2),),
    "hang": (Product("WPAY-TEST-HANG", 2),),
    "one-more-than-a-page": (Product(SKU, 501),),
    "thousand": (Product(SKU, 400), Product("WPAY-GROCERY", 350, "20.00"), Product("WPAY-FUEL", 250, "12.50")),
    "hundred": (Product(SKU, 100, "10.00"),),
    "timeout-then-complete": (Product("WPAY-TEST-TIMEOUT-THEN-COMPLETE", 2),),
    "error-after-commit": (Product("WPAY-TEST-ERROR-AFTER-COMMIT", 2),),
    "unknown-status": (Product("WPAY-TEST-UNKNOWN-STATUS", 2),),
    "short-page": (Product("WPAY-TEST-SHORT-PAGE", 20),),
    "duplicate-page": (Product("WPAY-TEST-DUPLICATE-PAGE", 501),),
    "reordered-cards": (Product("WPAY-TEST-REORDERED-CARDS", 501),),
    "out-of-stock": (Product("WPAY-TEST-OUT-OF-STOCK", 2),),
    "canceled": (Product("WPAY-TEST-CANCELED", 2),),
    "unavailable": (Product("WPAY-TEST-UNAVAILABLE", 2),),
    "too-many-requests": (Product("WPAY-TEST-TOO-MANY-REQUESTS", 2),),
    "wrong-amount": (Product("WPAY-TEST-WRONG-AMOUNT", 3),),
    "no-pin": (Product("WPAY-TEST-NO-PIN", 3),),
}
WALLEO_ORDERS: Mapping[str, tuple[Product, ...]] = {
    name: tuple(Product(sku, quantity, price, "978") for sku, quantity, price in products)
    for name, products in {
        "walleo-hundred": [("IKEA", 70, "50.00"), ("FNAC", 30, "15.00")],
        "walleo-error": [("WALLEO-TEST-ERROR", 2, "20.00")],
        "walleo-some-errors": [("IKEA", 3, "20.00"), ("WALLEO-TEST-ERROR", 1, "20.00")],
        "walleo-timeout-then-success": [("WALLEO-TEST-TIMEOUT-THEN-SUCCESS", 2, "20.00")],
        "walleo-unavailable": [("WALLEO-TEST-UNAVAILABLE", 2, "20.00")],
        "walleo-wrong-amount": [("WALLEO-TEST-WRONG-AMOUNT", 2, "20.00")],
        "second-supplier": [("TEST-SECOND-SUPPLIER", 5, "20.00")],
    }.items()
}
LARGEST_ORDER = (Product(SKU, 10_000), Product("WPAY-GROCERY", 10_000, "20.00"), Product("WPAY-FUEL", 5_000, "10.00"))
WAIT_LONG = frozenset(("stuck", "hang"))


@dataclass(frozen=True, slots=True)
class ClosedOrder:
    """An order at its end: what the POST and the last status call answered."""

    accepted: Mapping[str, Any]
    answer: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def id(self) -> str:
        order_id: str = self.accepted["orderId"]
        return order_id

    @property
    def status(self) -> str:
        status: str = self.answer["status"]
        return status

    @property
    def lot(self) -> Mapping[str, Any]:
        (only,) = self.summary["lots"]
        lot: Mapping[str, Any] = only
        return lot


@dataclass
class SharedOrders:
    """Orders by the names above, under way from the start; asking for one waits for its end."""

    stack: Stack
    futures: Mapping[str, Future[ClosedOrder]]

    def __getitem__(self, name: str) -> ClosedOrder:
        return self.futures[name].result(timeout=SECONDS)

    @cached_property
    def all(self) -> Mapping[str, ClosedOrder]:
        return {name: self[name] for name in self.futures}


@contextmanager
def shared_orders(stack: Stack, *, with_largest: bool) -> Iterator[SharedOrders]:
    """Places them all; those that mostly wait go beside the others."""
    orders: dict[str, tuple[Product, ...]] = {LARGEST: LARGEST_ORDER} if with_largest else {}
    orders |= {**API_ORDERS, **WALLEO_ORDERS}
    with ThreadPoolExecutor(AT_ONCE) as few, ThreadPoolExecutor(len(WAIT_LONG)) as beside:
        futures = {FIRST: few.submit(place_and_follow, stack, FIRST, *API_ORDERS[FIRST])}
        for name in (name for name in orders if name != FIRST):
            pool = beside if name in WAIT_LONG else few
            futures[name] = pool.submit(place_after, futures[FIRST], stack, name, *orders[name])
        try:
            yield SharedOrders(stack, futures)
        finally:
            for future in futures.values():
                future.cancel()


def place_after(first: Future[ClosedOrder], stack: Stack, refno: str, *products: Product) -> ClosedOrder:
    first.result()
    return place_and_follow(stack, refno, *products)


def place_and_follow(stack: Stack, refno: str, *products: Product) -> ClosedOrder:
    answer = stack.door.place(refno, *products)
    assert answer.status_code == 202, answer.text
    return follow(stack, answer.json())


def follow(stack: Stack, accepted: Mapping[str, Any], seconds: float = SECONDS) -> ClosedOrder:
    body = stack.door.closed(accepted["refno"], seconds)
    return ClosedOrder(accepted, body, summary_of(stack, accepted["orderId"]))


def summary_of(stack: Stack, order_id: str) -> Mapping[str, Any]:
    text = stack.result(f"results/demo/{order_id}/summary.json")
    summary: Mapping[str, Any] = json.loads(text or "null")
    return summary
