"""A client of AWS as a worker sees it: each call is an effect of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tests.simulation.memory_dynamodb import Paginator
from tests.simulation.world import World

DYNAMODB = {
    "get_item": "dynamodb read",
    "query": "dynamodb query",
    "put_item": "dynamodb write",
    "update_item": "dynamodb write",
    "delete_item": "dynamodb write",
    "transact_write_items": "dynamodb transaction",
}
KMS = {"generate_data_key": "kms generate", "decrypt": "kms decrypt"}
S3 = {
    "get_object": "s3 read",
    "put_object": "s3 write",
    "delete_object": "s3 write",
    "create_multipart_upload": "s3 write",
    "upload_part": "s3 write",
    "complete_multipart_upload": "s3 write",
    "abort_multipart_upload": "s3 write",
}
STEP_FUNCTIONS = {"start_execution": "stepfunctions start", "describe_execution": "stepfunctions read"}
SQS = {"send_message": "sqs send"}


class Guarded:
    """Passes the calls that are effects on through the gate, and knows no others."""

    def __init__(self, world: World, client: Any, effects: Mapping[str, str]) -> None:
        self._world = world
        self._client = client
        self._effects = effects

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._effects:
            raise NotImplementedError(f"{type(self._client).__name__}.{name} is not simulated")
        world, effect, action = self._world, self._effects[name], getattr(self._client, name)

        def call(**given: Any) -> Any:
            if world.trace is not None:
                world.note(f"{effect}: {name} {brief(given)}")
            answer = world.effect(effect, partial(action, **given))
            if name == "put_item" and given["Item"]["sk"].get("S", "").startswith("LOT#"):
                world.life().wrote_lot_at.append(world.time)
            return answer

        setattr(self, name, call)
        return call

    def get_paginator(self, _operation: str) -> Paginator:
        return Paginator(self)


STATES = ("state", "status", "version", "posts", "polls", "executions", "reason", "nonce")


def brief(given: Mapping[str, Any]) -> str:
    """What a call is about: keys, and the words in which an order's state is told. Never a card."""
    if "TransactItems" in given:
        return "; ".join(brief(write) for entry in given["TransactItems"] for write in entry.values())
    item = given.get("Item") or given.get("Key")
    if isinstance(item, Mapping):
        parts = [_plain(item[name]) for name in ("pk", "sk") if name in item]
        parts += [f"{name}={_plain(item[name])}" for name in STATES if name in item]
        if "UpdateExpression" in given:
            parts.append(given["UpdateExpression"])
        return " ".join(parts)
    if "KeyConditionExpression" in given:
        return " ".join(_plain(value) for value in given["ExpressionAttributeValues"].values())
    return " ".join(str(given[name]) for name in ("Key", "name", "executionArn", "MessageBody") if name in given)


def _plain(attribute: Mapping[str, Any]) -> str:
    return str(*attribute.values())
