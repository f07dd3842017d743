"""Both sides of the Walleo document meet: our own client orders from our own door, over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import unquote

import pytest

from giftline.api import ApiResponse, new_app, respond
from giftline.doors.walleo import WalleoDoor
from giftline.doors.walleo_refusals import error_reply
from giftline.doors.walleo_requests import refno_of
from giftline.doors.walleo_signatures import CheckSignature, gateway_urls
from giftline.money import Money
from giftline.orders.model import Line, Order, OrderStatus
from giftline.orders.viewing import ViewCards
from giftline.secret import Secret
from giftline.suppliers.http import HttpClient
from giftline.suppliers.listing import Amounts, ListedCard
from giftline.suppliers.port import Found, Outcome, Status
from giftline.suppliers.walleo import Walleo
from giftline.suppliers.walleo_signing import WalleoKeys
from tests.fakes.house import AMPLE, EUR, TENANT, House, euro_line, request
from tests.fakes.walleo_door import IDENTIFIER, KEY, SHARED_KEY, WalleoHouse

pytestmark = pytest.mark.enable_socket

STAGE, API = "live", "a1b2c3"
PREFIX = f"/_aws/execute-api/{API}/{STAGE}"
Resolve = Callable[[dict[str, Any], Any], dict[str, Any]]


def walleo_app(door: WalleoDoor) -> Resolve:
    """The routes as the function has them."""
    app = new_app(error_reply)

    def route(method: str, path: str, do: Callable[..., Any]) -> None:
        def serve(**named: str) -> ApiResponse:
            return respond(do(app.current_event, *named.values()))

        app.route(f"/partners/v1{path}", method=method)(serve)

    route("POST", "/pull_requests", door.create_pull_request)
    route("GET", "/pull_requests/<request_id>", door.pull_request)
    route("POST", "/cards", door.create_card)
    route("GET", "/cards/<card_id>", door.card)
    route("GET", "/gift_cards", door.gift_cards)
    route("GET", "/gift_cards/<code>", door.gift_card)
    route("GET", "/inventories/<code>", door.inventory)
    route("GET", "/balance", door.balance)
    return app.resolve


@dataclass
class Gateway:
    """API Gateway's part: an HTTP call becomes an event, and an answer of the function an HTTP answer.

    `lose` says of which calls the answer never arrives; `decodes`: whether paths are handed over decoded.
    """

    resolve: Resolve
    lose: Callable[[str, str], bool] = lambda method, path: False
    decodes: bool = False
    calls: list[tuple[str, str, int]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def event(self, handler: BaseHTTPRequestHandler, method: str) -> dict[str, Any]:
        path = handler.path.removeprefix(PREFIX)
        path = unquote(path) if self.decodes else path
        size = int(handler.headers.get("Content-Length") or 0)
        headers = dict(handler.headers.items())
        context = {"apiId": API, "stage": STAGE, "path": f"/{STAGE}{path}", "httpMethod": method}
        return {
            "path": path,
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": None,
            "body": handler.rfile.read(size).decode() if size else None,
            "isBase64Encoded": False,
            "requestContext": context,
        }

    def answer(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        with self.lock:  # the fakes behind are for one at a time
            event = self.event(handler, method)
            result = self.resolve(event, None)
            self.calls.append((method, event["path"], result["statusCode"]))
        if self.lose(method, event["path"]):
            handler.close_connection = True
            return
        body = result["body"].encode()
        handler.send_response(result["statusCode"])
        for name, values in result["multiValueHeaders"].items():
            handler.send_header(name, values[0])
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def posts(self) -> list[int]:
        return [status for method, _, status in self.calls if method == "POST"]


@pytest.fixture
def served() -> Iterator[Callable[[Gateway], str]]:
    """Starts gateways, and tells where they listen."""
    running: list[tuple[ThreadingHTTPServer, Thread]] = []

    def start(gateway: Gateway) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_GET(self) -> None:
                gateway.answer(self, "GET")

            def do_POST(self) -> None:
                gateway.answer(self, "POST")

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class TwoHouses:
    """`seller` has the door; `buyer` has the adapter that orders at it. They share one clock."""

    seller: WalleoHouse
    buyer: House
    gateway: Gateway
    adapter: Walleo

    def sell(self) -> None:
        """Whatever the seller has open is bought, fetched and closed."""
        for order in list(self.seller.house.orders.records.values()):
            if order.status.is_open:
                self.seller.close(order.id)

    def order(self, *lines: Line) -> Order:
        """From the buyer's acceptance to its end, as the state machine goes, with the seller at work between."""
        buyer = self.buyer
        order = buyer.accept_order(request(*lines))
        buyer.plan_order(order.id)
        for _ in range(60):
            open_lots = [lot for lot in buyer.orders.lots(order.id) if not lot.state.is_closed]
            if not open_lots:
                break
            for lot in open_lots:
                buyer.clock.time = max(buyer.clock.time, buyer.now(lot).ask_at or 0)
                for step in (buyer.create_order, buyer.get_order_status, buyer.fetch_cards):
                    step(order.id, lot.number)
            self.sell()
        buyer.close_order(order.id, {})
        return buyer.orders.get(order.id)

    def sold(self) -> dict[str, Order]:
        return {order.id: order for order in self.seller.house.orders.records.values()}

    def numbers(self, house: House, orders: list[Order]) -> list[str]:
        view = ViewCards(house.orders, house.pages, house.vault)
        parts = [view(order.tenant, order.id, 0, 500) for order in orders]
        return sorted(card.number.reveal() for part in parts for card in part.cards)


@pytest.fixture
def houses(served: Callable[[Gateway], str]) -> TwoHouses:
    seller = WalleoHouse()
    buyer = House(clock=seller.house.clock)
    gateway = Gateway(lambda event, context: {})
    url = served(gateway)
    check = CheckSignature(seller.clients, seller.keys, seller.seen, seller.house.clock, gateway_urls(url))
    gateway.resolve = walleo_app(replace(seller.door, check=check))
    keys = WalleoKeys(Secret(KEY), IDENTIFIER, Secret(SHARED_KEY))
    adapter = Walleo(HttpClient(url + PREFIX), url + PREFIX, lambda: keys, buyer.clock.now)
    buyer.walleo = adapter  # type: ignore[assignment]
    return TwoHouses(seller, buyer, gateway, adapter)


def test_an_order_of_thirty_cards_comes_whole_and_each_card_once(houses: TwoHouses) -> None:
    order = houses.order(euro_line(20), euro_line(10, "FNAC", 3_000))
    assert (order.status, order.delivered_cards, order.delivered_minor) == (OrderStatus.COMPLETE, 30, 130_000)
    sold = list(houses.sold().values())
    assert houses.gateway.posts() == [200] * 30
    assert {one.status for one in sold} == {OrderStatus.COMPLETE}
    assert houses.numbers(houses.buyer, [order]) == houses.numbers(houses.seller.house, sold)
    assert len(set(houses.numbers(houses.buyer, [order]))) == 30


def test_the_money_of_both_sides_is_the_same(houses: TwoHouses) -> None:
    houses.order(euro_line(5))
    for house in (houses.buyer, houses.seller.house):
        balance = house.ledger.balance(TENANT, EUR)
        assert (balance.delivered, balance.reserved) == (25_000, 0)


def test_answers_that_are_lost_cost_no_card_and_no_money(houses: TwoHouses) -> None:
    lost: set[str] = set()

    def lose(method: str, path: str) -> bool:
        """Every third POST's answer, and the first of every other GET."""
        count = len(houses.gateway.calls)
        if path in lost or count % 3:
            return False
        lost.add(path if method == "GET" else str(count))
        return True

    houses.gateway.lose = lose
    order = houses.order(euro_line(30))
    assert (order.status, order.delivered_cards) == (OrderStatus.COMPLETE, 30)
    assert lost
    assert len(houses.sold()) == 30
    assert houses.numbers(houses.buyer, [order]) == houses.numbers(houses.seller.house, list(houses.sold().values()))


def test_a_pull_that_ends_in_error_is_pulled_under_another_request_id(houses: TwoHouses) -> None:
    seller = houses.seller.house
    seller.walleo.is_dead = lambda reference: "GL-000000000001" in reference
    order = houses.order(euro_line(3))
    assert (order.status, order.delivered_cards) == (OrderStatus.COMPLETE, 3)
    assert sorted(one.status for one in houses.sold().values()) == ["COMPLETE"] * 3 + ["FAILED"]


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        ("funds", "not_enough_funds"),
        ("stock", "out_of_stock"),
        ("amount", "invalid_amount"),
        ("sku", "gift_card_not_found"),
    ],
)
def test_each_refusal_is_understood_as_one(houses: TwoHouses, prepare: str, code: str) -> None:
    sku, minor = "IKEA", 5_000
    if prepare == "funds":
        houses.seller.house.ledger.withdraw(TENANT, EUR, AMPLE, "all of it", 0)
    sku = {"stock": "GONE", "sku": "NOBODY"}.get(prepare, sku)
    minor = 5_500 if prepare == "amount" else minor
    placed = houses.adapter.place("r-1", (Line(sku, Money(minor, EUR), 1),))
    assert (placed.outcome, placed.detail) == (Outcome.NOT_COMMITTED, code)
    assert not houses.sold()


def test_a_reused_request_id_is_told_as_taken_and_found(houses: TwoHouses) -> None:
    first = houses.adapter.place("r-1", (euro_line(),))
    second = houses.adapter.place("r-1", (euro_line(),))
    assert (first.outcome, second.outcome, second.taken) == (Outcome.COMMITTED, Outcome.UNKNOWN, True)
    found = houses.adapter.look_up("r-1")
    assert (found.found, found.supplier_order_id) == (Found.UNDER_WAY, first.supplier_order_id)
    assert len(houses.sold()) == 1


def test_what_was_never_asked_for_is_absent(houses: TwoHouses) -> None:
    assert houses.adapter.look_up("never") == Status(Found.ABSENT, word="pull_request_not_found")


@pytest.mark.parametrize("decodes", [False, True])
@pytest.mark.parametrize("reference", ["r-1", "a b", "a:b,c;d", "é", "~(x)'!*", "+&=$@"])
def test_any_request_id_that_is_taken_is_found_again(houses: TwoHouses, reference: str, decodes: bool) -> None:
    houses.gateway.decodes = decodes
    assert houses.adapter.place(reference, (euro_line(),)).outcome is Outcome.COMMITTED
    assert houses.adapter.look_up(reference).found is Found.UNDER_WAY
    houses.sell()
    pulled = houses.adapter.pull(reference, euro_line(), needs_pin=True)
    assert pulled.card is not None
    assert (pulled.card.flaw, pulled.card.amount_minor) == ("", 5_000)
    (order,) = houses.sold().values()
    assert order.refno == refno_of(reference)


def test_a_wrong_key_proves_nothing_to_the_buyer(houses: TwoHouses) -> None:
    wrong = WalleoKeys(Secret(KEY), IDENTIFIER, Secret("00" * 16))
    houses.adapter._keys = lambda: wrong
    assert houses.adapter.place("r-1", (euro_line(),)).outcome is Outcome.UNKNOWN
    assert houses.adapter.look_up("r-1").found is Found.UNREADABLE
    assert not houses.sold()


def test_the_catalogue_is_read_as_it_is_meant(houses: TwoHouses) -> None:
    listing = houses.adapter.gift_cards()
    assert not listing.problem
    listed = {card.code: card for card in listing.cards}
    assert listed["IKEA"] == ListedCard("IKEA", "IKEA", True, Amounts(least=20, most=500, step=10))
    assert listed["FNAC"].amounts == Amounts(fixed=(15, 30, 100))
    assert listed["GONE"].amounts is None


def test_no_card_is_in_a_log_or_a_record(houses: TwoHouses, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    order = houses.order(euro_line(2))
    numbers = houses.numbers(houses.buyer, [order])
    seller = houses.seller
    records = (seller.house.orders, seller.seen, seller.refusals, seller.clients, houses.buyer.orders)
    shown = f"{caplog.text} {houses.gateway.calls} {records!r}"
    assert len(numbers) == 2
    assert not any(secret in shown for secret in (*numbers, KEY, SHARED_KEY))
