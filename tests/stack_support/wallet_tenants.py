"""Tenants and tokens of a test's own: nobody else's webhooks, secrets and members are touched."""

from __future__ import annotations

import json

from giftline.accounts.model import TENANT_ABILITIES, Access, token_hash
from giftline.secret import Secret
from giftline.storage.accounts import DynamoAccounts
from local.settings import ROOT
from tests.stack_support.stack import Stack
from tests.stack_support.wallet import BRAND, WalletDoor, wallet_door

SAMPLE = ROOT / "local" / "sample_brand.json"


def token_of(stack: Stack, tenant: str, *abilities: str) -> str:
    """A token of that tenant with these abilities; the tenant is made."""
    accounts = DynamoAccounts(stack.client("dynamodb"), stack.outputs["AccountsTableName"])
    token = "-".join(["gl", tenant, *(ability.replace(".", "-") for ability in abilities)])
    accounts.add_tenant(tenant)
    accounts.add_token(token_hash(Secret(token)), Access(tenant, frozenset(abilities)))
    return token


def tenant_with_a_brand(stack: Stack, tenant: str) -> WalletDoor:
    """A tenant that may do everything a tenant may, with the sample brand but without its members."""
    door = wallet_door(stack).with_token(token_of(stack, tenant, *sorted(TENANT_ABILITIES)))
    sample = json.loads(SAMPLE.read_text())
    answer = door.call("PUT", f"v1/brands/{BRAND}", sample["brand"])
    assert answer.status_code == 200, answer.text
    return door
