"""What is one tenant's is nothing to another: every reading call of the OpenAPI document, with foreign names in it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import schemathesis
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from giftline.accounts.model import TENANT_ABILITIES
from tests.stack_support.api_document import CALLS, Call, document, strict
from tests.stack_support.api_owner import Owned, owned_by
from tests.stack_support.api_visitor import Visitor, visitor
from tests.stack_support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow]

NOBODYS = frozenset({"code"})
"""Names in a path of what is no tenant's: a gift card of the catalogue is there for all."""
LATER = frozenset({"GET /v1/retention/orders/{order_id}"})
"""What its owner finds only after days."""
READS = {name: call for name, call in CALLS.items() if call.operation.method == "GET" and call.asks_for_a_tenant}
OF_TENANTS = {
    name: call
    for name, call in READS.items()
    if not call.operation.abilities or TENANT_ABILITIES.intersection(call.operation.abilities)
}
NAMED = [name for name, call in OF_TENANTS.items() if set(call.operation.path_names) - NOBODYS]
LISTS = [name for name, call in OF_TENANTS.items() if not call.operation.path_names]
OPERATORS = [name for name in READS if name not in OF_TENANTS]

schema = schemathesis.openapi.from_dict(strict(document()))


@pytest.fixture(scope="module")
def owned(stack: Stack) -> Owned:
    return owned_by(visitor(stack, "owner"))


@pytest.fixture(scope="module")
def stranger(stack: Stack) -> Visitor:
    return visitor(stack, "stranger")


def conforms(call: Call, owned: Owned, path: str) -> None:
    """The owner's own answer, by the document in its strictest reading."""
    answer = owned.visitor.send(call, path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
    case = schema[call.operation.path][call.operation.method].Case(path_parameters=owned.names_in(call, path))
    case.validate_response(answer, checks=[status_code_conformance, response_schema_conformance])


@pytest.mark.parametrize("name", NAMED)
def test_what_its_owner_reads_is_not_found_for_anybody_else(name: str, owned: Owned, stranger: Visitor) -> None:
    call = CALLS[name]
    paths = owned.paths(call)
    assert paths, f"{name}: tests/stack_support/api_owner.py makes nothing that {call.operation.path_names} could name"

    for path in paths:
        if name not in LATER:
            conforms(call, owned, path)
        foreign, nothing = stranger.send(call, path), stranger.send(call, owned.unknown(call, path))

        assert (foreign.status_code, nothing.status_code) == (404, 404), foreign.text
        assert owned.hidden(foreign.text) == owned.hidden(nothing.text)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_nothing_of_another_tenant(name: str, owned: Owned, stranger: Visitor) -> None:
    call = CALLS[name]

    answer = stranger.send(call, params=query_of(call))

    assert answer.status_code == 200, answer.text
    assert [one for one in owned.secrets if one in answer.text] == []


@pytest.mark.parametrize("name", OPERATORS)
def test_what_crosses_tenants_is_forbidden_to_all_of_them(name: str, owned: Owned, stranger: Visitor) -> None:
    call = CALLS[name]
    path = call.operation.path.format(**dict.fromkeys(call.operation.path_names, owned.visitor.tenant))

    answer = stranger.send(call, path, as_operator=False)

    assert answer.status_code == 403, answer.text


def query_of(call: Call) -> Mapping[str, str]:
    """Only what must be there."""
    return {one.name: one.schema["enum"][0] for one in call.operation.parameters if one.is_required}
