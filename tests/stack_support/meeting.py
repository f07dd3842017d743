"""Two whole Giftlines on one machine: one sells at its doors, the other buys there by its adapters."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from giftline.accounts.ledger import Balance
from giftline.accounts.walleo_clients import KEY_PURPOSE, ManageWalleoClients, WalleoCredentials
from giftline.clock import SystemClock
from giftline.money import known_currency
from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_import import ImportCatalogue
from giftline.orders.lot import Lot
from giftline.orders.model import Order
from giftline.secret import Secret
from giftline.storage.accounts import DynamoAccounts
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.items import order_from_item
from giftline.storage.ledger import DynamoLedger
from giftline.storage.products import DynamoProducts
from giftline.storage.walleo_clients import DynamoWalleoClients
from giftline.storage.webhook_secrets import KmsSecretKeeper
from giftline.suppliers.walleo_signing import WalleoKeys
from local.seed import add_tenant
from tests.stack_support.door import Cards, Door, cards_of_answer
from tests.stack_support.door import Product as OrderedProduct
from tests.stack_support.faulty_proxy import FaultyProxy
from tests.stack_support.orders import ClosedOrder, follow
from tests.stack_support.places import items
from tests.stack_support.stack import Stack, free_port, run_local, running_stack, shared_outputs_kept, start_stack

RESELLER = "reseller"
"""What the buyer is called at the seller."""
BUYERS_SCALE = "0.002"
"""Of its waits: its questions cost the seller more than a sandbox's answers do."""
PULLS_A_SECOND = "2"
"""Few enough that one order of the seller is at its end before many others begin, each with workers of its own."""
SECONDS = 400
"""For one order: the workers of two stacks start one after the other, on a machine that is busy with other tests."""
AUD, EUR = known_currency("AUD"), known_currency("EUR")

EURO_CARD, SOLD_OUT, UNKNOWN = "EURO-CARD", "SOLD-OUT", "UNKNOWN-THERE"
BUYERS_OWN = (
    Product(EURO_CARD, "Euro card", EUR, (Offer("wpay", "WPAY-EURO", least=500, most=50_000),)),
    Product(SOLD_OUT, "Sold out", EUR, (Offer("walleo", SOLD_OUT, least=500, most=50_000),)),
    Product(UNKNOWN, "Unknown there", AUD, (Offer("wpay", UNKNOWN, least=500, most=50_000),)),
)
SELLERS_OWN = (
    Product("WPAY-EURO", "Euro eGift Card", EUR, (Offer("wpay", "WPAY-EURO", least=500, most=50_000),)),
    Product(SOLD_OUT, "Sold out", EUR, ()),
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The buyer's at the seller, known before either starts."""

    token: str = field(default_factory=lambda: f"gl_{secrets.token_urlsafe(24)}", repr=False)
    shared_key: str = field(default_factory=lambda: secrets.token_hex(16).upper(), repr=False)
    identifier: str = "b5245bbc-8ee7-4e55-92e0-b97e81085154"

    @property
    def walleo(self) -> WalleoKeys:
        return WalleoKeys(Secret(self.token), self.identifier, Secret(self.shared_key))


@dataclass(frozen=True, slots=True)
class Meeting:
    """`proxy` stands between the two: the seller's address is all that the buyer knows of it."""

    seller: Stack
    buyer: Stack
    proxy: FaultyProxy
    credentials: Credentials

    @property
    def sellers_door(self) -> Door:
        """The seller's, entered as the buyer and past the proxy."""
        return Door(self.seller.outputs["ApiUrl"], self.credentials.token)

    def fund(self, **minors: int) -> None:
        """What the buyer pays in at the seller, by currency; each sum of a currency counts once."""
        ledger = ledger_of(self.seller)
        for code, minor in minors.items():
            ledger.deposit(RESELLER, known_currency(code), minor, f"{code} {minor}", SystemClock().now())

    def sold(self) -> list[Order]:
        """Every order that the seller has of the buyer."""
        found = (item for item in items(self.seller) if item.get("sk", {}).get("S") == "ORDER")
        return [order for order in map(order_from_item, found) if order.tenant == RESELLER]

    def place_and_follow(self, refno: str, *products: OrderedProduct) -> ClosedOrder:
        """A whole order of the buyer's, to its end."""
        answer = self.buyer.door.place(refno, *products)
        assert answer.status_code == 202, answer.text
        return follow(self.buyer, answer.json(), SECONDS)

    def lots(self, order_id: str) -> list[Lot]:
        return DynamoOrders(self.buyer.client("dynamodb"), self.buyer.orders_table).lots(order_id)

    def cards_sold(self, orders: Sequence[Order]) -> Cards:
        """As the seller's own door shows them."""
        cards = (self.sellers_door.all_cards(order.id) for order in orders if order.delivered_cards)
        return sum(map(cards_of_answer, cards), Cards())

    def cards_supplied(self, orders: Sequence[Order]) -> Cards:
        """What the sandbox sold to the seller for these orders, by its own ledger."""
        supplier = self.seller.supplier
        supplied = (supplier.cards(order.id) + supplier.walleo_cards(order.id) for order in orders)
        return sum(supplied, Cards())


def ledger_of(stack: Stack) -> DynamoLedger:
    return DynamoLedger(stack.client("dynamodb"), stack.outputs["AccountsTableName"])


def balances_of(stack: Stack, tenant: str) -> dict[str, Balance]:
    return {balance.currency.code: balance for balance in ledger_of(stack).balances(tenant)}


def without_skus(cards: Cards) -> Counter[tuple[str, str | None, str]]:
    """Number, PIN and amount: a card is sold on under the seller of its sku."""
    found: Counter[tuple[str, str | None, str]] = Counter()
    for (_, number, pin, amount), count in cards.items():
        found[number, pin, amount] += count
    return found


@contextmanager
def selling(folder: Path, proxy: FaultyProxy) -> Iterator[Future[Stack]]:
    """The seller, on its way up while a buyer starts beside it, and always stopped. A plain stack to everybody else."""
    given = {"STATE_DIR": str(folder), "GIFTLINE_PORT": str(free_port()), "WALLEO_DOOR_URL": proxy.url}
    with shared_outputs_kept(), ThreadPoolExecutor(1) as beside:
        starting = beside.submit(start_stack, folder, **given)
        try:
            yield starting
        finally:
            starting.exception()  # once it is stopped it must not start any more
            run_local("down", given)


@contextmanager
def meeting(folder: Path, proxy: FaultyProxy, seller: Future[Stack]) -> Iterator[Meeting]:
    """A buyer that knows the seller by the proxy's address alone; it is a client there, and has no money there yet."""
    known = Credentials()
    given = {
        "WPAY_BASE_URL": proxy.url,
        "WALLEO_BASE_URL": proxy.url,
        "WAIT_SCALE": BUYERS_SCALE,
        "WALLEO_REQUESTS_PER_SECOND": PULLS_A_SECOND,
        "WPAY_API_KEY": known.token,
        "WALLEO_API_KEY": known.token,
        "WALLEO_ID": known.identifier,
        "WALLEO_SHARED_KEY": known.shared_key,
    }
    with running_stack(folder, **given) as buyer:
        made = Meeting(seller.result(), buyer, proxy, known)
        introduce(made)
        yield made


def introduce(meeting: Meeting) -> None:
    """What the seller does for a new client, and what each has in its catalogue beside the usual."""
    seller, known = meeting.seller, meeting.credentials
    table = seller.client("dynamodb"), seller.outputs["AccountsTableName"]
    accounts = DynamoAccounts(*table)
    add_tenant(accounts, RESELLER, known.token)
    keys = KmsSecretKeeper(seller.client("kms"), seller.outputs["VaultKeyArn"], SystemClock(), KEY_PURPOSE)
    manage = ManageWalleoClients(DynamoWalleoClients(*table), keys, accounts.has_tenant)
    own = WalleoCredentials(Secret(known.token), Secret(known.shared_key))
    manage.register(RESELLER, known.identifier, own)
    add_products(seller, SELLERS_OWN)
    add_products(meeting.buyer, BUYERS_OWN)
    meeting.proxy.target = seller.outputs["ApiUrl"]


def add_products(stack: Stack, own: Sequence[Product]) -> None:
    products = DynamoProducts(stack.client("dynamodb"), stack.outputs["AccountsTableName"])
    ImportCatalogue(products, SystemClock())([*products.read().products, *own], "test")
