"""Calls made from the OpenAPI document: right, wrong and hostile ones are answered as it says, and never by a 5xx."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.stack_support.api_document import CALLS, document, strict
from tests.stack_support.api_visitor import SECONDS, Visitor, visitor
from tests.stack_support.stack import Stack
from tests.stack_support.wallet_tenants import tenant_with_a_brand

pytestmark = [pytest.mark.stack, pytest.mark.slow]

CONFIG = {
    "seed": 20261121,
    "generation": {
        "max-examples": 6,
        "deterministic": True,
        "database": "none",
        "no-shrink": True,
        "with-security-parameters": False,
    },
    "phases": {"coverage": {"unexpected-methods": []}, "stateful": {"enabled": False}},
    "suppress-health-check": ["all"],
}
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TENANT = "schemathesis"
HOOK = "http://127.0.0.1:9/hook"
"""Nobody listens there."""
FIRST, EACH = 8, 8
"""Of an operation's calls the first ones are sent, and each eighth of the others: in the same order every time."""
FEW, ENOUGH_SECONDS = 2, 35.0
"""A machine so slow that the calls took that long sends but these few of each operation that is left."""

HELD = {"PUT /v1/catalogue": {"dryRun": "true"}}
"""In the query of a call that would change what the other tests need."""

schema = schemathesis.openapi.from_dict(strict(document()), config=SchemathesisConfig.from_dict(CONFIG))


@schema.hook
def map_body(context: Any, body: Any) -> Any:
    """No webhook leaves this machine, whatever address is made up for it, nor one of a template order."""
    if isinstance(body, dict):
        return {key: HOOK if _is_hook(key, value) else map_body(context, value) for key, value in body.items()}
    return body


def _is_hook(key: str, value: Any) -> bool:
    return key.replace("_", "").lower() == "webhookurl" and isinstance(value, str)


@dataclass(slots=True)
class Turns:
    """Which of the calls are sent."""

    asked: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def has(self, case: schemathesis.Case[Any]) -> bool:
        """The document's own example always."""
        name = case.operation.label
        self.asked[name] += 1
        if case.meta is not None and case.meta.phase.name is TestPhase.EXAMPLES:
            return True
        if self.seconds > ENOUGH_SECONDS:
            return self.asked[name] <= FEW
        return self.asked[name] <= FIRST or self.asked[name] % EACH == 0


@pytest.fixture(scope="module")
def turns() -> Turns:
    return Turns()


@pytest.fixture(scope="module")
def caller(stack: Stack) -> Visitor:
    """A tenant of its own, with the sample brand: what the document shows as an example is taken from it."""
    tenant_with_a_brand(stack, TENANT)
    return visitor(stack, TENANT)


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@schema.parametrize()
def test_a_call_answers_what_the_document_says(
    case: schemathesis.Case[Any], stack: Stack, caller: Visitor, session: requests.Session, turns: Turns
) -> None:
    call = CALLS[case.operation.label]
    if not turns.has(case):
        return
    began = time.monotonic()
    options: dict[str, Any] = {
        "auth": caller.auth(call),
        "allow_redirects": False,
        "timeout": SECONDS,
        "params": HELD.get(call.name),
    }
    case.call_and_validate(call.base_url(stack), session, checks=CHECKS, **options)
    turns.seconds += time.monotonic() - began


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if call.asks_for_a_tenant])
def test_a_call_that_shows_no_token_is_refused_before_anything_else(name: str, stack: Stack, caller: Visitor) -> None:
    call = CALLS[name]

    answer = caller.send(call, call.path_of_nothing, auth=None, data=b"{")

    assert (answer.status_code, stack.outputs["Tenant"] in answer.text) == (401, False)


def test_the_document_that_is_served_is_the_one_that_the_calls_were_made_from(stack: Stack) -> None:
    api, passes = stack.outputs["ApiUrl"], stack.outputs["PassesUrl"]

    served = requests.get(f"{api}/openapi.json", timeout=SECONDS)

    told = {**document(), "servers": [{"url": api}]}
    for path, item in told["paths"].items():
        told["paths"][path] = item | ({"servers": [{"url": passes}]} if "servers" in item else {})
    assert (served.status_code, served.json()) == (200, told)


def test_the_page_names_every_call(stack: Stack) -> None:
    page = requests.get(f"{stack.outputs['ApiUrl']}/docs", timeout=SECONDS)

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert [name for name, call in CALLS.items() if f'id="{call.operation.id}"' not in page.text] == []
