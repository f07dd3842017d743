"""Words of which the schemas of the doors are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from giftline.doors.openapi.model import Schema
from giftline.orders.model import MAX_REFNO

TEXT: Final[Schema] = {"type": "string"}
WHOLE: Final[Schema] = {"type": "integer"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
NUMBER: Final[Schema] = {"type": "number"}
FLAG: Final[Schema] = {"type": "boolean"}
ANYTHING: Final[Schema] = {}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
DAY: Final[Schema] = {"type": "string", "format": "date"}
AMOUNT: Final[Schema] = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["25.00"]}
"""A decimal in major units."""
PAID: Final[Schema] = {"type": ["string", "number"], "description": "In major units.", "examples": ["25.00"]}
REFNO: Final[Schema] = {"type": "string", "pattern": rf"^[A-Za-z0-9._:@+=-]{{1,{MAX_REFNO}}}$"}
IDENTIFIER: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9]{1,64}$"}
"""Of an order, a batch, a pass, a standing order."""


def text(most: int, least: int = 1, **more: Any) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most, **more}


def whole(least: int, most: int, **more: Any) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most, **more}


def one_of(words: Iterable[str]) -> Schema:
    return {"type": "string", "enum": [str(word) for word in words]}


def maybe(schema: Schema) -> Schema:
    """Or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": schema, **more}


def record(fields: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, **more: Any) -> Schema:
    """An object: `fields` are always there."""
    return {"type": "object", "required": list(fields), "properties": {**fields, **(optional or {})}, **more}


def by_name(schema: Schema) -> Schema:
    """An object whose fields have names of their own, all of one kind."""
    return {"type": "object", "additionalProperties": schema}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
