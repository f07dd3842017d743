"""A tenant that owns one of everything that a path of the OpenAPI document can name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from giftline.wallet.batch import Operation
from tests.stack_support.api_document import CALLS, Call
from tests.stack_support.api_visitor import Visitor
from tests.stack_support.door import SKU, Door, Product
from tests.stack_support.waiting import wait_for
from tests.stack_support.wallet import BRAND, WalletDoor, batch_of, identified, people
from tests.stack_support.wallet_tenants import tenant_with_a_brand
from tests.stack_support.webhooks import WebhooksDoor

PREFIX = "owned"
REFNO = "owned-order"
WAIT = 90


@dataclass(frozen=True, slots=True)
class Owned:
    """`names` by the name that they have in a path; `batches` are those of each bulk call."""

    visitor: Visitor
    names: Mapping[str, str]
    batches: Mapping[str, str]

    @property
    def secrets(self) -> list[str]:
        """What no other tenant may be shown; a brand's name is each tenant's own, and many may have the same."""
        return [
            *(value for name, value in self.names.items() if name not in ("brand_id", "tenant")),
            *self.batches.values(),
        ]

    def paths(self, call: Call) -> list[str]:
        """Each path that this call has here; none where a name of it is of a kind that nobody made."""
        wanted = set(call.operation.path_names)
        if wanted == {"operation", "batch_id"}:
            return [call.operation.path.format(operation=of, batch_id=one) for of, one in self.batches.items()]
        return [call.operation.path.format(**self.names)] if wanted <= set(self.names) else []

    def names_in(self, call: Call, path: str) -> dict[str, str]:
        """What stands for each name of the call."""
        known = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(call.operation.path)), path)
        assert known, path
        return known.groupdict()

    def unknown(self, call: Call, path: str) -> str:
        """The same path, with names of the same form that nobody has."""
        named = self.names_in(call, path)
        changed = {name: one if name == "operation" else nobodys(one) for name, one in named.items()}
        return call.operation.path.format(**changed)

    def hidden(self, text: str) -> str:
        """Without the names that were asked for, by which alone two answers may differ."""
        for one in (*self.names.values(), *self.batches.values()):
            text = text.replace(one, "…").replace(nobodys(one), "…")
        return text


def nobodys(name: str) -> str:
    """Of the same length and the same characters."""
    return name[:-4] + name[-1:-5:-1][::-1].translate(str.maketrans("0123456789abcdefABCDEF", "9876543210fedcbaFEDCBA"))


def owned_by(visitor: Visitor) -> Owned:
    """Made once; the second time on one stack finds most of it there."""
    stack = visitor.stack
    tenant_with_a_brand(stack, visitor.tenant)
    wallet = WalletDoor(stack.outputs["ApiUrl"], visitor.token)
    batches = _batches(wallet)
    names = {"brand_id": BRAND, **_order(visitor), "event_id": _event(wallet, batches["coupons"])}
    return Owned(visitor, {**names, **_standing(visitor), **_pulled(visitor), **_dropped(visitor)}, batches)


def _order(visitor: Visitor) -> dict[str, str]:
    door = Door(visitor.stack.outputs["ApiUrl"], visitor.token)
    placed = door.place(REFNO, Product(SKU, 1))
    assert placed.status_code == 202, placed.text
    assert door.closed(REFNO, WAIT)["status"] == "COMPLETE"
    return {"refno": REFNO, "order_id": placed.json()["orderId"]}


def _batches(wallet: WalletDoor) -> dict[str, str]:
    """One of each bulk call, all finished."""
    users = people(PREFIX, 2)
    batches = {"signups": batch_of(wallet.signups(users))}
    wallet.finished("signups", batches["signups"], WAIT)
    bodies: Mapping[str, list[dict[str, object]]] = {
        "coupons": identified(users),
        "storecards": identified(users),
        "points": identified(users, points=5),
        "passes": identified(users, points=5),
        "members": identified(users, first_name="Ada"),
        "licenseplates": identified(users, licenseplates=["AB 123"]),
    }
    assert set(batches) | set(bodies) == set(Operation)
    for named, rows in bodies.items():
        head = {"coupon_id": "free-espresso"} if named == "coupons" else {"storecard_id": "loyalty"}
        body = {"brand_id": BRAND, "webhook_url": wallet.hook, "users": rows, **head}
        batches[named] = batch_of(wallet.call("PUT" if named == "members" else "POST", f"bulk/{named}", body))
    for named, batch_id in batches.items():
        wallet.finished(named, batch_id, WAIT)
    return batches


def _event(wallet: WalletDoor, batch_id: str) -> str:
    def told() -> str | None:
        events = WebhooksDoor(wallet).call("GET", "?limit=100")["events"]
        return next((one["id"] for one in events if one["subject"] == batch_id), None)

    return wait_for(told, WAIT, f"the event of {batch_id}")


def _standing(visitor: Visitor) -> dict[str, str]:
    call = CALLS["POST /v1/standing_orders"]
    assert call.operation.body
    answer = visitor.send(call, json=call.operation.body.example)
    assert answer.status_code == 201, answer.text
    return {"standing_id": answer.json()["id"]}


def _pulled(visitor: Visitor) -> dict[str, str]:
    request_id = "owned-pull"
    body = {"pull_request": {"gift_card_code": "IKEA", "amount": 50, "request_id": request_id}}
    sent = visitor.send(CALLS["POST /partners/v1/pull_requests"], json=body)
    assert sent.status_code in (200, 422), sent.text  # 422: made the first time
    asked = CALLS["GET /partners/v1/pull_requests/{request_id}"]

    def card() -> str | None:
        found = visitor.send(asked, asked.operation.path.format(request_id=request_id)).json()
        return (found["pull_request"]["card"] or {}).get("id")

    return {"request_id": request_id, "card_id": wait_for(card, WAIT, f"the card of {request_id}")}


def _dropped(visitor: Visitor) -> dict[str, str]:
    """A file with a wrong cell: nothing is ordered, and its report is its tenant's alone."""
    name = "owned-file"
    visitor.stack.drop(name, b"sku,amount,quantity\nNO-SUCH-SKU,5.00,1\n", visitor.tenant)
    call = CALLS["GET /v1/files/{name}"]

    def read() -> str | None:
        answer = visitor.send(call, call.operation.path.format(name=name))
        return name if answer.status_code == 200 and answer.json()["state"] == "refused" else None

    return {"name": wait_for(read, WAIT, f"the file {name} to be read")}
