"""Python values as DynamoDB attributes, and back.

Only the types that Giftline stores. boto3's own serializer costs every function the import of
boto3's resources, 9 % of a cold start (docs/decisions.md), and gives numbers as Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""An item as the low-level client takes it: attribute name to {type: value}."""


def marshal(values: Mapping[str, Any]) -> Item:
    """Attributes of an item or a key; what is None is left out. TypeError for a type not stored."""
    return {name: _attribute(value) for name, value in values.items() if value is not None}


def unmarshal(item: Item) -> dict[str, Any]:
    return {name: _value(attribute) for name, attribute in item.items()}


def _attribute(value: Any) -> dict[str, Any]:
    kind = type(value)
    if kind is str or kind is int:  # nearly all are, and a class is compared faster than a pattern
        return {"S": value} if kind is str else {"N": str(value)}
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case list() | dict():
            return {"M": marshal(value)} if isinstance(value, dict) else {"L": [_attribute(one) for one in value]}
    raise TypeError(f"{type(value).__name__} is not a type that Giftline stores")


def _value(attribute: dict[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    if kind == "N":
        return int(value)
    if kind == "M":
        return unmarshal(value)
    return [_value(one) for one in value] if kind == "L" else value
