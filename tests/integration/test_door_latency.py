"""How long the doors take on a warm stack: `make bench` asks each a hundred times and shows the figures, `make test`
a few times, and holds what each answers.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from giftline.doors.walleo_requests import refno_of
from giftline.storage.dynamodb import DynamoOrders
from tests.stack_support.api_document import CALLS
from tests.stack_support.api_visitor import Visitor, visitor
from tests.stack_support.door import Door, Product, order_body
from tests.stack_support.stack import Stack

pytestmark = [pytest.mark.stack]

TIMES = int(os.environ.get("LATENCY_CALLS", "2"))
HAND_OVER_AT_MOST: Final = 1.0
"""Seconds from the call to the supplier, for the quickest of a few pulls: a busy machine only adds to it."""
PULLS_AT_MOST = 5
ORDERS, SUPPLIED = "/v1/partner/giftcards/orders", "WPAY-GROCERY"
PULLS, CARDS, PULLED = "/partners/v1/pull_requests", "/partners/v1/cards", "IKEA"
NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Asking:
    """One call of a door, and what it answers when all is well: cards at once come later where a machine is busy."""

    name: str
    expected: tuple[int, ...] = (200,)
    body: Callable[[str], dict[str, Any]] | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.expected[0]}"


def at_once(refno: str) -> dict[str, Any]:
    return order_body(refno, Product(SUPPLIED, 1)) | {"syncOnly": True}


def pull(request_id: str) -> dict[str, Any]:
    return {"pull_request": {"request_id": request_id, "gift_card_code": PULLED, "amount": 20}}


def card(_: str) -> dict[str, Any]:
    return {"card": {"gift_card_code": PULLED, "amount": 20}}


ASKED: Final = (
    Asking(f"POST {ORDERS}", (202,), body=lambda refno: order_body(refno, Product(SUPPLIED, 10))),
    Asking(f"POST {ORDERS}", (201, 202), body=at_once),
    Asking("GET /v1/partner/giftcards/sva/balance"),
    Asking(f"POST {PULLS}", body=pull),
    Asking(f"POST {CARDS}", (200, 202), body=card),
    Asking("GET /partners/v1/gift_cards"),
    Asking("GET /partners/v1/balance"),
    Asking("GET /v1/balances"),
    Asking("GET /v1/standing_orders"),
    Asking("GET /v1/catalogue"),
    Asking("GET /v1/reconciliations"),
    Asking("GET /v1/webhooks"),
    Asking("GET /openapi.json"),
)


@pytest.fixture(scope="module")
def caller(stack: Stack) -> Visitor:
    return visitor(stack, "in-a-hurry")


@pytest.mark.parametrize("asking", ASKED, ids=str)
def test_a_warm_door_answers(caller: Visitor, asking: Asking, new_refno: NewId) -> None:
    ask(caller, asking, new_refno())

    seconds = sorted(ask(caller, asking, new_refno()) for _ in range(TIMES))

    show(str(asking), seconds)


def test_a_single_pull_is_handed_to_the_supplier_within_a_second(
    stack: Stack, caller: Visitor, new_refno: NewId
) -> None:
    taken: list[float] = []
    while len(taken) < max(TIMES, PULLS_AT_MOST) and (TIMES > PULLS_AT_MOST or not soon(taken)):
        refno = new_refno()
        ask(caller, Asking(f"POST {PULLS}", body=pull), refno)
        taken.append(handed_over_after(stack, caller, refno))

    show("from the pull to the supplier", sorted(taken))
    assert soon(taken)


def soon(taken: list[float]) -> bool:
    return bool(taken) and min(taken) < HAND_OVER_AT_MOST


def handed_over_after(stack: Stack, caller: Visitor, refno: str) -> float:
    """Seconds from the order's record, made during the call, to the intent that goes before the POST."""
    orders = DynamoOrders(stack.client("dynamodb"), stack.orders_table)
    Door(stack.outputs["ApiUrl"], caller.token).closed(refno_of(refno))
    order = orders.find(caller.tenant, refno_of(refno))
    assert order
    (lot,) = orders.lots(order.id)
    assert lot.first_posted_at
    return (lot.first_posted_at - order.created_at) / 1_000


def ask(caller: Visitor, asking: Asking, refno: str) -> float:
    """Seconds until the answer; AssertionError where it is not the expected one."""
    body = asking.body(refno) if asking.body else None
    began = time.monotonic()
    answer = caller.send(CALLS[asking.name], json=body, headers={"X-RequestId": refno})
    taken = time.monotonic() - began
    assert answer.status_code in asking.expected, answer.text[:500]
    return taken


def show(what: str, ordered: list[float]) -> None:
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.99))
    sys.stdout.write(f"\n{what:<52} p50 {p50 * 1_000:6.0f} ms   p99 {p99 * 1_000:6.0f} ms   of {len(ordered)}\n")
