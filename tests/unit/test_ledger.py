"""Money moves between accounts in double entries: nothing appears, nothing is lost, nothing is spent twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.accounts.ledger import (
    MAY_OVERDRAW,
    MOVES,
    Account,
    Balance,
    Entry,
    Kind,
    Limits,
    Step,
    balance_of,
    day_of,
    post,
    reserve,
    settling_steps,
    with_limits,
)
from giftline.doors.answers import error_reply
from giftline.errors import AMOUNT_FIELD, InsufficientFunds, OverLimit, Unbalanced
from giftline.money import known_currency
from giftline.orders.settling import account_for
from tests.fakes.house import AUD, TENANT, an_order, line
from tests.fakes.time import START

DAY = 24 * 3_600_000
NOUGHT = Balance(TENANT, AUD)
steps = st.lists(st.builds(Step, st.sampled_from(list(Kind)), st.integers(1, 1_000)), max_size=30)
amounts = st.integers(0, 5_000)


def holding(available: int, limits: Limits | None = None) -> Balance:
    funded = post(NOUGHT, [Step(Kind.DEPOSIT, available)], START).after
    return replace(funded, limits=limits or Limits())


@given(steps)
def test_whatever_is_posted_entries_come_to_the_balance_and_debits_to_credits(asked: Sequence[Step]) -> None:
    balance, entries = NOUGHT, list[Entry]()
    for step in asked:
        try:
            posting = post(balance, [step], START)
        except (InsufficientFunds, Unbalanced):
            continue
        balance, entries = posting.after, [*entries, *posting.entries]
        assert sum(balance.of(account) for account in Account) == 0
        assert min(balance.reserved, balance.delivered) >= 0
        assert balance.available >= 0 or any(entry.kind is Kind.RECLAIM for entry in entries)
    told = balance_of(entries, TENANT, AUD)
    assert [told.of(account) for account in Account] == [balance.of(account) for account in Account]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert (told.seq, balance.version) == (len(entries), len(entries))


@given(st.integers(1, 5_000), st.lists(st.tuples(amounts, amounts), min_size=1, max_size=6))
def test_however_often_an_order_is_closed_it_holds_what_the_last_close_says(
    ordered: int, closes: list[tuple[int, int]]
) -> None:
    posting = reserve(holding(ordered), ordered, START, "O1")
    order, balance = an_order(lines=(line(1, minor=ordered),), reserved_minor=ordered), posting.after
    for delivered, in_review in closes:
        order, moves = account_for(order, delivered, in_review)
        balance = post(balance, moves, START, "O1").after
        assert (balance.delivered, balance.reserved) == (delivered, in_review)
        assert (order.captured_minor, order.held_minor) == (delivered, in_review)
        assert account_for(order, delivered, in_review) == (order, ())


@pytest.mark.parametrize(
    ("taken", "captured", "delivered", "in_review", "expected"),
    [
        (900, 0, 900, 0, [Step(Kind.CAPTURE, 900)]),
        (900, 0, 0, 0, [Step(Kind.RELEASE, 900)]),
        (900, 0, 0, 900, []),
        (900, 0, 300, 300, [Step(Kind.CAPTURE, 300), Step(Kind.RELEASE, 300)]),
        (900, 900, 0, 0, [Step(Kind.RETURN, 900), Step(Kind.RELEASE, 900)]),
        (0, 0, 900, 0, [Step(Kind.RECLAIM, 900), Step(Kind.CAPTURE, 900)]),
        (900, 300, 1_200, 0, [Step(Kind.RECLAIM, 300), Step(Kind.CAPTURE, 900)]),
    ],
)
def test_a_close_moves_the_difference(
    taken: int, captured: int, delivered: int, in_review: int, expected: list[Step]
) -> None:
    assert list(settling_steps(taken, captured, delivered, in_review)) == expected


def test_an_order_from_before_there_was_a_ledger_moves_nothing() -> None:
    order = an_order()
    assert account_for(order, 1_500, 0) == (order, ())


@pytest.mark.parametrize("kind", sorted(set(Kind) - MAY_OVERDRAW))
def test_nothing_is_taken_from_where_it_is_not(kind: Kind) -> None:
    empty = InsufficientFunds if MOVES[kind][0] is Account.AVAILABLE else Unbalanced
    with pytest.raises(empty):
        post(NOUGHT, [Step(kind, 1)], START)


@pytest.mark.parametrize("minor", [0, -1])
def test_an_entry_of_nothing_is_none(minor: int) -> None:
    with pytest.raises(Unbalanced):
        post(NOUGHT, [Step(Kind.DEPOSIT, minor)], START)


def test_what_lacks_is_told_in_the_documents_code_and_field() -> None:
    with pytest.raises(InsufficientFunds) as refused:
        reserve(holding(1_000), 2_500, START, "O1")
    reply = error_reply(refused.value)
    assert (reply.status, reply.body["code"]) == (400, 5038)
    assert reply.body["messages"] == [
        {"field": AMOUNT_FIELD, "problem": "25.00 AUD needed, 10.00 AUD available", "expected": "at most 10.00 AUD"}
    ]


def test_of_a_balance_below_nought_nothing_can_be_ordered() -> None:
    owed = post(NOUGHT, [Step(Kind.RECLAIM, 700)], START).after
    with pytest.raises(InsufficientFunds, match=r"5\.00 AUD needed, -7\.00 AUD available; expected at most 0\.00 AUD"):
        reserve(owed, 500, START, "O1")


# --- limits


def test_a_limit_is_what_may_just_be_ordered() -> None:
    balance = holding(9_000, Limits(per_order=1_000))
    assert reserve(balance, 1_000, START, "O1").after.reserved == 1_000
    with pytest.raises(OverLimit, match=r"the limit of one order is 10\.00 AUD"):
        reserve(balance, 1_001, START, "O1")


def test_a_day_ends_at_midnight_in_utc_and_does_not_begin_again() -> None:
    day = reserve(holding(9_000, Limits(per_day=1_000)), 600, START, "O1").after
    with pytest.raises(OverLimit, match=rf"all orders of {day_of(START)} .*at most 4\.00 AUD"):
        reserve(day, 600, START, "O2")
    following = reserve(day, 600, START + DAY, "O2").after
    assert (following.day, following.day_minor) == (day_of(START + DAY), 600)
    slow = reserve(following, 400, START, "O3").after
    assert (slow.day, slow.day_minor) == (following.day, 1_000)


def test_a_limit_of_nought_lets_nothing_through() -> None:
    with pytest.raises(OverLimit):
        reserve(holding(9_000, Limits(per_order=0)), 1, START, "O1")


@pytest.mark.parametrize(
    ("before", "taken", "falls"), [(1_000, 500, True), (1_000, 400, False), (500, 100, False), (600, 1, True)]
)
def test_a_balance_falls_low_when_it_crosses_the_limit(before: int, taken: int, falls: bool) -> None:
    balance = holding(before, Limits(low_balance=600))
    assert post(balance, [Step(Kind.RESERVE, taken)], START).falls_low is falls


def test_money_that_comes_in_lets_nothing_fall_low_and_without_a_limit_nothing_is_low() -> None:
    assert not post(holding(100, Limits(low_balance=600)), [Step(Kind.DEPOSIT, 100)], START).falls_low
    assert not post(holding(100), [Step(Kind.RESERVE, 100)], START).falls_low


@pytest.mark.parametrize(
    ("before", "after", "falls"),
    [
        (Limits(), Limits(low_balance=600), True),
        (Limits(low_balance=400), Limits(low_balance=600), True),
        (Limits(), Limits(low_balance=500), False),
        (Limits(low_balance=600), Limits(low_balance=700), False),
        (Limits(low_balance=600), Limits(low_balance=600, webhook_url="https://new"), True),
        (Limits(low_balance=600, webhook_url="https://old"), Limits(low_balance=600), False),
    ],
)
def test_a_bound_that_is_set_above_what_is_available_is_a_crossing(before: Limits, after: Limits, falls: bool) -> None:
    posting = with_limits(holding(500, before), after, START)
    assert (posting.falls_low, posting.after.limits, posting.entries) == (falls, after, ())
    assert not with_limits(posting.after, after, START).falls_low, "the same call again tells nobody"


def test_yen_have_no_cents() -> None:
    yen = Balance(TENANT, known_currency("JPY"))
    assert str(yen.money(1_500)) == "1500"
