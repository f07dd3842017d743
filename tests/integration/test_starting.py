"""From the recorded order to its execution: messages, their failures, and the sweep."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from giftline.bootstrap.resources import new_order_id
from giftline.clock import SystemClock
from giftline.money import Money, known_currency
from giftline.orders.accepting import AcceptOrder
from giftline.orders.model import Line, OrderRequest
from giftline.orders.timing import Timing
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.s3 import S3Files
from tests.stack_support.house import LostMessages
from tests.stack_support.orders import ClosedOrder, follow
from tests.stack_support.queues import giving_up, record
from tests.stack_support.stack import Stack
from tests.stack_support.waiting import wait_for

pytestmark = pytest.mark.stack


def recorded(stack: Stack, refno: str) -> dict[str, Any]:
    """An order as the doors record it, whose message never came, and whose time for the sweep has come."""
    orders = DynamoOrders(stack.client("dynamodb"), stack.orders_table)
    files = S3Files(stack.client("s3"), stack.outputs["ResultsBucketName"])
    timing = Timing(stack.settings.wait_scale)
    accept = AcceptOrder(orders, files, LostMessages(), SystemClock(), timing, new_order_id)
    line = Line("WWQ651BHNWSH", Money(500, known_currency("AUD")), 2)
    order = accept(OrderRequest("demo", refno, (line,), "api"))
    due_at = order.due_at or 0
    wait_for(lambda: SystemClock().now() > due_at or None, 10, "the time at which the sweep looks at an order")
    return {"orderId": order.id, "refno": refno}


def message(number: int, body: str) -> dict[str, Any]:
    return record(number, body, "BulkRequestsQueue")


def test_good_messages_of_a_batch_start_and_only_the_bad_ones_come_back(
    stack: Stack, new_refno: Callable[[], str]
) -> None:
    first, second = recorded(stack, new_refno()), recorded(stack, new_refno())
    bodies = [json.dumps({"id": first["orderId"]}), "{not json", json.dumps({"id": "0" * 26})]
    bodies.append(json.dumps({"id": second["orderId"]}))

    answer = stack.invoke(
        "HandleBulkRequestFunction", {"Records": [message(at, body) for at, body in enumerate(bodies)]}
    )

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}
    assert follow(stack, first).status == "COMPLETE"
    assert follow(stack, second).status == "COMPLETE"


def test_a_message_that_comes_twice_buys_once(stack: Stack, new_refno: Callable[[], str]) -> None:
    order = recorded(stack, new_refno())
    twice = [message(at, json.dumps({"id": order["orderId"]})) for at in range(2)]

    answer = stack.invoke("HandleBulkRequestFunction", {"Records": twice})

    assert answer == {"batchItemFailures": []}
    assert_bought_once(stack, follow(stack, order))


def test_what_keeps_failing_goes_to_the_dead_letter_queue(stack: Stack) -> None:
    found = giving_up(stack, "BulkRequestsQueue")

    assert "BulkRequestsDeadLetterQueue" in found.dead_letters
    assert (found.receives, found.hidden) == (5, 6 * 30)


def test_the_sweep_starts_an_order_whose_message_never_came(stack: Stack, new_refno: Callable[[], str]) -> None:
    order = recorded(stack, new_refno())

    stack.invoke("RunScheduleFunction", {"job": "sweep"})

    assert_bought_once(stack, follow(stack, order))


def test_two_sweeps_at_once_buy_once(stack: Stack, new_refno: Callable[[], str]) -> None:
    order = recorded(stack, new_refno())
    with ThreadPoolExecutor(2) as sweeps:
        list(sweeps.map(lambda _: stack.invoke("RunScheduleFunction", {"job": "sweep"}), range(2)))

    assert_bought_once(stack, follow(stack, order))


def test_a_sweep_and_a_late_message_buy_once(stack: Stack, new_refno: Callable[[], str]) -> None:
    order = recorded(stack, new_refno())
    late = {"Records": [message(1, json.dumps({"id": order["orderId"]}))]}
    with ThreadPoolExecutor(2) as both:
        sweep = both.submit(stack.invoke, "RunScheduleFunction", {"job": "sweep"})
        start = both.submit(stack.invoke, "HandleBulkRequestFunction", late)
        sweep.result()
        start.result()

    assert_bought_once(stack, follow(stack, order))


def assert_bought_once(stack: Stack, order: ClosedOrder) -> None:
    sold = stack.supplier.order(order.id)
    assert order.status == "COMPLETE"
    assert sold is not None
    assert len(sold["posts"]) == 1
