"""Wires ports to adapters: one function for each use case, and one client of each kind.

Imports stand inside the functions: # why: each Lambda function pays at its cold start only
for what its one use case needs (budgets, docs/decisions.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from giftline.clock import SystemClock
from giftline.errors import Misconfigured
from giftline.orders.timing import Timing
from giftline.settings import Settings, read_settings

if TYPE_CHECKING:
    from giftline.delivery.accepting_csv import AcceptCsv
    from giftline.doors.reviews import ReviewsDoor
    from giftline.doors.wpay import WpayDoor
    from giftline.orders.accepting import AcceptOrder
    from giftline.orders.catalogue import Catalogue
    from giftline.orders.closing import CloseOrder
    from giftline.orders.collecting import FetchCards
    from giftline.orders.placing import CreateOrder
    from giftline.orders.planning import PlanOrder
    from giftline.orders.polling import GetOrderStatus
    from giftline.orders.pulls import Pulls
    from giftline.orders.reviewing import ListReviews, ResolveReview
    from giftline.orders.sweeping import StartOrder, Sweep
    from giftline.orders.watching import WatchOrders
    from giftline.storage.accounts import DynamoAccounts
    from giftline.storage.dynamodb import DynamoOrders, DynamoPages
    from giftline.storage.messaging import StepFunctionsExecutions
    from giftline.storage.pacing import DynamoPace
    from giftline.storage.s3 import S3Files
    from giftline.storage.secrets import SupplierSecrets
    from giftline.storage.vault import KmsVault
    from giftline.suppliers.port import PullSupplier, Supplier

CLOCK = SystemClock()
DOOR_BUDGET = 8.0
"""Seconds for a supplier's questions within one API call."""
WATCH_BUDGET = 30.0
"""Seconds for one visit, and for one lot in it."""


def plan_order() -> PlanOrder:
    from giftline.orders.planning import PlanOrder  # why: cold start

    return PlanOrder(orders(), vault(), supplier, catalogue())


def create_order() -> CreateOrder:
    from giftline.orders.placing import CreateOrder  # why: cold start

    return CreateOrder(orders(), supplier, CLOCK, timing(), pace(), new_nonce, pulls)


def get_order_status() -> GetOrderStatus:
    from giftline.orders.polling import GetOrderStatus  # why: cold start

    return GetOrderStatus(orders(), supplier, CLOCK, timing(), pace(), new_nonce, pulls)


def fetch_cards() -> FetchCards:
    from giftline.orders.collecting import FetchCards  # why: cold start

    return FetchCards(orders(), pages(), vault(), supplier, catalogue(), CLOCK, timing(), pace(), pulls)


def close_order() -> CloseOrder:
    from giftline.orders.closing import CloseOrder  # why: cold start

    return CloseOrder(orders(), pages(), vault(), files(), supplier, catalogue(), CLOCK, timing())


def start_order() -> StartOrder:
    from giftline.orders.sweeping import StartOrder  # why: cold start

    return StartOrder(orders(), executions())


def sweep() -> Sweep:
    from giftline.orders.sweeping import Sweep  # why: cold start

    return Sweep(orders(), executions(), CLOCK, timing())


def watch_orders() -> WatchOrders:
    from giftline.orders.watching import WatchOrders  # why: cold start

    between = replace(timing(), task_budget=WATCH_BUDGET)
    return WatchOrders(orders(), supplier, CLOCK, between, pace(), new_nonce, lambda: replace(pulls(), timing=between))


def list_reviews() -> ListReviews:
    from giftline.orders.reviewing import ListReviews  # why: cold start

    return ListReviews(orders())


def resolve_review() -> ResolveReview:
    from giftline.orders.reviewing import ResolveReview  # why: cold start

    at_a_door = replace(timing(), task_budget=DOOR_BUDGET)
    return ResolveReview(orders(), supplier, CLOCK, at_a_door, pace(), lambda: replace(pulls(), timing=at_a_door))


def accept_order() -> AcceptOrder:
    from giftline.orders.accepting import AcceptOrder  # why: cold start
    from giftline.storage.messaging import SqsMessages  # why: cold start

    messages = SqsMessages(client("sqs"), settings().need("queue_url"))
    return AcceptOrder(orders(), files(), messages, CLOCK, timing(), new_order_id)


def accept_csv() -> AcceptCsv:
    from giftline.delivery.accepting_csv import AcceptCsv  # why: cold start
    from giftline.delivery.order_csv import MAX_FILE  # why: cold start
    from giftline.storage.s3 import S3Drops  # why: cold start

    drops = S3Drops(client("s3"), settings().need("drop_bucket"))
    has_tenant = accounts().has_tenant
    return AcceptCsv(drops, files(), accept_order(), catalogue(), has_tenant, MAX_FILE)


def wpay_door() -> WpayDoor:
    from giftline.doors.wpay import WpayDoor  # why: cold start
    from giftline.orders.viewing import ViewCards, ViewOrder  # why: cold start

    view_cards = ViewCards(orders(), pages(), vault())
    return WpayDoor(accounts(), catalogue(), accept_order(), ViewOrder(orders(), files()), view_cards)


def reviews_door() -> ReviewsDoor:
    from giftline.doors.reviews import ReviewsDoor  # why: cold start

    return ReviewsDoor(accounts(), list_reviews(), resolve_review(), timing())


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
        return getattr(_make_client(self._service), name)


def client(service: str) -> Any:
    return LazyClient(service)


@cache
def _make_client(service: str) -> Any:
    """One client of a service an environment; standard retries with a bound on each try.

    botocore's own session: boto3's would add its resources to every cold start.
    """
    from botocore.config import Config  # why: cold start

    bounds = Config(
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=3,
        read_timeout=20,
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
def orders() -> DynamoOrders:
    from giftline.storage.dynamodb import DynamoOrders  # why: cold start

    return DynamoOrders(_make_client("dynamodb"), settings().need("orders_table"))


@cache
def pages() -> DynamoPages:
    from giftline.storage.dynamodb import DynamoPages  # why: cold start

    return DynamoPages(client("dynamodb"), settings().need("orders_table"))


@cache
def accounts() -> DynamoAccounts:
    from giftline.storage.accounts import DynamoAccounts  # why: cold start

    return DynamoAccounts(client("dynamodb"), settings().need("accounts_table"))


@cache
def vault() -> KmsVault:
    from giftline.storage.vault import KmsVault  # why: cold start

    return KmsVault(client("kms"), settings().need("data_key_id"))


@cache
def files() -> S3Files:
    from giftline.storage.s3 import S3Files  # why: cold start

    return S3Files(client("s3"), settings().need("results_bucket"))


@cache
def executions() -> StepFunctionsExecutions:
    from giftline.storage.messaging import StepFunctionsExecutions  # why: cold start

    return StepFunctionsExecutions(client("stepfunctions"), settings().need("state_machine_arn"))


@cache
def supplier_secrets() -> SupplierSecrets:
    from giftline.storage.secrets import SupplierSecrets  # why: cold start

    secret_id = settings().need("supplier_secrets_arn")
    return SupplierSecrets(client("secretsmanager"), secret_id, CLOCK)


@cache
def pace() -> DynamoPace:
    from giftline.storage.pacing import DynamoPace  # why: cold start

    rates = {name: settings().rate(name) for name in SUPPLIERS}
    return DynamoPace(_make_client("dynamodb"), settings().need("orders_table"), rates, CLOCK)


@cache
def pulls() -> Pulls:
    """Only orders of single cards need it, so that it is made when the first one comes."""
    from giftline.crew import Threads  # why: cold start
    from giftline.orders.pulls import Pulls  # why: cold start

    return Pulls(orders(), CLOCK, timing(), pace(), Threads(), new_nonce)


@cache
def supplier(name: str) -> Supplier | PullSupplier:
    """The adapter of that name; Misconfigured where the catalogue names another."""
    if name not in SUPPLIERS:
        raise Misconfigured(f"no supplier is called {name!r}; there are {', '.join(SUPPLIERS)}")
    return SUPPLIERS[name]()


def _wpay() -> Supplier:
    from giftline.suppliers.http import HttpClient  # why: cold start
    from giftline.suppliers.wpay import Wpay  # why: cold start

    http = HttpClient(settings().need("wpay_base_url"))
    return Wpay(http, lambda: supplier_secrets().get("wpay_api_key"))


def _walleo() -> PullSupplier:
    from giftline.suppliers.http import HttpClient  # why: cold start
    from giftline.suppliers.walleo import Walleo  # why: cold start
    from giftline.suppliers.walleo_signing import WalleoKeys  # why: cold start

    def keys() -> WalleoKeys:
        secrets = supplier_secrets()
        identifier = secrets.get("walleo_id").reveal()
        return WalleoKeys(secrets.get("walleo_api_key"), identifier, secrets.get("walleo_shared_key"))

    base_url = settings().need("walleo_base_url")
    return Walleo(HttpClient(base_url), base_url, keys, CLOCK.now)


SUPPLIERS: Final[Mapping[str, Callable[[], Supplier | PullSupplier]]] = {"wpay": _wpay, "walleo": _walleo}


@cache
def catalogue() -> Catalogue:
    from giftline.orders.catalogue import LiveCatalogue  # why: cold start

    return LiveCatalogue(lambda: accounts().products(), CLOCK.elapsed)
