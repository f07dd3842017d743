"""Fifty of one request at once, at each door that orders: one order, and the same answer for all that ask for it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.stack_support.api_document import CALLS
from tests.stack_support.api_visitor import Visitor, visitor
from tests.stack_support.door import SKU, Door, Product, order_body
from tests.stack_support.forked import Answer, answers_at_once
from tests.stack_support.stack import Stack
from tests.stack_support.wallet import BRAND, HOOK, identified, people
from tests.stack_support.wallet_tenants import tenant_with_a_brand

pytestmark = [pytest.mark.stack, pytest.mark.slow]

AT_ONCE = 50
TENANT = "replayer"
ORDERS, PULLS, CARDS, STANDING = (
    "POST /v1/partner/giftcards/orders",
    "POST /partners/v1/pull_requests",
    "POST /partners/v1/cards",
    "POST /v1/standing_orders",
)
GIFT_CARD = {"gift_card_code": "IKEA", "amount": 50}
Told = Callable[[dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Request:
    """`told`: what of an answer's body says which order it is of.

    `refused`: how all but one are answered, where the document wants no second call of the same id. `unless_late`: how
    a call that waits for its cards is answered where they come later.
    """

    call: str
    body: Any
    told: Told | None
    headers: Mapping[str, str]
    status: int
    refused: int = 0
    unless_late: int = 0


def _points() -> Request:
    """Which batch it is stands in a header of its answer."""
    users = identified(people("replayed", 3), points=5)
    body = {"brand_id": BRAND, "webhook_url": HOOK, "storecard_id": "loyalty", "users": users}
    return Request("POST /bulk/points", body, None, {"Idempotency-Key": "replayed"}, 202)


def _order(refno: str, **more: Any) -> dict[str, Any]:
    return order_body(refno, Product(SKU, 2)) | more


REQUESTS: Mapping[str, Request] = {
    "a Wpay order": Request(ORDERS, _order("replayed"), lambda body: body["orderId"], {}, 202),
    "a Wpay order that waits": Request(
        ORDERS, _order("replayed-at-once", syncOnly=True), lambda body: body["orderId"], {}, 201, unless_late=202
    ),
    "a Walleo card": Request(
        CARDS,
        {"card": GIFT_CARD},
        lambda body: body.get("card", {}).get("id"),
        {"X-RequestId": "replayed-card"},
        200,
        unless_late=202,
    ),
    "a Walleo pull request": Request(
        PULLS,
        {"pull_request": {**GIFT_CARD, "request_id": "replayed-pull"}},
        lambda body: body["pull_request"]["id"],
        {},
        200,
        refused=422,
    ),
    "a standing order": Request(
        STANDING,
        {
            "name": "replayed",
            "order": {name: value for name, value in _order("none").items() if name != "refno"},
            "schedule": {"every": "month", "at": "09:00", "on": 1, "time_zone": "Europe/Berlin"},
        },
        lambda body: body["id"],
        {},
        201,
    ),
    "a batch of points": _points(),
}


@pytest.fixture(scope="module")
def caller(stack: Stack) -> Visitor:
    tenant_with_a_brand(stack, TENANT)
    return visitor(stack, TENANT)


@pytest.mark.parametrize("name", [name for name, request in REQUESTS.items() if request.call in CALLS])
def test_fifty_of_one_request_at_once_make_one_order_and_are_answered_the_same(
    name: str, stack: Stack, caller: Visitor
) -> None:
    request = REQUESTS[name]

    answers = answers_at_once(stack, CALLS[request.call].door.function, event_of(caller, request), AT_ONCE)

    statuses = Counter(answer["statusCode"] for answer in answers)
    said = Counter(answer["body"][:200] for answer in answers)
    assert set(statuses) <= {request.status, request.refused, request.unless_late}, said
    if request.refused:
        assert statuses == {request.status: 1, request.refused: AT_ONCE - 1}, said
    same = {
        request.told(json.loads(answer["body"])) if request.told else header(answer, "Batch-Id")
        for answer in answers
        if answer["statusCode"] == request.status
    }
    assert len(same) == 1, said


def test_what_fifty_replays_ordered_was_bought_once(stack: Stack, caller: Visitor) -> None:
    """And the same request, once it is bought, is still the same order."""
    door = Door(stack.outputs["ApiUrl"], caller.token)
    placed = door.post(REQUESTS["a Wpay order"].body).json()
    assert door.closed("replayed", 90)["status"] == "COMPLETE"

    again = door.post(REQUESTS["a Wpay order"].body).json()

    sold = stack.supplier.order(placed["orderId"])
    assert sold is not None
    assert (len(sold["posts"]), sold["quantity"], again["orderId"]) == (1, 2, placed["orderId"])


def event_of(caller: Visitor, request: Request) -> dict[str, Any]:
    """What the gateway makes of the request; signed or with a token, as the door wants it."""
    call = CALLS[request.call]
    url = call.base_url(caller.stack) + call.operation.path
    prepared = requests.Request(
        call.operation.method, url, json=request.body, headers=dict(request.headers), auth=caller.auth(call)
    ).prepare()
    body = prepared.body.decode() if isinstance(prepared.body, bytes) else prepared.body
    headers = dict(prepared.headers)
    *_, api_id, stage = call.base_url(caller.stack).split("/")
    return {
        "resource": call.operation.path,
        "path": call.operation.path,
        "httpMethod": call.operation.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"apiId": api_id, "stage": stage, "path": f"/{stage}{call.operation.path}"},
        "body": body,
        "isBase64Encoded": False,
    }


def header(answer: Answer, name: str) -> object:
    """However the gateway is told of it."""
    several = {key: value[0] for key, value in (answer.get("multiValueHeaders") or {}).items()}
    return {**several, **(answer.get("headers") or {})}.get(name)
