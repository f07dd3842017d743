"""The same promises of the fake pace, and of the item in DynamoDB that all functions share."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from giftline.errors import StaleWrite
from giftline.orders.ports import Pace, Turn
from giftline.storage.pacing import LONGEST_TURN, TRIES, DynamoPace
from tests.fakes.pacing import FakePace
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket

NEVER = 2**50
FAR = 10**9
MakeClient = Callable[[str], Any]


@dataclass
class Account:
    """One supplier account of its own, since the table is shared."""

    name: str
    clock: FakeClock
    pace: Callable[[float], Pace]
    """The pace of some function; each call another function's, over the same account."""


@pytest.fixture(params=["fake", "aws"])
def account(request: pytest.FixtureRequest) -> Account:
    name, clock = uuid.uuid4().hex, FakeClock()
    if request.param == "fake":
        made = FakePace(clock)

        def fake(rate: float) -> Pace:
            made.rates[name] = rate
            return made

        return Account(name, clock, fake)
    client = request.getfixturevalue("aws")("dynamodb")
    table = request.getfixturevalue("table")("OrdersTable")
    return Account(name, clock, lambda rate: DynamoPace(client, table, {name: rate}, clock))


def ends(turn: Turn) -> float:
    return turn.start + turn.count * turn.gap


def test_turns_follow_each_other_at_the_rate(account: Account) -> None:
    turns = [account.pace(20.0).reserve(account.name, 30, NEVER) for _ in range(4)]
    assert [(turn.count, turn.gap) for turn in turns] == [(30, 50.0)] * 4
    assert [turn.start - account.clock.now() for turn in turns] == [0, 1_500, 3_000, 4_500]


def test_a_rate_that_is_no_whole_part_of_a_second_is_never_exceeded(account: Account) -> None:
    turns = [account.pace(7.0).reserve(account.name, 1, NEVER) for _ in range(71)]
    assert sum(turn.count for turn in turns) == 71
    assert turns[-1].start - turns[0].start >= 9_999
    assert all(later.start >= earlier.start for earlier, later in itertools.pairwise(turns))


@pytest.mark.parametrize(("rate", "count"), [(0.01, 1), (0.5, 5), (20.0, 200), (1_000.0, 500)])
def test_one_turn_ends_before_its_worker_counts_as_frozen(account: Account, rate: float, count: int) -> None:
    turn = account.pace(rate).reserve(account.name, 500, NEVER)
    assert turn.count == count
    assert turn.count == 1 or turn.count * turn.gap <= LONGEST_TURN


def test_time_that_nobody_used_is_not_made_up_for(account: Account) -> None:
    account.pace(10.0).reserve(account.name, 5, NEVER)
    account.clock.pass_(60_000)
    turn = account.pace(10.0).reserve(account.name, 5, NEVER)
    assert turn.start == account.clock.now()
    assert account.pace(10.0).reserve(account.name, 1, NEVER).start == account.clock.now() + 500


def test_what_begins_too_late_is_not_taken(account: Account) -> None:
    pace = account.pace(1.0)
    pace.reserve(account.name, 10, NEVER)
    late = pace.reserve(account.name, 3, account.clock.now() + 9_999)
    assert (late.count, late.start) == (0, account.clock.now() + 10_000)
    assert pace.reserve(account.name, 3, account.clock.now() + 10_000).start == account.clock.now() + 10_000


def test_a_hold_moves_everybody_and_is_never_shortened(account: Account) -> None:
    pace, now = account.pace(5.0), account.clock.now()
    pace.hold(account.name, now + 30_000)
    pace.hold(account.name, now + 10_000)
    assert account.pace(5.0).reserve(account.name, 1, now + 29_999).count == 0
    turn = account.pace(5.0).reserve(account.name, 10, NEVER)
    assert (turn.count, turn.start) == (10, now + 30_000)
    pace.hold(account.name, now + 31_000)
    assert account.pace(5.0).reserve(account.name, 1, NEVER).start == now + 32_000


def test_a_hold_that_is_over_holds_nobody(account: Account) -> None:
    account.pace(5.0).hold(account.name, account.clock.now() + 1_000)
    account.clock.pass_(5_000)
    assert account.pace(5.0).reserve(account.name, 1, NEVER).start == account.clock.now()


def test_accounts_have_nothing_to_do_with_each_other(account: Account) -> None:
    account.pace(1.0).reserve(account.name, 10, NEVER)
    assert account.pace(1.0).reserve(f"{account.name} too", 1, NEVER).start == account.clock.now()


def test_an_account_without_a_rate_has_no_turns_to_wait_for(account: Account) -> None:
    pace = account.pace(0.0)
    turns = [pace.reserve(account.name, 300, NEVER) for _ in range(3)]
    assert {(turn.count, turn.start, turn.gap) for turn in turns} == {(300, account.clock.now(), 0.0)}


# --- what only the shared item does


@pytest.fixture
def client(aws: MakeClient) -> Any:
    return aws("dynamodb")


def test_eight_threads_never_exceed_the_rate_and_lose_nothing(
    aws: MakeClient, client: Any, table: Callable[[str], str]
) -> None:
    name, clock, at_once = uuid.uuid4().hex, FakeClock(), threading.Barrier(8, timeout=20)

    def reserve(_: int) -> list[Turn]:
        pace = DynamoPace(aws("dynamodb"), table("OrdersTable"), {name: 100.0}, clock)
        at_once.wait()
        turns = list[Turn]()
        while len(turns) < 6:
            try:
                turns.append(pace.reserve(name, 25, NEVER))
            except StaleWrite:
                continue  # the task's retry
        return turns

    table("OrdersTable")
    with ThreadPoolExecutor(8) as pool:
        turns = sorted((turn for some in pool.map(reserve, range(8)) for turn in some), key=lambda turn: turn.start)
    assert [turn.start - clock.now() for turn in turns] == [250 * number for number in range(48)]
    assert {turn.count for turn in turns} == {25}


class Overtaken:
    """Somebody else moves the item between each read and write, so often."""

    def __init__(self, client: Any, another: DynamoPace, account: str, times: int) -> None:
        self._client, self._another, self._account, self.left = client, another, account, times

    def get_item(self, **given: Any) -> Any:
        answer = self._client.get_item(**given)
        if self.left:
            self.left -= 1
            self._another.reserve(self._account, 1, NEVER)
        return answer

    def put_item(self, **given: Any) -> Any:
        return self._client.put_item(**given)


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_a_lost_race_is_tried_again_behind_the_winner(client: Any, table: Callable[[str], str], times: int) -> None:
    name, clock = uuid.uuid4().hex, FakeClock()
    another = DynamoPace(client, table("OrdersTable"), {name: 10.0}, clock)
    overtaken = DynamoPace(Overtaken(client, another, name, times), table("OrdersTable"), {name: 10.0}, clock)  # type: ignore[arg-type]
    assert overtaken.reserve(name, 1, NEVER).start == clock.now() + 100 * times


def test_who_always_loses_gives_up_with_a_lost_race(client: Any, table: Callable[[str], str]) -> None:
    name, clock = uuid.uuid4().hex, FakeClock()
    another = DynamoPace(client, table("OrdersTable"), {name: 10.0}, clock)
    overtaken = DynamoPace(Overtaken(client, another, name, FAR), table("OrdersTable"), {name: 10.0}, clock)  # type: ignore[arg-type]
    with pytest.raises(StaleWrite):
        overtaken.reserve(name, 1, NEVER)


def test_a_hold_that_is_overtaken_by_a_reservation_holds_all_the_same(client: Any, table: Callable[[str], str]) -> None:
    name, clock = uuid.uuid4().hex, FakeClock()
    another = DynamoPace(client, table("OrdersTable"), {name: 10.0}, clock)
    DynamoPace(Overtaken(client, another, name, 3), table("OrdersTable"), {name: 10.0}, clock).hold(  # type: ignore[arg-type]
        name, clock.now() + 60_000
    )
    assert another.reserve(name, 1, NEVER).start == clock.now() + 60_000
