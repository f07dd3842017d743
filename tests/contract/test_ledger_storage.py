"""The same cases of money on the fake and on DynamoDB of the embedded AWS; and fifty who want the last of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from giftline.accounts.ledger import Kind, Limits, Step
from giftline.accounts.ports import Ledger
from giftline.delivery.events import WebhookEvent, new_event
from giftline.errors import InsufficientFunds, Misconfigured, OverLimit, ReferenceConflict, StaleWrite
from giftline.money import known_currency
from giftline.orders.accepting import AcceptOrder
from giftline.orders.model import Order, OrderStatus
from giftline.orders.ports import Orders
from giftline.orders.settling import account_for
from giftline.orders.timing import Timing
from giftline.orders.watching import reopened
from giftline.storage.dynamodb import DynamoOrders
from giftline.storage.ledger import DynamoLedger
from giftline.storage.webhooks import DynamoWebhooks
from tests.fakes.house import AUD, EUR, an_order, line, request
from tests.fakes.ledger import FakeLedger
from tests.fakes.storage import FakeFiles, FakeMessages, FakeOrders
from tests.fakes.time import START, FakeClock
from tests.simulation.checks import ledger_problems

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
MakeTable = Callable[[str], str]
both = pytest.mark.parametrize("kind", ["fake", "aws"])
URL = "https://shop.example/hooks"


@dataclass
class Money:
    """A tenant of its own: the tables are shared by all tests."""

    tenant: str
    ledger: Ledger
    orders: Orders
    told: Callable[[], list[WebhookEvent]]

    def order(self, quantity: int = 3, number: int = 1) -> Order:
        """Each card is 5.00."""
        order_id = uuid.uuid4().hex[:26].upper()
        order = an_order(order_id, tenant=self.tenant, refno=f"refno-{number}", lines=(line(quantity),))
        return replace(order, created_at=START)

    def add(self, quantity: int = 3, number: int = 1) -> Order:
        return self.orders.add(self.order(quantity, number))

    def stands(self) -> tuple[int, int, int]:
        """Available, reserved, delivered."""
        balance = self.ledger.balance(self.tenant, AUD)
        return balance.available, balance.reserved, balance.delivered

    def kinds(self) -> list[tuple[Kind, int]]:
        return [(entry.kind, entry.minor) for entry in self.ledger.entries(self.tenant, AUD, 0, 1_000)]

    def problems(self, *orders: Order) -> list[str]:
        entries = self.ledger.entries(self.tenant, AUD, 0, 1_000)
        return list(ledger_problems(self.ledger.balance(self.tenant, AUD), entries, orders))

    def close(self, order: Order, delivered: int, in_review: int = 0) -> Order:
        closed = replace(order, status=OrderStatus.COMPLETE, closed_at=START, due_at=None, delivered_minor=delivered)
        settled, steps = account_for(closed, delivered, in_review)
        return self.orders.close(settled, None, steps)


@pytest.fixture
def money(kind: str, request: pytest.FixtureRequest) -> Money:
    tenant = f"t{uuid.uuid4().hex[:12]}"
    if kind == "fake":
        fake = FakeLedger()
        return Money(tenant, fake, FakeOrders(ledger=fake), lambda: fake.events)
    return on_aws(tenant, request.getfixturevalue("aws"), request.getfixturevalue("table"))


def on_aws(tenant: str, aws: MakeClient, table: MakeTable) -> Money:
    webhooks = DynamoWebhooks(aws("dynamodb"), table("WebhooksTable"))
    ledger = DynamoLedger(aws("dynamodb"), table("AccountsTable"), table("WebhooksTable"))
    orders = DynamoOrders(aws("dynamodb"), table("OrdersTable"), table("WebhooksTable"), ledger)
    return Money(tenant, ledger, orders, lambda: list(webhooks.events(tenant, 0, 2 * START, None, 100).events))


# --- money in and out


@both
def test_what_nobody_paid_in_is_a_balance_of_nought(money: Money) -> None:
    assert money.stands() == (0, 0, 0)
    assert money.ledger.balances(money.tenant) == []
    assert money.ledger.entries(money.tenant, AUD, 0, 10) == []


@both
def test_a_deposit_is_made_once_a_reference(money: Money) -> None:
    first = money.ledger.deposit(money.tenant, AUD, 1_500, "bank 1", START)
    assert money.ledger.deposit(money.tenant, AUD, 1_500, "bank 1", START + 9) == first
    assert (first.seq, first.available, first.reference) == (1, 1_500, "bank 1")
    assert money.kinds() == [(Kind.DEPOSIT, 1_500)]


@both
def test_a_reference_of_another_move_is_refused(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 1_500, "bank 1", START)
    with pytest.raises(ReferenceConflict):
        money.ledger.deposit(money.tenant, AUD, 1_501, "bank 1", START)
    with pytest.raises(ReferenceConflict):
        money.ledger.deposit(money.tenant, EUR, 1_500, "bank 1", START)
    with pytest.raises(ReferenceConflict):
        money.ledger.withdraw(money.tenant, AUD, 1_500, "bank 1", START)
    assert money.stands() == (1_500, 0, 0)


def test_a_reference_of_another_move_is_named_in_that_moves_currency(aws: MakeClient, table: MakeTable) -> None:
    money = on_aws(f"t{uuid.uuid4().hex[:12]}", aws, table)
    money.ledger.deposit(money.tenant, known_currency("JPY"), 1_500, "bank 1", START)
    with pytest.raises(ReferenceConflict, match="a DEPOSIT of 1500 JPY"):
        money.ledger.deposit(money.tenant, EUR, 1_500, "bank 1", START)


@both
def test_no_more_is_paid_out_than_is_there_and_what_was_paid_out_is_answered_again(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 1_500, "in", START)
    with pytest.raises(InsufficientFunds):
        money.ledger.withdraw(money.tenant, AUD, 1_501, "out", START)
    paid = money.ledger.withdraw(money.tenant, AUD, 1_500, "out", START)
    assert money.ledger.withdraw(money.tenant, AUD, 1_500, "out", START) == paid
    assert money.stands() == (0, 0, 0)


@both
def test_each_currency_has_its_balance_and_its_limits(money: Money) -> None:
    limits = Limits(per_order=900, per_day=2_000, low_balance=500, webhook_url=URL)
    money.ledger.set_limits(money.tenant, EUR, limits, START)
    money.ledger.deposit(money.tenant, EUR, 7, "in", START)
    money.ledger.deposit(money.tenant, AUD, 5, "in 2", START)
    aud, eur = money.ledger.balances(money.tenant)
    assert (aud.currency, aud.available, aud.limits) == (AUD, 5, Limits())
    assert (eur.currency, eur.available, eur.limits) == (EUR, 7, limits)
    assert money.ledger.set_limits(money.tenant, EUR, Limits(), START).limits == Limits()


@both
def test_entries_come_in_parts(money: Money) -> None:
    for number in range(5):
        money.ledger.deposit(money.tenant, AUD, 1, f"in {number}", START)
    assert [entry.seq for entry in money.ledger.entries(money.tenant, AUD, 0, 2)] == [1, 2]
    assert [entry.seq for entry in money.ledger.entries(money.tenant, AUD, 4, 9)] == [5]
    assert money.ledger.entries(money.tenant, AUD, 5, 9) == []


# --- orders


@both
def test_an_order_is_recorded_with_its_money_or_not_at_all(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 2_000, "in", START)
    order = money.add()
    assert (order.reserved_minor, money.stands()) == (1_500, (500, 1_500, 0))
    with pytest.raises(InsufficientFunds) as refused:
        money.add(quantity=2, number=2)
    assert (refused.value.available.minor, refused.value.needed.minor) == (500, 1_000)
    assert money.orders.find(money.tenant, "refno-2") is None
    assert money.problems(order) == []


@both
def test_where_nothing_was_ever_paid_in_nothing_can_be_ordered(money: Money) -> None:
    with pytest.raises(InsufficientFunds):
        money.add()
    assert money.ledger.balances(money.tenant) == []


@both
def test_a_refno_that_comes_again_takes_no_money_even_where_none_is_left(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 1_500, "in", START)
    first = money.add()
    assert money.add() == first
    assert money.stands() == (0, 1_500, 0)


@both
def test_limits_hold_for_an_order_and_for_a_day(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 9_000, "in", START)
    money.ledger.set_limits(money.tenant, AUD, Limits(per_order=1_500, per_day=2_500), START)
    with pytest.raises(OverLimit):
        money.add(quantity=4)
    money.add(quantity=3)
    with pytest.raises(OverLimit) as refused:
        money.add(quantity=3, number=2)
    assert refused.value.left.minor == 1_000
    money.add(quantity=2, number=2)
    tomorrow = replace(money.order(3, 3), created_at=START + 24 * 3_600_000)
    assert money.orders.add(tomorrow).reserved_minor == 1_500


@both
def test_the_close_captures_releases_and_keeps_what_is_in_review(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 1_500, "in", START)
    closed = money.close(money.add(), delivered=500, in_review=500)
    assert money.stands() == (500, 500, 500)
    assert (closed.reserved_minor, closed.captured_minor, closed.released_minor) == (1_500, 500, 500)
    assert money.kinds()[1:] == [(Kind.RESERVE, 1_500), (Kind.CAPTURE, 500), (Kind.RELEASE, 500)]
    assert money.orders.get(closed.id) == closed
    assert money.problems(closed) == []


@both
def test_an_order_that_is_closed_again_writes_the_difference_even_below_nought(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 1_500, "in", START)
    failed = money.close(money.add(), delivered=0)
    other = money.add(quantity=2, number=2)
    opened = money.orders.save(reopened(failed, START))
    adopted = money.close(opened, delivered=1_500)
    assert money.kinds()[-2:] == [(Kind.RECLAIM, 1_500), (Kind.CAPTURE, 1_500)]
    assert money.stands() == (-1_000, 1_000, 1_500)
    assert money.problems(adopted, other) == []
    with pytest.raises(InsufficientFunds):
        money.add(number=3)


@both
def test_the_same_close_again_moves_nothing_and_a_late_one_is_told(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 1_500, "in", START)
    order = money.add()
    closed = money.close(order, delivered=1_500)
    assert money.close(order, delivered=1_500) == closed
    with pytest.raises(StaleWrite):
        money.close(order, delivered=1_000)
    assert money.stands() == (0, 0, 1_500)


@both
def test_whoever_falls_low_is_told_once_a_crossing(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 2_000, "in", START)
    money.ledger.set_limits(money.tenant, AUD, Limits(low_balance=1_000, webhook_url=URL), START)
    money.add()
    money.add(quantity=1, number=2)
    (event,) = money.told()
    assert (event.url, event.subject, event.due_at is not None) == (URL, "balance-AUD-3", True)
    assert '"status": "balance.low"' in event.body
    assert '"available": "5.00"' in event.body
    money.ledger.deposit(money.tenant, AUD, 2_000, "more", START)
    money.ledger.withdraw(money.tenant, AUD, 2_000, "less", START)
    assert len(money.told()) == 2


@both
def test_a_bound_above_what_is_available_is_told_once_as_it_is_set(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 500, "in", START)
    for _ in range(2):
        money.ledger.set_limits(money.tenant, AUD, Limits(low_balance=501, webhook_url=URL), START + 7)
    (event,) = money.told()
    assert (event.url, event.subject, event.due_at) == (URL, "balance-AUD-2", START + 7)
    assert '"low_balance": "5.01"' in event.body
    money.ledger.withdraw(money.tenant, AUD, 1, "out", START)
    assert len(money.told()) == 1


@both
def test_the_end_is_told_in_the_same_write_as_the_money(money: Money) -> None:
    money.ledger.deposit(money.tenant, AUD, 1_500, "in", START)
    order = money.add()
    event = new_event(money.tenant, order.id, URL, "{}", START, START)
    settled, steps = account_for(replace(order, status=OrderStatus.FAILED, closed_at=START), 0, 0)
    assert money.orders.close(settled, event, steps).released_minor == 1_500
    assert money.stands() == (1_500, 0, 0)


def test_an_order_with_money_is_not_closed_where_no_ledger_is(aws: MakeClient, table: MakeTable) -> None:
    blind = DynamoOrders(aws("dynamodb"), table("OrdersTable"))
    with pytest.raises(Misconfigured):
        blind.close(an_order(), None, [Step(Kind.CAPTURE, 1)])


# --- many at once


def test_fifty_callers_get_exactly_what_fits_and_the_others_are_refused(aws: MakeClient, table: MakeTable) -> None:
    money = on_aws(f"t{uuid.uuid4().hex[:12]}", aws, table)
    money.ledger.deposit(money.tenant, AUD, 3 * 500 + 499, "in", START)

    results = at_once([partial(placed, money.orders, money.tenant, number) for number in range(50)])

    assert Counter(type(one).__name__ for one in results) == {"Order": 3, "InsufficientFunds": 47}
    assert money.stands() == (499, 3 * 500, 0)
    assert money.problems(*[one for one in results if isinstance(one, Order)]) == []


def test_fifty_replays_of_one_request_are_one_order_with_one_reservation(aws: MakeClient, table: MakeTable) -> None:
    money = on_aws(f"t{uuid.uuid4().hex[:12]}", aws, table)
    money.ledger.deposit(money.tenant, AUD, 500, "in", START)

    results = at_once([partial(placed, money.orders, money.tenant, 1)] * 50)

    assert len({one.id if isinstance(one, Order) else repr(one) for one in results}) == 1
    assert money.kinds() == [(Kind.DEPOSIT, 500), (Kind.RESERVE, 500)]


def placed(store: Orders, tenant: str, number: int) -> Order | Exception:
    """What a door would answer from."""
    use = AcceptOrder(store, FakeFiles(), FakeMessages(), FakeClock(), Timing(), uuid.uuid4().hex.upper)
    try:
        return use(request(line(), refno=f"refno-{number}", tenant=tenant))
    except (InsufficientFunds, StaleWrite, ClientError) as refusal:
        return refusal


def at_once(calls: Sequence[Callable[[], Order | Exception]]) -> list[Order | Exception]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(call) for call in calls]]
