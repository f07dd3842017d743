"""One Giftline orders from the doors of another, with accidents between the two: the adapters and the doors agree.

Small by default; MEETING_ROUNDS, MEETING_CARDS, MEETING_PULLS and MEETING_SEED make it long.
"""

from __future__ import annotations

import itertools
import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from giftline.accounts.ledger import Balance
from giftline.clock import SystemClock
from giftline.doors.walleo_requests import refno_of
from giftline.money import Money
from giftline.orders.lot import Lot
from giftline.orders.model import Line, Order
from giftline.orders.slots import slot_reference
from giftline.suppliers.http import HttpClient
from giftline.suppliers.port import Outcome
from giftline.suppliers.walleo import Walleo
from tests.stack_support.door import SKU, Cards, Product, cards_of_answer
from tests.stack_support.faulty_proxy import ORDERS, PLAN, PULLS, Fault, FaultyProxy, drawn
from tests.stack_support.meeting import (
    EUR,
    EURO_CARD,
    RESELLER,
    SOLD_OUT,
    UNKNOWN,
    Meeting,
    balances_of,
    ledger_of,
    meeting,
    without_skus,
)
from tests.stack_support.orders import ClosedOrder
from tests.stack_support.stack import Stack
from tests.stack_support.storm_ledgers import lots_of
from tests.stack_support.waiting import ATTEMPTS, wait_for

pytestmark = [pytest.mark.stack, pytest.mark.slow]

ROUNDS = int(os.environ.get("MEETING_ROUNDS") or 1)
CARDS = int(os.environ.get("MEETING_CARDS") or 60)
PULLED = int(os.environ.get("MEETING_PULLS") or 4)
SEED = int(os.environ.get("MEETING_SEED") or 1)
HANDED_ON_WITHIN = 1.0
"""Seconds from a single pull's call to its supplier's, on a warm stack."""
AT_ONCE = 2


def ordered(number: int) -> dict[str, tuple[Product, ...]]:
    """By refno: an order of both suppliers, cards of Wpay, single pulls of Walleo."""
    return {
        f"both-{number}": (Product(EURO_CARD, 10, "12.50", "978"), Product("IKEA", 2, "20.00", "978")),
        f"wpay-{number}": (Product(SKU, CARDS - CARDS // 3), Product("WPAY-GROCERY", CARDS // 3, "20.00")),
        f"walleo-{number}": (Product("IKEA", PULLED - PULLED // 3, "50.00", "978"), fnac(PULLED // 3)),
    }


def fnac(quantity: int) -> Product:
    return Product("FNAC", quantity, "15.00", "978")


ORDERED = {refno: products for number in range(ROUNDS) for refno, products in ordered(number).items()}
CURRENCIES = {"036": "AUD", "978": "EUR"}


def worth_of(products: Iterable[Product]) -> Counter[str]:
    """In minor units, by currency."""
    worth: Counter[str] = Counter()
    for product in products:
        worth[CURRENCIES[product.currency]] += int(product.total * 100)
    return worth


WORTH = worth_of(itertools.chain.from_iterable(ORDERED.values()))


@dataclass(frozen=True)
class Met:
    """How both stood when the last order had come to its end."""

    meeting: Meeting
    closed: dict[str, ClosedOrder]
    lots: list[Lot]
    sold: list[Order]
    bought: Cards = field(repr=False)
    sellers_money: dict[str, Balance]
    buyers_money: dict[str, Balance]
    faults: Counter[tuple[str, Fault]]


@pytest.fixture(scope="module")
def two(proxy: FaultyProxy, seller: Future[Stack], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meeting]:
    proxy.faults = drawn(PLAN, SEED, ROUNDS)
    with meeting(tmp_path_factory.mktemp("buyer"), proxy, seller) as both:
        yield both


@pytest.fixture(scope="module")
def met(two: Meeting) -> Met:
    """The buyer has paid in at the seller what its orders cost, and not a cent more. The first order goes alone, so
    that the others find warm workers on both sides.
    """
    two.fund(**WORTH)
    first = next(iter(ORDERED))
    closed = {first: two.place_and_follow(first, *ORDERED[first])}
    with ThreadPoolExecutor(AT_ONCE) as clients:
        others = {refno: products for refno, products in ORDERED.items() if refno != first}
        started = {r: clients.submit(two.place_and_follow, r, *products) for r, products in others.items()}
    closed |= {refno: one.result() for refno, one in started.items()}
    bought = (cards_of_answer(two.buyer.door.all_cards(one.id)) for one in closed.values())
    return Met(
        two,
        closed,
        [lot for one in closed.values() for lot in two.lots(one.id)],
        two.sold(),
        sum(bought, Cards()),
        balances_of(two.seller, RESELLER),
        balances_of(two.buyer, "demo"),
        Counter(two.proxy.happened),
    )


def test_each_order_is_delivered_whole(met: Met) -> None:
    ended = {refno: (one.status, one.answer["progress"]["cards"]["received"]) for refno, one in met.closed.items()}

    assert ended == {r: ("COMPLETE", sum(one.quantity for one in products)) for r, products in ORDERED.items()}


def test_the_seller_has_one_order_for_each_lot_and_each_pull_and_no_other(met: Met) -> None:
    asked = [reference for lot in met.lots for reference in references(lot)]

    assert Counter(order.refno for order in met.sold) == Counter(asked)
    assert {order.status for order in met.sold} == {"COMPLETE"}


def references(lot: Lot) -> list[str]:
    """What the buyer asked for, as the seller names it."""
    if not lot.slots:
        return [lot.reference]
    return [refno_of(slot_reference(lot, position)) for position in range(len(lot.slots))]


def test_every_card_is_at_the_buyer_once_and_is_what_was_sold_and_supplied(met: Met) -> None:
    bought = without_skus(met.bought)
    cards, distinct = bought.total(), len({number for number, _, _ in bought})
    others = [without_skus(met.meeting.cards_sold(met.sold)), without_skus(met.meeting.cards_supplied(met.sold))]
    differing = [((bought - other).total(), (other - bought).total()) for other in others]

    assert cards == distinct == sum(one.quantity for products in ORDERED.values() for one in products)
    assert differing == [(0, 0), (0, 0)], "counts alone: a message must not show what a card is worth"


def test_the_seller_captured_what_the_buyer_captured(met: Met) -> None:
    for currency, worth in WORTH.items():
        seller, buyer = met.sellers_money[currency], met.buyers_money[currency]
        assert (seller.delivered, buyer.delivered) == (worth, worth)
        assert (seller.reserved, buyer.reserved, seller.available) == (0, 0, 0)


def test_every_planned_accident_happened(met: Met) -> None:
    planned = Counter({(route, kind): ROUNDS for route, kinds in PLAN.items() for kind in kinds})

    assert planned - met.faults == Counter()
    assert met.faults[ORDERS, Fault.LOST] == met.faults[PULLS, Fault.LOST] == ROUNDS


@pytest.mark.parametrize(
    ("product", "reason"),
    [
        (Product(SKU, 1), "5038"),
        (Product(UNKNOWN, 1), "5320"),
        (Product("IKEA", 1, "20.00", "978"), "not_enough_funds"),
        (Product(SOLD_OUT, 1, "20.00", "978"), "out_of_stock"),
    ],
    ids=["wpay-funds", "wpay-unknown", "walleo-funds", "walleo-stock"],
)
def test_a_refusal_is_understood_and_gives_the_money_back(met: Met, product: Product, reason: str) -> None:
    refused = met.meeting.place_and_follow(f"refused-{reason}", product)
    (lot,) = met.meeting.lots(refused.id)

    assert (refused.status, lot.state) == ("FAILED", "FAILED")
    assert reason in lot.reason
    after = balances_of(met.meeting.buyer, "demo")
    assert {c: (b.delivered, b.reserved) for c, b in after.items()} == {c: (WORTH[c], 0) for c in after}
    assert len(met.meeting.sold()) == len(met.sold)


def test_a_single_pull_is_handed_on_within_a_second(met: Met) -> None:
    """The quickest of three: a busy machine adds to a time, and never takes away."""
    both = met.meeting
    price = Money(2_000, EUR)
    ledger_of(both.seller).deposit(RESELLER, EUR, price.minor * ATTEMPTS, "to be pulled", SystemClock().now())
    adapter = Walleo(HttpClient(both.proxy.url), both.proxy.url, lambda: both.credentials.walleo, SystemClock().now)
    least = math.inf
    for attempt in range(ATTEMPTS):
        assert adapter.place(f"single-{attempt}", (Line("IKEA", price, 1),)).outcome is Outcome.COMMITTED
        least = min(least, wait_for(lambda: handed_on_after(both, f"single-{attempt}"), 30, "the pull"))  # noqa: B023
        if least < HANDED_ON_WITHIN:
            break
    assert least < HANDED_ON_WITHIN


def handed_on_after(both: Meeting, request_id: str) -> float | None:
    """Seconds from the seller's acceptance to its own call of its supplier; None where it did not call yet."""
    order = next(one for one in both.sold() if one.refno == refno_of(request_id))
    first = [lot.first_posted_at for lot in lots_of(both.seller, order.id) if lot.first_posted_at]
    return (first[0] - order.created_at) / 1_000 if first else None
