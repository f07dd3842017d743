"""One Giftline in the world: its real use cases and storage, wired anew for each invocation.

All that knows the use cases' constructors stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from giftline.money import known_currency
from giftline.orders.accepting import AcceptOrder
from giftline.orders.cancelling import CancelOrder
from giftline.orders.catalogue import Catalogue, LiveCatalogue
from giftline.orders.catalogue_ports import Edition
from giftline.orders.closing import CloseOrder
from giftline.orders.collecting import FetchCards
from giftline.orders.lot import LotState
from giftline.orders.model import Order, OrderRequest, OrderStatus, Watch
from giftline.orders.placing import CreateOrder
from giftline.orders.planning import PlanOrder
from giftline.orders.polling import GetOrderStatus
from giftline.orders.pulls import Pulls
from giftline.orders.reversing import ReverseOrder
from giftline.orders.sweeping import StartOrder, Sweep
from giftline.orders.timing import Timing
from giftline.orders.watching import WatchOrders
from giftline.storage.dynamodb import DynamoOrders, DynamoPages
from giftline.storage.ledger import DynamoLedger
from giftline.storage.messaging import SqsMessages, StepFunctionsExecutions
from giftline.storage.pacing import DynamoPace
from giftline.storage.products import DynamoProducts
from giftline.storage.s3 import S3Files
from giftline.storage.vault import KmsVault
from tests.fakes.time import START
from tests.simulation import guarded
from tests.simulation.definition import read_definition
from tests.simulation.guarded import Guarded
from tests.simulation.machine import Execution, Machine, StepFunctions
from tests.simulation.memory_dynamodb import MemoryDynamoDB, Table
from tests.simulation.memory_kms import MemoryKms
from tests.simulation.memory_s3 import MemoryS3
from tests.simulation.memory_sqs import MemorySqs
from tests.simulation.supply import LARGEST_SKEW, Side, Wire, products_of
from tests.simulation.world import WorkerClock, WorkerCrew, World

TABLE, ACCOUNTS, BUCKET, KEY_ID = "OrdersTable", "AccountsTable", "results", "key"
MACHINE_ARN = "arn:aws:states:ap-southeast-2:000000000000:stateMachine:fulfil-order"
INDEXES = {"OpenOrdersByDueTime": ("open", "due_at")}
TIMING = Timing()
TENANT = "acme"
CURRENCIES = (known_currency("AUD"), known_currency("EUR"))
AMPLE = 10**9
RATES = {"walleo": 20.0}
RATED_RUNS = 3
"""Of so many runs one keeps to a rate; in the others two calls less go before each request."""


class House:
    """The stores of one deployment, its functions, and the suppliers it buys from."""

    def __init__(self, world: World, sides: Mapping[str, Side]) -> None:
        self.world = world
        self.sides = sides
        self.dynamodb = MemoryDynamoDB(INDEXES, partial(world.draw.happens, "query ends early"))
        self.kms = MemoryKms()
        self.s3 = MemoryS3()
        self.suppliers = {name: side.simulate(world) for name, side in sides.items()}
        self.rates = RATES if world.draw.whole(1, RATED_RUNS) == 1 else {}
        self.errors: list[tuple[str, BaseException]] = []
        self.left_behind: list[str] = []
        self.sqs = MemorySqs(world, self._start_order, self._report)
        self.machine = Machine(world, read_definition(), self._functions(), self._report, self._look_back)
        self._guarded_dynamodb = Guarded(world, self.dynamodb, guarded.DYNAMODB)
        self._guarded_kms = Guarded(world, self.kms, guarded.KMS)
        self._guarded_s3 = Guarded(world, self.s3, guarded.S3)
        self._guarded_sqs = Guarded(world, self.sqs, guarded.SQS)
        self._guarded_machine = Guarded(world, StepFunctions(self.machine), guarded.STEP_FUNCTIONS)
        self.wires = {name: Wire(world, supplier) for name, supplier in self.suppliers.items()}
        self._made = 0
        self.warm_catalogue, saved = _catalogue(tuple(sides))
        self.dynamodb.tables[ACCOUNTS] = saved.copied()
        self.warm_vault = KmsVault(self._guarded_kms, KEY_ID)  # type: ignore[arg-type]

    def accept(self, request: OrderRequest) -> Order:
        """What a door does with a request."""
        return self.wire().accept_order(request)

    def jobs(self) -> dict[str, Callable[[], object]]:
        """What run_schedule does, by the job's name."""
        return {"sweep": lambda: self.wire().sweep(), "watch": lambda: self.wire().watch_orders()}

    def wire(self) -> Wiring:
        """One invocation's own: its clock may be wrong; a cold environment knows no keys and no catalogue."""
        draw = self.world.draw
        skew = draw.whole(-LARGEST_SKEW, LARGEST_SKEW) if draw.happens("clock wrong") else 0
        self.world.life().skew = skew
        return Wiring(self, WorkerClock(self.world, skew), cold=draw.happens("cold start"))

    def new_name(self) -> str:
        self._made += 1
        return f"{self._made:X}"

    def due(self) -> dict[str, int]:
        """When each job next has something to look at; a job that has nothing is left out."""
        found: dict[str, int] = {}
        for item in self.dynamodb.table(TABLE).items():
            if "open" in item and "due_at" in item:
                job = "sweep" if item["open"]["S"] == Watch.OPEN.value else "watch"
                due_at = int(item["due_at"]["N"])
                found[job] = min(due_at, found.get(job, due_at))
        return found

    def _functions(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        """functions/*/app.py, each as two lines."""
        return {
            "plan_order": self._plan_order,
            "create_order": lambda event: self.wire().create_order(event["order_id"], event["lot"]).as_state(),
            "get_order_status": lambda event: self.wire().get_order_status(event["order_id"], event["lot"]).as_state(),
            "fetch_cards": lambda event: self.wire().fetch_cards(event["order_id"], event["lot"]).as_state(),
            "close_order": self._close_order,
        }

    def _plan_order(self, event: dict[str, Any]) -> dict[str, Any]:
        order_id = event["order_id"]
        return {"lots": [{"order_id": order_id, "lot": lot} for lot in self.wire().plan_order(order_id)]}

    def _close_order(self, event: dict[str, Any]) -> dict[str, Any]:
        parked = {lot["lot"]: lot["parked"] for lot in event["lots"] if "parked" in lot}
        closed = self.wire().close_order(event["order_id"], parked)
        return {"status": closed.status.value, "next": "plan" if closed.planned else "end"}

    def _start_order(self, message: dict[str, Any]) -> None:
        self.wire().start_order(message["id"])

    def _look_back(self, execution: Execution) -> None:
        """What an execution that succeeded left to nobody; where others of its order run, it is theirs."""
        if any(other.order_id == execution.order_id and other.runs for other in self.machine.walks):
            return
        items = self.dynamodb.table(TABLE).partitions.get(f"ORDER#{execution.order_id}", {})
        for sk, item in items.items():
            state = LotState(item["state"]["S"]) if sk.startswith("LOT#") else None
            if state is not None and not state.is_closed:
                self.left_behind.append(f"{execution.name} succeeded, and lot {sk} is {state}")
            if sk == "ORDER" and OrderStatus(item["status"]["S"]).is_open:
                self.left_behind.append(f"{execution.name} succeeded, and the order is {item['status']['S']}")

    def _report(self, function: str, error: BaseException) -> None:
        self.errors.append((function, error))


@cache
def _catalogue(suppliers: tuple[str, ...]) -> tuple[Catalogue, Table]:
    """As it was saved before any run began, beside more money than any run orders for: whether there is enough
    is not what the runs are about.
    """
    products, client = products_of(suppliers), MemoryDynamoDB(INDEXES)
    DynamoProducts(client, ACCOUNTS).replace(Edition(), products, START, "setup")  # type: ignore[arg-type]
    ledger = DynamoLedger(client, ACCOUNTS)  # type: ignore[arg-type]
    for currency in CURRENCIES:
        ledger.deposit(TENANT, currency, AMPLE, f"first {currency.code}", START)
    return Catalogue(products), client.table(ACCOUNTS)


@dataclass(frozen=True, slots=True)
class Wiring:
    """The use cases as bootstrap.py wires them."""

    house: House
    clock: WorkerClock
    cold: bool

    @property
    def orders(self) -> DynamoOrders:
        return DynamoOrders(self.house._guarded_dynamodb, TABLE, ledger=self.ledger)  # type: ignore[arg-type]

    @property
    def ledger(self) -> DynamoLedger:
        client: Any = self.house._guarded_dynamodb
        return DynamoLedger(client, ACCOUNTS, pause=self.clock.sleep, jitter=lambda: 0.5)

    @property
    def pages(self) -> DynamoPages:
        return DynamoPages(self.house._guarded_dynamodb, TABLE)  # type: ignore[arg-type]

    @property
    def vault(self) -> KmsVault:
        if not self.cold:
            return self.house.warm_vault
        return KmsVault(self.house._guarded_kms, KEY_ID)  # type: ignore[arg-type]

    @property
    def files(self) -> S3Files:
        return S3Files(self.house._guarded_s3, BUCKET)  # type: ignore[arg-type]

    @property
    def messages(self) -> SqsMessages:
        return SqsMessages(self.house._guarded_sqs, "queue")  # type: ignore[arg-type]

    @property
    def executions(self) -> StepFunctionsExecutions:
        return StepFunctionsExecutions(self.house._guarded_machine, MACHINE_ARN)  # type: ignore[arg-type]

    @property
    def catalogue(self) -> Catalogue:
        if not self.cold:
            return self.house.warm_catalogue
        products = DynamoProducts(self.house._guarded_dynamodb, ACCOUNTS)  # type: ignore[arg-type]
        return LiveCatalogue(lambda: products.read().products, self.clock.elapsed)

    def supplier(self, name: str) -> Any:
        return self.house.sides[name].adapt(self.house.wires[name], self.clock)

    @property
    def accept_order(self) -> AcceptOrder:
        return AcceptOrder(self.orders, self.files, self.messages, self.clock, TIMING, self._new_order_id)

    @property
    def cancel_order(self) -> CancelOrder:
        return CancelOrder(self.orders, self.clock)

    @property
    def reverse_order(self) -> ReverseOrder:
        return ReverseOrder(self.orders, self.supplier, self.clock, TIMING, self.pace, self.cancel_order)

    @property
    def start_order(self) -> StartOrder:
        return StartOrder(self.orders, self.executions)

    @property
    def plan_order(self) -> PlanOrder:
        return PlanOrder(self.orders, self.vault, self.supplier, self.catalogue)

    @property
    def pace(self) -> DynamoPace:
        return DynamoPace(self.house._guarded_dynamodb, TABLE, self.house.rates, self.clock)  # type: ignore[arg-type]

    def pulls(self) -> Pulls:
        crew = WorkerCrew(self.house.world)
        return Pulls(self.orders, self.clock, TIMING, self.pace, crew, self._new_nonce)

    @property
    def create_order(self) -> CreateOrder:
        return CreateOrder(self.orders, self.supplier, self.clock, TIMING, self.pace, self._new_nonce, self.pulls)

    @property
    def get_order_status(self) -> GetOrderStatus:
        return GetOrderStatus(self.orders, self.supplier, self.clock, TIMING, self.pace, self._new_nonce, self.pulls)

    @property
    def fetch_cards(self) -> FetchCards:
        return FetchCards(
            self.orders,
            self.pages,
            self.vault,
            self.supplier,
            self.catalogue,
            self.clock,
            TIMING,
            self.pace,
            self.pulls,
        )

    @property
    def close_order(self) -> CloseOrder:
        return CloseOrder(
            self.orders, self.pages, self.vault, self.files, self.supplier, self.catalogue, self.clock, TIMING
        )

    @property
    def watch_orders(self) -> WatchOrders:
        return WatchOrders(self.orders, self.supplier, self.clock, TIMING, self.pace, self._new_nonce, self.pulls)

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.orders, self.executions, self.clock, TIMING)

    def _new_order_id(self) -> str:
        return f"ORDER{self.house.new_name():0>21}"

    def _new_nonce(self) -> str:
        return f"nonce-{self.house.new_name()}"


def place_of(reference: str) -> tuple[str, int]:
    """Order and lot that a supplier's reference belongs to (planning.lot_reference, slots.slot_reference)."""
    _, order_id, number, *_ = reference.split("-")
    return order_id, int(number)
