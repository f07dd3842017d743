"""What the passes' functions keep secret, on this machine: made once, and good for nothing outside of it."""

import json
import secrets
from typing import Final

from local import google_keys, wallet_keys
from local.deployment import client, physical_id
from local.settings import Settings

SECRET: Final = "WalletSecrets"  # noqa: S105  # the resource's name
APPLE_PASS_TYPE_ID: Final = wallet_keys.PASS_TYPE_ID
APPLE_TEAM_ID: Final = wallet_keys.TEAM_ID
GOOGLE_ISSUER_ID: Final = "3388000000000000001"
GOOGLE_SERVICE_ACCOUNT: Final = "giftline@sandbox.example"


def write(settings: Settings) -> None:
    """The link key of the first start stays: with another one, every link given out would be dead."""
    vault, arn = client(settings, "secretsmanager"), physical_id(settings, SECRET)
    kept = json.loads(vault.get_secret_value(SecretId=arn)["SecretString"])
    value = {
        "link_key": kept.get("link_key") or secrets.token_urlsafe(48),
        **wallet_keys.apple_keys(settings.state),
        "google_key": google_keys.private_key(settings.state),
    }
    if value != kept:
        vault.put_secret_value(SecretId=arn, SecretString=json.dumps(value))
