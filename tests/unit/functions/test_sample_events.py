"""Each sample event goes through the real handler of its function, with fakes behind it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from giftline.delivery.accepting_csv import AcceptCsv
from giftline.doors.reviews import ReviewsDoor
from tests.fakes.handlers import event, handler_of
from tests.fakes.house import CATALOGUE, TENANT, House, an_order, line, request
from tests.fakes.storage import FakeDrops

ORDER_IDS = ("ORDER000000000000000000001", "7A7A7A7A7A7A7A7A7A7A7A7A7A")


def call_api(path: str, house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    handler = handler_of("orders_api", monkeypatch, wpay_door=house.door, files_door=Mock())
    answer = handler(event(path), SimpleNamespace())
    return answer["statusCode"], json.loads(answer["body"])


def test_a_placed_order_is_recorded_and_announced(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    status, body = call_api("events/api/place_order.json", house, monkeypatch)

    assert (status, body["status"], body["refno"]) == (202, "PROCESSING", "rewards-2026-11")
    order = house.orders.get(body["orderId"])
    assert (order.tenant, order.quantity, str(order.total)) == (TENANT, 12, "350.00")
    assert house.messages.announced == [order.id]


def test_the_status_of_an_order_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.accept_order(request(line(7), refno="rewards-2026-11"))

    status, body = call_api("events/api/order_status.json", house, monkeypatch)

    assert (status, body["status"]) == (200, "PENDING")
    assert body["progress"]["cards"] == {"ordered": 7, "received": 0}


def test_the_cards_of_a_closed_order_are_handed_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.closed(line(3))

    status, body = call_api("events/api/order_cards.json", house, monkeypatch)

    assert (status, body["total_cards"]) == (200, 3)
    assert len({card["cardNumber"] for card in body["cards"]}) == 3


def call_reviews(path: str, house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    door = ReviewsDoor(house.door.tokens, house.list_reviews, house.resolve_review, house.timing)
    answer = handler_of("reviews_api", monkeypatch, reviews_door=door)(event(path), SimpleNamespace())
    return answer["statusCode"], json.loads(answer["body"])


def test_what_is_in_review_is_listed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order = house.planned(line(3))
    house.close_order(order.id, {1: "States.Timeout"})

    status, body = call_reviews("events/api/list_reviews.json", house, monkeypatch)

    assert (status, [review["orderId"] for review in body["reviews"]]) == (200, [order.id])


def test_a_lot_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order = house.planned(line(3))
    house.close_order(order.id, {1: "States.Timeout"})

    status, body = call_reviews("events/api/resolve_review.json", house, monkeypatch)

    assert (status, body["state"], body["orderId"]) == (200, "FAILED", order.id)
    assert house.orders.lot(order.id, 1).acts[0].who == "Ada"


def test_what_is_not_in_review_is_not_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order = house.closed(line(3))

    status, body = call_reviews("events/api/resolve_review.json", house, monkeypatch)

    assert (status, body["message"]) == (404, f"lot 1 of order {order.id} is not in review: it is COLLECTED")


def test_a_dropped_file_becomes_an_order(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    drops = FakeDrops({"orders/acme/rewards:2026-11.csv": b"sku,amount,quantity\nWWQ651BHNWSH,25,4\n"})
    accept = AcceptCsv(drops, house.files, house.accept_order, CATALOGUE, lambda tenant: tenant == TENANT, 10_000)

    handler_of("accept_csv", monkeypatch, accept_csv=accept)(event("events/s3/file_dropped.json"), None)

    order = house.orders.find(TENANT, "rewards:2026-11")
    assert order
    assert (order.quantity, order.source) == (4, "csv")


def test_each_message_starts_the_execution_of_its_order(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for order_id in ORDER_IDS:
        house.orders.add(an_order(order_id))

    handler = handler_of("handle_bulk_request", monkeypatch, start_order=house.start_order)
    answer = handler(event("events/sqs/bulk_requests.json"), SimpleNamespace())

    assert answer == {"batchItemFailures": []}
    assert house.executions.started == {order_id: order_id for order_id in ORDER_IDS}


def test_a_message_that_fails_comes_back_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.orders.add(an_order(ORDER_IDS[0]))
    sample = event("events/sqs/bulk_requests.json")

    handler = handler_of("handle_bulk_request", monkeypatch, start_order=house.start_order)
    answer = handler(sample, SimpleNamespace())

    assert answer == {"batchItemFailures": [{"itemIdentifier": sample["Records"][1]["messageId"]}]}
    assert house.executions.started == {ORDER_IDS[0]: ORDER_IDS[0]}


def test_the_sweep_starts_what_is_due(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.orders.add(an_order("O1"))

    found = handler_of("run_schedule", monkeypatch, sweep=house.sweep)(event("events/schedule/sweep.json"), None)

    assert found == {"due": 1, "started": 1}
    assert list(house.executions.started.values()) == ["O1"]
