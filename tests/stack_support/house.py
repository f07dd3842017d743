"""Every use case on the stack's real tables and its real supplier, in this process, with its costs counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from giftline.bootstrap.resources import new_nonce, new_order_id
from giftline.clock import SystemClock
from giftline.crew import Threads
from giftline.orders.accepting import AcceptOrder
from giftline.orders.catalogue import Catalogue
from giftline.orders.closing import CloseOrder
from giftline.orders.collecting import FetchCards
from giftline.orders.placing import CreateOrder
from giftline.orders.planning import PlanOrder
from giftline.orders.polling import GetOrderStatus
from giftline.orders.pulls import Pulls
from giftline.orders.timing import Timing
from giftline.secret import Secret
from giftline.storage.dynamodb import DynamoPages
from giftline.storage.ledger import DynamoLedger
from giftline.storage.pacing import DynamoPace
from giftline.storage.products import DynamoProducts
from giftline.storage.reconciliation_sent import DynamoSentLots, NotingOrders
from giftline.storage.s3 import S3Files
from giftline.storage.vault import KmsVault
from giftline.suppliers.http import HttpClient
from giftline.suppliers.port import PullSupplier, Supplier
from giftline.suppliers.walleo import Walleo
from giftline.suppliers.walleo_signing import WalleoKeys
from giftline.suppliers.wpay import Wpay
from tests.fakes.state_machine import Task
from tests.stack_support.counting import CountingDynamo, CountingKms
from tests.stack_support.stack import Stack


class RealClock(SystemClock):
    """The machine's clock; a Wait state that sets it forward has to wait for it."""

    @property
    def time(self) -> int:
        return self.now()

    @time.setter
    def time(self, until: int) -> None:
        while (left := until - self.now()) > 0:
            time.sleep(left / 1000)


class LostMessages:
    """The Messages port on a day when the queue loses everything."""

    def announce(self, order_id: str) -> None:
        pass


@dataclass
class CountedHouse:
    """`kms` by function: each has an environment of its own, cold at its first call."""

    stack: Stack
    clock: RealClock = field(default_factory=RealClock)
    kms: dict[str, CountingKms] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dynamo = CountingDynamo(self.stack.client("dynamodb"))
        client: Any = self.dynamo
        self.timing = Timing(self.stack.settings.wait_scale)
        ledger = DynamoLedger(client, self.stack.outputs["AccountsTableName"])
        sent = DynamoSentLots(client, self.stack.orders_table, self.clock.now)
        self.orders = NotingOrders(client, self.stack.orders_table, "", ledger, sent_lots=sent)
        self.pages = DynamoPages(client, self.stack.orders_table)
        self.files = S3Files(self.stack.client("s3"), self.stack.outputs["ResultsBucketName"])
        accounts = self.stack.client("dynamodb"), self.stack.outputs["AccountsTableName"]
        self.catalogue = Catalogue(DynamoProducts(*accounts).read().products)
        keys, url = self.stack.settings.credentials, self.stack.supplier.url
        self.wpay = Wpay(HttpClient(url), lambda: Secret(keys.wpay_api_key))
        walleo_keys = WalleoKeys(Secret(keys.walleo_api_key), keys.walleo_id, Secret(keys.walleo_shared_key))
        self.walleo = Walleo(HttpClient(url), url, lambda: walleo_keys, self.clock.now)
        rates = {"walleo": self.stack.settings.walleo_requests_per_second}
        self.pace = DynamoPace(client, self.stack.orders_table, rates, self.clock)
        self.crew = Threads()

    @property
    def accept_order(self) -> AcceptOrder:
        """Unscaled, so that the stack's own sweep leaves the order alone for two minutes."""
        return AcceptOrder(self.orders, self.files, LostMessages(), self.clock, Timing(), new_order_id)

    @property
    def tasks(self) -> Mapping[str, Task]:
        """By function, as their handlers call them."""
        plan = PlanOrder(self.orders, self.vault("plan_order"), self.supplier, self.catalogue)
        paced = (self.clock, self.timing, self.pace)
        create = CreateOrder(self.orders, self.supplier, *paced, new_nonce, self.pulls)
        ask = GetOrderStatus(self.orders, self.supplier, *paced, new_nonce, self.pulls)
        vault = self.vault("fetch_cards")
        fetch = FetchCards(self.orders, self.pages, vault, self.supplier, self.catalogue, *paced, self.pulls)
        close = CloseOrder(
            self.orders,
            self.pages,
            self.vault("close_order"),
            self.files,
            self.supplier,
            self.catalogue,
            self.clock,
            self.timing,
        )
        return {
            "plan_order": lambda e: {"lots": [{**e, "lot": lot} for lot in plan(e["order_id"])]},
            "create_order": lambda e: create(e["order_id"], e["lot"]).as_state(),
            "get_order_status": lambda e: ask(e["order_id"], e["lot"]).as_state(),
            "fetch_cards": lambda e: fetch(e["order_id"], e["lot"]).as_state(),
            "close_order": lambda e: {"status": close(e["order_id"], {}).status.value, "next": "end"},
        }

    def supplier(self, name: str) -> Supplier | PullSupplier:
        return self.walleo if name == "walleo" else self.wpay

    def pulls(self) -> Pulls:
        return Pulls(self.orders, self.clock, self.timing, self.pace, self.crew, new_nonce)

    def vault(self, function: str) -> KmsVault:
        self.kms[function] = CountingKms(self.stack.client("kms"))
        client: Any = self.kms[function]
        return KmsVault(client, self.stack.physical_id("VaultKey"))
