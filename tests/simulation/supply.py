"""The supplier sides of a run by their names: who is simulated, how Giftline speaks with them, what they sell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from giftline.money import known_currency
from giftline.orders.catalogue import Offer, Product
from giftline.secret import Secret
from giftline.suppliers.http import Answer
from giftline.suppliers.port import Uniqueness
from giftline.suppliers.walleo import Walleo
from giftline.suppliers.walleo_signing import WalleoKeys
from giftline.suppliers.wpay import Wpay
from tests.simulation.suppliers.ledger import Ledger
from tests.simulation.suppliers.walleo import SimulatedWalleo
from tests.simulation.suppliers.wpay import SimulatedWpay
from tests.simulation.world import Life, WorkerClock, World

LARGEST_SKEW = 5_000
"""Milliseconds by which a worker's clock may be wrong."""

NO_ANSWER = Answer(0)


class Simulated(Protocol):
    """A supplier in the place of an HttpClient."""

    ledger: Ledger

    def request(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
    ) -> Answer: ...

    def catch_up(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Side:
    """One supplier. `adapt` makes Giftline's adapter of a wire and a worker's clock."""

    simulate: Callable[[World], Simulated]
    adapt: Callable[[Wire, WorkerClock], Any]


@dataclass(slots=True)
class Exchange:
    """One request. `begun_at`: when its worker set about it; `answered_at`: when the supplier had answered."""

    method: str
    path: str
    body: bytes | None
    life: Life
    begun_at: int
    answered_at: int | None = None
    answer: Answer = NO_ANSWER


@dataclass(frozen=True, slots=True)
class Wire:
    """Each request is an effect of the world, and may end the worker or hold it up."""

    world: World
    supplier: Simulated
    exchanges: list[Exchange] = field(default_factory=list)

    def request(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
    ) -> Answer:
        exchange = Exchange(method, path, body, self.world.life(), self.world.time)

        def send() -> Answer:
            answer = self.supplier.request(method, path, headers, seconds, body)
            exchange.answered_at, exchange.answer = self.world.time, answer
            return answer

        self.exchanges.append(exchange)
        answer = self.world.effect("http POST" if method == "POST" else "http GET", send)
        if self.world.trace is not None:
            self.world.note(f"{method} {path} -> {answer.status} {answer.failure} {_word(answer.body)}")
        return answer


def _word(body: Any) -> str:
    """The status or the error code that a body carries; never more of it."""
    found = (body.get("status"), body.get("code")) if isinstance(body, dict) else ()
    return " ".join(str(word) for word in found if isinstance(word, str | int))


AUD = known_currency("AUD")


def _wpay(world: World, *, unique: bool = True) -> Simulated:
    return SimulatedWpay(world.now, partial(_wait, world), world.draw, unique=unique, later=partial(_later, world))


def _walleo(world: World, *, unique: bool = True) -> Simulated:
    return SimulatedWalleo(world.now, partial(_wait, world), world.draw, unique=unique, later=partial(_later, world))


def _wait(world: World, seconds: float) -> None:
    world.sleep(round(1000 * seconds))


def _later(world: World, at: int, do: Callable[[], None]) -> None:
    """What is under way arrives at its time, whether or not anybody asks."""
    world.start(do, at=at, life=Life("the network"))


def _walleo_adapter(wire: Wire, clock: WorkerClock) -> Walleo:
    return Walleo(wire, "https://walleo.test", lambda: WALLEO_KEYS, clock.now)


WALLEO_KEYS = WalleoKeys(Secret("key"), "identifier", Secret("6F2CE47010CF4F79B9767042BAFB1EB4"))
SIDES: Mapping[str, Side] = {
    "wpay": Side(_wpay, lambda wire, _clock: Wpay(wire, lambda: Secret("key"))),
    "walleo": Side(_walleo, _walleo_adapter),
}


def _on_other_terms(adapt: Callable[[Wire, WorkerClock], Any], **changes: Any) -> Callable[[Wire, WorkerClock], Any]:
    """The same adapter, whose terms differ by that."""

    def adapted(wire: Wire, clock: WorkerClock) -> Any:
        adapter = adapt(wire, clock)
        adapter.terms = replace(adapter.terms, **changes)
        return adapter

    return adapted


def _loose(simulate: Callable[..., Simulated], side: Side) -> Side:
    """A supplier that sells twice under one reference, and an adapter that knows it."""
    return Side(partial(simulate, unique=False), _on_other_terms(side.adapt, uniqueness=Uniqueness.NONE))


LOOSE: Mapping[str, Side] = {"wpay": _loose(_wpay, SIDES["wpay"]), "walleo": _loose(_walleo, SIDES["walleo"])}
SUPPLIES: Mapping[str, Mapping[str, Side]] = {
    "wpay": {"wpay": SIDES["wpay"]},
    "walleo": {"walleo": SIDES["walleo"]},
    "both": SIDES,
    "wpay-loose": {"wpay": LOOSE["wpay"]},
    "walleo-loose": {"walleo": LOOSE["walleo"]},
    "both-loose": LOOSE,
    "wpay-paged": {"wpay": Side(_wpay, _on_other_terms(SIDES["wpay"].adapt, page_size=2))},
}
"""Who is there in a run, by the run's name. Paged: pages so small that a run's orders have several."""
PRODUCTS = (
    Product("WWQ651BHNWSH", "Woolworths eGift Card", AUD, (Offer("wpay", "WWQ651BHNWSH", least=500, most=50_000),)),
    Product(
        "WPAY-FUEL", "Fuel eGift Card", AUD, (Offer("wpay", "WPAY-FUEL", least=1_000, most=25_000),), has_pin=False
    ),
    Product("IKEA", "IKEA", AUD, (Offer("walleo", "IKEA", least=2_000, most=50_000, step=1_000),)),
    Product("FNAC", "FNAC", AUD, (Offer("walleo", "FNAC-AU", fixed=(1_500, 3_000, 10_000)),)),
    Product(
        "GROCERY",
        "Grocery eGift Card",
        AUD,
        (
            Offer("wpay", "WPAY-GROCERY", priority=1, least=500, most=100_000),
            Offer("walleo", "GROCERY", priority=2, least=1_000, most=5_000, step=1_000),
        ),
    ),
    Product(
        "MOVIES",
        "Movies eGift Card",
        AUD,
        (
            Offer("walleo", "MOVIES", priority=1, least=1_000, most=5_000, step=1_000),
            Offer("wpay", "WPAY-MOVIES", priority=2, least=500, most=100_000),
        ),
    ),
)
AMOUNTS = (1_000, 1_500, 2_000, 3_000, 5_000)
"""What runs order in; each product is offered for some of them."""


def products_of(suppliers: Sequence[str]) -> list[Product]:
    """What can be bought where only these suppliers are."""
    kept = [(product, [o for o in product.offers if o.supplier in suppliers]) for product in PRODUCTS]
    return [replace(product, offers=tuple(offers)) for product, offers in kept if offers]
