"""Wires ports to adapters for what runs by the clock alone: the catalogue's sync, retention, reconciliation.

Imports stand inside the functions: # why: as in giftline.bootstrap
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final, cast

from giftline import bootstrap
from giftline.bootstrap.resources import CLOCK, accounts, client, new_nonce, products, settings, timing, vault
from giftline.bootstrap.suppliers import statements, supplier
from giftline.suppliers.names import SUPPLIER_NAMES

if TYPE_CHECKING:
    from giftline.doors.reconciliation import ReconciliationDoor
    from giftline.orders.catalogue_ports import CatalogueSource
    from giftline.orders.catalogue_sync import SyncCatalogue
    from giftline.orders.retention import ApplyRetention
    from giftline.reconciliation.daily import ReconcileDaily
    from giftline.reconciliation.ports import Measures
    from giftline.reconciliation.reconciling import Reconcile
    from giftline.reconciliation.taking import TakeBalances
    from giftline.storage.reconciliation import DynamoBooks
    from giftline.storage.reconciliation_files import S3Reports

RECONCILING_BUDGET: Final = 60.0
"""Seconds for a supplier's questions within one report; a round may make several."""


def sync_catalogue() -> SyncCatalogue:
    from giftline.orders.catalogue_sync import SyncCatalogue  # why: cold start

    walleo = cast("CatalogueSource", supplier("walleo"))
    return SyncCatalogue(products(), walleo, CLOCK, bootstrap.pace())


def apply_retention() -> ApplyRetention:
    from giftline.orders.retention import ApplyRetention  # why: cold start
    from giftline.storage.kept_orders import DynamoKeptOrders  # why: cold start
    from giftline.storage.retention_rules import DynamoRetentionRules  # why: cold start
    from giftline.storage.s3_versions import S3FileVersions  # why: cold start

    named = settings()
    return ApplyRetention(
        bootstrap.orders(),
        DynamoKeptOrders(client("dynamodb"), named.need("orders_table")),
        bootstrap.pages(),
        vault(),
        S3FileVersions(client("s3"), named.need("results_bucket")),
        DynamoRetentionRules(client("dynamodb"), named.need("accounts_table")),
        CLOCK,
        timing(),
        S3FileVersions(client("s3"), named.need("drop_bucket")),
    )


def take_balances() -> TakeBalances:
    from giftline.reconciliation.taking import TakeBalances  # why: cold start

    return TakeBalances(SUPPLIER_NAMES, books(), statements, CLOCK)


def reconcile_daily() -> ReconcileDaily:
    from giftline.reconciliation.daily import ReconcileDaily  # why: cold start
    from giftline.reconciliation.measures import EmbeddedMetrics  # why: cold start

    measures = EmbeddedMetrics()
    return ReconcileDaily(SUPPLIER_NAMES, reconcile(measures), books(), CLOCK, measures)


def reconcile(measures: Measures) -> Reconcile:
    from giftline.reconciliation.asking import AskByReference  # why: cold start
    from giftline.reconciliation.reading import ReadLots  # why: cold start
    from giftline.reconciliation.reconciling import Reconcile  # why: cold start

    orders, pace = bootstrap.orders(), bootstrap.pace()
    long = replace(timing(), task_budget=RECONCILING_BUDGET)
    ask = AskByReference(orders, statements, supplier, CLOCK, long, pace, bootstrap.pulls, new_nonce)
    lots = ReadLots(bootstrap.sent_lots(), orders, ask, long)
    return Reconcile(lots, books(), reports(), statements, CLOCK, long, measures)


def reconciliation_door() -> ReconciliationDoor:
    from giftline.doors.reconciliation import ReconciliationDoor  # why: cold start
    from giftline.reconciliation.topping_up import RecordTopUp  # why: cold start

    top_up = RecordTopUp(books(), SUPPLIER_NAMES)
    return ReconciliationDoor(accounts(), SUPPLIER_NAMES, books(), reports(), top_up, CLOCK)


@cache
def books() -> DynamoBooks:
    from giftline.storage.reconciliation import DynamoBooks  # why: cold start

    return DynamoBooks(client("dynamodb"), settings().need("accounts_table"))


@cache
def reports() -> S3Reports:
    from giftline.storage.reconciliation_files import S3Reports  # why: cold start

    return S3Reports(client("s3"), settings().need("results_bucket"))
