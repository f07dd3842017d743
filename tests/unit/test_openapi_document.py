"""The OpenAPI document says what is served: each route of a function is declared, and each declaration a route."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from rules.documents import read_yaml

from giftline.delivery.file_progress import FileReading, FileState
from giftline.delivery.viewing_files import FileView
from giftline.doors import file_answers, wpay_answers
from giftline.doors.openapi.all_doors import ALL_DOORS
from giftline.doors.openapi.document import openapi_document
from giftline.doors.openapi.fields import schema_of
from giftline.doors.openapi.model import Door, Operation
from giftline.doors.walletapp_requests import DOCUMENTS
from giftline.orders.model import OrderStatus
from giftline.orders.viewing import OrderView
from tests.fakes.house import an_order
from tests.stack_support.api_document import strict

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = openapi_document(ALL_DOORS, "https://api.example.com", "https://passes.example.com")
DECLARED = [(door, operation) for door in ALL_DOORS for operation in door.operations]
VERBS = ("get", "post", "put", "delete")
Route = tuple[str, str, str]
"""Function, method, path with its names in braces."""


def routes_of(function: str) -> Iterator[Route]:
    """What the function's app registers: in the one table of its doors, or by decorators."""
    for node in ast.walk(ast.parse((ROOT / "functions" / function / "app.py").read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "serve":
            assert isinstance(node.args[0], ast.Dict)
            for key in node.args[0].keys:
                assert isinstance(key, ast.Constant)
                method, path = str(key.value).split()
                yield function, method, in_braces(path)
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            assert isinstance(decorator, ast.Call)
            assert isinstance(decorator.func, ast.Attribute)
            verb = decorator.func.attr
            given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in decorator.keywords}
            methods = given["method"] if verb == "route" else [verb]
            yield from (
                (function, method.upper(), in_braces(ast.literal_eval(decorator.args[0]))) for method in methods
            )


def in_braces(path: str) -> str:
    return re.sub(r"<(\w+)>", r"{\1}", path)


def events() -> Iterator[Route]:
    """What the gateway hands to a function."""
    template: Any = read_yaml((ROOT / "template.yaml").read_text())
    for resource in template["Resources"].values():
        for event in resource.get("Properties", {}).get("Events", {}).values() if is_function(resource) else ():
            if event["Type"] == "Api":
                told = event["Properties"]
                folder = Path(resource["Properties"]["CodeUri"]).name
                yield folder, told["Method"].upper(), told["Path"]


def is_function(resource: Any) -> bool:
    return bool(resource["Type"] == "AWS::Serverless::Function")


def serving(door: Door, operation: Operation, known: list[Route]) -> Route | None:
    """The route that takes this call: of those that fit, the one with the fewest names."""
    fitting = [
        route for route in known if route[:2] == (door.function, operation.method) and fits(operation.path, route[2])
    ]
    return min(fitting, key=lambda route: route[2].count("{"), default=None)


def fits(path: str, pattern: str) -> bool:
    parts, places = path.split("/"), pattern.split("/")
    return len(parts) == len(places) and all(
        place.startswith("{") or part == place for part, place in zip(parts, places, strict=True)
    )


ROUTES = [route for app in sorted((ROOT / "functions").glob("*/app.py")) for route in routes_of(app.parent.name)]


@pytest.mark.parametrize("known", [ROUTES, list(events())], ids=["routes", "template"])
def test_every_call_that_is_declared_is_served_and_every_one_that_is_served_is_declared(known: list[Route]) -> None:
    served = {(door.function, one.method, one.path): serving(door, one, known) for door, one in DECLARED}

    assert [call for call, route in served.items() if route is None] == [], "declared, and served by nobody"
    # the gateway lets one method through for one bulk call alone, where the function's route takes it for all
    assert set(known) - set(served.values()) == set(), "served, and declared by nobody"


def test_the_document_is_openapi_as_its_readers_take_it() -> None:
    schema = schemathesis.openapi.from_dict(DOCUMENT)

    schema.validate()
    assert len(list(schema.get_all_operations())) == sum(len(door.operations) for door in ALL_DOORS)
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT


@pytest.mark.parametrize("door", ALL_DOORS, ids=lambda door: door.name)
def test_every_example_is_what_its_own_schema_allows(door: Door) -> None:
    for operation in door.operations:
        if operation.body and operation.body.example is not None:
            schema = {**operation.body.schema, "components": DOCUMENT["components"]}
            jsonschema_rs.Draft202012Validator(schema).validate(operation.body.example)


def test_every_schema_is_one_and_is_used() -> None:
    text = json.dumps(DOCUMENT)

    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})
        assert f'"#/components/schemas/{name}"' in text, name
    assert set(re.findall(r"#/components/schemas/(\w+)", text)) == set(DOCUMENT["components"]["schemas"])


def test_every_call_says_who_may_make_it() -> None:
    for path, item in DOCUMENT["paths"].items():
        for verb in VERBS:
            if verb in item:
                statuses = set(item[verb]["responses"])
                needs_token = any(names for one in item[verb]["security"] for names in one.values())
                assert {"500", "429"} <= statuses, path
                assert not needs_token or "401" in statuses, path


def test_a_path_that_holds_a_name_may_be_of_nothing() -> None:
    nameless = [path for path, item in DOCUMENT["paths"].items() if "{" in path and not _all_answer(item, "404")]

    assert nameless == []


def _all_answer(item: Any, status: str) -> bool:
    return all(status in item[verb]["responses"] for verb in VERBS if verb in item)


def test_every_field_of_a_bulk_call_has_a_schema() -> None:
    fields = {field for document in DOCUMENTS.values() for field in (*document.head, *document.row)}

    assert [field.name for field in fields if set(schema_of(field)) == {"description"}] == []


@pytest.mark.parametrize(
    ("call", "raised", "never"),
    [
        ("GET /partners/v1/balance", "400", "422"),
        ("GET /partners/v1/pull_requests/{request_id}", "400", "422"),
        ("POST /v1/partner/giftcards/orders", "410", "404"),
        ("POST /v1/partner/giftcards/orders/cancel", "404", "410"),
        ("POST /v1/partner/giftcards/orders/reverse", "503", "409"),
        ("POST /v1/accounts/{tenant}/deposits", "404", "409"),
        ("POST /v1/reconciliations/{supplier}/top-ups", "404", "409"),
        ("POST /v1/webhooks/{event_id}/resend", "503", "409"),
        ("POST /v1/standing_orders", "413", "409"),
        ("DELETE /v1/standing_orders/{standing_id}", "503", "409"),
        ("POST /v1/standing_orders/{standing_id}/resume", "409", "400"),
        ("POST /bulk/coupons", "422", "409"),
        ("POST /v1/walleo_clients/{identifier}/keys", "404", "400"),
        ("POST /apple/v1/devices/{device}/registrations/{pass_type}/{serial}", "409", "403"),
    ],
)
def test_a_call_declares_what_its_code_raises_and_nothing_else(call: str, raised: str, never: str) -> None:
    method, path = call.split()
    statuses = DOCUMENT["paths"][path][method.lower()]["responses"]
    assert (raised in statuses, never in statuses) == (True, False)


def test_the_status_of_an_order_is_declared_with_all_that_it_may_tell() -> None:
    """Of an order whose cards were removed, and of a file with a name that is no refno."""
    removed = replace(an_order(), status=OrderStatus.COMPLETE, cards_removed_at=1)
    reading = FileReading("acme", "a name.csv", 100, 1, 50, 2_500, 3, 1, FileState.REFUSED)
    told = [
        wpay_answers.status(OrderView(removed, (), {})),
        file_answers.status(FileView(reading, "https://report", is_stopped=False)),
    ]
    schemas = strict(DOCUMENT)["components"]["schemas"]
    for body in told:
        validator = jsonschema_rs.Draft202012Validator({**schemas["OrderState"], "components": {"schemas": schemas}})
        assert [error.message for error in validator.iter_errors(body)] == []


@pytest.mark.parametrize("path", ["/v1/files/{name}", "/v1/partner/giftcards/order/{refno}/status"])
def test_a_file_of_any_name_can_be_asked_for(path: str) -> None:
    (name,) = DOCUMENT["paths"][path]["get"]["parameters"]
    jsonschema_rs.Draft202012Validator(name["schema"]).validate("a name, and é")


def test_operators_are_told_that_they_may() -> None:
    for path in ("/v1/catalogue", "/v1/retention/orders/{order_id}"):
        assert all("accounts" in able for one in DOCUMENT["paths"][path]["get"]["security"] for able in one.values())


def test_two_calls_of_one_name_are_refused() -> None:
    door = ALL_DOORS[0]

    with pytest.raises(ValueError, match="is declared twice"):
        openapi_document([door, replace(door, name="Another")], "", "")


def test_two_schemas_of_one_name_are_refused() -> None:
    door = ALL_DOORS[0]
    other = replace(door, operations=(), schemas={"Order": {"type": "string"}})

    with pytest.raises(ValueError, match="two schemas are called Order"):
        openapi_document([door, other], "", "")
