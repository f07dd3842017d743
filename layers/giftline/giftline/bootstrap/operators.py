"""Wires ports to adapters for what operators do: money, the catalogue, retention.

Imports stand inside the functions: # why: as in giftline.bootstrap
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from giftline import bootstrap
from giftline.bootstrap.resources import CLOCK, accounts, client, ledger, products, settings, timing
from giftline.suppliers.names import SUPPLIER_NAMES

if TYPE_CHECKING:
    from giftline.doors.accounts import AccountsDoor
    from giftline.doors.catalogue import CatalogueDoor
    from giftline.doors.retention import RetentionDoor


def accounts_door() -> AccountsDoor:
    from giftline.accounts.funding import ManageFunds, ViewFunds  # why: cold start
    from giftline.doors.accounts import AccountsDoor  # why: cold start

    manage = ManageFunds(ledger(), accounts().has_tenant, CLOCK.now)
    return AccountsDoor(accounts(), manage, ViewFunds(ledger()), bootstrap.url_problem)


def catalogue_door() -> CatalogueDoor:
    from giftline.doors.catalogue import CatalogueDoor  # why: cold start
    from giftline.orders.catalogue_import import ImportCatalogue  # why: cold start

    replace = ImportCatalogue(products(), CLOCK)
    return CatalogueDoor(accounts(), products(), replace, SUPPLIER_NAMES)


def retention_door() -> RetentionDoor:
    from giftline.doors.retention import RetentionDoor  # why: cold start
    from giftline.orders.retention_setting import SetRetention, ViewRemoval  # why: cold start
    from giftline.storage.kept_orders import DynamoKeptOrders  # why: cold start
    from giftline.storage.retention_rules import DynamoRetentionRules  # why: cold start

    kept = DynamoKeptOrders(client("dynamodb"), settings().need("orders_table"))
    rules = DynamoRetentionRules(client("dynamodb"), settings().need("accounts_table"))
    change = SetRetention(rules, kept, accounts().has_tenant, CLOCK, timing())
    return RetentionDoor(accounts(), rules, change, ViewRemoval(kept))
