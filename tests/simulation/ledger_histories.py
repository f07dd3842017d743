"""Random histories of one tenant's money: deposits, orders, closings in parts, reopenings; everybody at once.

The real storage writes, workers die before and after each call, answers are lost. After every single write of the
table the books are read whole and judged; what they hold at the end is told by what was proven of each order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from giftline.accounts.ledger import Account, Balance, Entry, Kind, Limits
from giftline.errors import GiftlineError, InsufficientFunds, StaleWrite
from giftline.money import Money, known_currency
from giftline.orders.accepting import AcceptOrder
from giftline.orders.model import Line, Order, OrderRequest, OrderStatus
from giftline.orders.settling import account_for
from giftline.orders.timing import Timing
from giftline.orders.watching import reopened
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.items import order_from_item
from giftline.storage.ledger import DynamoLedger
from giftline.storage.ledger_items import balance_from_item, entry_from_item
from tests.fakes.storage import FakeFiles, FakeMessages
from tests.fakes.time import START
from tests.simulation import guarded
from tests.simulation.checks import ledger_problems
from tests.simulation.faults import Draw
from tests.simulation.guarded import Guarded
from tests.simulation.memory_dynamodb import MemoryDynamoDB
from tests.simulation.world import MINUTE, SECOND, Life, WorkerClock, World, fault_names

AUD = known_currency("AUD")
TENANT = "acme"
LOW_BALANCE = 4_000
LOW = Limits(low_balance=LOW_BALANCE, webhook_url="https://shop.example/hooks")
RATES = {
    fault: 0.05
    for fault in fault_names(sorted({*guarded.DYNAMODB.values()}))
    if not fault.startswith(("freeze", "lost answer dynamodb read", "lost answer dynamodb query"))
}
TRIES = 60


class Audited(MemoryDynamoDB):
    """Judges the books after each write."""

    problems: list[str]
    instants = 0

    def transact_write_items(self, **given: Any) -> dict[str, Any]:
        answer = super().transact_write_items(**given)
        self._audit()
        return answer

    def put_item(self, **given: Any) -> dict[str, Any]:
        answer = super().put_item(**given)
        self._audit()
        return answer

    def _audit(self) -> None:
        self.instants += 1
        self.problems += instant_problems(*self.books())

    def books(self) -> tuple[Balance, list[Entry], list[Order]]:
        items = list(self.table("accounts").partitions.get(f"BALANCE#{TENANT}#AUD", {}).values())
        entries = [entry_from_item(item) for item in items if item["sk"]["S"].startswith("ENTRY#")]
        balances = [balance_from_item(item) for item in items if item["sk"]["S"] == "BALANCE"]
        orders = [order_from_item(item) for item in self.table("orders").items() if item["sk"]["S"] == "ORDER"]
        return balances[0] if balances else Balance(TENANT, AUD), sorted(entries, key=lambda one: one.seq), orders


def instant_problems(balance: Balance, entries: list[Entry], orders: list[Order]) -> Iterator[str]:
    """What must hold at any moment, in the middle of whatever goes on."""
    yield from ledger_problems(balance, entries, orders)
    paid = sum(e.minor * {Kind.DEPOSIT: 1, Kind.WITHDRAWAL: -1}.get(e.kind, 0) for e in entries)
    if balance.available + balance.reserved + balance.delivered != paid:
        yield f"{balance.available} + {balance.reserved} + {balance.delivered} is not the {paid} paid in"
    for entry in entries:
        if entry.kind in (Kind.RESERVE, Kind.WITHDRAWAL) and entry.available < 0:
            yield f"{entry.kind} number {entry.seq} spent what was not there: {entry.available} left"
    if min(balance.reserved, balance.delivered) < 0:
        yield f"{balance.reserved} reserved, {balance.delivered} delivered"


@dataclass
class History:
    """One run. `accepted` and `paid` are what a caller was told: by refno the order's id, by reference the amount."""

    world: World
    table: Audited = field(default_factory=lambda: Audited({}))
    accepted: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def __post_init__(self) -> None:
        self.table.problems = []
        self.client: Any = Guarded(self.world, self.table, guarded.DYNAMODB)

    @property
    def ledger(self) -> DynamoLedger:
        clock = WorkerClock(self.world)
        jitter: Callable[[], float] = lambda: self.world.draw.whole(1, 100) / 100  # noqa: E731
        return DynamoLedger(self.client, "accounts", "webhooks", pause=clock.sleep, jitter=jitter)

    @property
    def orders(self) -> DynamoOrders:
        return DynamoOrders(self.client, "orders", ledger=self.ledger)

    def run(self) -> list[str]:
        draw = self.world.draw
        DynamoLedger(self.table, "accounts").set_limits(TENANT, AUD, LOW, START)  # type: ignore[arg-type]
        for number in range(draw.whole(1, 3)):
            self._in_time(self._pay, f"ref-{number}", draw.whole(1, 30) * 500)
        for number in range(draw.whole(2, 8)):
            lines = (Line("A", Money(500, AUD), draw.whole(1, 20)),)
            request = OrderRequest(TENANT, f"refno-{number}", lines, "api")
            for _ in range(draw.whole(1, 2)):  # two calls with one refno, side by side
                self._in_time(self._order, request)
        self.world.run(START + 24 * 60 * MINUTE)
        self.world.close()
        return [*self.table.problems, *self._end_problems()]

    def _in_time(self, action: Callable[..., None], *arguments: Any) -> None:
        """Most of them meet; some come when what others gave back can be spent again."""
        latest = self.world.draw.one_of((2 * SECOND, 2 * SECOND, 30 * SECOND))
        self.world.start(action, *arguments, at=START + self.world.draw.whole(0, latest))

    def _until_done(self, action: Callable[[], object]) -> bool:
        """Again and again, each time as an invocation of its own, until one came to its end."""
        done: list[object] = []

        def attempt() -> None:
            try:
                done.append(action())
            except StaleWrite:
                return
            except GiftlineError as error:
                self.table.problems.append(f"{type(error).__name__}: {error}")
            except Exception:  # noqa: BLE001 - what AWS answers on a bad day
                return

        for _ in range(TRIES):
            self.world.join(self.world.start(attempt, life=Life("attempt")))
            if done:
                return True
            self.world.sleep(self.world.draw.whole(1, 2_000))
        return False

    def _pay(self, reference: str, minor: int) -> None:
        def pay() -> int:
            return self.ledger.deposit(TENANT, AUD, minor, reference, self.world.time).minor

        def payout() -> int:
            try:
                self.ledger.withdraw(TENANT, AUD, minor // 2, f"out-{reference}", self.world.time)
            except InsufficientFunds:
                return 0
            return minor

        if self._until_done(pay):
            self.paid[reference] = minor
        if self.world.draw.whole(1, 3) == 1:
            self._until_done(payout)

    def _order(self, request: OrderRequest) -> None:
        def accept() -> Order | None:
            clock = WorkerClock(self.world)
            use = AcceptOrder(self.orders, FakeFiles(), FakeMessages(), clock, Timing(), self._new_id)
            try:
                order = use(request)
            except InsufficientFunds:
                self.refused.append(request.refno)
                return None
            self.accepted[request.refno] = order.id
            return order

        self._until_done(accept)
        if request.refno not in self.accepted:
            return
        for _ in range(self.world.draw.whole(0, 4)):
            self.world.sleep(self.world.draw.whole(1, 5_000))
            self._until_done(lambda: self._close(self.accepted[request.refno]))
            self.world.sleep(self.world.draw.whole(1, 5_000))
            self._until_done(lambda: self._reopen(self.accepted[request.refno]))

    def _close(self, order_id: str) -> None:
        """Anything may have become of the cards since: more of them delivered, some held back, some too many."""
        draw, order = self.world.draw, self.orders.get(order_id)
        if not order.status.is_open:
            return
        most = order.quantity + (draw.whole(1, 2) == 1)
        delivered = draw.one_of((0, draw.whole(0, most), most)) * 500
        in_review = draw.whole(0, max(0, order.total.minor - delivered) // 500) * 500
        closed = replace(order, status=OrderStatus.COMPLETE, closed_at=self.world.time, delivered_minor=delivered)
        settled, steps = account_for(closed, delivered, in_review)
        self.orders.close(settled, None, steps)

    def _reopen(self, order_id: str) -> None:
        order = self.orders.get(order_id)
        if not order.status.is_open:
            self.orders.save(reopened(order, self.world.time))

    def _new_id(self) -> str:
        self.made += 1
        return f"ORDER{self.made}"

    def _end_problems(self) -> Iterator[str]:
        balance, entries, orders = self.table.books()
        by_refno = {order.refno: order.id for order in orders}
        if len(by_refno) < len(orders):
            yield "two orders of one refno"
        for refno, order_id in self.accepted.items():
            if by_refno.get(refno) != order_id:
                yield f"{refno} was answered as {order_id}, and is {by_refno.get(refno)}"
        deposits = {entry.reference: entry.minor for entry in entries if entry.kind is Kind.DEPOSIT}
        if any(deposits.get(reference) != minor for reference, minor in self.paid.items()):
            yield f"paid in: {self.paid}, in the books: {deposits}"
        if len(deposits) != sum(entry.kind is Kind.DEPOSIT for entry in entries):
            yield "a deposit stands twice in the books"
        crossings = sum(entry.available < LOW_BALANCE <= before for before, entry in self._steps(entries))
        if (told := len(list(self.table.table("webhooks").items()))) != crossings:
            yield f"the balance fell low {crossings} times, and {told} times somebody was told"
        if balance.of(Account.DELIVERED) != sum(order.delivered_minor for order in orders):
            yield "captured is not what was delivered"

    @staticmethod
    def _steps(entries: list[Entry]) -> Iterator[tuple[int, Entry]]:
        """Each entry with what was available before it."""
        before = 0
        for entry in entries:
            yield before, entry
            before = entry.available


def run_history(seed: int, rates: dict[str, float] | None = None) -> tuple[History, list[str]]:
    history = History(World(Draw(f"ledger {seed}", RATES if rates is None else rates)))
    return history, history.run()
