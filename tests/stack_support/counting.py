"""AWS clients that do what they are asked and count what it costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

KILOBYTE = 1024
INDEX_KEYS = ("open", "due_at")


@dataclass
class CountingDynamo:
    """Write units as DynamoDB bills them: each started KB of the larger of old and new item, twice in a transaction,
    and the sparse index of keys where its entry changes.
    """

    client: Any
    units: int = 0
    writes: int = 0
    sizes: dict[tuple[str, str], int] = field(default_factory=dict)
    entries: dict[tuple[str, str], tuple[Any, ...] | None] = field(default_factory=dict)

    def put_item(self, **request: Any) -> Any:
        answer = self.client.put_item(**request)
        self._count(request["Item"], 1)
        return answer

    def transact_write_items(self, **request: Any) -> Any:
        answer = self.client.transact_write_items(**request)
        for item in request["TransactItems"]:
            self._count(item["Put"]["Item"], 2)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def _count(self, item: dict[str, Any], times: int) -> None:
        key = (item["pk"]["S"], item["sk"]["S"])
        before, after = self.entries.get(key), index_entry(item)
        size = item_size(item)
        self.writes += 1
        self.units += times * -(-max(size, self.sizes.get(key, 0)) // KILOBYTE)
        if before != after:
            self.units += (before is not None) + (after is not None)
        self.sizes[key], self.entries[key] = size, after


def index_entry(item: dict[str, Any]) -> tuple[Any, ...] | None:
    """What the index of open orders holds of an item; None where the item is not in it."""
    if not all(name in item for name in INDEX_KEYS):
        return None
    return tuple(next(iter(item[name].values())) for name in INDEX_KEYS)


def item_size(item: dict[str, Any]) -> int:
    """Bytes of an item as AWS counts them (DynamoDB item sizes and formats)."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(attribute: dict[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "B":
            return len(value)
        case "N":
            return (len(value.strip("-0.")) + 1) // 2 + 1
        case "L":
            return 3 + sum(1 + value_size(one) for one in value)
    return 1


@dataclass
class CountingKms:
    """One for each cold environment, as each makes its own calls."""

    client: Any
    calls: Counter[str] = field(default_factory=Counter)

    def generate_data_key(self, **request: Any) -> Any:
        self.calls["GenerateDataKey"] += 1
        return self.client.generate_data_key(**request)

    def decrypt(self, **request: Any) -> Any:
        self.calls["Decrypt"] += 1
        return self.client.decrypt(**request)
