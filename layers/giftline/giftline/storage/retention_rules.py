"""How many days each tenant's cards are kept, in the Accounts table.

| item | pk | sk |
|---|---|---|
| rule | RETENTION | TENANT#name |

All rules stand in one partition: a run reads them without a scan, and setting a tenant up again does not lose its rule.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from giftline.orders.retention_ports import RetentionRule
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.reading import query_prefix

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

RULES: Final = "RETENTION"


class DynamoRetentionRules:
    """The RetentionRules port."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def save(self, rule: RetentionRule) -> None:
        """The last word counts."""
        self._client.put_item(TableName=self._table, Item=rule_key(rule.tenant) | marshal(asdict(rule)))

    def all(self) -> list[RetentionRule]:
        return [_rule(item) for item in query_prefix(self._client, self._table, RULES, "TENANT#")]


def rule_key(tenant: str) -> Item:
    return marshal({"pk": RULES, "sk": f"TENANT#{tenant}"})


def _rule(item: Item) -> RetentionRule:
    values = unmarshal(item)
    return RetentionRule(values["tenant"], values.get("days"), values["set_at"], values["set_by"])
