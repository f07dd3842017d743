"""A sample brand with templates and members, so that the first bulk call needs nothing but itself."""

import json
from collections.abc import Mapping
from typing import Any

from giftline.crew import Threads
from giftline.doors.brands_requests import parse_brand
from giftline.storage.transactions import put_record, transact
from giftline.storage.wallet_items import written
from giftline.storage.wallets import DynamoWallets
from giftline.wallet.model import EmailHolder, Member
from local.deployment import client
from local.seed import TENANT
from local.settings import ROOT, Settings

SAMPLE = ROOT / "local" / "sample_brand.json"


def seed_brand(outputs: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What is there stays as it is: a person may have changed it."""
    database, table = client(settings, "dynamodb"), outputs["WalletTableName"]
    wallets = DynamoWallets(database, table, Threads())
    sample = json.loads(SAMPLE.read_text())
    if wallets.brand(TENANT, sample["id"]) is None:
        wallets.save_brand(parse_brand(TENANT, sample["id"], json.dumps(sample["brand"])))
    for person in sample["members"]:
        member = Member(tenant=TENANT, brands=(sample["id"],), **person)
        holder = EmailHolder(TENANT, member.email, member.identifier)
        transact(database, [{"Put": put_record(table, written(one), one.version)} for one in (member, holder)])
    return sample_outputs(sample)


def sample_outputs(sample: Mapping[str, Any]) -> dict[str, str]:
    """What a bulk call names."""
    return {
        "BrandId": sample["id"],
        "CouponId": sample["brand"]["coupons"][0]["id"],
        "StorecardId": sample["brand"]["storecards"][0]["id"],
        "MemberId": sample["members"][0]["identifier"],
    }
