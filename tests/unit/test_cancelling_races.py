"""A cancel at every call that a worker makes, and workers that die there: sold once, delivered, and paid for alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.errors import InvalidRequest, StaleWrite
from giftline.orders.cancelling import CancelOrder
from giftline.orders.lot import LotState
from giftline.orders.model import OrderRequest, OrderStatus
from giftline.suppliers.port import Found, Outcome, Placed
from tests.fakes.house import TENANT, House, euro_line, line, request
from tests.fakes.supplier import ABSENT

MOST_ROUNDS = 60
DAY = 86_400_000
WATCHED = ("find", "get", "save", "close", "plan", "lot", "lots", "save_lot")


class Killed(BaseException):
    """The process is gone: nothing catches that."""


@dataclass
class Fates:
    """What the coming calls of ports meet; a client's call in between two of them may meet its own."""

    plan: dict[int, str] = field(default_factory=dict)
    calls: int = 0
    act: Callable[[str], None] = lambda fate: None

    def around(self, call: Callable[[], Any]) -> Any:
        fate = self.plan.get(self.calls, "lives")
        self.calls += 1
        if fate.startswith("cancel"):
            self.act(fate)
        if fate == "dies before":
            raise Killed
        result = call()
        if fate == "dies after":
            raise Killed
        return result


@dataclass
class Watched:
    """A port on which the fates have their say."""

    port: Any
    fates: Fates

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.port, name)
        if name not in WATCHED:
            return found
        return lambda *given, **named: self.fates.around(lambda: found(*given, **named))


@dataclass
class Case:
    """An order, and how its suppliers behave."""

    ordered: OrderRequest
    arrange: Callable[[House], None] = lambda house: None


class Story:
    """One order, worked on by workers that may die, and called off by a client that may die too."""

    def __init__(self, case: Case, plan: dict[int, str]) -> None:
        self.house = House()
        self.house.supplier.terms = replace(self.house.supplier.terms, max_cards=2)
        self.plain = self.house.orders
        case.arrange(self.house)
        self.fates = Fates(plan, act=self.cancel)
        self.order_id = self.house.accept_order(case.ordered).id
        self.after_the_word: list[tuple[int, int, frozenset[str]]] = []
        self.refused = False

    def cancel(self, fate: str) -> None:
        """`cancel 3`: its worker dies at its fourth call. Once it has answered, it has given its word."""
        _, _, most = fate.partition(" ")
        own = Fates({int(most): "dies before"}) if most else Fates()
        orders: Any = Watched(self.plain, own)
        try:
            CancelOrder(orders, self.house.clock)(TENANT, "refno-1")
        except Killed:
            return
        except InvalidRequest:
            self.refused = True
            return
        posts = len(self.house.supplier.posts), len(self.house.walleo.posts)
        self.after_the_word.append((*posts, self.under_way()))

    def under_way(self) -> frozenset[str]:
        """References that a worker may yet send: its intent was written before."""
        found: set[str] = set()
        for lot in self.plain.lots(self.order_id):
            if lot.state is LotState.POSTING and not lot.slots:
                found.add(lot.reference)
            for position, slot in enumerate(lot.slots):
                if slot.state is LotState.POSTING:
                    found.add(f"{lot.reference}-{position}-{slot.attempt}")
        return frozenset(found)

    def run(self) -> None:
        for _ in range(MOST_ROUNDS):
            if self.worker(lambda: self.house.plan_order(self.order_id)):
                for lot in self.plain.lots(self.order_id):
                    self.work_on(lot.number)
                self.worker(lambda: self.house.close_order(self.order_id, {}))
            if not self.plain.get(self.order_id).status.is_open:
                return
        raise AssertionError(f"still open: {self.plain.lots(self.order_id)}")

    def work_on(self, number: int) -> None:
        for name in ("create_order", "get_order_status", "fetch_cards"):
            lot = self.plain.lot(self.order_id, number)
            asked = [one.ask_at for one in (lot.slots or (lot,)) if not one.state.is_closed]
            self.house.clock.time = max(self.house.clock.time, *asked, 0)
            self.worker(partial(self.invoke, name, number))

    def invoke(self, name: str, number: int) -> None:
        """Wired when it begins, with the ports as they then are."""
        getattr(self.house, name)(self.order_id, number)

    def worker(self, task: Callable[[], object]) -> bool:
        """An invocation: whether it came to its end. If it died, or lost a race, it is made again."""
        watched: Any = Watched(self.plain, self.fates)
        self.house.orders = watched
        try:
            task()
        except (Killed, StaleWrite):
            return False
        finally:
            self.house.orders = self.plain
        return True

    # --- what must hold

    def check(self) -> None:
        order = self.plain.get(self.order_id)
        lots = self.plain.lots(self.order_id)
        live = [reference for reference in self.house.walleo.sold if not self.house.walleo.is_dead(reference)]
        assert len({reference.rpartition("-")[0] for reference in live}) == len(live)
        sold = sum(len(cards) for cards in self.house.supplier.sold.values()) + len(live)
        balance = self.house.ledger.balance(TENANT, order.currency)
        assert order.delivered_cards == sold, lots
        assert (balance.reserved, balance.delivered) == (order.held_minor, order.captured_minor)
        assert order.captured_minor == sold * order.lines[0].amount.minor
        assert bool(order.held_minor) == (order.status is OrderStatus.REVIEW)
        if order.status is OrderStatus.REVIEW:  # a refusal of a second post is not believed: a person's business
            assert any(lot.state is LotState.REVIEW for lot in lots)
        elif sold == order.quantity:
            assert order.status is OrderStatus.COMPLETE
        elif sold:
            assert order.status is OrderStatus.PARTIAL
        else:
            assert order.status is (OrderStatus.CANCELED if order.is_called_off else OrderStatus.FAILED)
        for wpay, walleo, allowed in self.after_the_word:
            later = {*self.house.supplier.posts[wpay:], *self.house.walleo.posts[walleo:]}
            assert later <= allowed, f"posted after the cancel was answered: {later - allowed}"


def loses_answers(house: House) -> None:
    house.supplier.lose_answers = 2
    house.walleo.lose = lambda reference: reference.split("-")[-2] in "02"


def answers_late(house: House) -> None:
    """Nothing arrives at first: posts without an answer, and nothing to be found."""
    house.supplier.placements.extend([Placed(Outcome.UNKNOWN, detail="0 timeout")] * 2)
    house.supplier.statuses.extend([ABSENT] * 3)
    house.walleo.placements.extend([Placed(Outcome.UNKNOWN, detail="0 timeout")] * 3)


def refuses(house: House) -> None:
    house.walleo.refuse = lambda reference: (
        Placed(Outcome.NOT_COMMITTED, detail="out_of_stock") if reference.split("-")[-2] in "13" else None
    )
    house.walleo.is_dead = lambda reference: reference.endswith("-0-1")


CASES = {
    "three lots": Case(request(line(5))),
    "three lots, answers lost": Case(request(line(5)), loses_answers),
    "three lots, answers late": Case(request(line(5)), answers_late),
    "single cards": Case(request(euro_line(4))),
    "single cards, answers lost": Case(request(euro_line(4)), loses_answers),
    "single cards, answers late": Case(request(euro_line(4)), answers_late),
    "two suppliers, one refuses": Case(request(euro_line(4, "BOTH")), refuses),
}


def calls_of(case: Case) -> int:
    """How many calls the workers make where nothing happens."""
    story = Story(case, {})
    story.run()
    story.check()
    return story.fates.calls


def told(case: Case, plan: dict[int, str]) -> Story:
    story = Story(case, plan)
    story.run()
    story.check()
    return story


@pytest.mark.parametrize("name", CASES)
def test_a_cancel_at_any_call_leaves_nothing_in_between(name: str) -> None:
    case, ends = CASES[name], set()
    for at in range(calls_of(case)):
        story = told(case, {at: "cancel"})
        ends.add(story.plain.get(story.order_id).status)
        assert story.after_the_word or story.refused
    assert {OrderStatus.CANCELED, OrderStatus.COMPLETE} <= ends or name.startswith("two")
    assert OrderStatus.CANCELED in ends


@pytest.mark.parametrize("name", CASES)
def test_a_cancel_that_dies_at_any_call_is_finished_by_the_next_worker(name: str) -> None:
    case = CASES[name]
    for at in range(0, calls_of(case), 3):
        for died in range(8):
            told(case, {at: f"cancel {died}"})


FATES = ("cancel", "cancel 1", "cancel 2", "cancel 3", "cancel 5", "dies before", "dies after")


@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    st.sampled_from(sorted(CASES)),
    st.dictionaries(st.integers(0, 90), st.sampled_from(FATES), max_size=8),
)
def test_whatever_dies_and_whenever_it_is_called_off_the_books_are_right(name: str, plan: dict[int, str]) -> None:
    told(CASES[name], plan)


def test_a_cancel_that_stops_no_lot_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("giftline.orders.cancelling.stopped", lambda lot: lot)
    monkeypatch.setattr("giftline.orders.placing.stopped", lambda lot: lot)
    with pytest.raises(AssertionError, match="posted after the cancel was answered"):
        told(CASES["three lots"], {6: "cancel"})


def test_the_books_of_an_order_that_is_adopted_later_are_put_right() -> None:
    """Called off, proven absent, and then it turns up: it is delivered and paid for after all."""
    story = Story(CASES["three lots"], {})
    house = story.house
    house.plan_order(story.order_id)
    house.supplier.placements.append(Placed(Outcome.UNKNOWN, detail="0 timeout"))
    house.create_order(story.order_id, 1)
    story.cancel("cancel")
    story.run()
    assert house.orders.get(story.order_id).status is OrderStatus.CANCELED
    lot = house.orders.lot(story.order_id, 1)
    house.supplier.sell(lot.reference, lot.lines)
    house.clock.pass_(DAY)
    assert house.supplier.look_up(lot.reference).found is Found.READY
    assert house.watch_orders()["reopened"] == 1
    story.run()
    assert house.orders.get(story.order_id).status is OrderStatus.PARTIAL
    story.check()
