"""A tenant's calls on its webhooks, as its backend makes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from standardwebhooks import Webhook

from tests.stack_support.hooks import Backend, Received
from tests.stack_support.waiting import wait_for
from tests.stack_support.wallet import BRAND, WalletDoor, batch_of

SECONDS = 30


@dataclass(frozen=True, slots=True)
class WebhooksDoor:
    """Entered with the token of a bulk door."""

    wallet: WalletDoor

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self.wallet.call(method, f"v1/webhooks{path}", body)
        assert answer.ok, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def event(self, batch_id: str) -> dict[str, Any] | None:
        """The one event of a batch or an order, with every attempt; None until the batch is closed."""
        found = [one for one in self.call("GET", "?limit=100")["events"] if one["subject"] == batch_id]
        assert len(found) <= 1, found
        return self.call("GET", f"/{found[0]['id']}") if found else None

    def settled(self, batch_id: str, state: str = "delivered", tries: int = 0) -> dict[str, Any]:
        """The event once it is in that state, after at least so many tries."""

        def there() -> dict[str, Any] | None:
            event = self.event(batch_id)
            return event if event and (event["state"], event["tries"] >= tries) == (state, True) else None

        return wait_for(there, SECONDS, f"the event of {batch_id} to be {state}")

    def secrets(self) -> list[str]:
        """Those that sign now, the new one first."""
        said = self.call("GET", "/secret")
        return [one for one in (said["secret"], said["previousSecret"]) if one]


def told(wallet: WalletDoor, backend: Backend, path: str, name: str) -> str:
    """A batch of one signup, closed, whose webhook goes to that path."""
    users = [{"email": f"{name}@example.com"}]
    body = {"brand_id": BRAND, "webhook_url": backend.url + path, "users": users}
    batch_id = batch_of(wallet.call("POST", "bulk/signups", body))
    wallet.finished("signups", batch_id)
    return batch_id


def came(backend: Backend, path: str, count: int = 1) -> list[Received]:
    """The first requests to that path, once there are so many."""

    def there() -> list[Received] | None:
        found = backend.of(path)
        return found if len(found) >= count else None

    return wait_for(there, SECONDS, f"{count} requests to {path}")


def is_signed(request: Received, secret: str) -> bool:
    """As the receiver's own library judges it; it raises where the signature is wrong."""
    Webhook(secret).verify(request.body, dict(request.headers))
    return True


def between(event: dict[str, Any]) -> list[float]:
    """Seconds from each attempt to the next."""
    times = [datetime.fromisoformat(one["at"]).timestamp() for one in event["attempts"]]
    return [after - before for before, after in pairwise(times)]
