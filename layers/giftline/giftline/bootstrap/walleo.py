"""Wires ports to adapters for those who order in Walleo's words, and for their keys.

Imports stand inside the functions: # why: as in giftline.bootstrap
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from giftline import bootstrap
from giftline.bootstrap.resources import CLOCK, accounts, client, ledger, made_client, settings, vault

if TYPE_CHECKING:
    from giftline.doors.walleo import WalleoDoor
    from giftline.doors.walleo_clients import WalleoClientsDoor
    from giftline.storage.walleo_clients import DynamoWalleoClients
    from giftline.storage.webhook_secrets import KmsSecretKeeper


def walleo_clients_door() -> WalleoClientsDoor:
    from giftline.accounts.walleo_clients import ManageWalleoClients  # why: cold start
    from giftline.doors.walleo_clients import WalleoClientsDoor  # why: cold start

    manage = ManageWalleoClients(_walleo_clients(), _shared_keys(), accounts().has_tenant)
    return WalleoClientsDoor(accounts(), manage)


def walleo_door() -> WalleoDoor:
    from giftline.doors.walleo import WalleoDoor  # why: cold start
    from giftline.doors.walleo_signatures import CheckSignature, gateway_urls  # why: cold start
    from giftline.orders.holding import HoldOrder  # why: cold start
    from giftline.orders.viewing import ViewCards  # why: cold start
    from giftline.storage.walleo_clients import DynamoFirstRefusals, DynamoSeenSignatures  # why: cold start

    table = made_client("dynamodb"), settings().need("accounts_table")
    before_the_gateway = settings().walleo_door_url
    urls = gateway_urls(settings().local_endpoint, [before_the_gateway] if before_the_gateway else [])
    check = CheckSignature(_walleo_clients(), _shared_keys(), DynamoSeenSignatures(*table), CLOCK, urls)
    orders = bootstrap.orders()
    return WalleoDoor(
        check,
        bootstrap.catalogue(),
        bootstrap.accept_order(),
        orders,
        ViewCards(orders, bootstrap.pages(), vault()),
        HoldOrder(orders, CLOCK),
        DynamoFirstRefusals(*table),
        CLOCK,
        lambda tenant: [balance.money(balance.available) for balance in ledger().balances(tenant)],
    )


@cache
def _walleo_clients() -> DynamoWalleoClients:
    from giftline.storage.walleo_clients import DynamoWalleoClients  # why: cold start

    return DynamoWalleoClients(made_client("dynamodb"), settings().need("accounts_table"))


def _shared_keys() -> KmsSecretKeeper:
    from giftline.accounts.walleo_clients import KEY_PURPOSE  # why: cold start
    from giftline.storage.webhook_secrets import KmsSecretKeeper  # why: cold start

    return KmsSecretKeeper(client("kms"), settings().need("data_key_id"), CLOCK, KEY_PURPOSE)
