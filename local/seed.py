"""What a new installation needs before the first order: a tenant, its token, the catalogue."""

import argparse
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

import boto3

from giftline.accounts.model import OPERATOR_ABILITIES, TENANT_ABILITIES, Ability, Access, token_hash
from giftline.accounts.walleo_clients import KEY_PURPOSE, ManageWalleoClients, WalleoCredentials
from giftline.clock import SystemClock
from giftline.money import known_currency
from giftline.orders.catalogue import Product
from giftline.orders.catalogue_file import read_json
from giftline.orders.catalogue_import import ImportCatalogue
from giftline.secret import Secret
from giftline.storage.accounts import DynamoAccounts
from giftline.storage.ledger import DynamoLedger
from giftline.storage.products import DynamoProducts
from giftline.storage.walleo_clients import DynamoWalleoClients
from giftline.storage.webhook_secrets import KmsSecretKeeper
from giftline.suppliers.names import SUPPLIER_NAMES
from local.deployment import client
from local.outputs import read_outputs_file
from local.settings import ROOT, Settings

TENANT = "demo"
OPERATOR = "operator"
CATALOGUE = ROOT / "local" / "catalogue.json"
BY = "setup"
FIRST_MONEY = {"AUD": 1_000_000_000, "EUR": 1_000_000_000}
"""Minor units: ten millions of each, for a stack on one machine."""


def seed(outputs: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Fill the tables, again and again without harm; the token of the last start stays good, and so does a catalogue
    that somebody has changed.
    """
    table = client(settings, "dynamodb"), outputs["AccountsTableName"]
    accounts, products = DynamoAccounts(*table), DynamoProducts(*table)
    if products.read().by in ("", BY):
        add_catalogue(products, CATALOGUE)
    token = (read_outputs_file(settings) or {}).get("Token") or new_token()
    add_tenant(accounts, TENANT, token, frozenset(Ability))  # one machine: who tries it out is the operator too
    add_money(DynamoLedger(*table), TENANT)
    add_walleo_client(accounts, outputs, settings, token)
    credentials = settings.credentials
    return {
        "Tenant": TENANT,
        "Token": token,
        "WalleoIdentifier": credentials.walleo_id,
        "WalleoSharedKey": credentials.walleo_shared_key,
    }


def add_tenant(accounts: DynamoAccounts, tenant: str, token: str, abilities: frozenset[str] = TENANT_ABILITIES) -> None:
    """The tenant with a token; the table keeps only the token's hash."""
    accounts.add_tenant(tenant)
    accounts.add_token(token_hash(Secret(token)), Access(tenant, abilities))


def add_operator(accounts: DynamoAccounts, name: str, token: str) -> None:
    """A token for reviews and accounts of all tenants; its owner is no tenant, and orders nothing."""
    accounts.add_token(token_hash(Secret(token)), Access(name, OPERATOR_ABILITIES))


def new_token() -> str:
    return "gl_" + secrets.token_urlsafe(32)


def read_products(file: Path) -> list[Product]:
    """The catalogue file: a list of products, amounts in minor units. InvalidRequest names every wrong field."""
    return read_json(file.read_text(), SUPPLIER_NAMES)


def add_catalogue(products: DynamoProducts, file: Path) -> None:
    """What the file lacks is on sale no more."""
    ImportCatalogue(products, SystemClock())(read_products(file), BY)


def add_money(ledger: DynamoLedger, tenant: str) -> None:
    """Enough to try everything out; once, however often it is called."""
    for code, minor in FIRST_MONEY.items():
        ledger.deposit(tenant, known_currency(code), minor, f"first money, {code}", SystemClock().now())


def add_walleo_client(accounts: DynamoAccounts, outputs: Mapping[str, str], settings: Settings, token: str) -> None:
    """So that the stack's own token signs at the Walleo door too; known by its identifier, it stays as it is."""
    credentials = settings.credentials
    clients = DynamoWalleoClients(client(settings, "dynamodb"), outputs["AccountsTableName"])
    keys = KmsSecretKeeper(client(settings, "kms"), outputs["VaultKeyArn"], SystemClock(), KEY_PURPOSE)
    own = WalleoCredentials(Secret(token), Secret(credentials.walleo_shared_key))
    ManageWalleoClients(clients, keys, accounts.has_tenant).register(TENANT, credentials.walleo_id, own)


def main() -> None:
    """python -m local.seed: the first tenant, or an operator, of an installation on AWS (README, Deploy)."""
    parser = argparse.ArgumentParser(prog="python -m local.seed", description=main.__doc__)
    parser.add_argument("--stack", required=True, help="name of the deployed stack, such as giftline-dev")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--tenant", help="name of the tenant, as it stands in orders/<tenant>/")
    who.add_argument("--operator", nargs="?", const=OPERATOR, help="for reviews and accounts of all; NAME if you like")
    parser.add_argument("--catalogue", type=Path, help="a file like local/catalogue.json")
    options = parser.parse_args()
    stack = boto3.client("cloudformation").describe_stacks(StackName=options.stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    table = boto3.client("dynamodb"), outputs["AccountsTableName"]
    accounts = DynamoAccounts(*table)
    if options.catalogue:
        add_catalogue(DynamoProducts(*table), options.catalogue)
    token = new_token()
    if options.operator:
        add_operator(accounts, options.operator, token)
    else:
        add_tenant(accounts, options.tenant, token)
    sys.stdout.write(f"ApiUrl: {outputs['ApiUrl']}\nToken (shown once): {token}\n")


if __name__ == "__main__":
    main()
