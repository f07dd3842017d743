"""What 25,000 single cards cost, counted: requests, questions a card, writes, transitions and history."""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar

import pytest

from giftline.crew import WORKERS
from giftline.money import Money
from giftline.orders.accepting import AcceptOrder
from giftline.orders.closing import CloseOrder
from giftline.orders.collecting import FetchCards
from giftline.orders.model import Card, OrderRequest, OrderStatus
from giftline.orders.placing import CreateOrder
from giftline.orders.planning import PlanOrder
from giftline.orders.polling import GetOrderStatus
from giftline.orders.pulls import Pulls
from giftline.orders.timing import Timing
from giftline.secret import Secret
from giftline.storage.dynamodb import DynamoOrders, DynamoPages
from giftline.storage.pacing import DynamoPace
from giftline.storage.vault import KmsVault
from giftline.suppliers.http import Answer
from tests.fakes.house import CATALOGUE, euro_line, request
from tests.fakes.pacing import FakeCrew
from tests.fakes.state_machine import Walk
from tests.fakes.storage import FakeFiles, FakeMessages
from tests.fakes.time import START, FakeClock
from tests.fakes.walks import walked
from tests.fakes.walleo import FakeWalleo
from tests.simulation import house as simulated
from tests.simulation.faults import Draw
from tests.simulation.memory_dynamodb import MemoryDynamoDB
from tests.simulation.memory_kms import MemoryKms
from tests.simulation.supply import AUD, SIDES, Simulated
from tests.simulation.world import World

DAY, HISTORY = 86_400_000, 25_000
"""Events of one execution, after which Step Functions ends it."""
R = TypeVar("R")


class CardsAsTheirs(FakeWalleo):
    """Numbers, PINs and links of the length and the randomness of real ones: what does not compress counts."""

    def card(self, reference: str) -> Card:
        drawn = hashlib.sha256(reference.encode()).digest()
        number = f"{int.from_bytes(drawn[:8], 'big') % 10**18:018d}"
        link = f"https://cards.walleo.example/{base64.urlsafe_b64encode(drawn).decode()}.pdf"
        pin, key = Secret(f"{drawn[9] * 39 % 10_000:04d}"), f"{drawn[:16].hex()}"
        card = super().card(reference)
        return replace(card, number=Secret(number), pin=pin, barcode=Secret(""), activation_url=Secret(link),
                       supplier_card_id=key, issued="")  # fmt: skip


@dataclass
class StoredHouse:
    """One Giftline on the real storage over tables in memory, and a Walleo that counts."""

    rate: float
    clock: FakeClock = field(default_factory=FakeClock)
    dynamodb: MemoryDynamoDB = field(
        default_factory=lambda: MemoryDynamoDB({"OpenOrdersByDueTime": ("open", "due_at")})
    )
    files: FakeFiles = field(default_factory=FakeFiles)
    timing: Timing = field(default_factory=Timing)
    numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        client: Any = self.dynamodb
        kms: Any = MemoryKms()
        self.orders, self.pages = DynamoOrders(client, "T"), DynamoPages(client, "T")
        self.vault = KmsVault(kms, "key")
        self.pace = DynamoPace(client, "T", {"walleo": self.rate}, self.clock)
        self.walleo = CardsAsTheirs(self.clock, ready_after=1_000)

    def suppliers(self, name: str) -> FakeWalleo:
        assert name == "walleo"
        return self.walleo

    def pulls(self) -> Pulls:
        return Pulls(self.orders, self.clock, self.timing, self.pace, FakeCrew(), self._name)

    def _name(self) -> str:
        return f"{next(self.numbers):026d}"

    def accept(self, wanted: OrderRequest) -> str:
        return AcceptOrder(self.orders, self.files, FakeMessages(), self.clock, self.timing, self._name)(wanted).id

    @property
    def plan_order(self) -> PlanOrder:
        return PlanOrder(self.orders, self.vault, self.suppliers, CATALOGUE)

    @property
    def create_order(self) -> CreateOrder:
        return CreateOrder(self.orders, self.suppliers, self.clock, self.timing, self.pace, self._name, self.pulls)

    @property
    def get_order_status(self) -> GetOrderStatus:
        return GetOrderStatus(self.orders, self.suppliers, self.clock, self.timing, self.pace, self._name, self.pulls)

    @property
    def fetch_cards(self) -> FetchCards:
        return FetchCards(self.orders, self.pages, self.vault, self.suppliers, CATALOGUE, self.clock, self.timing,
                          self.pace, self.pulls)  # fmt: skip

    @property
    def close_order(self) -> CloseOrder:
        return CloseOrder(self.orders, self.pages, self.vault, self.files, self.suppliers, CATALOGUE, self.clock,
                          self.timing)  # fmt: skip

    def buy(self, cards: int) -> tuple[str, Walk]:
        order_id = self.accept(request(euro_line(cards)))
        return order_id, walked(self, order_id, most_transitions=50_000)


def test_an_order_of_25_000_single_cards_keeps_its_budgets() -> None:
    house = StoredHouse(rate=20.0)
    order_id, walk = house.buy(25_000)
    order = house.orders.get(order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.COMPLETE, 25_000)
    assert len(house.walleo.posts) == len(set(house.walleo.posts)) == 25_000
    figures = {
        "gets a card": len(house.walleo.gets) / 25_000,
        "write units a card": house.dynamodb.writes["T"] / 25_000,
        "transitions": walk.transitions,
        "history events": walk.events,
        "hours": (house.clock.time - START) / 3_600_000,
    }
    assert figures["gets a card"] <= 2.1, figures
    assert figures["write units a card"] <= 0.15, figures
    assert walk.events <= HISTORY / 4, figures


@pytest.mark.parametrize(
    ("ready_after", "most"), [(0, 1.0), (1_000, 1.0), (3_000, 2.0), (5_900, 2.0), (8_000, 3.0), (60_000, 14.0)]
)
def test_a_card_is_asked_about_no_more_often_than_its_time_needs(ready_after: int, most: float) -> None:
    house = StoredHouse(rate=50.0)
    house.walleo.ready_after = ready_after
    house.buy(40)
    asked = Counter(reference for reference, _ in house.walleo.gets)
    assert max(asked.values()) <= most


def test_cards_that_are_ready_within_an_interval_take_two_questions_at_most_on_average() -> None:
    house = StoredHouse(rate=20.0)
    house.walleo.ready_after = 3_000
    house.buy(2_500)
    assert len(house.walleo.gets) <= 2.1 * 2_500


def test_a_slow_rate_leaves_room_in_the_history_of_one_execution() -> None:
    """A lot alone, the largest there is; ten of them make an order of 25,000."""
    house = StoredHouse(rate=5.0)
    _, walk = house.buy(2_500)
    assert 10 * walk.events <= HISTORY / 4


# --- the rate, with lots at work side by side


@dataclass
class SlowSupplier:
    """Every answer takes its time; `sent` keeps when each request went out."""

    world: World
    supplier: Simulated
    latency: int
    sent: list[int] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.supplier, name)

    def request(self, *given: Any) -> Answer:
        self.sent.append(self.world.time)
        self.world.sleep(self.latency)
        return self.supplier.request(*given)


@dataclass(frozen=True, slots=True)
class SixteenThreads:
    """The Crew as it is on AWS: no more requests at once than there are threads."""

    world: World

    def each(self, do: Callable[[int], R], many: int) -> list[R]:
        results, numbers = dict[int, R](), iter(range(many))

        def lane(_: int) -> None:
            for number in numbers:
                results[number] = do(number)

        self.world.together(lane, min(WORKERS, many))
        return [results[number] for number in range(many)]


@dataclass(frozen=True, slots=True)
class Pacing:
    """`used`: share of the rate; `crowd`: most requests within ten seconds."""

    used: float
    crowd: int
    requests: int
    transitions: int


def bought_side_by_side(cards: int, rate: float, monkeypatch: pytest.MonkeyPatch, latency: int = 100) -> Pacing:
    """A whole order without accidents, in the real machine with its five lots at once, in virtual time."""
    monkeypatch.setattr(simulated, "WorkerCrew", SixteenThreads)
    world = World(Draw("the rate", {}), most_steps=5_000_000)
    supplier = SlowSupplier(world, SIDES["walleo"].simulate(world), latency)
    house = simulated.House(world, {"walleo": replace(SIDES["walleo"], simulate=lambda _: supplier)})
    house.rates = {"walleo": rate}
    order = house.accept(request(replace(euro_line(cards), amount=Money(5_000, AUD))))
    house.wire().start_order(order.id)
    world.run(START + DAY)
    world.close()
    stored = house.wire().orders.get(order.id)
    assert (stored.status, stored.delivered_cards) == (OrderStatus.COMPLETE, cards)
    assert house.errors == []
    sent = sorted(supplier.sent)
    crowd = max(bisect_left(sent, at + 10_000) - first for first, at in enumerate(sent))
    return Pacing(1_000 * len(sent) / (rate * (sent[-1] - START)), crowd, len(sent), house.machine.transitions)


@pytest.mark.parametrize(("cards", "rate"), [(5_000, 20.0), (2_000, 20.0), (5_000, 60.0)])
def test_the_rate_is_used_and_not_exceeded(monkeypatch: pytest.MonkeyPatch, cards: int, rate: float) -> None:
    pacing = bought_side_by_side(cards, rate, monkeypatch)
    assert pacing.used >= 0.95, pacing
    assert pacing.crowd <= 10 * rate * 1.02 + 1, pacing
    assert pacing.requests <= (1 + 2.1) * cards, pacing
