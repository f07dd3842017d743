"""A Walleo door on fakes, and a client that signs its calls by the document and by nothing of ours."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from giftline.accounts.walleo_clients import (
    CALLER_ABILITIES,
    ManageWalleoClients,
    WalleoClient,
    WalleoCredentials,
)
from giftline.doors.answers import Reply
from giftline.doors.walleo import WalleoDoor
from giftline.doors.walleo_refusals import error_reply
from giftline.doors.walleo_signatures import CheckSignature, gateway_urls
from giftline.errors import BrokenSeal, GiftlineError, StaleWrite
from giftline.money import Money
from giftline.orders.accepting import AcceptOrder
from giftline.orders.catalogue import Catalogue, Product
from giftline.orders.holding import HoldOrder
from giftline.orders.model import Order
from giftline.secret import Secret
from tests.fakes.house import CATALOGUE, EUR, TENANT, House
from tests.fakes.time import FakeClock

KEY, IDENTIFIER = "the-api-key-of-acme-1", "b5245bbc-8ee7-4e55-92e0-b97e81085154"
SHARED_KEY = "6F2CE47010CF4F79B9767042BAFB1EB4"
HOST, STAGE = "giftline.example", "live"
URL = f"https://{HOST}/{STAGE}"
PULL_REQUESTS, CARDS = "/partners/v1/pull_requests", "/partners/v1/cards"
TENANTS = frozenset((TENANT, "other"))
OUT = Product("GONE", "Nobody sells it any more", EUR, ())


@dataclass
class FakeWalleoClients:
    """Those that may call, by identifier."""

    known: dict[str, WalleoClient] = field(default_factory=dict)

    def find(self, identifier: str) -> WalleoClient | None:
        return self.known.get(identifier)

    def add(self, client: WalleoClient) -> WalleoClient:
        return self.known.setdefault(client.identifier, client)

    def change(self, before: WalleoClient, after: WalleoClient) -> None:
        if self.known.get(before.identifier) not in (before, after):
            raise StaleWrite(f"the client {before.identifier} was changed")
        self.known[after.identifier] = after

    def remove(self, identifier: str) -> None:
        self.known.pop(identifier, None)


@dataclass
class FakeSeenSignatures:
    """What was seen, with the request that it may come again with."""

    seen: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, signature_hash: str, until: int, request_id: str = "") -> bool:
        if signature_hash not in self.seen:
            self.seen[signature_hash] = (until, request_id)
            return True
        return request_id != "" and self.seen[signature_hash][1] == request_id

    def spend(self, signature_hash: str, until: int) -> None:
        self.seen[signature_hash] = (until, "")


@dataclass
class FakeFirstRefusals:
    """The first one stays."""

    kept: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)

    def find(self, tenant: str, refno: str) -> tuple[int, str, str] | None:
        return self.kept.get((tenant, refno))

    def keep(self, tenant: str, refno: str, refusal: tuple[int, str, str], until: int) -> None:
        self.kept.setdefault((tenant, refno), refusal)


@dataclass
class FakeSharedKeys:
    """Seals with the tenant's name, so that another tenant's does not open."""

    def seal(self, tenant: str, secret: Secret) -> bytes:
        return f"{tenant}|{secret.reveal()}".encode()

    def open(self, tenant: str, sealed: bytes) -> Secret:
        owner, _, text = sealed.decode().partition("|")
        if owner != tenant:
            raise BrokenSeal("another tenant's")
        return Secret(text)


@dataclass
class CallContext:
    """What the gateway says of a call."""

    path: str
    stage: str = STAGE
    api_id: str = "a1b2c3"
    domain_name: str | None = HOST


@dataclass
class SentCall:
    """A call as the gateway hands it over."""

    http_method: str
    path: str
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    is_base64_encoded: bool | None = False
    query_string_parameters: dict[str, str] = field(default_factory=dict)

    @property
    def request_context(self) -> CallContext:
        return CallContext(f"/{STAGE}{self.path}")


def sorted_json(body: Any) -> str:
    """The payload as the document has it signed."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sign(key: str, verb: str, url: str, payload: str, identifier: str, timestamp: int) -> str:
    """The document's signature, written out anew."""
    token = "+".join((verb, url, payload, identifier, str(timestamp)))
    return hmac.new(bytes.fromhex(key), token.encode(), hashlib.sha256).hexdigest()


@dataclass
class Meanwhile:
    """The house's clock; `does` what happens while a call is held, once for each look."""

    clock: FakeClock
    does: Callable[[], object] | None = None
    slept: list[float] = field(default_factory=list)

    def now(self) -> int:
        return self.clock.now()

    def elapsed(self) -> float:
        return self.clock.elapsed()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.sleep(seconds)
        if self.does:
            self.does()


@dataclass
class WalleoHouse:
    """One Giftline with a Walleo door, on fakes; `now` is what its clients think what time it is."""

    house: House = field(default_factory=House)
    catalogue: Catalogue = field(default_factory=lambda: Catalogue([*CATALOGUE.products.values(), OUT]))
    clients: FakeWalleoClients = field(default_factory=FakeWalleoClients)
    seen: FakeSeenSignatures = field(default_factory=FakeSeenSignatures)
    refusals: FakeFirstRefusals = field(default_factory=FakeFirstRefusals)
    keys: FakeSharedKeys = field(default_factory=FakeSharedKeys)
    available: dict[str, list[Money]] = field(default_factory=dict)
    ids: int = 0

    def __post_init__(self) -> None:
        self.meanwhile = Meanwhile(self.house.clock)
        self.enter(TENANT, KEY, IDENTIFIER)

    @property
    def manage(self) -> ManageWalleoClients:
        return ManageWalleoClients(self.clients, self.keys, TENANTS.__contains__)

    def enter(self, tenant: str, key: str, identifier: str, abilities: frozenset[str] = CALLER_ABILITIES) -> None:
        self.manage.register(tenant, identifier, WalleoCredentials(Secret(key), Secret(SHARED_KEY)), abilities)

    def new_id(self) -> str:
        self.ids += 1
        return f"{self.ids:012X}4AAA8AAAAAAAAA"

    @property
    def now(self) -> int:
        return self.house.clock.now() // 1_000

    @property
    def accept_order(self) -> AcceptOrder:
        return replace(self.house.accept_order, new_id=self.new_id)

    @property
    def check(self) -> CheckSignature:
        return CheckSignature(self.clients, self.keys, self.seen, self.house.clock, gateway_urls())

    @property
    def door(self) -> WalleoDoor:
        return WalleoDoor(
            self.check,
            self.catalogue,
            self.accept_order,
            self.house.orders,
            self.house.view_cards,
            HoldOrder(self.house.orders, self.meanwhile),
            self.refusals,
            self.house.clock,
            lambda tenant: self.available.get(tenant, []),
        )

    # --- what a client does

    def signed(self, verb: str, path: str, body: Any = None, **more: Any) -> SentCall:
        """A call as the document's client makes it; `more` changes one thing of it."""
        payload = "" if body is None else sorted_json(body)
        key, identifier = more.get("key", KEY), more.get("identifier", IDENTIFIER)
        timestamp, url = more.get("timestamp", self.now), more.get("url", URL) + path
        signature = sign(more.get("shared_key", SHARED_KEY), verb, url, payload, identifier, timestamp)
        header = f"Bearer {key}, Id={identifier}, Signature={signature}, Timestamp={timestamp}"
        headers = {"Authorization": more.get("header", header)} | more.get("headers", {})
        return SentCall(verb, path, more.get("sent", payload or None), headers)

    def pull(self, request_id: Any = "your_request_id", code: Any = "IKEA", amount: Any = 50, **more: Any) -> Reply:
        body = {"pull_request": {"amount": amount, "gift_card_code": code, "request_id": request_id}}
        return self.answer(self.door.create_pull_request, self.signed("POST", PULL_REQUESTS, body, **more))

    def shown(self, request_id: str = "your_request_id", **more: Any) -> Reply:
        call = self.signed("GET", f"{PULL_REQUESTS}/{request_id}", **more)
        return self.answer(lambda sent: self.door.pull_request(sent, request_id), call)

    def buy(self, request_id: str = "your_request_id", code: Any = "IKEA", amount: Any = 50, **more: Any) -> Reply:
        headers = {"X-RequestId": request_id} if request_id else {}
        body = {"card": {"amount": amount, "gift_card_code": code}}
        return self.answer(self.door.create_card, self.signed("POST", CARDS, body, headers=headers, **more))

    def get(self, path: str, do: Callable[[SentCall], Reply], **more: Any) -> Reply:
        return self.answer(do, self.signed("GET", path, **more))

    def answer(self, do: Callable[[SentCall], Reply], call: SentCall) -> Reply:
        """What the caller gets: errors are answers."""
        try:
            return do(call)
        except GiftlineError as error:
            return error_reply(error)

    # --- what happens meanwhile

    @property
    def order(self) -> Order:
        (order,) = self.house.orders.records.values()
        return order

    def close(self, order_id: str = "") -> Order:
        """Plans, buys, fetches and closes as the state machine does."""
        house, order_id = self.house, order_id or self.order.id
        house.plan_order(order_id)
        for lot in house.orders.lots(order_id):
            for step in (house.create_order, house.get_order_status, house.fetch_cards):
                house.clock.time = max(house.clock.time, house.now(lot).ask_at or 0)
                step(order_id, lot.number)
        house.close_order(order_id, {})
        return house.orders.get(order_id)
