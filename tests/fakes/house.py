"""Every use case, wired to fakes; and short ways to make orders and lots."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product

from giftline.accounts.model import Ability, Access, token_hash
from giftline.doors.wpay import WpayDoor
from giftline.money import Money, known_currency
from giftline.orders.accepting import AcceptOrder
from giftline.orders.catalogue import Catalogue, Offer, Product
from giftline.orders.closing import CloseOrder
from giftline.orders.collecting import FetchCards
from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Line, Order, OrderRequest, OrderStatus, Recipient
from giftline.orders.placing import CreateOrder
from giftline.orders.planning import PlanOrder, lot_reference
from giftline.orders.polling import GetOrderStatus
from giftline.orders.pulls import Pulls
from giftline.orders.reviewing import ListReviews, ResolveReview
from giftline.orders.sweeping import StartOrder, Sweep
from giftline.orders.timing import Timing
from giftline.orders.viewing import ViewCards, ViewOrder
from giftline.orders.watching import WatchOrders
from giftline.secret import Secret
from giftline.suppliers.port import PullSupplier, Supplier
from tests.fakes.ledger import FakeLedger
from tests.fakes.pacing import FakeCrew, FakePace
from tests.fakes.storage import FakeExecutions, FakeFiles, FakeMessages, FakeOrders, FakePages, FakeTokens, FakeVault
from tests.fakes.supplier import FakeSupplier, order_id_of
from tests.fakes.time import FakeClock
from tests.fakes.walleo import FakeWalleo

AUD, EUR = known_currency("AUD"), known_currency("EUR")
SKU, FUEL = "WWQ651BHNWSH", "WPAY-FUEL"


def wpay(sku: str, name: str, least: int, most: int, *, has_pin: bool = True) -> Product:
    return Product(sku, name, AUD, (Offer("wpay", sku, 1, least, most),), has_pin)


TENS = Offer("walleo", "IKEA", 1, 2_000, 50_000, 1_000)
CATALOGUE = Catalogue(
    [
        wpay(SKU, "Woolworths eGift Card", 500, 50_000),
        wpay("WPAY-GROCERY", "Grocery eGift Card", 500, 100_000),
        wpay(FUEL, "Fuel eGift Card", 1_000, 25_000, has_pin=False),
        Product("IKEA", "IKEA", EUR, (TENS,)),
        Product("FNAC", "FNAC", EUR, (Offer("walleo", "FNAC", fixed=(1_500, 3_000, 10_000)),)),
        Product("BOTH", "Two suppliers have it", EUR, (TENS, Offer("wpay", "EURO", 2, 500, 50_000))),
    ]
)
TENANT, TOKEN = "acme", "gl_token_of_acme"
AMPLE = 10**12
"""Minor units: more than any test orders for that is not about money."""


def line(quantity: int = 1, sku: str = SKU, minor: int = 500) -> Line:
    return Line(sku, Money(minor, AUD), quantity)


def euro_line(quantity: int = 1, sku: str = "IKEA", minor: int = 5_000) -> Line:
    return Line(sku, Money(minor, EUR), quantity)


def request(
    *lines: Line, refno: str = "refno-1", tenant: str = TENANT, recipients: tuple[Recipient, ...] = ()
) -> OrderRequest:
    return OrderRequest(tenant, refno, lines or (line(),), "api", recipients)


@dataclass
class House:
    """One Giftline on fakes."""

    clock: FakeClock = field(default_factory=FakeClock)
    timing: Timing = field(default_factory=Timing)
    orders: FakeOrders = field(default_factory=FakeOrders)
    pages: FakePages = field(default_factory=FakePages)
    vault: FakeVault = field(default_factory=FakeVault)
    files: FakeFiles = field(default_factory=FakeFiles)
    messages: FakeMessages = field(default_factory=FakeMessages)
    executions: FakeExecutions = field(default_factory=FakeExecutions)
    made: int = 0
    ledger: FakeLedger = field(default_factory=FakeLedger)

    def __post_init__(self) -> None:
        self.orders.ledger = self.orders.ledger or self.ledger
        for tenant, currency in product((TENANT, "other"), (AUD, EUR)):
            self.ledger.deposit(tenant, currency, AMPLE, f"{tenant} {currency.code}", self.clock.now())
        self.supplier = FakeSupplier(self.clock)
        self.walleo = FakeWalleo(self.clock)
        self.pace = FakePace(self.clock)

    def suppliers(self, name: str) -> Supplier | PullSupplier:
        return self.walleo if name == "walleo" else self.supplier

    def pulls(self) -> Pulls:
        return Pulls(self.orders, self.clock, self.timing, self.pace, FakeCrew(), self._new_nonce)

    def _new_id(self) -> str:
        self.made += 1
        return f"ORDER{self.made:021d}"

    def _new_nonce(self) -> str:
        self.made += 1
        return f"nonce-{self.made}"

    @property
    def accept_order(self) -> AcceptOrder:
        return AcceptOrder(self.orders, self.files, self.messages, self.clock, self.timing, self._new_id)

    @property
    def plan_order(self) -> PlanOrder:
        return PlanOrder(self.orders, self.vault, self.suppliers, CATALOGUE)

    @property
    def create_order(self) -> CreateOrder:
        return CreateOrder(self.orders, self.suppliers, self.clock, self.timing, self.pace, self._new_nonce, self.pulls)

    @property
    def get_order_status(self) -> GetOrderStatus:
        return GetOrderStatus(
            self.orders, self.suppliers, self.clock, self.timing, self.pace, self._new_nonce, self.pulls
        )

    @property
    def fetch_cards(self) -> FetchCards:
        return FetchCards(
            self.orders,
            self.pages,
            self.vault,
            self.suppliers,
            CATALOGUE,
            self.clock,
            self.timing,
            self.pace,
            self.pulls,
        )

    @property
    def close_order(self) -> CloseOrder:
        return CloseOrder(
            self.orders, self.pages, self.vault, self.files, self.suppliers, CATALOGUE, self.clock, self.timing
        )

    @property
    def watch_orders(self) -> WatchOrders:
        return WatchOrders(self.orders, self.suppliers, self.clock, self.timing, self.pace, self._new_nonce, self.pulls)

    @property
    def list_reviews(self) -> ListReviews:
        return ListReviews(self.orders)

    @property
    def resolve_review(self) -> ResolveReview:
        return ResolveReview(self.orders, self.suppliers, self.clock, self.timing, self.pace, self.pulls)

    @property
    def view_order(self) -> ViewOrder:
        return ViewOrder(self.orders, self.files)

    @property
    def view_cards(self) -> ViewCards:
        return ViewCards(self.orders, self.pages, self.vault)

    @property
    def start_order(self) -> StartOrder:
        return StartOrder(self.orders, self.executions)

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.orders, self.executions, self.clock, self.timing)

    @property
    def door(self) -> WpayDoor:
        tokens = FakeTokens({token_hash(Secret(TOKEN)): Access(TENANT, frozenset(Ability))})
        return WpayDoor(tokens, CATALOGUE, self.accept_order, self.view_order, self.view_cards)

    # --- short ways

    def planned(self, *lines: Line, recipients: tuple[Recipient, ...] = (), refno: str = "refno-1") -> Order:
        order = self.accept_order(request(*lines, recipients=recipients, refno=refno))
        self.plan_order(order.id)
        return self.orders.get(order.id)

    def lot(self, quantity: int = 1, state: LotState = LotState.NEW, *lines: Line) -> Lot:
        """The only lot of a new order, set to a state as if it had come there by itself."""
        order = self.planned(*(lines or (line(quantity),)))
        lot = self.orders.lot(order.id, 1)
        now = self.clock.now()
        if state in (LotState.PLACED, LotState.READY):
            self.supplier.sell(lot.reference, lot.lines)
            lot = replace(lot, supplier_order_id=order_id_of(lot.reference), placed_at=now)
        if state is not LotState.NEW:
            lot = replace(lot, state=state, posts=1, posting_at=now, waiting_since=now, nonce="first")
            lot = replace(lot, first_posted_at=now)
        self.orders.parts[lot.order_id, lot.number] = lot
        return lot

    def now(self, lot: Lot) -> Lot:
        """The lot as it is stored now."""
        return self.orders.lot(lot.order_id, lot.number)

    def set(self, lot: Lot) -> Lot:
        """Put a lot where it is not checked: as a test needs it."""
        self.orders.parts[lot.order_id, lot.number] = lot
        return lot

    def collected(self, *lines: Line, recipients: tuple[Recipient, ...] = ()) -> Order:
        """An order whose lots were all bought and paged in."""
        return self.bought(self.planned(*lines, recipients=recipients))

    def bought(self, order: Order) -> Order:
        """A planned order, each of whose lots has taken every step."""
        for lot in self.orders.lots(order.id):
            self.create_order(order.id, lot.number)
            self.clock.time = max(self.clock.time, self.now(lot).ask_at)
            self.get_order_status(order.id, lot.number)
            self.fetch_cards(order.id, lot.number)
        return self.orders.get(order.id)

    def refused(self, *lines: Line) -> Order:
        """An order whose lots were all asked for and refused; what does so is set before."""
        order = self.planned(*lines)
        for lot in self.orders.lots(order.id):
            self.create_order(order.id, lot.number)
            self.clock.time = max(self.clock.time, self.now(lot).ask_at)
            self.get_order_status(order.id, lot.number)
        return self.orders.get(order.id)

    def closed(self, *lines: Line, recipients: tuple[Recipient, ...] = ()) -> Order:
        order = self.collected(*lines, recipients=recipients)
        self.close_order(order.id, {})
        return self.orders.get(order.id)


def an_order(order_id: str = "O1", status: OrderStatus = OrderStatus.PENDING, **more: object) -> Order:
    base = Order(order_id, TENANT, f"refno of {order_id}", (line(3),), "print", "api", 1_000, status, due_at=5_000)
    return replace(base, **more)  # type: ignore[arg-type]


def a_lot(order_id: str = "O1", number: int = 1, quantity: int = 3) -> Lot:
    return Lot(order_id, number, "wpay", lot_reference(order_id, number), (line(quantity),))
