"""The books of reconciliation in the Accounts table: balances stay as they were taken, reports get versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from giftline.errors import FieldProblem, ReferenceConflict, StaleWrite
from giftline.money import Money, known_currency
from giftline.orders.timing import timestamp
from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import Report, TakenBalance, TopUp
from giftline.storage.attributes import Item, marshal
from giftline.storage.conditions import IS_NEW
from giftline.storage.reading import get_item, query
from giftline.storage.reconciliation_items import (
    balance_from_item,
    balance_sk,
    balance_to_item,
    books_pk,
    key_of,
    reference_sk,
    reference_to_item,
    report_from_item,
    report_sk,
    report_to_item,
    top_up_from_item,
    top_up_sk,
    top_up_to_item,
    version_sk,
)
from giftline.storage.transactions import put, put_if, put_record, transact

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

FIRST: Final = date(1970, 1, 1)
BETWEEN: Final = "pk = :pk AND sk BETWEEN :first AND :last"


class DynamoBooks:
    """The Books port on one table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def balance(self, supplier: str, day: date) -> TakenBalance | None:
        item = self._get(supplier, balance_sk(day))
        return balance_from_item(item) if item else None

    def balance_before(self, supplier: str, day: date) -> TakenBalance | None:
        found = self._last(supplier, balance_sk(FIRST), balance_sk(day - timedelta(days=1)), 1)
        return balance_from_item(found[0]) if found else None

    def keep_balance(self, taken: TakenBalance) -> TakenBalance:
        if put_if(self._client, put(self._table, balance_to_item(taken), IS_NEW)):
            return taken
        return self.balance(taken.supplier, taken.day) or taken

    def top_ups(self, supplier: str, since: Millis, until: Millis) -> list[TopUp]:
        bounds = {":pk": books_pk(supplier), ":first": top_up_sk(max(0, since)), ":last": top_up_sk(max(0, until))}
        return [top_up_from_item(item) for item in query(self._client, self._table, BETWEEN, bounds)]

    def add_top_up(self, top_up: TopUp) -> TopUp:
        items = (top_up_to_item(top_up), reference_to_item(top_up))
        if transact(self._client, [{"Put": put(self._table, item, IS_NEW)} for item in items]):
            return top_up
        stored = self._get(top_up.supplier, reference_sk(top_up.reference))
        if stored is None:
            raise StaleWrite(f"top-up {top_up.reference!r:.80} met another write: try again")
        return known_top_up(top_up_from_item(stored), top_up)

    def report(self, supplier: str, day: date, version: int | None = None) -> Report | None:
        item = self._get(supplier, report_sk(day) if version is None else version_sk(day, version))
        return report_from_item(item) if item else None

    def reports(self, supplier: str, until: date, limit: int) -> list[Report]:
        return [report_from_item(item) for item in self._last(supplier, report_sk(FIRST), report_sk(until), limit)]

    def save(self, report: Report) -> Report:
        last, version = report_sk(report.day), version_sk(report.day, report.version)
        writes = [
            put_record(self._table, report_to_item(report, last), report.version - 1),
            put(self._table, report_to_item(report, version), IS_NEW),
        ]
        if not transact(self._client, [{"Put": one} for one in writes]):
            stored = self.report(report.supplier, report.day, report.version)
            if stored != report:
                raise StaleWrite(f"the report of {report.supplier} of {report.day} was written by somebody else")
        return report

    def _get(self, supplier: str, sk: str) -> Item | None:
        return get_item(self._client, self._table, key_of(supplier, sk))

    def _last(self, supplier: str, first: str, last: str, limit: int) -> list[Item]:
        """Backwards, over as many result pages as that takes."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": BETWEEN,
            "ExpressionAttributeValues": marshal({":pk": books_pk(supplier), ":first": first, ":last": last}),
            "ConsistentRead": True,
            "ScanIndexForward": False,
        }
        found: list[Item] = []
        while len(found) < limit:
            answer = self._client.query(**request, Limit=limit - len(found))
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found


def known_top_up(known: TopUp, asked: TopUp) -> TopUp:
    """What the first call recorded, where the same is asked for again; else ReferenceConflict. A call that gives no
    time has its own: of that the next call can know nothing, so the one that is recorded counts.
    """
    at = known.at if asked.at == asked.recorded_at else asked.at
    if replace(known, recorded_at=0, note="") != replace(asked, recorded_at=0, note="", at=at):
        amount = Money(known.minor, known_currency(known.currency))
        was = f"it names a top-up of {amount} {known.currency} at {timestamp(known.at)}"
        raise ReferenceConflict([FieldProblem("reference", was, "a reference of its own for each move")])
    return known
