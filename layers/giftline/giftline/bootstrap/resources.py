"""What all wiring starts from: settings, the clock, clients, and the adapters that several use cases share.

Imports stand inside the functions: # why: each Lambda function pays at its cold start only
for what its one use case needs (budgets, docs/decisions.md).
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import TYPE_CHECKING, Any

from giftline.clock import SystemClock
from giftline.orders.timing import Timing
from giftline.settings import Settings, read_settings

if TYPE_CHECKING:
    from giftline.storage.accounts import DynamoAccounts
    from giftline.storage.ledger import DynamoLedger
    from giftline.storage.products import DynamoProducts
    from giftline.storage.s3 import S3Files
    from giftline.storage.secrets import JsonSecret
    from giftline.storage.vault import KmsVault

CLOCK = SystemClock()


def new_nonce() -> str:
    return uuid.uuid4().hex[:16]


def new_order_id() -> str:
    """26 letters and digits that nobody can guess; also the name of its first execution."""
    return uuid.uuid4().hex[:26].upper()


@cache
def settings() -> Settings:
    return read_settings()


@cache
def timing() -> Timing:
    return Timing(scale=settings().wait_scale)


class LazyClient:
    """An AWS client that is made when it is first used: most calls need but one or two."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(made_client(self._service), name)


def client(service: str) -> Any:
    return LazyClient(service)


@cache
def made_client(service: str) -> Any:
    """One client of a service an environment; standard retries with a bound on each try.

    botocore's own session: boto3's would add its resources to every cold start.
    """
    from botocore.config import Config  # why: cold start

    bounds = Config(
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=3,
        read_timeout=20,
        # AWS validates what it gets; doing so here too is more than half of the work of writing a hundred items
        parameter_validation=False,
        # links need both: objects under a KMS key, and buckets that are not in us-east-1
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "virtual"},
    )
    return _session().create_client(service, config=bounds)


@cache
def _session() -> Any:
    from botocore.session import get_session  # why: cold start

    return get_session()


@cache
def accounts() -> DynamoAccounts:
    from giftline.storage.accounts import DynamoAccounts  # why: cold start

    return DynamoAccounts(client("dynamodb"), settings().need("accounts_table"))


@cache
def ledger() -> DynamoLedger:
    from giftline.storage.ledger import DynamoLedger  # why: cold start

    return DynamoLedger(made_client("dynamodb"), settings().need("accounts_table"), settings().webhooks_table)


@cache
def products() -> DynamoProducts:
    from giftline.storage.products import DynamoProducts  # why: cold start

    return DynamoProducts(client("dynamodb"), settings().need("accounts_table"))


@cache
def vault() -> KmsVault:
    from giftline.storage.vault import KmsVault  # why: cold start

    return KmsVault(client("kms"), settings().need("data_key_id"))


@cache
def files() -> S3Files:
    from giftline.storage.s3 import S3Files  # why: cold start

    return S3Files(client("s3"), settings().need("results_bucket"))


@cache
def json_secret(setting: str) -> JsonSecret:
    """The secret whose ARN stands in that setting."""
    from giftline.storage.secrets import JsonSecret  # why: cold start

    return JsonSecret(client("secretsmanager"), settings().need(setting), CLOCK)
