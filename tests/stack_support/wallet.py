"""The WalletApp document's calls on our stack, as a customer makes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import requests

from tests.stack_support.stack import Stack
from tests.stack_support.waiting import wait_for

SECONDS = 60
BRAND = "corner-coffee"
COUPON = "free-espresso"
STORECARD = "loyalty"
HOOK = "http://127.0.0.1:9/hook"
"""Nobody listens there: for calls whose webhook is not looked at."""
Users = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class WalletDoor:
    """The bulk calls of one stack, entered with one token."""

    url: str
    token: str
    hook: str = HOOK

    def with_token(self, token: str) -> WalletDoor:
        return replace(self, token=token)

    def with_hook(self, url: str) -> WalletDoor:
        return replace(self, hook=url)

    def coupons(self, users: Users, **headers: str) -> requests.Response:
        body = {"brand_id": BRAND, "coupon_id": COUPON, "webhook_url": self.hook, "users": users}
        return self.call("POST", "bulk/coupons", body, headers)

    def storecards(self, users: Users, **headers: str) -> requests.Response:
        body = {"brand_id": BRAND, "storecard_id": STORECARD, "webhook_url": self.hook, "users": users}
        return self.call("POST", "bulk/storecards", body, headers)

    def points(self, users: Users, **headers: str) -> requests.Response:
        body = {"brand_id": BRAND, "storecard_id": STORECARD, "webhook_url": self.hook, "users": users}
        return self.call("POST", "bulk/points", body, headers)

    def signups(self, users: Users) -> requests.Response:
        return self.call("POST", "bulk/signups", {"brand_id": BRAND, "users": users})

    def status(self, operation: str, batch_id: str, query: str = "") -> requests.Response:
        return self.call("GET", f"webhooks/{operation}/{batch_id}{query}")

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})}
        data = None if body is None else json.dumps(body)
        return requests.request(method, f"{self.url}/{path}", headers=sent, data=data, timeout=SECONDS)

    def counts(self, operation: str, batch_id: str) -> dict[str, int]:
        """How far a batch is, as its status page counts."""
        counts: dict[str, int] = self.status(operation, batch_id, "?limit=1").json()["data"]["counts"]
        return counts

    def finished(self, operation: str, batch_id: str, seconds: float = 60, results: int = 10_000) -> dict[str, Any]:
        """The status page with so many results, once the batch has come to its end."""

        def ended() -> dict[str, Any] | None:
            answer = self.status(operation, batch_id, "?limit=1")
            assert answer.status_code == 200, answer.text
            data: dict[str, Any] = answer.json()["data"]
            return data if data["status"] in {"finished", "failed"} else None

        wait_for(ended, seconds, f"the end of batch {batch_id}")
        data: dict[str, Any] = self.status(operation, batch_id, f"?limit={results}").json()["data"]
        return data

    def passes(self, operation: str, batch_id: str) -> Iterator[dict[str, Any]]:
        """All of a finished batch, page by page as `next` leads."""
        query = ""
        while query is not None:
            data = self.status(operation, batch_id, query).json()["data"]
            yield from data["passes"]
            query = data["next"] and f"?{data['next'].partition('?')[2]}"


def wallet_door(stack: Stack) -> WalletDoor:
    return WalletDoor(stack.outputs["ApiUrl"], stack.outputs["Token"])


def batch_of(answer: requests.Response) -> str:
    """The id of the batch that a bulk call was answered with."""
    assert answer.status_code == 202, answer.text
    return answer.headers["Batch-Id"]


def people(prefix: str, count: int) -> list[dict[str, str]]:
    """Users to sign up, with identifiers of their own."""
    return [{"identifier": f"{prefix}-{n:05d}", "email": f"{prefix}-{n:05d}@example.com"} for n in range(count)]


def identified(users: Users, **values: object) -> list[dict[str, object]]:
    """The same people, named in another bulk call."""
    return [{"identifier": user["identifier"], **values} for user in users]
