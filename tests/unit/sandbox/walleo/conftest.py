"""A partner of Walleo without sockets, at the clock of the folder above."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.settings import Settings
from sandbox.walleo.app import create_app

KEY = "test-key"
IDENTIFIER = "b5245bbc-8ee7-4e55-92e0-b97e81085154"
SHARED_KEY = "6F2CE47010CF4F79B9767042BAFB1EB4"
HOST = "http://localhost"
ROOT = "/partners/v1"


@dataclass
class Partner:
    """A client that signs by itself, without a line of the supplier's; times are the supplier's seconds."""

    client: FlaskClient
    clock: Any

    def header(self, verb: str, path: str, payload: str = "", **changed: str) -> str:
        """What the document wants to see; `changed` replaces or spoils one part of it."""
        at = changed.get("timestamp", str(int(self.clock.time)))
        token = f"{verb}+{HOST}{ROOT}{path}+{payload}+{IDENTIFIER}+{at}"
        signed = hmac.new(bytes.fromhex(SHARED_KEY), token.encode(), hashlib.sha256).hexdigest()
        key, identifier = changed.get("key", KEY), changed.get("identifier", IDENTIFIER)
        return f"Bearer {key}, Id={identifier}, Signature={changed.get('signature', signed)}, Timestamp={at}"

    def get(self, path: str, **changed: str) -> TestResponse:
        return self.client.get(ROOT + path, headers={"Authorization": self.header("GET", path, **changed)})

    def post(self, path: str, body: object, more: dict[str, str] | None = None, **changed: str) -> TestResponse:
        payload = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        headers = {"Authorization": self.header("POST", path, payload, **changed)} | (more or {})
        return self.client.post(ROOT + path, json=body, headers=headers)

    def pull(self, request_id: object = "r1", code: object = "IKEA", amount: object = 50) -> TestResponse:
        part = {"amount": amount, "gift_card_code": code, "request_id": request_id}
        return self.post("/pull_requests", {"pull_request": part})

    def pull_at_once(self, request_id: str = "s1", code: str = "IKEA", amount: int = 50) -> TestResponse:
        body = {"card": {"amount": amount, "gift_card_code": code}}
        return self.post("/cards", body, {"X-RequestId": request_id})

    def show(self, request_id: str = "r1") -> TestResponse:
        return self.get(f"/pull_requests/{request_id}")

    def word(self, request_id: str = "r1") -> str:
        return str(self.show(request_id).get_json()["pull_request"]["status"])

    def card(self, request_id: str = "r1") -> Any:
        return self.show(request_id).get_json()["pull_request"]["card"]

    def wait(self, seconds: float) -> None:
        self.clock.time += seconds

    def admin(self, path: str) -> Any:
        return self.client.get(f"/sandbox/walleo/{path}").get_json()

    def about(self, request_id: str = "r1") -> Any:
        return self.admin(f"pull_requests/{request_id}")

    def report(self) -> Any:
        return self.admin("report")

    def breaches(self) -> list[str]:
        return [breach["kind"] for breach in self.report()["breaches"]]


OpenPartner = Callable[..., Partner]


@pytest.fixture
def open_partner(tmp_path: Path, clock: Any) -> OpenPartner:
    def open_one(name: str = "state", **settings: Any) -> Partner:
        usual: dict[str, Any] = {"state": tmp_path / name, "time_scale": 1.0}
        keys = {"walleo_api_key": KEY, "walleo_id": IDENTIFIER, "walleo_shared_key": SHARED_KEY}
        chosen = Settings(**usual | keys | settings)
        return Partner(create_app(chosen, clock).test_client(), clock)

    return open_one


@pytest.fixture
def partner(open_partner: OpenPartner) -> Partner:
    return open_partner()
