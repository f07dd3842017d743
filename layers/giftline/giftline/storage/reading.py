"""Consistent reads: one item, all items of a partition, and many items of many partitions."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from giftline.storage.attributes import Item, marshal

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from giftline.orders.ports import Crew

MAX_KEYS: Final = 100
"""DynamoDB's, in one BatchGetItem."""
TRIES: Final = 6
FIRST_PAUSE: Final = 0.05
"""Seconds; each one is twice the one before."""


def get_item(client: DynamoDBClient, table: str, key: Item) -> Item | None:
    return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")


def query_prefix(client: DynamoDBClient, table: str, pk: str, prefix: str, **more: str) -> Iterator[Item]:
    """All items of a partition whose sort key starts so, in its order."""
    condition = "pk = :pk AND begins_with(sk, :prefix)"
    return query(client, table, condition, {":pk": pk, ":prefix": prefix}, **more)


def query(client: DynamoDBClient, table: str, condition: str, values: dict[str, Any], **more: str) -> Iterator[Item]:
    """Over all result pages; `more` are expressions of the call, such as a projection."""
    request: dict[str, Any] = {
        **more,
        "TableName": table,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": marshal(values),
        "ConsistentRead": True,
    }
    read: Callable[..., Any] = client.query
    while True:
        answer = read(**request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def query_due(
    client: DynamoDBClient, table: str, index: str, open_as: str, before: int, limit: int
) -> list[tuple[str, str]]:
    """Keys (pk, sk) of what is open and due at `before` at the latest, the longest due first; the index may be late."""
    answer = client.query(
        TableName=table,
        IndexName=index,
        KeyConditionExpression="#open = :open AND due_at <= :before",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues=marshal({":open": open_as, ":before": before}),
        Limit=limit,
    )
    return [(item["pk"]["S"], item["sk"]["S"]) for item in answer["Items"]]


def read_many(
    client: DynamoDBClient,
    table: str,
    keys: Collection[tuple[str, str]],
    crew: Crew,
    pause: Callable[[float], None] = time.sleep,
) -> dict[str, Item]:
    """Items by their `pk`, from (pk, sk); what is not there is absent. The crew asks for several hundreds at once."""
    different = list(dict.fromkeys(keys))
    parts = [different[at : at + MAX_KEYS] for at in range(0, len(different), MAX_KEYS)]
    read = crew.each(lambda number: list(read_at_once(client, table, parts[number], pause)), len(parts))
    return {item["pk"]["S"]: item for part in read for item in part}


def read_at_once(
    client: DynamoDBClient, table: str, keys: Sequence[tuple[str, str]], pause: Callable[[float], None]
) -> Iterator[Item]:
    """Items of at most 100 (pk, sk), in no order; what is not there is absent.

    DynamoDB may answer some keys only, when it is busy: the rest is asked again, a bounded number of times.
    """
    asked: Any = {table: {"Keys": [marshal({"pk": pk, "sk": sk}) for pk, sk in keys], "ConsistentRead": True}}
    for tried in range(TRIES):
        if tried:
            pause(FIRST_PAUSE * 2 ** (tried - 1))
        answer = client.batch_get_item(RequestItems=asked)
        yield from answer["Responses"].get(table, ())
        asked = answer.get("UnprocessedKeys")
        if not asked:
            return
    left = len(asked[table]["Keys"])
    raise TimeoutError(f"{left} of {len(keys)} items did not come in {TRIES} tries: the table is throttled")
