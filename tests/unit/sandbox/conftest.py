"""A supplier without sockets, at a clock that moves only when told to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.settings import Settings
from sandbox.wpay.app import create_app

KEY = "test-key"
ROOT = "/v1/partner/giftcards"


@dataclass
class FakeClock:
    time: float = 1_750_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class Shop:
    """A client of one supplier; times are the supplier's minutes, as the time scale is 1."""

    client: FlaskClient
    clock: FakeClock

    def call(self, method: str, path: str, key: str = KEY, **more: Any) -> TestResponse:
        return self.client.open(ROOT + path, method=method, headers={"X-Api-Key": key}, **more)

    def order(self, refno: str = "r1", sku: str = "WWQ651BHNWSH", qty: int = 1, **changed: Any) -> TestResponse:
        product = {"sku": sku, "price": 5, "qty": qty, "currency": "036"}
        body = {
            "payments": [{"code": "svc", "amount": 5 * qty}],
            "products": [product],
            "refno": refno,
            "syncOnly": False,
        }
        return self.call("POST", "/orders", json=body | changed)

    def status(self, refno: str = "r1") -> TestResponse:
        return self.call("GET", f"/order/{refno}/status")

    def word(self, refno: str = "r1") -> str:
        return str(self.status(refno).get_json()["status"])

    def page(self, refno: str = "r1", offset: object = 0, limit: object = 10) -> TestResponse:
        order_id = self.about(refno)["orderId"]
        return self.call("GET", f"/order/{order_id}/cards?offset={offset}&limit={limit}")

    def numbers(self, refno: str = "r1", offset: int = 0, limit: int = 10) -> list[str]:
        return [card["cardNumber"] for card in self.page(refno, offset, limit).get_json()["cards"]]

    def wait(self, minutes: float) -> None:
        self.clock.time += minutes * 60

    def about(self, refno: str = "r1") -> Any:
        return self.client.get(f"/sandbox/orders/{refno}").get_json()

    def sold(self, refno: str = "r1") -> Any:
        return self.client.get(f"/sandbox/cards/{refno}").get_json()["cards"]

    def report(self) -> Any:
        return self.client.get("/sandbox/report").get_json()

    def breaches(self) -> list[str]:
        return [breach["kind"] for breach in self.report()["breaches"]]


OpenShop = Callable[..., Shop]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def open_shop(tmp_path: Path, clock: FakeClock) -> OpenShop:
    def open_one(name: str = "state", **settings: Any) -> Shop:
        chosen = Settings(state=tmp_path / name, api_key=KEY, time_scale=1.0, **settings)
        return Shop(create_app(chosen, clock).test_client(), clock)

    return open_one


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return open_shop()


@pytest.fixture
def readme() -> str:
    return (Path(create_app.__code__.co_filename).parents[1] / "README.md").read_text(encoding="utf-8")
