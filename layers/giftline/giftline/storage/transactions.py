"""Writes that hold only while nobody else has written, alone and several at once.

botocore gives every TransactWriteItems a ClientRequestToken of its own, so that its retries of one call are
one transaction. A later call cannot know that token: there, what is stored tells a lost answer from a lost race.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from giftline.errors import StaleWrite
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.conditions import IS_AS_READ, IS_NEW, expect, expect_lost
from giftline.storage.reading import get_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def put(table: str, item: Item, condition: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The arguments of a conditional PutItem; `{"Put": ...}` of them is an action of a transaction."""
    write = {"TableName": table, "Item": item, "ConditionExpression": condition}
    return write | {"ExpressionAttributeValues": marshal(values)} if values else write


def put_over(table: str, item: Item, version: int) -> dict[str, Any]:
    """Over the version that was read, even if that is 0."""
    return put(table, item, IS_AS_READ, {":version": version})


def put_record(table: str, item: Item, version: int) -> dict[str, Any]:
    """Over the version that was read; 0 is new."""
    return put_over(table, item, version) if version else put(table, item, IS_NEW)


def put_if(client: DynamoDBClient, action: dict[str, Any]) -> bool:
    """One conditional PutItem; False where its condition does not hold."""
    try:
        client.put_item(**action)
    except ClientError as error:
        expect(error, "ConditionalCheckFailedException")
        return False
    return True


def transact(client: DynamoDBClient, actions: Sequence[Any]) -> bool:
    """All of them or none: False where somebody else came before."""
    try:
        client.transact_write_items(TransactItems=actions)
    except ClientError as error:
        expect_lost(error)
        return False
    return True


def write(client: DynamoDBClient, action: dict[str, Any]) -> None:
    """One conditional PutItem; StaleWrite, unless what is stored shows that an earlier call wrote just this."""
    try:
        client.put_item(**action)
    except ClientError as error:
        expect_lost(error)
        item = action["Item"]
        stored = get_item(client, action["TableName"], {"pk": item["pk"], "sk": item["sk"]})
        if stored is None or unmarshal(stored) != unmarshal(item):
            raise StaleWrite(f"{unmarshal(item)['pk']:.80} was written by somebody else") from error
