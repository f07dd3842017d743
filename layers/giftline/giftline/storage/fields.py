"""The fields of a record as attributes: what is as its default is left out, so that an item stays small."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any, Final, TypeVar

T = TypeVar("T")
_ABSENT: Final = object()
_KNOWN: Final[dict[type[Any], dict[str, Any]]] = {}
Readers = Mapping[str, Callable[[Any], Any]]
"""By field: what makes its value of the stored attribute, where that is another type."""


def values_of(record: Any) -> dict[str, Any]:
    """As `marshal` takes them. `version` is always there: conditions ask for it."""
    said = {}
    for name, default in _defaults(type(record)).items():
        value = getattr(record, name)
        if value != default:
            said[name] = _storable(value)
    return said


def record_of(kind: type[T], values: Mapping[str, Any], readers: Readers) -> T:
    """The record; attributes that are no fields of it are left aside."""
    known = {name: values[name] for name in _defaults(kind) if name in values}
    for name in readers:
        if name in known:
            known[name] = readers[name](known[name])
    return kind(**known)


def _defaults(kind: type[Any]) -> dict[str, Any]:
    known = _KNOWN.get(kind)
    if known is None:
        known = _KNOWN[kind] = _find_defaults(kind)
    return known


def _find_defaults(kind: type[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(kind):
        made = field.default_factory() if field.default_factory is not MISSING else field.default
        found[field.name] = _ABSENT if made is MISSING or field.name == "version" else made
    return found


def _storable(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
