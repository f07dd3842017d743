"""DynamoDB in memory, behind the calls of boto3's client that Giftline makes; it refuses what it does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from tests.simulation.aws_errors import cancellation, refusal
from tests.simulation.dynamodb_expressions import Item, condition, plain, update, words_of

MOST_BYTES = 400 * 1024
ANSWER_BYTES = 1024 * 1024
MOST_IN_TRANSACTION = 100
KEY = ("pk", "sk")
Place = tuple[str, str]
Arguments = Mapping[str, Any]


@dataclass(slots=True)
class Table:
    """Items by partition and sort key. An index: its partition attribute and its sort attribute."""

    indexes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    partitions: dict[str, dict[str, Item]] = field(default_factory=dict)
    sizes: dict[Place, int] = field(default_factory=dict)

    def get(self, place: Place) -> Item | None:
        partition = self.partitions.get(place[0])
        return None if partition is None else partition.get(place[1])

    def put(self, place: Place, item: Item, size: int) -> None:
        self.partitions.setdefault(place[0], {})[place[1]] = item
        self.sizes[place] = size

    def drop(self, place: Place) -> None:
        self.partitions.get(place[0], {}).pop(place[1], None)
        self.sizes.pop(place, None)

    def copied(self) -> Table:
        """One that may be written without a change of this one; items themselves are never changed."""
        partitions = {pk: dict(items) for pk, items in self.partitions.items()}
        return Table(self.indexes, partitions, dict(self.sizes))

    def items(self) -> Iterator[Item]:
        return (item for partition in self.partitions.values() for item in partition.values())


class MemoryDynamoDB:
    """Tables are made when they are first named. `writes` counts write units by table, `calls` calls by name.

    `ends_early` is asked at each query whether its answer stops after one item, as it may at any time.
    """

    def __init__(self, indexes: Mapping[str, tuple[str, str]], ends_early: Callable[[], bool] | None = None) -> None:
        self.tables: dict[str, Table] = {}
        self.writes: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._indexes = indexes
        self._ends_early = ends_early or (lambda: False)

    def table(self, name: str) -> Table:
        if name not in self.tables:
            self.tables[name] = Table(self._indexes)
        return self.tables[name]

    # --- reads

    def get_item(self, **given: Any) -> dict[str, Any]:
        _known(given, _OF_GET)
        self.calls["get_item"] += 1
        item = self.table(given["TableName"]).get(_place(given["Key"], "GetItem", alone=True))
        return {} if item is None else {"Item": _projected(item, given)}

    def query(self, **given: Any) -> dict[str, Any]:
        _known(given, _OF_QUERY)
        self.calls["query"] += 1
        table = self.table(given["TableName"])
        found = self._matching(table, given)
        chosen, more = self._first(table, found, given)
        kept = [item for item in chosen if _holds(given.get("FilterExpression"), item, given)]
        answer: dict[str, Any] = {
            "Items": [_projected(item, given) for item in kept],
            "Count": len(kept),
            "ScannedCount": len(chosen),
        }
        if more:
            names = {*KEY, *table.indexes.get(given.get("IndexName", ""), ())}
            answer["LastEvaluatedKey"] = {name: dict(chosen[-1][name]) for name in names}
        return answer

    def get_paginator(self, operation: str) -> Paginator:
        if operation != "query":
            raise NotImplementedError(f"a paginator of {operation} is not simulated")
        return Paginator(self)

    def _matching(self, table: Table, given: Arguments) -> list[Item]:
        """All that the key condition finds, in the key's order."""
        index = given.get("IndexName")
        if index is not None and given.get("ConsistentRead"):
            raise refusal("ValidationException", "Query", "a global index has no consistent reads")
        hash_key, sort_key = KEY if index is None else table.indexes[index]
        wanted = _hash_value(given, hash_key)
        among: Any = table.partitions.get(wanted, {}).values() if index is None else table.items()
        holds, values = condition(given["KeyConditionExpression"]), given.get("ExpressionAttributeValues", {})
        names = given.get("ExpressionAttributeNames", {})
        found = [item for item in among if sort_key in item and holds(item, values, names)]
        found.sort(key=lambda item: _order(item, sort_key), reverse=not given.get("ScanIndexForward", True))
        start = given.get("ExclusiveStartKey")
        if start is None:
            return found
        after, backwards = _order(start, sort_key), not given.get("ScanIndexForward", True)
        return [
            item for item in found if (_order(item, sort_key) > after) != backwards and _order(item, sort_key) != after
        ]

    def _first(self, table: Table, found: list[Item], given: Arguments) -> tuple[list[Item], bool]:
        """As many as one answer holds, and whether there are more."""
        most = given.get("Limit") or len(found)
        if len(found) > 1 and self._ends_early():
            most = 1
        total, count = 0, 0
        for item in found[:most]:
            total += table.sizes[item["pk"]["S"], item["sk"]["S"]]
            count += 1
            if total > ANSWER_BYTES:
                break
        return found[:count], count < len(found)

    # --- writes

    def put_item(self, **given: Any) -> dict[str, Any]:
        _known(given, _OF_PUT)
        self.calls["put_item"] += 1
        return self._alone(given, "PutItem", _put)

    def update_item(self, **given: Any) -> dict[str, Any]:
        _known(given, _OF_UPDATE)
        self.calls["update_item"] += 1
        return self._alone(given, "UpdateItem", _updated)

    def delete_item(self, **given: Any) -> dict[str, Any]:
        _known(given, _OF_DELETE)
        self.calls["delete_item"] += 1
        return self._alone(given, "DeleteItem", _deleted)

    def transact_write_items(self, **given: Any) -> dict[str, Any]:
        """All or nothing. Two writes of one item are refused, as DynamoDB does."""
        _known(given, _OF_TRANSACTION)
        self.calls["transact_write_items"] += 1
        steps = [self._step(entry) for entry in given["TransactItems"]]
        places = {(write["TableName"], place) for write, place, _ in steps}
        if not 0 < len(steps) <= MOST_IN_TRANSACTION or len(places) < len(steps):
            raise refusal("ValidationException", "TransactWriteItems", "1 to 100 writes, each of another item")
        codes = ["None" if self._allowed(write, place) else "ConditionalCheckFailed" for write, place, _ in steps]
        if any(code != "None" for code in codes):
            raise cancellation(codes)
        for write, place, make in steps:
            self._apply(write, place, make(self.table(write["TableName"]).get(place), write), times=2)
        return {}

    def _step(self, entry: Mapping[str, Arguments]) -> tuple[Arguments, Place, Make]:
        ((kind, write),) = entry.items()
        if kind not in _TRANSACTED:
            raise NotImplementedError(f"{kind} in a transaction is not simulated")
        _known(write, _OF_PUT | _OF_UPDATE)
        return write, _place_of(write, "TransactWriteItems"), _TRANSACTED[kind]

    def _alone(self, given: Arguments, operation: str, make: Make) -> dict[str, Any]:
        place = _place_of(given, operation)
        before = self.table(given["TableName"]).get(place)
        if not self._allowed(given, place):
            raise _condition_failed(operation, before, given)
        after = make(before, given)
        self._apply(given, place, after)
        return _returned(given, before, after)

    def _allowed(self, write: Arguments, place: Place) -> bool:
        before = self.table(write["TableName"]).get(place)
        return _holds(write.get("ConditionExpression"), before or {}, write)

    def _apply(self, write: Arguments, place: Place, after: Item | None, times: int = 1) -> None:
        """`times`: a transaction writes twice."""
        table = self.table(write["TableName"])
        size = table.sizes.get(place, 0) if after is None else size_of(after)
        if size > MOST_BYTES:
            raise refusal("ValidationException", "PutItem", "Item size has exceeded the maximum allowed size")
        self.writes[write["TableName"]] += times * max(1, -(-size // 1024))
        if after is None:
            table.drop(place)
        else:
            table.put(place, after, size)


@dataclass(frozen=True, slots=True)
class Paginator:
    client: Any

    def paginate(self, **given: Any) -> Iterator[dict[str, Any]]:
        while True:
            answer = self.client.query(**given)
            yield answer
            if "LastEvaluatedKey" not in answer:
                return
            given["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


# --- items

_NOTHING: dict[str, str] = {}
_SIMPLE = frozenset(("S", "N", "BOOL", "NULL"))
_NAMES = {"TableName", "ExpressionAttributeNames"}
_VALUES = {"ExpressionAttributeValues"}
_CONDITION = {"ConditionExpression", "ReturnValuesOnConditionCheckFailure", *_NAMES, *_VALUES}
_OF_GET = frozenset({"Key", "ConsistentRead", "ProjectionExpression", *_NAMES})
_OF_QUERY = frozenset(
    {
        *("IndexName", "KeyConditionExpression", "FilterExpression", "ProjectionExpression", "ConsistentRead"),
        *("Limit", "ExclusiveStartKey", "ScanIndexForward"),
        *(_NAMES | _VALUES),
    }
)
_OF_PUT = frozenset({"Item", *_CONDITION})
_OF_UPDATE = frozenset({"Key", "UpdateExpression", "ReturnValues", *_CONDITION})
_OF_DELETE = frozenset({"Key", *_CONDITION})
_OF_TRANSACTION = frozenset({"TransactItems", "ClientRequestToken"})
Make = Callable[[Item | None, Arguments], Item | None]


def _put(_before: Item | None, given: Arguments) -> Item:
    return frozen(given["Item"])


def _deleted(_before: Item | None, _given: Arguments) -> None:
    return None


def _kept(before: Item | None, _given: Arguments) -> Item | None:
    return before


def _updated(before: Item | None, given: Arguments) -> Item:
    """Every operand reads the item as it was before."""
    old: Item = before or {}
    after = frozen(old | given["Key"])
    values, names = given.get("ExpressionAttributeValues", {}), given.get("ExpressionAttributeNames", {})
    for place, change in update(given["UpdateExpression"]):
        name = names[place] if place.startswith("#") else place
        try:
            value = change(old, values, names)
        except LookupError as error:
            raise refusal("ValidationException", "UpdateItem", str(error)) from error
        if name in KEY:
            raise refusal("ValidationException", "UpdateItem", f"{name} is part of the key")
        after.pop(name, None)
        if value is not None:
            after[name] = frozen({name: value})[name]
    return after


_TRANSACTED: Mapping[str, Make] = {"Put": _put, "Update": _updated, "Delete": _deleted, "ConditionCheck": _kept}


def copied(item: Item) -> Item:
    """By value: nobody's later change of an attribute is seen. Lists and maps are kept as they cannot be changed."""
    return {name: attribute.copy() for name, attribute in item.items()}


def frozen(item: Item) -> Item:
    """As it is kept. NotImplementedError for a type that is not simulated."""
    kept: Item = {}
    for name, attribute in item.items():
        [(kind, value)] = attribute.items()
        kept[name] = {kind: value if kind in _SIMPLE else _frozen_value(kind, value)}
    return kept


def _frozen_value(kind: str, value: Any) -> Any:
    match kind:
        case "B":
            return bytes(value)
        case "L":
            return tuple(MappingProxyType(frozen({"": one})[""]) for one in value)
        case "M":
            return MappingProxyType({name: MappingProxyType(one) for name, one in frozen(value).items()})
    raise NotImplementedError(f"attributes of type {kind} are not simulated")


def size_of(item: Item) -> int:
    """Bytes as DynamoDB counts them, near enough for its limits."""
    total = 0
    for name, attribute in item.items():
        [(kind, value)] = attribute.items()
        if kind == "N":  # most attributes are numbers or short ASCII
            total += len(name) + len(value) // 2 + 2
        elif kind == "S" and value.isascii():
            total += len(name) + len(value)
        else:
            total += len(name) + _value_size(attribute)
    return total


def _value_size(attribute: Mapping[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value) if value.isascii() else len(value.encode())
        case "B":
            return len(value)
        case "N":
            return len(value) // 2 + 2
        case "L":
            return 3 + sum(1 + _value_size(one) for one in value)
        case "M":
            return 3 + len(value) + size_of(value)
    return 1


def _known(given: Arguments, names: frozenset[str]) -> None:
    if not given.keys() <= names:
        raise NotImplementedError(f"{', '.join(sorted(given.keys() - names))} is not simulated")


def _place_of(given: Arguments, operation: str) -> Place:
    return _place(given["Key"], operation, alone=True) if "Key" in given else _place(given["Item"], operation)


def _place(item: Item, operation: str, *, alone: bool = False) -> Place:
    place = (item.get("pk", _NOTHING).get("S", ""), item.get("sk", _NOTHING).get("S", ""))
    if not (place[0] and place[1]) or (alone and len(item) > len(KEY)):
        raise refusal("ValidationException", operation, "the key is one string each for pk and sk, and nothing else")
    return place


def _holds(expression: str | None, item: Item, given: Arguments) -> bool:
    if expression is None:
        return True
    return condition(expression)(
        item, given.get("ExpressionAttributeValues", {}), given.get("ExpressionAttributeNames", {})
    )


def _hash_value(given: Arguments, hash_key: str) -> str:
    """The key condition begins with its partition: `pk = :pk`, or `#open = :open`."""
    words = words_of(given["KeyConditionExpression"])
    name = given.get("ExpressionAttributeNames", {}).get(words[0], words[0])
    if name != hash_key or words[1] != "=" or "OR" in words:
        raise NotImplementedError(f"{given['KeyConditionExpression']!r} does not begin with {hash_key} = a value")
    return str(plain(given["ExpressionAttributeValues"][words[2]]))


def _order(item: Item, sort_key: str) -> tuple[Any, str, str]:
    return plain(item[sort_key]), item["pk"]["S"], item["sk"]["S"]


def _projected(item: Item, given: Arguments) -> Item:
    expression = given.get("ProjectionExpression")
    if expression is None:
        return copied(item)
    names = given.get("ExpressionAttributeNames", {})
    wanted = [names.get(name, name) for name in words_of(expression) if name != ","]
    return copied({name: item[name] for name in wanted if name in item})


def _condition_failed(operation: str, before: Item | None, given: Arguments) -> ClientError:
    shown = given.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before is not None
    more: dict[str, Any] = {"Item": copied(before)} if shown and before is not None else {}
    return refusal("ConditionalCheckFailedException", operation, "The conditional request failed", **more)


def _returned(given: Arguments, before: Item | None, after: Item | None) -> dict[str, Any]:
    kind = given.get("ReturnValues", "NONE")
    if kind == "NONE":
        return {}
    if kind == "ALL_OLD":
        return {"Attributes": copied(before)} if before else {}
    if kind == "ALL_NEW" and after is not None:
        return {"Attributes": copied(after)}
    if kind == "UPDATED_NEW" and after is not None:
        names = given.get("ExpressionAttributeNames", {})
        changed = [names.get(name, name) for name, _ in update(given["UpdateExpression"])]
        return {"Attributes": copied({name: after[name] for name in changed if name in after})}
    raise NotImplementedError(f"ReturnValues {kind} is not simulated")
