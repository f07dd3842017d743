"""Cards go when their time is over and never before, and a run that stops anywhere is finished by a later one."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.doors.answers import error_reply
from giftline.errors import CardsRemoved, GiftlineError, InvalidRequest, NotFound, Refused
from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Order, OrderStatus, Page, Recipient, Watch
from giftline.orders.retention import LEASE, REMOVAL_LIMIT, ApplyRetention
from giftline.orders.retention_ports import CardRecord, RetentionRule
from giftline.orders.retention_setting import DAY, MAX_COUNTED, MAX_DAYS, SetRetention, ViewRemoval
from giftline.orders.reviewing import Way
from giftline.orders.timing import WATCH_FOR, Timing
from giftline.orders.viewing import ViewCards
from giftline.suppliers.port import Found, Status
from tests.fakes.house import SKU, TENANT, House, a_lot, an_order, line
from tests.fakes.retention import FakeDropped, FakeFileVersions, FakeKeptOrders, FakeRetentionRules, traces_of

DAYS = 30


class Stopped(BaseException):
    """The worker is gone: no handler of ours sees it."""


@dataclass
class Keeping:
    """A house whose tenant wants its cards removed after 30 days."""

    house: House = field(default_factory=House)
    rules: FakeRetentionRules = field(default_factory=FakeRetentionRules)

    def __post_init__(self) -> None:
        self.kept = FakeKeptOrders(self.house.orders, self.house.pages)
        self.files = FakeFileVersions(self.house.files)
        self.dropped = FakeDropped()
        self.rules.save(RetentionRule(TENANT, DAYS))

    @property
    def apply(self) -> ApplyRetention:
        house = self.house
        return ApplyRetention(
            house.orders,
            self.kept,
            house.pages,
            house.vault,
            self.files,
            self.rules,
            house.clock,
            house.timing,
            self.dropped,
        )

    def closed(self, quantity: int = 3) -> Order:
        people = (Recipient(SKU, 500, quantity, "Ada", "ada@example.com"),)
        return self.house.closed(line(quantity), recipients=people)

    def order(self, order: Order) -> Order:
        return self.house.orders.get(order.id)

    def pass_days(self, days: float, milliseconds: int = 0) -> None:
        self.house.clock.pass_(round(days * DAY) + milliseconds)

    def is_whole(self, order: Order) -> bool:
        """Every card can still be read, and every file is there."""
        house = self.house
        part = ViewCards(house.orders, house.pages, house.vault)(TENANT, order.id, 0, 500)
        exports = [key for key in house.files.kept if order.id in key]
        return len(part.cards) == order.quantity and len(exports) == 3 and order.recipients_key in house.files.people

    def is_bare(self, order: Order) -> bool:
        """Nothing that holds a card or a person is left; digests, counts, records and the summary are."""
        house, stored = self.house, self.order(order)
        pages = [page for place, page in house.pages.kept.items() if place[0] == order.id]
        exports = [key for key in house.files.kept if order.id in key]
        return (
            stored.wrapped_key == b""
            and stored.watch is None
            and not stored.keeps_cards
            and not any(page.sealed for page in pages)
            and sum(len(page.ref.digests) for page in pages) == order.quantity
            and sum(len(self.kept.records(page.ref)) for page in pages) == order.quantity
            and [key.rpartition("/")[2] for key in exports] == ["summary.json"]
            and order.recipients_key not in house.files.people
        )

    def secrets(self, order: Order) -> set[str]:
        """Every number, PIN with its name, barcode, and person of the order."""
        house = self.house
        cards = ViewCards(house.orders, house.pages, house.vault)(TENANT, order.id, 0, 500).cards
        people = house.files.people[order.recipients_key]
        told = {one.number.reveal() for one in cards} | {one.barcode.reveal() for one in cards}
        return told | {one.email for one in people} | {self.order(order).wrapped_key.decode()}

    def everything(self) -> bytes:
        """All that is stored anywhere but in KMS, as bytes."""
        house = self.house
        orders = (house.orders.records, house.orders.parts, house.orders.refnos, house.orders.events)
        kept = (self.kept.removals, self.kept.stripped, self.rules.kept, house.pages.kept)
        return pickle.dumps((orders, kept, house.files.kept, house.files.people, house.ledger.__dict__))


@pytest.fixture
def keeping() -> Keeping:
    return Keeping()


# --- when


def test_cards_are_kept_until_the_last_millisecond_of_their_days(keeping: Keeping) -> None:
    order = keeping.closed()
    keeping.pass_days(DAYS, milliseconds=-1)
    assert keeping.apply() == {"due": 0, "removed": 0}
    assert keeping.is_whole(keeping.order(order))
    keeping.house.clock.pass_(1)
    assert keeping.apply() == {"due": 1, "removed": 1}
    assert keeping.is_bare(order)
    assert keeping.apply() == {"due": 0, "removed": 0}


@pytest.mark.parametrize("rule", [None, RetentionRule(TENANT, None), RetentionRule("another", 1)])
def test_without_a_rule_of_its_own_a_tenants_cards_stay(keeping: Keeping, rule: RetentionRule | None) -> None:
    keeping.rules.kept = {rule.tenant: rule} if rule else {}
    order = keeping.closed()
    keeping.pass_days(MAX_DAYS)
    assert keeping.apply() == {"due": 0, "removed": 0}
    assert keeping.is_whole(keeping.order(order))


def test_a_rule_that_comes_later_holds_for_what_was_closed_before(keeping: Keeping) -> None:
    keeping.rules.kept.clear()
    order = keeping.closed()
    keeping.pass_days(40)
    assert keeping.apply()["due"] == 0
    keeping.rules.save(RetentionRule(TENANT, DAYS))
    assert keeping.apply()["removed"] == 1
    assert keeping.is_bare(order)


def test_days_are_scaled_like_every_duration_of_the_rules(keeping: Keeping) -> None:
    keeping.house.timing = Timing(scale=0.001)
    keeping.closed()
    keeping.pass_days(DAYS / 1_000, milliseconds=-1)
    assert keeping.apply()["due"] == 0
    keeping.house.clock.pass_(1)
    assert keeping.apply()["removed"] == 1


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.PROCESSING, OrderStatus.REVIEW])
def test_open_orders_and_those_in_review_are_left_alone(keeping: Keeping, status: OrderStatus) -> None:
    order = keeping.closed()
    keeping.house.orders.records[order.id] = replace(keeping.order(order), status=status)
    keeping.kept.late = [order.id]
    keeping.pass_days(MAX_DAYS)
    assert keeping.apply()["removed"] == 0
    assert keeping.order(order).wrapped_key


def test_an_order_waits_until_nobody_watches_its_lots_any_more(keeping: Keeping) -> None:
    """A refused lot may still turn up for a week: its cards would have to be sealed."""
    keeping.rules.save(RetentionRule(TENANT, 1))
    house = keeping.house
    order = keeping.closed()
    watched = replace(keeping.order(order), due_at=house.clock.now() + WATCH_FOR)
    house.orders.records[order.id] = watched
    keeping.kept.late = [order.id]
    keeping.pass_days(6)
    assert watched.watch is Watch.CLOSED
    assert keeping.apply()["removed"] == 0
    house.orders.records[order.id] = replace(watched, due_at=None)
    assert keeping.apply()["removed"] == 1


def test_what_the_index_names_too_early_or_too_late_is_judged_by_the_order(keeping: Keeping) -> None:
    order = keeping.closed()
    keeping.kept.late = [order.id]
    keeping.pass_days(DAYS, milliseconds=-1)
    assert keeping.apply() == {"due": 1, "removed": 0}
    assert keeping.is_whole(keeping.order(order))
    keeping.house.clock.pass_(1)
    assert keeping.apply()["removed"] == 1
    assert keeping.apply() == {"due": 1, "removed": 0}


# --- what


def test_a_record_tells_what_was_removed_when_and_by_whose_rule(keeping: Keeping) -> None:
    keeping.rules.save(RetentionRule(TENANT, DAYS, 5, "ada"))
    order = keeping.closed()
    keeping.pass_days(DAYS)
    keeping.apply()
    record, now = keeping.kept.removals[order.id], keeping.house.clock.now()
    assert (record.tenant, record.days, record.rule_set_by) == (TENANT, DAYS, "ada")
    assert (record.retained_until, record.begun_at, record.finished_at) == (now, now, now)
    assert (record.pages, record.cards) == (1, 3)
    names = ["cards.csv", "cards.jsonl", f"{order.id}.jsonl"]
    assert [file.rpartition("/")[2] for file in record.files] == names
    assert keeping.order(order).cards_removed_at == now
    assert keeping.order(order).delivered_cards == 3


def test_what_the_books_need_of_a_card_stays_at_its_place(keeping: Keeping) -> None:
    order = keeping.closed(600)
    cards = keeping.house.view_cards(TENANT, order.id, 0, 500).cards
    keeping.pass_days(DAYS)
    keeping.apply()
    refs = keeping.house.pages.refs(order.id)
    records = [record for ref in refs for record in keeping.kept.records(ref)]
    assert records[:500] == [CardRecord(SKU, 500, card.supplier_card_id) for card in cards]
    assert [len(keeping.kept.records(ref)) for ref in refs] == [len(ref.digests) for ref in refs] == [500, 100]


def test_no_secret_is_left_in_any_item_or_file(keeping: Keeping) -> None:
    order = keeping.closed(30)
    secrets = keeping.secrets(order)
    assert len(traces_of(keeping.everything(), secrets)) == len(secrets), "the search finds all while they are there"
    keeping.pass_days(DAYS)
    keeping.apply()
    assert traces_of(keeping.everything(), secrets) == []


def test_the_cards_call_says_that_they_are_gone_from_the_first_step_on(keeping: Keeping) -> None:
    order = keeping.closed()
    keeping.pass_days(DAYS)
    keeping.files.erase = stop  # type: ignore[method-assign]
    with pytest.raises(Stopped):
        keeping.apply()
    with pytest.raises(CardsRemoved) as refused:
        keeping.house.view_cards(TENANT, order.id, 0, 10)
    answer = error_reply(refused.value)
    assert (answer.status, answer.body["code"]) == (410, 410)
    assert answer.body["message"].startswith(f"the cards of order {order.id} were removed on 2")
    assert list(keeping.house.view_order(TENANT, order.refno, may_see_cards=True).results) == ["summary.json"]
    with pytest.raises(NotFound):
        keeping.house.view_cards("other", order.id, 0, 10)


def test_the_file_that_an_order_came_as_goes_too_and_no_other_of_that_name(keeping: Keeping) -> None:
    order, typed = keeping.closed(), an_order("TYPED", OrderStatus.FAILED, due_at=None, closed_at=1)
    keeping.house.orders.records[order.id] = replace(order, source="csv")
    keeping.house.orders.records[typed.id] = typed
    report = f"rejected/{TENANT}/{order.refno}.errors.csv"
    keeping.house.files.kept[report] = b"row,column,value"
    keeping.dropped.kept = {f"orders/{TENANT}/{order.refno}.csv", f"orders/{TENANT}/{typed.refno}.csv"}
    keeping.pass_days(DAYS)
    assert keeping.apply()["removed"] == 2
    assert keeping.dropped.kept == {f"orders/{TENANT}/{typed.refno}.csv"}
    assert report not in keeping.house.files.kept


def test_a_page_that_does_not_open_goes_like_the_others(keeping: Keeping, caplog: pytest.LogCaptureFixture) -> None:
    order = keeping.closed()
    (ref,) = keeping.house.pages.refs(order.id)
    place = (ref.order_id, ref.lot, ref.offset, ref.version)
    keeping.house.pages.kept[place] = Page(ref, b"x" * 40)
    keeping.pass_days(DAYS)
    assert keeping.apply()["removed"] == 1
    assert keeping.kept.records(ref) == ()
    assert "removed unread" in caplog.text
    assert keeping.kept.removals[order.id].cards == 3


def test_an_order_without_cards_and_recipients_loses_its_key(keeping: Keeping) -> None:
    bare = an_order("EMPTY", OrderStatus.FAILED, due_at=None, closed_at=1, wrapped_key=b"key")
    keeping.house.orders.records[bare.id] = bare
    assert keeping.apply() == {"due": 1, "removed": 1}
    assert keeping.order(bare).wrapped_key == b""
    assert keeping.kept.removals[bare.id].pages == 0


def test_the_last_write_takes_the_key_so_that_no_copy_of_a_page_opens(keeping: Keeping) -> None:
    order = keeping.closed()
    copies = dict(keeping.house.pages.kept)
    keeping.pass_days(DAYS)
    keeping.apply()
    keeping.house.pages.kept.update(copies)
    stored = keeping.order(order)
    assert (stored.wrapped_key, stored.watch, stored.keeps_cards) == (b"", None, False)
    with pytest.raises(KeyError):
        keeping.house.vault.seal(stored)


# --- how it goes on


def stop(key: str) -> None:
    raise Stopped


PORTS = {
    "kept": ("kept", "begin", "finish", "strip", "removal", "sealed_pages"),
    "files": ("erase",),
    "dropped": ("erase",),
    "rules": ("all",),
    "house.orders": ("get", "save", "due", "lots"),
    "house.pages": ("refs", "get"),
    "house.vault": ("seal",),
}
"""Everything that a run asks of the world."""


class Guard:
    """Counts the calls of all ports; the worker is lost before or after the one of that number."""

    def __init__(self, keeping: Keeping, steps: int, *, before: bool) -> None:
        self.made, self._steps, self._before, self._is_inside = 0, steps, before, False
        for place, names in PORTS.items():
            owner = keeping
            for part in place.split("."):
                owner = getattr(owner, part)
            for name in names:
                setattr(owner, name, self._guarded(getattr(type(owner), name).__get__(owner)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_inside = True  # from now on it lets everything pass

    def _guarded(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any) -> Any:
            if self._is_inside:
                return step(*arguments)  # a transaction is one step, and so is what a fake asks of another
            self.made += 1
            if self.made == self._steps and self._before:
                raise Stopped
            self._is_inside = True
            try:
                answer = step(*arguments)
            finally:
                self._is_inside = False
            if self.made == self._steps:
                raise Stopped
            return answer

        return guarded


def two_old_and_one_young(quantity: int = 2) -> tuple[Keeping, list[Order], Order]:
    keeping = Keeping()
    made = []
    for number in range(3):
        people = (Recipient(SKU, 500, quantity, "Ada", f"ada-{number}@example.com"),)
        order = keeping.house.planned(line(quantity), recipients=people, refno=f"refno-{number}")
        made.append(finished(keeping.house, order))
    keeping.pass_days(DAYS)
    young = keeping.order(made.pop())
    keeping.house.orders.records[young.id] = replace(young, closed_at=keeping.house.clock.now() - DAYS * DAY + DAY)
    return keeping, made, young


def steps_of_a_run() -> int:
    keeping, _, _ = two_old_and_one_young()
    with Guard(keeping, 0, before=True) as guard:
        keeping.apply()
    return guard.made


def check_all_went(keeping: Keeping, old: list[Order], young: Order, secrets: set[str]) -> None:
    assert keeping.is_whole(keeping.order(young))
    assert traces_of(keeping.everything(), secrets) == []
    for order in old:
        assert keeping.is_bare(order)
        record = keeping.kept.removals[order.id]
        assert (record.finished_at is not None, record.cards) == (True, order.quantity)
        assert keeping.order(order).recipients_key == ""


@pytest.mark.parametrize("before", [True, False])
def test_a_run_that_stops_at_any_one_call_is_finished_by_the_next(before: bool) -> None:
    steps = steps_of_a_run()
    assert steps > 25
    for step in range(1, steps + 1):
        keeping, old, young = two_old_and_one_young()
        secrets = (keeping.secrets(old[0]) | keeping.secrets(old[1])) - keeping.secrets(young)
        with pytest.raises(Stopped), Guard(keeping, step, before=before):
            keeping.apply()
        assert keeping.is_whole(keeping.order(young))
        keeping.house.clock.pass_(LEASE)
        keeping.apply()
        check_all_went(keeping, old, young, secrets)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=6))
def test_a_run_that_stops_anywhere_any_number_of_times_is_finished_by_a_later_one(
    stops: list[tuple[int, bool]],
) -> None:
    keeping, old, young = two_old_and_one_young()
    secrets = (keeping.secrets(old[0]) | keeping.secrets(old[1])) - keeping.secrets(young)
    for steps, before in stops:
        with suppress(Stopped), Guard(keeping, steps, before=before):
            keeping.apply()
        keeping.rules.kept.clear()  # a rule that is taken back does not stop what was begun
        keeping.house.clock.pass_(LEASE)
        keeping.apply()
        begun = [order for order in old if keeping.order(order).cards_removed_at]
        assert all(keeping.is_bare(order) for order in begun)
        keeping.rules.save(RetentionRule(TENANT, DAYS))
    keeping.apply()
    check_all_went(keeping, old, young, secrets)


def finished(house: House, order: Order) -> Order:
    house.bought(order)
    house.close_order(order.id, {})
    return house.orders.get(order.id)


def test_two_runs_at_once_share_the_orders(keeping: Keeping) -> None:
    order = keeping.closed()
    keeping.pass_days(DAYS)
    second: list[dict[str, int]] = []
    erase = keeping.files.erase

    def erase_while_another_runs(key: str) -> None:
        if not second:
            second.append({})
            second[0] = keeping.apply()
        erase(key)

    keeping.files.erase = erase_while_another_runs  # type: ignore[method-assign]
    assert keeping.apply() == {"due": 1, "removed": 1}
    assert second == [{"due": 0, "removed": 0}]
    assert keeping.is_bare(order)


def test_an_order_that_fails_is_named_and_does_not_hold_up_the_others(keeping: Keeping) -> None:
    order = keeping.closed()
    other = an_order("OTHER", OrderStatus.FAILED, due_at=None, closed_at=1)
    keeping.house.orders.records[other.id] = other
    keeping.pass_days(DAYS)
    erase = keeping.files.erase

    def fail_for_one(key: str) -> None:
        if order.id in key:
            raise ConnectionError
        erase(key)

    keeping.files.erase = fail_for_one  # type: ignore[method-assign]
    with pytest.raises(GiftlineError, match=f"^retention could not look after {order.id}"):
        keeping.apply()
    assert keeping.order(other).watch is None
    keeping.files.erase = erase  # type: ignore[method-assign]
    assert keeping.apply()["due"] == 0, "it waits for its lease"
    keeping.house.clock.pass_(LEASE)
    assert keeping.apply() == {"due": 1, "removed": 1}
    assert keeping.is_bare(order)


def test_a_run_ends_with_its_time_and_a_later_one_goes_on_at_the_next_page(keeping: Keeping) -> None:
    order = keeping.closed(1_200)
    assert len(keeping.house.pages.kept) == 3
    keeping.pass_days(DAYS)
    keeping.house.timing = Timing(task_budget=3.0)
    keeping.house.clock.tick = 1.0
    assert keeping.apply() == {"due": 1, "removed": 0}
    assert 0 < len(keeping.kept.stripped) < 3
    keeping.house.clock.tick = 0.0
    keeping.house.clock.pass_(LEASE)
    assert keeping.apply() == {"due": 1, "removed": 1}
    assert len(keeping.kept.stripped) == 3
    assert keeping.is_bare(order)


def test_one_run_takes_so_many_orders_and_the_tenants_in_turn(keeping: Keeping) -> None:
    keeping.rules.save(RetentionRule("small", 1))
    for number in range(REMOVAL_LIMIT + 10):
        one = an_order(f"O{number}", OrderStatus.FAILED, due_at=None, closed_at=number)
        keeping.house.orders.records[one.id] = one
    small = an_order("SMALL", OrderStatus.FAILED, due_at=None, closed_at=9_999, tenant="small")
    keeping.house.orders.records[small.id] = small
    assert keeping.apply() == {"due": REMOVAL_LIMIT, "removed": REMOVAL_LIMIT}
    assert keeping.order(small).cards_removed_at is not None
    assert keeping.apply() == {"due": 11, "removed": 11}


# --- setting it


def setting(keeping: Keeping) -> SetRetention:
    return SetRetention(
        keeping.rules, keeping.kept, lambda name: name == TENANT, keeping.house.clock, keeping.house.timing
    )


def test_setting_tells_how_many_orders_it_will_remove_and_a_dry_run_sets_nothing(keeping: Keeping) -> None:
    keeping.rules.kept.clear()
    keeping.closed()
    keeping.pass_days(10)
    assert setting(keeping)(TENANT, 5, "ada", dry_run=True).due == 1
    assert keeping.rules.all() == []
    assert setting(keeping)(TENANT, 11, "ada").due == 0
    assert keeping.rules.all() == [RetentionRule(TENANT, 11, keeping.house.clock.now(), "ada")]
    setting(keeping)(TENANT, None, "ada")
    keeping.pass_days(100)
    assert keeping.apply()["due"] == 0


@pytest.mark.parametrize("days", [0, -1, MAX_DAYS + 1, 1.5, True, "30"])
def test_days_that_are_none_are_refused(keeping: Keeping, days: Any) -> None:
    with pytest.raises(InvalidRequest, match="days"):
        setting(keeping)(TENANT, days, "ada")


def test_an_unknown_tenant_has_no_rule(keeping: Keeping) -> None:
    with pytest.raises(NotFound):
        setting(keeping)("nobody", 30, "ada")


def test_setting_counts_no_further_than_a_run_goes(keeping: Keeping) -> None:
    for number in range(MAX_COUNTED + 5):
        one = an_order(f"O{number}", OrderStatus.FAILED, due_at=None, closed_at=number)
        keeping.house.orders.records[one.id] = one
    found = setting(keeping)(TENANT, 1, "ada", dry_run=True)
    assert (found.due, found.is_more) == (MAX_COUNTED, True)


def test_a_tenant_sees_the_record_of_its_own_order_and_no_other(keeping: Keeping) -> None:
    order = keeping.closed()
    view = ViewRemoval(keeping.kept)
    keeping.pass_days(DAYS)
    with pytest.raises(NotFound):
        view(TENANT, order.id)
    keeping.apply()
    assert view(TENANT, order.id) == keeping.kept.removals[order.id]
    for tenant, order_id in [("other", order.id), (TENANT, "X"), (TENANT, "a/b")]:
        with pytest.raises(NotFound):
            view(tenant, order_id)


def test_an_order_with_a_lot_in_review_is_listed_and_left_alone_until_somebody_settles_it(keeping: Keeping) -> None:
    """Such as one that its supplier was asked to take back, and did not answer for."""
    house, order = keeping.house, keeping.closed()
    lot = house.set(replace(house.orders.lot(order.id, 1), state=LotState.REVIEW, reversing=True))
    keeping.pass_days(DAYS)
    assert keeping.apply() == {"due": 1, "removed": 0}
    assert keeping.apply() == {"due": 0, "removed": 0}, "it stands before no other order of its tenant"
    house.supplier.statuses.append(Status(Found.UNREADABLE))
    assert house.watch_orders() == {"watched": 1, "reopened": 1}
    house.close_order(order.id, {})
    (review,) = house.list_reviews()
    assert (review.order.id, [one.number for one in review.lots]) == (order.id, [lot.number])
    house.resolve_review(order.id, lot.number, Way.ADOPT, "Ada", "they did not take it back")
    house.fetch_cards(order.id, lot.number)
    house.close_order(order.id, {})
    assert keeping.is_whole(keeping.order(order))
    keeping.pass_days(DAYS)
    assert keeping.apply()["removed"] == 1


def test_an_act_and_a_removal_in_the_same_moment_leave_an_order_that_is_closed(keeping: Keeping) -> None:
    """However they meet: either somebody may still see to its cards, or they are gone and it stays as it was."""
    house, order = keeping.house, keeping.closed()
    lot = house.set(replace(house.orders.lot(order.id, 1), state=LotState.REVIEW, reversing=True))
    keeping.pass_days(DAYS)
    save_lot = house.orders.save_lot

    def retention_comes_next(settled: Lot) -> Lot:
        saved = save_lot(settled)
        keeping.apply()
        return saved

    house.orders.save_lot = retention_comes_next  # type: ignore[method-assign, assignment]
    with pytest.raises(Refused, match="were removed"):
        house.resolve_review(order.id, lot.number, Way.GIVE_UP, "Ada", "because")
    assert (keeping.order(order).status, keeping.order(order).watch) == (OrderStatus.COMPLETE, None)
    assert keeping.is_bare(order)


def test_a_lot_that_was_never_bought_does_not_hold_up_the_removal(keeping: Keeping) -> None:
    order = keeping.closed()
    keeping.house.orders.parts[order.id, 2] = a_lot(order.id, 2)
    keeping.pass_days(DAYS)
    assert keeping.apply()["removed"] == 1
