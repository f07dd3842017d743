"""What a new installation needs before the first order: a tenant, its token, the catalogue."""

import argparse
import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from giftline.accounts.model import OPERATOR_ABILITIES, TENANT_ABILITIES, Ability, Access, token_hash
from giftline.money import currency_named
from giftline.orders.catalogue import Offer, Product
from giftline.secret import Secret
from giftline.storage.accounts import DynamoAccounts
from local.deployment import client
from local.outputs import read_outputs_file
from local.settings import ROOT, Settings

TENANT = "demo"
OPERATOR = "operator"
CATALOGUE = ROOT / "local" / "catalogue.json"


def seed(outputs: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Fill the tables, again and again without harm; the token of the last start stays good."""
    accounts = DynamoAccounts(client(settings, "dynamodb"), outputs["AccountsTableName"])
    accounts.save_products(read_products(CATALOGUE))
    token = (read_outputs_file(settings) or {}).get("Token") or new_token()
    add_tenant(accounts, TENANT, token, frozenset(Ability))  # one machine: who tries it out is the operator too
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
    """A token for the reviews of all tenants and nothing else; its owner is no tenant, and orders nothing."""
    accounts.add_token(token_hash(Secret(token)), Access(name, OPERATOR_ABILITIES))


def new_token() -> str:
    return "gl_" + secrets.token_urlsafe(32)


def read_products(file: Path) -> list[Product]:
    """The catalogue file: a list of products, amounts in minor units. ValueError names the entry."""
    return [_product(at, row) for at, row in enumerate(json.loads(file.read_text()))]


def _product(at: int, row: dict[str, Any]) -> Product:
    currency = currency_named(str(row.get("currency")))
    if currency is None:
        raise ValueError(f"entry {at}: currency is {row.get('currency')!r}; expected a code such as AUD")
    try:
        offers = tuple(Offer(**{**offer, "fixed": tuple(offer.get("fixed", ()))}) for offer in row["offers"])
        return Product(**{**row, "currency": currency, "offers": offers})
    except (TypeError, KeyError) as error:
        raise ValueError(f"entry {at} ({row.get('sku')}): {error}; expected as in local/catalogue.json") from error


def main() -> None:
    """python -m local.seed: the first tenant, or an operator, of an installation on AWS (README, Deploy)."""
    parser = argparse.ArgumentParser(prog="python -m local.seed", description=main.__doc__)
    parser.add_argument("--stack", required=True, help="name of the deployed stack, such as giftline-dev")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--tenant", help="name of the tenant, as it stands in orders/<tenant>/")
    who.add_argument("--operator", nargs="?", const=OPERATOR, help="for the reviews of all tenants; NAME if you like")
    parser.add_argument("--catalogue", type=Path, help="a file like local/catalogue.json")
    options = parser.parse_args()
    stack = boto3.client("cloudformation").describe_stacks(StackName=options.stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    accounts = DynamoAccounts(boto3.client("dynamodb"), outputs["AccountsTableName"])
    if options.catalogue:
        accounts.save_products(read_products(options.catalogue))
    token = new_token()
    if options.operator:
        add_operator(accounts, options.operator, token)
    else:
        add_tenant(accounts, options.tenant, token)
    sys.stdout.write(f"ApiUrl: {outputs['ApiUrl']}\nToken (shown once): {token}\n")


if __name__ == "__main__":
    main()
