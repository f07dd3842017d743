"""Who calls the doors of the OpenAPI document: a tenant with whatever each door wants to see of it."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from requests.auth import AuthBase

from giftline.accounts.model import OPERATOR_ABILITIES, TENANT_ABILITIES, Access, token_hash
from giftline.doors.openapi.model import Entry
from giftline.secret import Secret
from giftline.storage.accounts import DynamoAccounts
from giftline.suppliers.walleo_signing import signature
from tests.stack_support.api_document import CALLS, Call
from tests.stack_support.stack import Stack

SECONDS = 120
FUNDS = "/v1/accounts/{tenant}/deposits"
CURRENCIES = ("AUD", "EUR")
CLIENTS = "/v1/walleo_clients/{identifier}"


@dataclass(frozen=True, slots=True)
class Shown(AuthBase):
    """A header that is the same for every request."""

    name: str
    value: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self.name] = self.value
        return request


@dataclass(frozen=True, slots=True)
class Signed(AuthBase):
    """The Walleo document's header, made of the very request that is sent, and dated back where it was sent before."""

    identifier: str
    key: str
    shared_key: str
    used: set[str] = field(default_factory=set)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        verb, url, payload = str(request.method), str(request.url), payload_of(request.body)
        now = int(time.time())
        given = ((at, signature(self.shared_key, verb, url, payload, self.identifier, at)) for at in range(now, 0, -1))
        at, signed = next((at, signed) for at, signed in given if signed not in self.used)
        self.used.add(signed)
        request.headers["Authorization"] = (
            f"Bearer {self.key}, Id={self.identifier}, Signature={signed}, Timestamp={at}"
        )
        return request


def payload_of(body: bytes | str | None) -> str:
    """Compact, keys sorted; what is no JSON is signed as it is."""
    text = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
    try:
        return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False) if text else ""
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class Visitor:
    """`token` is the tenant's with all that a tenant may; `operator` may what operators may, and nothing else."""

    stack: Stack
    tenant: str
    token: str
    operator: str
    signed: Signed | None

    def auth(self, call: Call, *, as_operator: bool = True) -> AuthBase | None:
        """None where a door asks for nothing; what is the operators' is asked as one, if that is wanted."""
        if call.door.entry is Entry.SIGNED:
            return self.signed
        if call.door.entry is Entry.APPLE_PASS:
            return Shown("Authorization", f"ApplePass {'0' * 32}")
        is_operators = as_operator and not TENANT_ABILITIES.intersection(call.operation.abilities)
        token = self.operator if is_operators else self.token
        return Shown("X-Api-Key", token) if call.door.entry is Entry.TOKEN else None

    def send(self, call: Call, path: str = "", *, as_operator: bool = True, **options: Any) -> requests.Response:
        """`path` with its names filled in."""
        url, auth = call.base_url(self.stack) + (path or call.operation.path), self.auth(call, as_operator=as_operator)
        options = {"auth": auth, "allow_redirects": False, **options}
        return requests.request(call.operation.method, url, timeout=SECONDS, **options)


def visitor(stack: Stack, tenant: str) -> Visitor:
    """A tenant of that name with money, made where it is not there, and an operator beside it."""
    accounts = DynamoAccounts(stack.client("dynamodb"), stack.outputs["AccountsTableName"])
    digest = hashlib.sha256(tenant.encode()).hexdigest()[:16]
    token, operator = f"gl_tenant_{digest}", f"gl_operator_{digest}"
    accounts.add_tenant(tenant)
    accounts.add_token(token_hash(Secret(token)), Access(tenant, TENANT_ABILITIES))
    accounts.add_token(token_hash(Secret(operator)), Access(f"operator-{digest}", OPERATOR_ABILITIES))
    made = Visitor(stack, tenant, token, operator, None)
    _fund(made)
    return replace(made, signed=_walleo_client(made))


def _fund(of: Visitor) -> None:
    """Once, however often it is called."""
    for currency in CURRENCIES:
        body = {"currency": currency, "amount": "100000.00", "reference": f"visitor-{currency}"}
        given = of.send(CALLS[f"POST {FUNDS}"], FUNDS.format(tenant=of.tenant), json=body)
        assert given.status_code == 201, given.text


def _walleo_client(of: Visitor) -> Signed:
    """Let in at the Walleo door, with new keys each time."""
    path = CLIENTS.format(identifier=of.tenant)
    let_in = of.send(CALLS[f"PUT {CLIENTS}"], path, json={"tenant": of.tenant})
    assert let_in.ok, let_in.text
    keys = of.send(CALLS[f"POST {CLIENTS}/keys"], f"{path}/keys").json()
    return Signed(of.tenant, keys["apiKey"], keys["sharedKey"])
