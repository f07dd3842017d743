"""The calls of the OpenAPI document, and the document itself in the strictest reading of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from giftline.doors.openapi.all_doors import ALL_DOORS
from giftline.doors.openapi.document import openapi_document
from giftline.doors.openapi.model import Door, Entry, Operation
from tests.stack_support.stack import Stack


@dataclass(frozen=True, slots=True)
class Call:
    """An operation and the door that declares it."""

    door: Door
    operation: Operation

    @property
    def name(self) -> str:
        return f"{self.operation.method} {self.operation.path}"

    @property
    def asks_for_a_tenant(self) -> bool:
        return self.door.entry in (Entry.TOKEN, Entry.SIGNED)

    @property
    def path_of_nothing(self) -> str:
        """A path that the gateway lets through, with names that nobody has."""
        words = {one.name: one.schema.get("enum", ["none"])[0] for one in self.operation.parameters}
        return self.operation.path.format(**dict.fromkeys(self.operation.path_names, "none") | words)

    def base_url(self, stack: Stack) -> str:
        return stack.outputs["PassesUrl" if self.door.is_on_passes_api else "ApiUrl"]


CALLS: Mapping[str, Call] = {
    call.name: call for door in ALL_DOORS for call in (Call(door, operation) for operation in door.operations)
}


def document() -> dict[str, Any]:
    return openapi_document(ALL_DOORS, "http://api.invalid", "http://passes.invalid")


def strict(told: dict[str, Any]) -> dict[str, Any]:
    """The same where an answer may hold no field but those declared. What is published lets new fields come."""
    read: dict[str, Any] = _closed(told)
    for path, item in told["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "requestBody" in operation:
                read["paths"][path][method]["requestBody"] = operation["requestBody"]
    return read


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and schema.get("properties"):
        closed.setdefault("additionalProperties", False)
    return closed
