"""The OpenAPI 3.1 document of the doors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from giftline.doors.openapi.house import SCHEMAS
from giftline.doors.openapi.model import Answer, Door, Entry, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import ref, text

TITLE: Final = "Giftline"
VERSION: Final = "1"
ABOUT: Final = "Orders gift cards in bulk from several suppliers, exactly once, and hands them over sealed."
_SECURITY: Final[Mapping[str, Mapping[str, str]]] = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "A tenant's token."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "The same token, in the other header."},
    "walleoSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": (
            "`Bearer KEY, Id=IDENTIFIER, Signature=SIG, Timestamp=UTC_SECONDS`: hex HMAC-SHA256, under the shared key, "
            "of `VERB+URL+PAYLOAD+IDENTIFIER+TIMESTAMP`."
        ),
    },
    "applePass": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`ApplePass TOKEN`, the token that the pass brought.",
    },
}
_NAMES: Final[Mapping[Entry, tuple[str, ...]]] = {
    Entry.TOKEN: ("apiKey", "bearer"),
    Entry.SIGNED: ("walleoSignature",),
    Entry.APPLE_PASS: ("applePass",),
    Entry.OPEN: (),
}
_THROTTLED: Final = Answer("More calls than the gateway lets through; wait and send it again.", ref("GatewayMessage"))


def openapi_document(doors: Iterable[Door], api_url: str, passes_url: str) -> dict[str, Any]:
    """ValueError where two calls, two ids or two schemas have one name."""
    known = list(doors)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "summary": ABOUT},
        "servers": [{"url": api_url}],
        "tags": [{"name": door.name, "description": door.description} for door in known],
        "paths": _paths(known, passes_url),
        "components": {"schemas": _schemas(known), "securitySchemes": {k: dict(v) for k, v in _SECURITY.items()}},
    }


def _paths(doors: Iterable[Door], passes_url: str) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    ids: set[str] = set()
    for door in doors:
        for operation in door.operations:
            item = paths.setdefault(operation.path, {"servers": [{"url": passes_url}]} if door.is_on_passes_api else {})
            method = operation.method.lower()
            if method in item or operation.id in ids:
                raise ValueError(f"{operation.method} {operation.path} ({operation.id}) is declared twice")
            item[method] = _operation(door, operation)
            ids.add(operation.id)
    return paths


def _operation(door: Door, operation: Operation) -> dict[str, Any]:
    body = operation.body
    told: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [door.name],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": list(_parameters(operation)),
        "security": [{name: list(operation.abilities)} for name in _NAMES[door.entry]],
        "responses": {str(status): _answer(answer) for status, answer in door.answers_of(operation)},
    }
    told["responses"].setdefault("429", _answer(_THROTTLED))
    if body is not None:
        content = {"schema": body.schema} | ({} if body.example is None else {"example": body.example})
        told["requestBody"] = {"required": True, "content": {body.media_type: content}}
    return {name: value for name, value in told.items() if value not in ("", []) or name == "security"}


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    """Those of the path come in its order; one that is not described is any text."""
    declared = {one.name: one for one in operation.parameters if one.place == "path"}
    for name in operation.path_names:
        yield _parameter(declared.get(name) or Parameter(name, text(255), place="path"))
    yield from (_parameter(one) for one in operation.parameters if one.place != "path")


def _parameter(one: Parameter) -> dict[str, Any]:
    told = {"name": one.name, "in": one.place, "required": one.is_required or one.place == "path", "schema": one.schema}
    return told | ({"description": one.description} if one.description else {})


def _answer(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"description": answer.description}
    if answer.headers:
        told["headers"] = {name: {"description": d, "schema": text(2_000)} for name, d in answer.headers.items()}
    if answer.media_types:
        told["content"] = {one: {"schema": answer.schema} if answer.schema else {} for one in answer.media_types}
    return told


def _schemas(doors: Iterable[Door]) -> dict[str, Schema]:
    found: dict[str, Schema] = dict(SCHEMAS)
    for door in doors:
        for name, schema in door.schemas.items():
            if found.setdefault(name, schema) is not schema:
                raise ValueError(f"two schemas are called {name}")
    return found
