"""A schema in words: its fields, each with what it may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

DEEPEST: Final = 8
"""Levels of objects in objects; none of ours is deeper."""
_LIMITS: Final = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "pattern": "matches {}",
}


def shape(document: Mapping[str, Any], schema: Any, *, folded: bool = False) -> str:
    """The fields of an object in a list; `folded`: to be opened."""
    whole = resolved(document, schema, DEEPEST)
    inner = _children(whole)
    if not inner:
        return f'<p class="soft">{kind(whole)}</p>' if whole else ""
    return f'<details class="shape"><summary>Fields</summary>{inner}</details>' if folded else inner


def resolved(document: Mapping[str, Any], schema: Any, depth: int) -> Any:
    """With what it refers to in its place."""
    if isinstance(schema, list):
        return [resolved(document, one, depth) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return resolved(document, document["components"]["schemas"][name], depth - 1) if depth else {}
    return {key: resolved(document, value, depth) for key, value in schema.items()}


def field_items(fields: Mapping[str, Any], required: set[str], note: str = "") -> str:
    """A list item for each field, with those inside it below."""
    return "".join(_item(name, schema, required, note) for name, schema in fields.items())


def _item(name: str, schema: Any, required: set[str], note: str) -> str:
    facts = [note, kind(schema), "required" if name in required else "", *_limits(schema)]
    told = ", ".join(fact for fact in facts if fact)
    described = f" – {escape(schema['description'])}" if schema.get("description") else ""
    inner = _children(schema)
    return f'<li><code>{escape(name)}</code> <span class="soft">{told}{described}</span>{inner}</li>'


def kind(schema: Any) -> str:
    """Its type in words, or the words it may be."""
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if "enum" in schema:
        return "one of " + ", ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(kind(one) or "anything" for one in schema[word]))
    types = schema.get("type", [])
    words = " or ".join([types] if isinstance(types, str) else types)
    if "array" in words and (items := kind(schema.get("items", {}))):
        words += f" of {items}"
    return escape(schema.get("format", "")) or words


def _limits(schema: Any) -> Iterator[str]:
    for name, words in _LIMITS.items():
        if name in schema:
            yield escape(words.format(schema[name]))


def _children(schema: Any) -> str:
    """The fields of an object, of a list's items, or of each object that it may be."""
    inner = "".join(_fields_of(schema))
    return f'<ul class="fields">{inner}</ul>' if inner else ""


def _fields_of(schema: Any) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    if properties := schema.get("properties"):
        yield field_items(properties, set(schema.get("required", [])))
    for inner in (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", [])):
        yield from _fields_of(inner)
