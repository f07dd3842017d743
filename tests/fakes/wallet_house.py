"""The use cases of bulk calls, wired to fakes; and short ways to make what they act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from giftline.delivery.ports import Deliveries
from giftline.orders.timing import Timing
from giftline.secret import Secret
from giftline.wallet.accepting import AcceptBatch
from giftline.wallet.applying import ApplyChunk
from giftline.wallet.batch import Accepted, BatchRequest, Operation, Row, RowResult
from giftline.wallet.links import Links
from giftline.wallet.model import Brand, CodeHolder, Member, Pass, PassKind, Template
from giftline.wallet.ports import Batches, ChunkMessages, DevicePush, RowFiles, Wallets
from giftline.wallet.sweeping import SweepBatches
from giftline.wallet.viewing import BatchView, ViewBatch
from tests.fakes.time import FakeClock
from tests.fakes.wallet import FakeBatches, FakeChunkMessages, FakeDeliveries, FakePush, FakeRowFiles, FakeWallets

TENANT, BRAND, COUPON, CARD = "acme", "brand-1", "coupon-1", "card-1"
API_URL, WEBHOOK = "https://api.test", "https://hooks.test/giftline"
LINKS = Links(lambda: Secret("a key of links"), "https://passes.test")
TEMPLATES = (
    Template(COUPON, PassKind.COUPON, "10 % off", valid_days=30),
    Template(CARD, PassKind.STORECARD, "Card of friends"),
    Template("card-2", PassKind.STORECARD, "Card of the second kind"),
)
TEMPLATE_OF = {
    Operation.COUPONS: COUPON,
    Operation.STORECARDS: CARD,
    Operation.POINTS: CARD,
    Operation.PASSES: CARD,
}


def row(number: int, identifier: str, **values: Any) -> Row:
    return Row(number, identifier, values)


def bulk(operation: Operation, *rows: Row, key: str = "", body: str = "body", webhook: str = WEBHOOK) -> BatchRequest:
    brand = "" if operation is Operation.LICENSEPLATES else BRAND
    return BatchRequest(TENANT, operation, brand, rows, body, TEMPLATE_OF.get(operation, ""), webhook, key)


def member(identifier: str, **fields: Any) -> Member:
    return Member(TENANT, identifier, **{"brands": (BRAND,), **fields})


def storecard(pass_id: str, identifier: str, code: str = "", **fields: Any) -> Pass:
    own: Mapping[str, Any] = {
        "template_id": CARD,
        "kind": PassKind.STORECARD,
        "title": "Card of friends",
        "created_at": 1,
        "updated_at": 1,
        "link_hash": "",
        "link_expires_at": 2,
        **fields,
    }
    return Pass(id=pass_id, tenant=TENANT, brand_id=BRAND, identifier=identifier, code=code or f"C-{pass_id}", **own)


@dataclass
class WalletHouse:
    """One Giftline's wallets on fakes; tasks may see other ports than the fakes themselves."""

    clock: FakeClock = field(default_factory=FakeClock)
    timing: Timing = field(default_factory=Timing)
    wallets: FakeWallets = field(default_factory=FakeWallets)
    files: FakeRowFiles = field(default_factory=FakeRowFiles)
    messages: FakeChunkMessages = field(default_factory=FakeChunkMessages)
    deliveries: FakeDeliveries = field(default_factory=FakeDeliveries)
    push: FakePush = field(default_factory=FakePush)
    ids: int = 0

    def __post_init__(self) -> None:
        self.batches = FakeBatches(self.wallets, self.clock)
        self.wallets.save_brand(Brand(BRAND, TENANT, "A shop", TEMPLATES))

    def new_id(self) -> str:
        self.ids += 1
        return f"BATCH{self.ids:021d}"

    def accept(self, request: BatchRequest) -> Accepted:
        return accepting(self, self.batches, self.wallets, self.files, self.messages)(request)

    def apply(self, batch_id: str, number: int) -> None:
        ports = (self.wallets, self.batches, self.files, self.messages, self.deliveries, self.push)
        applying(self, *ports)(batch_id, number)

    def sweep(self) -> dict[str, int]:
        return sweeping(self, self.batches, self.files, self.messages, self.deliveries)()

    def deliver(self) -> int:
        return self.messages.deliver(self.apply)

    def view(self, batch_id: str, offset: int = 0, limit: int = 1_000_000) -> BatchView:
        batch = self.batches.get(batch_id)
        return ViewBatch(self.batches)(batch.tenant, batch.operation, batch_id, offset, limit)

    def run(self, request: BatchRequest) -> tuple[RowResult, ...]:
        """From the call to the last row; the results."""
        accepted = self.accept(request)
        self.deliver()
        return self.view(accepted.batch_id).results

    def seed_card(self, one: Pass, *, first: bool = True, **fields: Any) -> None:
        """A storecard with its code, and its member with it as the first one of the brand."""
        self.wallets.seed(one, CodeHolder(TENANT, BRAND, one.code, one.id))
        if first:
            self.wallets.seed(member(one.identifier, storecards={BRAND: one.id}, **fields))

    def member(self, identifier: str) -> Member:
        return self.wallets.members(TENANT, [identifier])[identifier]

    def pass_(self, pass_id: str) -> Pass:
        return self.wallets.passes([pass_id])[pass_id]


def accepting(
    house: WalletHouse, batches: Batches, wallets: Wallets, files: RowFiles, messages: ChunkMessages
) -> AcceptBatch:
    return AcceptBatch(batches, wallets, files, messages, house.clock, house.timing, house.new_id)


def applying(
    house: WalletHouse,
    wallets: Wallets,
    batches: Batches,
    files: RowFiles,
    messages: ChunkMessages,
    deliveries: Deliveries,
    push: DevicePush,
) -> ApplyChunk:
    ports = (wallets, batches, files, messages, deliveries, push)
    return ApplyChunk(*ports, LINKS, house.clock, house.timing, API_URL)


def sweeping(
    house: WalletHouse, batches: Batches, files: RowFiles, messages: ChunkMessages, deliveries: Deliveries
) -> SweepBatches:
    return SweepBatches(batches, files, messages, deliveries, house.clock, house.timing, API_URL)
