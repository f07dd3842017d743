"""Wires ports to adapters for orders: one function for each use case.

Imports stand inside the functions: # why: each Lambda function pays at its cold start only
for what its one use case needs (budgets, docs/decisions.md).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from giftline.bootstrap.resources import (
    CLOCK,
    accounts,
    client,
    files,
    ledger,
    made_client,
    new_nonce,
    new_order_id,
    products,
    settings,
    timing,
    vault,
)
from giftline.bootstrap.suppliers import supplier
from giftline.suppliers.names import SUPPLIER_NAMES

if TYPE_CHECKING:
    from giftline.delivery.accepting_csv import AcceptCsv
    from giftline.delivery.viewing_files import ViewFile
    from giftline.doors.files import FilesDoor
    from giftline.doors.reviews import ReviewsDoor
    from giftline.doors.wpay import WpayDoor
    from giftline.orders.accepting import AcceptOrder
    from giftline.orders.cancelling import CancelOrder
    from giftline.orders.catalogue import Catalogue
    from giftline.orders.closing import CloseOrder
    from giftline.orders.collecting import FetchCards
    from giftline.orders.placing import CreateOrder
    from giftline.orders.planning import PlanOrder
    from giftline.orders.polling import GetOrderStatus
    from giftline.orders.pulls import Pulls
    from giftline.orders.reversing import ReverseOrder
    from giftline.orders.reviewing import ListReviews, ResolveReview
    from giftline.orders.sweeping import StartOrder, Sweep
    from giftline.orders.watching import WatchOrders
    from giftline.storage.dynamodb import DynamoOrders, DynamoPages
    from giftline.storage.file_progress import DynamoFileProgress
    from giftline.storage.messaging import StepFunctionsExecutions
    from giftline.storage.pacing import DynamoPace
    from giftline.storage.reconciliation_sent import DynamoSentLots, NotingOrders

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
    from giftline.bootstrap.webhooks import deliveries  # why: cold start
    from giftline.orders.closing import CloseOrder  # why: cold start

    return CloseOrder(
        paid_orders(),
        pages(),
        vault(),
        files(),
        supplier,
        catalogue(),
        CLOCK,
        timing(),
        deliveries(),
        settings().need("api_url"),
    )


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
    return AcceptOrder(paid_orders(), files(), messages, CLOCK, timing(), new_order_id)


def accept_csv() -> AcceptCsv:
    from giftline.delivery.accepting_csv import AcceptCsv  # why: cold start
    from giftline.delivery.order_csv import MAX_FILE  # why: cold start
    from giftline.storage.s3 import S3Drops  # why: cold start

    drops = S3Drops(client("s3"), settings().need("drop_bucket"))
    has_tenant = accounts().has_tenant
    return AcceptCsv(drops, files(), accept_order(), catalogue(), has_tenant, MAX_FILE, file_progress())


def wpay_door() -> WpayDoor:
    from giftline.doors.wpay import WpayDoor  # why: cold start
    from giftline.orders.holding import HoldOrder  # why: cold start
    from giftline.orders.viewing import ViewCards, ViewOrder  # why: cold start

    return WpayDoor(
        accounts(),
        catalogue(),
        accept_order(),
        ViewOrder(orders(), files()),
        ViewCards(orders(), pages(), vault()),
        url_problem,
        HoldOrder(orders(), CLOCK),
        cancel_order(),
        reverse_order,
        ledger(),
        view_file=view_file(),
    )


def cancel_order() -> CancelOrder:
    from giftline.orders.cancelling import CancelOrder  # why: cold start

    return CancelOrder(orders(), CLOCK)


def reverse_order() -> ReverseOrder:
    from giftline.orders.reversing import ReverseOrder  # why: cold start

    return ReverseOrder(orders(), supplier, CLOCK, timing(), pace(), cancel_order())


def url_problem(url: str) -> str:
    """What is wrong with a webhook's URL; empty for a good one."""
    from giftline.delivery import hostile_urls  # why: cold start; most orders name no webhook

    return hostile_urls.url_problem(url, allow_local=settings().allow_local)


def reviews_door() -> ReviewsDoor:
    from giftline.doors.reviews import ReviewsDoor  # why: cold start

    return ReviewsDoor(accounts(), list_reviews(), resolve_review(), timing())


@cache
def orders() -> NotingOrders:
    """For whoever neither accepts nor closes: it moves no money, and notes what it sends."""
    from giftline.storage.reconciliation_sent import NotingOrders  # why: cold start

    tables = settings().need("orders_table"), settings().webhooks_table
    return NotingOrders(made_client("dynamodb"), *tables, sent_lots=sent_lots())


@cache
def paid_orders() -> DynamoOrders:
    """For whoever sends nothing: what is accepted takes its money, what is closed settles it, in the same write."""
    from giftline.storage.dynamodb import DynamoOrders  # why: cold start

    return DynamoOrders(
        made_client("dynamodb"), settings().need("orders_table"), settings().webhooks_table, ledger=ledger()
    )


@cache
def sent_lots() -> DynamoSentLots:
    from giftline.storage.reconciliation_sent import DynamoSentLots  # why: cold start

    return DynamoSentLots(made_client("dynamodb"), settings().need("orders_table"), CLOCK.now)


@cache
def file_progress() -> DynamoFileProgress:
    from giftline.storage.file_progress import DynamoFileProgress  # why: cold start

    return DynamoFileProgress(client("dynamodb"), settings().need("orders_table"))


def view_file() -> ViewFile:
    from giftline.delivery.viewing_files import ViewFile  # why: cold start

    return ViewFile(file_progress(), files(), CLOCK)


def files_door() -> FilesDoor:
    from giftline.doors.files import FilesDoor  # why: cold start

    return FilesDoor(accounts(), view_file())


@cache
def pages() -> DynamoPages:
    from giftline.storage.dynamodb import DynamoPages  # why: cold start

    return DynamoPages(client("dynamodb"), settings().need("orders_table"))


@cache
def executions() -> StepFunctionsExecutions:
    from giftline.storage.messaging import StepFunctionsExecutions  # why: cold start

    return StepFunctionsExecutions(client("stepfunctions"), settings().need("state_machine_arn"))


@cache
def pace() -> DynamoPace:
    from giftline.storage.pacing import DynamoPace  # why: cold start

    rates = {name: settings().rate(name) for name in SUPPLIER_NAMES}
    return DynamoPace(made_client("dynamodb"), settings().need("orders_table"), rates, CLOCK)


@cache
def pulls() -> Pulls:
    """Only orders of single cards need it, so that it is made when the first one comes."""
    from giftline.crew import Threads  # why: cold start
    from giftline.orders.pulls import Pulls  # why: cold start

    return Pulls(orders(), CLOCK, timing(), pace(), Threads(), new_nonce)


@cache
def catalogue() -> Catalogue:
    from giftline.orders.catalogue import LiveCatalogue  # why: cold start

    return LiveCatalogue(lambda: products().read().products, CLOCK.elapsed)
