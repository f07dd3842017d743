"""A day at a supplier: what is equal is said to be, and each drift is found, named, and worth what it is worth."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from giftline.errors import GiftlineError, InvalidRequest
from giftline.money import Money, known_currency
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Line
from giftline.orders.planning import lot_reference
from giftline.orders.protocol import into_review, taken_back
from giftline.orders.pulls import Pulls
from giftline.orders.slots import slot_reference, with_slots
from giftline.orders.timing import Timing
from giftline.reconciliation.asking import AskByReference
from giftline.reconciliation.daily import ReconcileDaily
from giftline.reconciliation.days import DAY, midnight
from giftline.reconciliation.measures import EmbeddedMetrics
from giftline.reconciliation.model import Finding, Kind, Report, Status, TopUp, Verdict
from giftline.reconciliation.reading import ReadLots
from giftline.reconciliation.reconciling import Reconcile
from giftline.reconciliation.taking import TakeBalances
from giftline.suppliers.port import Found
from giftline.suppliers.statements import TheirOrder
from tests.fakes.pacing import FakeCrew, FakePace
from tests.fakes.reconciliation import FakeAccount, FakeBooks, FakeNotingOrders, FakeReportFiles
from tests.fakes.supplier import FakeSupplier
from tests.fakes.time import FakeClock
from tests.fakes.walleo import FakeWalleo

D = date(2026, 11, 20)
START = midnight(D)
HOUR = 3_600_000
CURRENCY = {"wpay": "AUD", "walleo": "EUR"}


@dataclass
class World:
    """Both suppliers' accounts and ours, from the midnight with which day D begins."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    books: FakeBooks = field(default_factory=FakeBooks)
    files: FakeReportFiles = field(default_factory=FakeReportFiles)
    orders: FakeNotingOrders = field(default_factory=FakeNotingOrders)
    timing: Timing = field(default_factory=Timing)
    metrics: list[str] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        self.measures = EmbeddedMetrics(self.metrics.append)
        self.orders.sent_lots.clock = self.clock
        self.accounts = {name: FakeAccount(self.clock, currency) for name, currency in CURRENCY.items()}
        self.pace = FakePace(self.clock)
        self.take_balances()

    def statements(self, supplier: str) -> FakeAccount:
        return self.accounts[supplier]

    @property
    def take_balances(self) -> TakeBalances:
        return TakeBalances(tuple(CURRENCY), self.books, self.statements, self.clock)

    def suppliers(self, name: str) -> FakeSupplier | FakeWalleo:
        return FakeSupplier(self.clock) if name == "wpay" else FakeWalleo(self.clock)

    @property
    def reconcile(self) -> Reconcile:
        ask = AskByReference(
            self.orders,
            self.statements,
            self.suppliers,
            self.clock,
            self.timing,
            self.pace,
            lambda: Pulls(self.orders, self.clock, self.timing, self.pace, FakeCrew(), lambda: "nonce"),
            lambda: "nonce",
        )
        lots = ReadLots(self.orders.sent_lots, self.orders, ask, self.timing)
        return Reconcile(lots, self.books, self.files, self.statements, self.clock, self.timing, self.measures)

    @property
    def daily(self) -> ReconcileDaily:
        return ReconcileDaily(tuple(CURRENCY), self.reconcile, self.books, self.clock, self.measures)

    def told(self) -> dict[tuple[str, date], int]:
        """The alarm's metric by supplier and day, as the rounds since the last question told it."""
        lines = list(map(json.loads, self.metrics))
        self.metrics.clear()
        return {(one["Supplier"], date.fromisoformat(one["day"])): one["UnequalReconciliations"] for one in lines}

    def after_midnight(self, days: int = 1) -> None:
        """The balances are taken as the day ends, and it is six in the morning."""
        self.clock.time = START + days * DAY
        self.take_balances()
        self.clock.time += 6 * HOUR

    # --- what happens on a day

    def wpay_lot(self, at: int, cards: int = 10, minor: int = 500, *, debit_at: int | None = None) -> Lot:
        """Bought, and its cards came."""
        lot = self._save(self._new("wpay", cards, minor), at)
        debit_at = debit_at or at + 1_000
        self.accounts["wpay"].sell(lot.reference, lot.total.minor, debit_at)
        return self.put(
            replace(
                lot,
                state=LotState.COLLECTED,
                placed_at=max(at + 2_000, debit_at),
                ready_at=at + HOUR // 4,
                supplier_order_id=f"AAN-{lot.reference}",
            )
        )

    def walleo_lot(self, at: int, cards: int = 5, minor: int = 5_000) -> Lot:
        lot = self._new("walleo", cards, minor)
        lot = self._save(replace(lot, slots=(Slot(),) * cards, reference=lot_reference(lot.order_id, 1, None)), at)
        for position in range(cards):
            self.accounts["walleo"].sell(slot_reference(lot, position), minor, at + 500, names_amount=True)
        return self.put(with_slots(lot, [replace(slot, state=LotState.COLLECTED) for slot in lot.slots]))

    def in_doubt(self, at: int, *, state: LotState = LotState.REVIEW, cards: int = 3, minor: int = 700) -> Lot:
        """Sent to Wpay and never answered; the supplier does not know it."""
        lot = self._save(self._new("wpay", cards, minor), at)
        return self.put(replace(lot, state=state, was=LotState.POSTING, reason="no clear answer: timeout"))

    def put(self, lot: Lot) -> Lot:
        self.orders.parts[lot.order_id, lot.number] = lot
        return lot

    def change_slot(self, lot: Lot, position: int, **changed: object) -> Lot:
        slots = list(lot.slots)
        slots[position] = replace(slots[position], **changed)  # type: ignore[arg-type]
        return self.put(with_slots(lot, slots))

    def _new(self, supplier: str, cards: int, minor: int) -> Lot:
        self.made += 1
        order_id = f"ORDER{self.made:021d}"
        line = Line("SKU", Money(minor, known_currency(CURRENCY[supplier])), cards)
        return Lot(order_id, 1, supplier, lot_reference(order_id, 1), (line,))

    def _save(self, lot: Lot, at: int) -> Lot:
        """As the intent is written."""
        self.put(lot)
        slots = tuple(
            replace(slot, state=LotState.POSTING, posts=1, posting_at=at, waiting_since=at) for slot in lot.slots
        )
        posted = replace(lot, slots=slots, state=LotState.POSTING, posts=1, posting_at=at, first_posted_at=at)
        return self.orders.save_lot(posted)


def drift(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.kind.is_drift]


def only(report: Report) -> Finding:
    (finding,) = drift(report)
    assert report.status is Status.UNEQUAL
    return finding


def usual_day(world: World) -> tuple[Lot, Lot]:
    lots = [world.wpay_lot(START + hour * HOUR, cards=hour + 1) for hour in (1, 5, 23)]
    singles = [world.walleo_lot(START + hour * HOUR) for hour in (2, 9)]
    return lots[0], singles[0]


def test_a_day_without_drift_is_equal_to_the_cent() -> None:
    world = World()
    usual_day(world)
    world.in_doubt(START + 3 * HOUR)
    world.in_doubt(START + 4 * HOUR, state=LotState.FAILED)
    world.after_midnight()
    assert world.daily() == {"reconciled": 2, "unequal": 0}
    wpay, walleo = (world.books.report(name, D) for name in CURRENCY)
    assert wpay
    assert walleo
    assert (wpay.status, walleo.status) == (Status.EQUAL, Status.EQUAL)
    assert (wpay.lots, wpay.asked, wpay.unasked, wpay.missing) == (5, 2, 0, ())
    (bridge,) = walleo.bridges
    assert (bridge.opening, bridge.bought, bridge.closing, bridge.difference) == (10_000_000, 50_000, 9_950_000, 0)


def test_a_lot_that_our_records_lost_is_named_with_its_value() -> None:
    world = World()
    lot, _ = usual_day(world)
    del world.orders.parts[lot.order_id, lot.number]
    world.after_midnight()
    found = only(world.reconcile("wpay", D))
    assert (found.kind, found.reference, found.difference) == (Kind.ONLY_THEIRS, lot.reference, lot.total.minor)


def test_a_lot_that_was_lost_and_about_which_the_supplier_does_not_answer_is_hinted_at() -> None:
    world = World()
    lot, _ = usual_day(world)
    del world.orders.parts[lot.order_id, lot.number]
    world.accounts["wpay"].unreadable.add(lot.reference)
    world.after_midnight()
    balance, missing = drift(world.reconcile("wpay", D))
    assert (balance.kind, balance.difference) == (Kind.BALANCE_LOWER, -lot.total.minor)
    assert balance.hints == (f"{lot.reference}, which our records have lost, was sold",)
    assert (missing.kind, missing.reference) == (Kind.LOT_MISSING, lot.reference)


def test_a_card_too_many_at_the_supplier_shows_in_its_balance() -> None:
    world = World()
    _, lot = usual_day(world)
    world.accounts["walleo"].move(-5_000, START + 10 * HOUR)
    world.after_midnight()
    found = only(world.reconcile("walleo", D))
    assert (found.kind, found.difference) == (Kind.BALANCE_LOWER, -5_000)
    assert f"{slot_reference(lot, 0)} was debited twice" in found.hints


def test_a_card_too_many_of_a_large_order_is_told_in_cards() -> None:
    world = World()
    lot = world.wpay_lot(START + HOUR, cards=25_000)
    world.accounts["wpay"].move(-500, START + 10 * HOUR)
    world.after_midnight()
    found = only(world.reconcile("wpay", D))
    assert found.hints == (f"1 card too many of 5.00 AUD each, as in {lot.reference}",)


def test_another_amount_is_named_by_its_card_where_the_supplier_tells_amounts() -> None:
    world = World()
    _, lot = usual_day(world)
    reference = slot_reference(lot, 3)
    world.accounts["walleo"].move(-1_000, START + 2 * HOUR)
    world.accounts["walleo"].orders[reference] = TheirOrder(Found.READY, "id", "success", minor=6_000)
    world.after_midnight()
    found = only(world.reconcile("walleo", D))
    assert (found.kind, found.reference, found.slot, found.difference) == (Kind.AMOUNT_DIFFERS, reference, 3, 1_000)
    assert found.words == "50.00 EUR by our books, 60.00 EUR at the supplier"


def test_a_top_up_that_nobody_recorded_makes_the_balance_higher() -> None:
    world = World()
    usual_day(world)
    world.accounts["wpay"].move(123_400, START + 7 * HOUR)
    world.after_midnight()
    found = only(world.reconcile("wpay", D))
    assert (found.kind, found.difference) == (Kind.BALANCE_HIGHER, 123_400)
    assert found.hints == ("a top-up that nobody recorded",)


def test_a_top_up_that_is_recorded_is_expected_and_one_that_did_not_come_is_named() -> None:
    world = World()
    usual_day(world)
    world.books.add_top_up(TopUp("wpay", "BANK-1", "AUD", 123_400, START + 7 * HOUR))
    world.after_midnight()
    found = only(world.reconcile("wpay", D))
    assert (found.kind, found.difference, found.hints) == (
        Kind.BALANCE_LOWER,
        -123_400,
        ("the top-up BANK-1 did not come",),
    )
    world.accounts["wpay"].move(123_400, START + 30 * HOUR)
    world.after_midnight(2)
    later = only(world.reconcile("wpay", D + timedelta(days=1)))
    assert (later.difference, later.hints[0]) == (123_400, "the top-up BANK-1 of another day came on this one")


def test_a_top_up_that_is_recorded_late_makes_its_day_equal_in_the_next_round() -> None:
    world = World()
    usual_day(world)
    world.accounts["wpay"].move(123_400, START + 7 * HOUR)
    world.after_midnight()
    assert world.daily()["unequal"] == 1
    world.after_midnight(2)
    world.books.add_top_up(TopUp("wpay", "BANK-1", "AUD", 123_400, START + 7 * HOUR, world.clock.now()))
    assert world.daily() == {"reconciled": 3, "unequal": 0}
    report = world.books.report("wpay", D)
    assert report
    assert (report.version, report.status) == (2, Status.EQUAL)
    assert world.books.report("wpay", D, 1) != report


def test_a_balance_that_moved_without_orders_is_told_from_an_order_where_the_supplier_says_what_it_sold() -> None:
    for is_sale in (False, True):
        world = World()
        account = world.accounts["wpay"]
        account.owes = True
        world = rebuilt(world)
        usual_day(world)
        account = world.accounts["wpay"]
        if is_sale:
            account.sell("not ours", 777, START + 8 * HOUR)
        else:
            account.move(-777, START + 8 * HOUR)
        world.after_midnight()
        found = only(world.reconcile("wpay", D))
        assert (found.kind, found.difference) == (Kind.BALANCE_LOWER, -777)
        assert ("it is an order, not a payment" in found.hints[0]) is is_sale
        assert ("not an order" in found.hints[0]) is not is_sale


def rebuilt(world: World) -> World:
    """Its opening balances taken again, as its accounts are now."""
    world.books.balances.clear()
    world.take_balances()
    return world


def test_an_order_that_stands_under_two_references_of_ours_is_counted_twice() -> None:
    world = World()
    lot, _ = usual_day(world)
    twin = world._save(world._new("wpay", lot.quantity, 500), START + 2 * HOUR)
    at, known = START + 2 * HOUR, lot.supplier_order_id
    world.put(replace(twin, state=LotState.COLLECTED, placed_at=at, ready_at=at, supplier_order_id=known))
    world.after_midnight()
    found = only(world.reconcile("wpay", D))
    assert (found.kind, found.reference, found.difference) == (Kind.COUNTED_TWICE, twin.reference, -twin.total.minor)


def test_what_failed_by_our_books_and_was_sold_is_only_theirs() -> None:
    world = World()
    usual_day(world)
    lot = world.in_doubt(START + 3 * HOUR, state=LotState.FAILED)
    world.accounts["wpay"].sell(lot.reference, lot.total.minor, START + 3 * HOUR)
    world.after_midnight()
    found = only(world.reconcile("wpay", D))
    assert (found.kind, found.reference, found.difference) == (Kind.ONLY_THEIRS, lot.reference, lot.total.minor)


def test_a_slot_in_review_that_was_sold_is_only_theirs_and_is_asked_for_by_its_own_reference() -> None:
    world = World()
    _, lot = usual_day(world)
    world.change_slot(lot, 2, state=LotState.REVIEW, was=LotState.POSTING, reason="no clear answer: timeout")
    world.after_midnight()
    found = only(world.reconcile("walleo", D))
    assert (found.kind, found.slot, found.difference) == (Kind.ONLY_THEIRS, 2, 5_000)
    assert world.accounts["walleo"].asked == [slot_reference(lot, 2)]


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_card_that_was_called_dead_and_sold_all_the_same_is_only_theirs(attempt: int) -> None:
    """Under whichever of its earlier references: all of them are asked about."""
    world = World()
    _, lot = usual_day(world)
    account = world.accounts["walleo"]
    account.sell(f"{lot.reference}-0-3", 5_000, START + 9 * HOUR, names_amount=True)
    if attempt == 2:
        account.orders[f"{lot.reference}-0-2"] = account.orders.pop(f"{lot.reference}-0-1")
    world.change_slot(lot, 0, attempt=3)
    world.after_midnight()
    found = only(world.reconcile("walleo", D))
    named = (found.kind, found.reference, found.slot, found.difference)
    assert named == (Kind.ONLY_THEIRS, f"{lot.reference}-0-{attempt}", 0, 5_000)
    assert sorted(account.asked) == [f"{lot.reference}-0-1", f"{lot.reference}-0-2"]


def test_what_the_supplier_took_back_is_only_ours() -> None:
    world = World()
    lot, _ = usual_day(world)
    world.accounts["wpay"].reverse(lot.reference, lot.total.minor, START + 20 * HOUR)
    world.after_midnight()
    found = only(world.reconcile("wpay", D))
    assert (found.kind, found.reference, found.difference) == (Kind.ONLY_OURS, lot.reference, -lot.total.minor)
    assert "CANCELED" in found.words


def test_nothing_that_is_equal_is_asked_about_but_what_is_not_counted_as_bought() -> None:
    world = World()
    usual_day(world)
    lot = world.in_doubt(START + 3 * HOUR)
    world.after_midnight()
    world.reconcile("wpay", D)
    assert world.accounts["wpay"].asked == [lot.reference]
    world.reconcile("wpay", D)
    assert world.accounts["wpay"].asked == [lot.reference], "within the documented interval it is not asked again"


# --- over midnight


def test_an_order_that_is_debited_after_midnight_is_carried_over_and_both_days_are_equal() -> None:
    world = World()
    usual_day(world)
    lot = world.wpay_lot(START + DAY - 5_000, debit_at=START + DAY + 5_000)
    world.after_midnight()
    first = world.reconcile("wpay", D)
    assert (first.status, first.bridges[0].carried_out) == (Status.EQUAL, lot.total.minor)
    crossing = [finding for finding in first.findings if finding.kind is Kind.CROSSING]
    assert [finding.reference for finding in crossing] == [lot.reference]
    world.after_midnight(2)
    second = world.reconcile("wpay", D + timedelta(days=1))
    assert (second.status, second.bridges[0].carried_in) == (Status.EQUAL, lot.total.minor)


def test_an_order_over_midnight_that_is_never_debited_is_found_a_day_later() -> None:
    world = World()
    usual_day(world)
    lot = world.wpay_lot(START + DAY - 5_000, debit_at=START + 90 * DAY)
    world.put(replace(lot, placed_at=START + DAY + 5_000))
    world.after_midnight()
    assert world.reconcile("wpay", D).status is Status.EQUAL
    world.after_midnight(2)
    found = only(world.reconcile("wpay", D + timedelta(days=1)))
    assert (found.kind, found.difference) == (Kind.BALANCE_HIGHER, lot.total.minor)
    assert f"{lot.reference} was not debited, or its money came back" in found.hints


def test_an_order_over_midnight_that_was_debited_before_it_is_of_the_first_day() -> None:
    world = World()
    world.wpay_lot(START + DAY - 5_000, debit_at=START + DAY - 1_000)
    world.after_midnight()
    first = world.reconcile("wpay", D)
    assert (first.status, first.bridges[0].carried_out) == (Status.EQUAL, 0)
    world.after_midnight(2)
    assert world.reconcile("wpay", D + timedelta(days=1)).status is Status.EQUAL


def test_where_the_day_before_has_no_report_what_crossed_may_explain_the_balance() -> None:
    world = World()
    lot = world.wpay_lot(START + DAY - 5_000, debit_at=START + DAY + 5_000)
    world.after_midnight()
    world.after_midnight(2)
    report = world.reconcile("wpay", D + timedelta(days=1))
    assert (report.status, report.bridges[0].carried_in) == (Status.EQUAL, lot.total.minor)


def test_a_drift_beside_an_order_over_midnight_is_told_exactly_once_the_next_day_shows_what_crossed() -> None:
    world = World()
    lot = world.wpay_lot(START + DAY - 5_000, debit_at=START + DAY + 5_000)
    world.accounts["wpay"].move(-321, START + HOUR)
    world.after_midnight()
    world.daily()
    before = world.books.report("wpay", D)
    assert before
    assert only(before).difference == lot.total.minor - 321, "nobody can know yet"
    assert only(before).hints[0].startswith("up to 50.00 AUD of it was on its way as the day ended")
    world.after_midnight(2)
    assert world.daily()["unequal"] == 0
    mended = world.books.report("wpay", D)
    assert mended
    assert (only(mended).difference, mended.bridges[0].carried_out) == (-321, lot.total.minor)
    world.after_midnight(3)
    assert world.daily() == {"reconciled": 2, "unequal": 0}


def test_a_top_up_that_was_taken_for_an_order_over_midnight_puts_both_days_right_when_it_is_recorded() -> None:
    world = World()
    lot = world.wpay_lot(START + DAY - 5_000, debit_at=START + DAY - 4_000)
    world.put(replace(lot, placed_at=START + DAY + 2_000))
    world.accounts["wpay"].move(lot.total.minor, START + HOUR)
    world.after_midnight()
    assert world.daily()["unequal"] == 0
    world.after_midnight(2)
    assert world.daily()["unequal"] == 1
    world.after_midnight(3)
    world.books.add_top_up(TopUp("wpay", "BANK", "AUD", lot.total.minor, START + HOUR, world.clock.now()))
    assert world.daily() == {"reconciled": 4, "unequal": 0}
    days = [world.books.report("wpay", D + timedelta(days=number)) for number in (0, 1, 2)]
    assert [(day.status, day.bridges[0].carried_in) for day in days if day] == [(Status.EQUAL, 0)] * 3


# --- taken back


def take_back_rightly(world: World, lot: Lot, at: int, *, known_at: int | None = None) -> None:
    """As a reversal goes: into review, asked, and taken back."""
    world.clock.time = at
    asked = into_review(world.orders.parts[lot.order_id, 1], "its supplier was asked to take it back")
    asked = world.orders.save_lot(replace(asked, reversing=True))
    world.accounts["wpay"].reverse(lot.reference, lot.total.minor, at + 100)
    world.clock.time = known_at or at + 200
    world.orders.save_lot(taken_back(asked))


def test_a_lot_that_is_taken_back_on_its_own_day_moves_nothing() -> None:
    world = World()
    lot, _ = usual_day(world)
    take_back_rightly(world, lot, START + 12 * HOUR)
    world.after_midnight()
    report = world.reconcile("wpay", D)
    assert (report.status, report.bridges[0].unexplained) == (Status.EQUAL, 0)
    returned = next(total for total in report.totals if total.verdict is Verdict.RETURNED)
    assert (returned.purchases, returned.cards, returned.ours, returned.theirs) == (1, 0, -1_000, -1_000)


def test_a_lot_that_is_taken_back_a_day_later_is_of_both_days_and_corrects_none() -> None:
    world = World()
    lot = world.wpay_lot(START + 20 * HOUR)
    world.after_midnight()
    assert world.reconcile("wpay", D).status is Status.EQUAL
    take_back_rightly(world, lot, START + DAY + 10 * HOUR)
    world.after_midnight(2)
    second = world.reconcile("wpay", D + timedelta(days=1))
    assert (second.status, second.bridges[0].bought, second.corrections) == (Status.EQUAL, -lot.total.minor, ())
    assert world.reconcile("wpay", D).status is Status.EQUAL


def test_a_lot_whose_money_did_not_come_back_is_told() -> None:
    world = World()
    lot = world.wpay_lot(START + 2 * HOUR)
    take_back_rightly(world, lot, START + 12 * HOUR)
    world.accounts["wpay"].orders[lot.reference] = TheirOrder(Found.READY, "AAN", "COMPLETE")
    world.accounts["wpay"].movements.pop()
    world.after_midnight()
    found = only(world.reconcile("wpay", D))
    assert (found.kind, found.reference, found.difference) == (Kind.ONLY_OURS, lot.reference, lot.total.minor)


def test_a_lot_that_is_taken_back_over_midnight_is_carried_over() -> None:
    world = World()
    lot = world.wpay_lot(START + 20 * HOUR)
    world.accounts["wpay"].move(0, START)
    take_back_rightly(world, lot, START + DAY - 50, known_at=START + DAY + 60_000)
    world.after_midnight()
    first = world.reconcile("wpay", D)
    assert (first.status, first.bridges[0].carried_out) == (Status.EQUAL, -lot.total.minor)
    world.after_midnight(2)
    assert world.reconcile("wpay", D + timedelta(days=1)).status is Status.EQUAL


def test_a_card_that_was_called_dead_over_midnight_is_carried_over() -> None:
    """Debited before it, given back after it, and bought under another request_id."""
    world = World()
    account = world.accounts["walleo"]
    lot = world.walleo_lot(START + DAY - 2_000, cards=1)
    account.move(5_000, START + DAY + 1_000)
    account.orders[f"{lot.reference}-0-1"] = TheirOrder(Found.CANCELLED, word="error")
    again = START + DAY + 2_000
    account.sell(f"{lot.reference}-0-2", 5_000, again + 100, names_amount=True)
    second = replace(lot.slots[0], attempt=2, posting_at=again, waiting_since=START + DAY - 2_000)
    world.put(replace(lot, slots=(second,)))
    world.orders.sent_lots.note(replace(lot, slots=(replace(second, state=LotState.POSTING),)))
    world.after_midnight()
    first = world.reconcile("walleo", D)
    assert (first.status, first.bridges[0].carried_out) == (Status.EQUAL, -5_000)
    world.after_midnight(2)
    assert world.reconcile("walleo", D + timedelta(days=1)).status is Status.EQUAL


# --- later


def test_a_lot_that_is_adopted_after_its_report_is_named_as_a_correction_by_the_next() -> None:
    world = World()
    usual_day(world)
    lot = world.in_doubt(START + 3 * HOUR)
    world.accounts["wpay"].sell(lot.reference, lot.total.minor, START + 3 * HOUR)
    world.after_midnight()
    assert world.reconcile("wpay", D).status is Status.UNEQUAL
    world.after_midnight(2)
    world.put(replace(world.orders.parts[lot.order_id, 1], state=LotState.COLLECTED, placed_at=world.clock.now()))
    second = world.reconcile("wpay", D + timedelta(days=1))
    assert second.status is Status.EQUAL
    (correction,) = second.corrections
    assert (correction.day, correction.order_id, correction.was, correction.now) == (D, lot.order_id, 0, 2_100)
    assert correction.references == (lot.reference,)
    mended = world.books.report("wpay", D)
    assert mended
    assert (mended.version, mended.status) == (2, Status.EQUAL)
    again = world.reconcile("wpay", D + timedelta(days=1))
    assert again.corrections == (correction,), "the next version of a report goes on naming it"
    world.after_midnight(3)
    assert world.reconcile("wpay", D + timedelta(days=2)).corrections == ()


def test_a_slot_that_is_adopted_later_is_named_by_its_own_reference() -> None:
    world = World()
    _, lot = usual_day(world)
    world.change_slot(lot, 2, state=LotState.REVIEW, was=LotState.POSTING)
    world.after_midnight()
    world.reconcile("walleo", D)
    world.after_midnight(2)
    world.change_slot(world.orders.parts[lot.order_id, 1], 2, state=LotState.COLLECTED)
    (correction,) = world.reconcile("walleo", D + timedelta(days=1)).corrections
    assert (correction.references, correction.was, correction.now) == ((slot_reference(lot, 2),), 20_000, 25_000)


def test_the_same_day_again_is_the_next_version_and_the_earlier_one_stays() -> None:
    world = World()
    usual_day(world)
    world.after_midnight()
    first, second = world.reconcile("wpay", D), world.reconcile("wpay", D)
    assert (first.version, second.version) == (1, 2)
    assert world.books.report("wpay", D, 1) == first
    assert world.books.report("wpay", D) == second
    assert {key.split("/")[3] for key in world.files.kept} == {"0001", "0002"}


# --- what is missing


def test_the_first_day_of_all_has_no_opening_balance_and_is_no_reason_for_alarm() -> None:
    world = World()
    world.books.balances.clear()
    usual_day(world)
    world.after_midnight()
    report = world.reconcile("wpay", D)
    assert (report.status, report.is_alarming) == (Status.INCOMPLETE, False)
    assert report.missing == ("no balance was taken at the end of any day before",)


def test_a_balance_that_was_not_taken_is_bridged_from_the_last_one_that_was() -> None:
    world = World()
    usual_day(world)
    world.after_midnight()
    del world.books.balances["wpay", D]
    world.wpay_lot(START + DAY + 8 * HOUR)
    world.after_midnight(2)
    second = world.reconcile("wpay", D + timedelta(days=1))
    assert (second.status, second.window.since, second.lots) == (Status.EQUAL, START, 4)
    old = world.reconcile("wpay", D)
    assert (old.status, old.missing) == (Status.INCOMPLETE, ("no balance was taken at the end of this day",))
    assert old.is_alarming


def test_yesterdays_balance_is_taken_late_rather_than_never_and_todays_is_not_kept() -> None:
    world = World()
    usual_day(world)
    world.clock.time = START + DAY + HOUR
    world.wpay_lot(START + DAY + HOUR - 60_000)
    assert world.reconcile("wpay", D).status is Status.EQUAL
    assert world.books.balances["wpay", D].at == world.clock.now()
    world.clock.time += HOUR
    world.wpay_lot(world.clock.now() - 60_000)
    today = world.reconcile("wpay", D + timedelta(days=1))
    assert (today.status, today.is_provisional, today.lots) == (Status.EQUAL, True, 1)
    assert ("wpay", D + timedelta(days=1)) not in world.books.balances


def test_a_supplier_that_gives_no_balance_leaves_the_day_incomplete_and_the_other_one_is_reconciled() -> None:
    world = World()
    usual_day(world)
    world.accounts["wpay"].problem = "500"
    world.clock.time = START + DAY + 6 * HOUR
    with pytest.raises(Exception, match="wpay"):
        world.take_balances()
    assert world.daily() == {"reconciled": 2, "unequal": 1}
    report = world.books.report("wpay", D)
    assert report
    assert (report.status, report.is_alarming) == (Status.INCOMPLETE, True)


def test_a_supplier_that_never_gave_a_balance_is_a_reason_for_alarm_from_the_first_day_on() -> None:
    world = World()
    world.books.balances.clear()
    world.accounts["wpay"].problem = "500"
    usual_day(world)
    world.clock.time = START + DAY + 6 * HOUR
    assert world.daily() == {"reconciled": 2, "unequal": 1}
    assert world.told() == {("wpay", D): 1, ("walleo", D): 0}


def test_money_in_a_currency_of_which_no_balance_tells_is_not_called_equal() -> None:
    world = World()
    euros = Line("SKU", Money(2_000, known_currency("EUR")), 3)
    lot = world.wpay_lot(START + 9 * HOUR)
    world.put(replace(lot, lines=(euros,)))
    world.accounts["wpay"].movements.pop()
    world.after_midnight()
    report = world.reconcile("wpay", D)
    assert (report.status, report.is_alarming) == (Status.INCOMPLETE, True)
    assert report.missing == ("no balance in EUR was told, in which our books have something",)


def test_a_day_that_has_not_begun_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        World().reconcile("wpay", D + timedelta(days=1))


def test_a_day_that_was_missed_is_made_up_for() -> None:
    world = World()
    usual_day(world)
    world.after_midnight()
    world.after_midnight(2)
    assert world.daily() == {"reconciled": 4, "unequal": 0}


def test_the_alarms_metric_is_one_line_that_cloudwatch_reads() -> None:
    world = World()
    usual_day(world)
    world.accounts["wpay"].move(-5, START + HOUR)
    world.after_midnight()
    world.daily()
    told = {line["Supplier"]: line for line in map(json.loads, world.metrics)}
    assert {name: line["UnequalReconciliations"] for name, line in told.items()} == {"wpay": 1, "walleo": 0}
    (directive,) = told["wpay"]["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [[], ["Supplier"]]


def test_a_report_that_could_not_be_made_is_a_reason_for_alarm_whatever_the_others_say() -> None:
    world = World()
    usual_day(world)
    world.after_midnight()
    del world.accounts["wpay"]
    world.in_doubt(START + 3 * HOUR)
    with pytest.raises(GiftlineError, match="wpay of 2026-11-20"):
        world.daily()
    assert world.told() == {("wpay", D): 1, ("walleo", D): 0}


def test_a_round_that_was_cut_off_tells_no_metric_so_that_its_absence_is_seen() -> None:
    world = World()
    usual_day(world)
    world.after_midnight()
    world.statements("walleo").order = cut_off  # type: ignore[method-assign]
    world.change_slot(world.walleo_lot(START + 3 * HOUR), 1, state=LotState.REVIEW, was=LotState.POSTING)
    with pytest.raises(KeyboardInterrupt):
        world.daily()
    assert world.books.report("wpay", D)
    assert world.told() == {}


def cut_off(reference: str, lines: tuple[Line, ...]) -> TheirOrder:
    raise KeyboardInterrupt


def test_a_day_that_differs_only_since_it_was_corrected_is_a_reason_for_alarm() -> None:
    world = World()
    usual_day(world)
    lot = world.in_doubt(START + 3 * HOUR)
    world.after_midnight()
    world.daily()
    assert world.told() == {("wpay", D): 0, ("walleo", D): 0}
    world.after_midnight(2)
    world.put(replace(lot, state=LotState.COLLECTED, placed_at=world.clock.now()))
    world.daily()
    next_day = D + timedelta(days=1)
    assert world.told() == {("wpay", D): 1, ("wpay", next_day): 0, ("walleo", next_day): 0}


# --- any day


Injected = tuple[str, int]
"""What is to be found: the reference, or nothing for a balance; and the difference of the balance."""


def lose_lot(world: World, lot: Lot, dice: random.Random) -> Injected:
    del world.orders.parts[lot.order_id, lot.number]
    return lot.reference, -lot.total.minor


def sell_without_us(world: World, lot: Lot, dice: random.Random) -> Injected:
    minor = dice.randrange(1, 90_000)
    world.accounts["wpay"].sell("FOREIGN", minor, START + 12 * HOUR)
    return "", -minor


def sell_one_too_many(world: World, lot: Lot, dice: random.Random) -> Injected:
    minor = lot.lines[0].amount.minor
    world.accounts["wpay"].move(-minor, START + 12 * HOUR)
    return "", -minor


def pay_in(world: World, lot: Lot, dice: random.Random) -> Injected:
    minor = dice.randrange(1, 90_000)
    world.accounts["wpay"].move(minor, START + 12 * HOUR)
    return "", minor


def take_back(world: World, lot: Lot, dice: random.Random) -> Injected:
    world.accounts["wpay"].reverse(lot.reference, lot.total.minor, START + 20 * HOUR)
    return lot.reference, lot.total.minor


def fail_wrongly(world: World, lot: Lot, dice: random.Random) -> Injected:
    world.put(replace(lot, state=LotState.FAILED, reason="refused: 5320"))
    return lot.reference, -lot.total.minor


def doubt_wrongly(world: World, lot: Lot, dice: random.Random) -> Injected:
    world.put(replace(lot, state=LotState.REVIEW, was=LotState.POSTING, reason="overdue"))
    return lot.reference, -lot.total.minor


def count_twice(world: World, lot: Lot, dice: random.Random) -> Injected:
    twin = world._save(world._new("wpay", dice.randrange(1, 50), 500), START + 22 * HOUR)
    at = START + 22 * HOUR
    known = lot.supplier_order_id
    world.put(replace(twin, state=LotState.COLLECTED, placed_at=at, ready_at=at, supplier_order_id=known))
    return twin.reference, twin.total.minor


DRIFTS: list[Callable[[World, Lot, random.Random], Injected]] = [
    lose_lot,
    sell_without_us,
    sell_one_too_many,
    pay_in,
    take_back,
    fail_wrongly,
    doubt_wrongly,
    count_twice,
]


@pytest.mark.parametrize("seed", range(60))
def test_whatever_drifts_on_any_day_is_named_with_its_exact_difference_and_nothing_else_is(seed: int) -> None:
    dice = random.Random(seed)
    world = World()
    lots = [
        world.wpay_lot(START + dice.randrange(20 * HOUR), dice.randrange(1, 400), dice.randrange(1, 200) * 50)
        for _ in range(dice.randrange(6, 16))
    ]
    for _ in range(dice.randrange(4)):
        world.in_doubt(START + dice.randrange(20 * HOUR), state=dice.choice([LotState.REVIEW, LotState.FAILED]))
    for _ in range(dice.randrange(3)):
        world.books.add_top_up(TopUp("wpay", f"BANK-{dice.random()}", "AUD", 5_000, START + 15 * HOUR))
        world.accounts["wpay"].move(5_000, START + 15 * HOUR)
    for _ in range(dice.randrange(4)):
        sent = START + DAY - dice.randrange(1_000, 60_000)
        world.wpay_lot(sent, dice.randrange(1, 9), debit_at=sent + dice.randrange(2_000, 90_000))
    chosen = dice.sample(DRIFTS, dice.randrange(4))
    injected = [make(world, lot, dice) for make, lot in zip(chosen, dice.sample(lots, len(chosen)), strict=True)]
    world.after_midnight()
    first = world.reconcile("wpay", D)
    world.after_midnight(2)
    second = world.reconcile("wpay", D + timedelta(days=1))
    first = world.books.report("wpay", D) or first

    named = {found.reference: found.difference for found in drift(first) if found.reference}
    assert named == {reference: -minor for reference, minor in injected if reference}
    left = [found.difference for found in drift(first) if not found.reference]
    assert sum(left) == sum(minor for reference, minor in injected if not reference)
    assert first.status is (Status.UNEQUAL if injected else Status.EQUAL)
    assert second.status is Status.EQUAL


def test_totals_tell_matched_only_ours_and_only_theirs_apart() -> None:
    world = World()
    lots = [world.wpay_lot(START + hour * HOUR, cards=hour) for hour in (1, 2, 3, 4)]
    fail_wrongly(world, lots[0], random.Random(1))
    take_back(world, lots[1], random.Random(1))
    world.after_midnight()
    totals = {total.verdict: total for total in world.reconcile("wpay", D).totals}
    assert {verdict: (total.purchases, total.cards, total.ours, total.theirs) for verdict, total in totals.items()} == {
        Verdict.MATCHED: (2, 7, 3_500, 3_500),
        Verdict.ONLY_OURS: (1, 2, 1_000, 0),
        Verdict.ONLY_THEIRS: (1, 1, 0, 500),
    }
