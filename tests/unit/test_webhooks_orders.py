"""An order with a webhook_url tells of its end, once under one id, whatever is lost in between."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from giftline.delivery.events import EventState, WebhookEvent, event_id
from giftline.doors.wpay_requests import MAX_URL, parse_order
from giftline.errors import InvalidRequest, StaleWrite
from giftline.orders.closing import CloseOrder
from giftline.orders.lot import LotState
from giftline.orders.model import Order, OrderStatus
from giftline.orders.timing import SWEEP_AFTER
from giftline.orders.watching import reopened
from giftline.suppliers.port import Outcome, Placed
from tests.fakes.house import CATALOGUE, SKU, TENANT, House, line, request
from tests.fakes.webhooks import URL, FakeDeliveries

API = "https://api.example/live"


@pytest.fixture
def deliveries() -> FakeDeliveries:
    return FakeDeliveries()


def closing(house: House, deliveries: FakeDeliveries) -> CloseOrder:
    return replace(house.close_order, deliveries=deliveries, api_url=API)


def collected(house: House, url: str = URL, refno: str = "refno-1") -> Order:
    """An order with that URL whose cards are all there."""
    asked = replace(request(line(3), refno=refno), webhook_url=url)
    order = house.accept_order(asked)
    house.plan_order(order.id)
    house.create_order(order.id, 1)
    house.clock.time = max(house.clock.time, house.orders.lot(order.id, 1).ask_at)
    house.get_order_status(order.id, 1)
    house.fetch_cards(order.id, 1)
    return house.orders.get(order.id)


def events(house: House) -> list[WebhookEvent]:
    return list(house.orders.events.values())


def test_a_complete_order_gives_the_link_to_its_status(house: House, deliveries: FakeDeliveries) -> None:
    order = collected(house, refno="re:fno+1")
    closing(house, deliveries)(order.id, {})
    (event,) = events(house)
    closed_at = house.orders.get(order.id).closed_at
    assert closed_at is not None
    assert json.loads(event.body) == {
        "status": "success",
        "batch_id": order.id,
        "link": f"{API}/v1/partner/giftcards/order/re%3Afno%2B1/status",
    }
    assert (event.id, event.url, event.tenant) == (event_id(order.id, closed_at), URL, TENANT)
    assert (event.state, event.due_at) == (EventState.PENDING, closed_at + SWEEP_AFTER)
    assert deliveries.started == [(TENANT, event.id, 0)]


def test_any_other_end_is_a_failure_that_says_what_came(house: House, deliveries: FakeDeliveries) -> None:
    house.supplier.placements.append(Placed(Outcome.NOT_COMMITTED, detail="5320"))
    order = house.accept_order(replace(request(line(3)), webhook_url=URL))
    house.plan_order(order.id)
    house.create_order(order.id, 1)
    house.clock.time = max(house.clock.time, house.orders.lot(order.id, 1).ask_at)
    house.get_order_status(order.id, 1)
    closing(house, deliveries)(order.id, {})
    (event,) = events(house)
    error = "the order ended as FAILED: 0 of 3 cards delivered"
    assert json.loads(event.body) == {"status": "failed", "batch_id": order.id, "error": error}


def test_an_order_without_a_url_tells_nobody(house: House, deliveries: FakeDeliveries) -> None:
    order = collected(house, url="")
    closing(house, deliveries)(order.id, {})
    assert house.orders.get(order.id).status is OrderStatus.COMPLETE
    assert (events(house), deliveries.started) == ([], [])


def test_closing_again_starts_the_same_delivery_and_makes_no_second_event(
    house: House, deliveries: FakeDeliveries
) -> None:
    order = collected(house)
    deliveries.broken = True
    with pytest.raises(ConnectionError):
        closing(house, deliveries)(order.id, {})
    (event,) = events(house)
    deliveries.broken = False
    for _ in range(3):
        house.clock.pass_(1_000)
        closing(house, deliveries)(order.id, {})
    assert events(house) == [event]
    assert deliveries.started == [(TENANT, event.id, 0)]


def test_a_worker_that_lost_the_race_leaves_no_event(
    house: House, deliveries: FakeDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = collected(house)
    read = house.orders.get(order.id)
    house.orders.save(read)
    monkeypatch.setattr(house.orders, "get", lambda order_id: read)
    with pytest.raises(StaleWrite):
        closing(house, deliveries)(order.id, {})
    assert (events(house), deliveries.started) == ([], [])


def test_an_order_out_of_review_tells_its_second_end_under_another_id(house: House, deliveries: FakeDeliveries) -> None:
    order = collected(house)
    lot = house.set(replace(house.orders.lot(order.id, 1), state=LotState.REVIEW))
    closing(house, deliveries)(order.id, {})
    assert house.orders.get(order.id).status is OrderStatus.REVIEW
    house.set(replace(lot, state=LotState.COLLECTED))
    house.clock.pass_(60_000)
    house.orders.save(reopened(house.orders.get(order.id), house.clock.now()))
    closing(house, deliveries)(order.id, {})
    first, second = events(house)
    assert first.id != second.id
    assert [json.loads(event.body)["status"] for event in (first, second)] == ["failed", "success"]
    assert len(deliveries.started) == 2


def test_the_same_refno_with_another_url_is_the_same_order_and_keeps_the_first(house: House) -> None:
    first = house.accept_order(replace(request(line(3)), webhook_url=URL))
    again = house.accept_order(replace(request(line(3)), webhook_url="https://other.example/"))
    assert again.id == first.id
    assert house.orders.get(first.id).webhook_url == URL


# --- the door


def body(**changed: Any) -> str:
    product = {"sku": SKU, "price": 5, "qty": 3, "currency": "036"}
    whole = {"payments": [{"code": "svc", "amount": 15}], "products": [product], "refno": "r-1", "syncOnly": False}
    return json.dumps(whole | changed)


def only_ours(url: str) -> str:
    return "" if url == URL else "not a public address; expected a public one"


def test_a_good_url_goes_into_the_request() -> None:
    assert parse_order(TENANT, body(webhook_url=URL), CATALOGUE, only_ours).webhook_url == URL


@pytest.mark.parametrize("absent", [{}, {"webhook_url": None}, {"webhook_url": ""}])
def test_without_a_url_there_is_none(absent: dict[str, Any]) -> None:
    assert parse_order(TENANT, body(**absent), CATALOGUE, only_ours).webhook_url == ""


@pytest.mark.parametrize("wrong", ["http://10.0.0.1/", "x" * (MAX_URL + 1), 5, [URL]])
def test_a_wrong_url_is_named_among_the_other_fields(wrong: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_order(TENANT, body(webhook_url=wrong, refno="not a refno"), CATALOGUE, only_ours)
    assert {problem.field for problem in refused.value.problems} == {"webhook_url", "refno"}


def test_what_the_check_expects_is_told() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_order(TENANT, body(webhook_url="http://10.0.0.1/"), CATALOGUE, only_ours)
    (problem,) = refused.value.problems
    assert (problem.problem, problem.expected) == ("not a public address", "a public one")


def test_where_nobody_checks_urls_none_is_taken() -> None:
    with pytest.raises(InvalidRequest, match="webhook_url"):
        parse_order(TENANT, body(webhook_url=URL), CATALOGUE)


def test_no_repr_of_an_order_shows_the_url(house: House) -> None:
    assert "hidden" not in repr(collected(house)) + repr(replace(request(line(1)), webhook_url=URL))
