"""Every row once, whatever happens: redeliveries, crashes, competing batches, workers side by side.

Workers are threads of which one runs at a time; whose turn it is at each call of a port, and what goes wrong
there, is drawn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from giftline.errors import GiftlineError
from giftline.wallet import accepting as accepting_module
from giftline.wallet import applying as applying_module
from giftline.wallet import sweeping as sweeping_module
from giftline.wallet.batch import BatchRequest, Operation, Row
from giftline.wallet.model import CodeHolder, EmailHolder, Member, Pass
from tests.fakes.wallet_house import (
    BRAND,
    WalletHouse,
    accepting,
    applying,
    bulk,
    member,
    row,
    storecard,
    sweeping,
)

NAMES = [f"m{number}" for number in range(6)]
PORTS = ("wallets", "batches", "files", "messages", "deliveries", "push")
CRASH_BEFORE, CRASH_AFTER, ERROR_BEFORE, ERROR_AFTER = range(1, 5)


class Crash(BaseException):  # nothing in the core may catch a machine that goes away
    """The worker's machine is gone."""


class SweepFailed(Exception):
    """It met a port that does not answer."""


class LeftToTheSweep(Exception):
    """The rows cannot be read, and the sweep is giving up the chunk."""


def failing_as(words: str, failure: type[Exception], do: Callable[[], object]) -> None:
    """The kinds of trouble that accidents may bring about, told from bugs."""
    try:
        do()
    except GiftlineError as error:
        if words not in str(error):
            raise
        raise failure from error


@dataclass
class Drawn:
    """By seed whose turn it is, and what goes wrong at which call; after so many accidents all goes well."""

    seed: int
    percent: int
    most: int = 60
    happened: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def turn(self, among: int) -> int:
        return self.random.randrange(among)

    def accident(self) -> int:
        if self.happened >= self.most or self.random.randrange(100) >= self.percent:
            return 0
        self.happened += 1
        return self.random.choice((CRASH_BEFORE, CRASH_AFTER, ERROR_BEFORE, ERROR_AFTER))


@dataclass
class Worker:
    """One task in a thread of its own that stops at each call of a port until it is its turn."""

    do: Callable[[], None]
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    stopped: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    is_over: bool = False
    failure: BaseException | None = None

    def start(self) -> Worker:
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def _run(self) -> None:
        self.go.acquire()
        try:
            self.do()
        except BaseException as failure:  # noqa: BLE001 - the machine's end is what is played here
            self.failure = failure
        self.is_over = True
        self.stopped.release()

    def pause(self) -> None:
        self.stopped.release()
        self.go.acquire()

    def move(self) -> None:
        """Up to the next call of a port, or to the end."""
        self.go.release()
        self.stopped.acquire()


class Shaky:
    """A port whose calls wait for their turn, and crash or fail before or after they have taken effect."""

    def __init__(self, port: object, pause: Callable[[], None], accident: Callable[[], int]) -> None:
        self._port, self._pause, self._accident = port, pause, accident

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._port, name)

        def shaken(*arguments: Any) -> Any:
            self._pause()
            accident = self._accident()
            if accident == CRASH_BEFORE:
                raise Crash
            if accident == ERROR_BEFORE:
                raise ConnectionError("before")
            answer = call(*arguments)
            answer = list(answer) if isinstance(answer, Iterator) else answer
            if accident == CRASH_AFTER:
                raise Crash
            if accident == ERROR_AFTER:
                raise ConnectionError("after")
            return answer

        return shaken


@dataclass
class Rough:
    """A house whose tasks run side by side and have accidents; what a look from outside shows is checked always."""

    drawn: Drawn
    house: WalletHouse = field(default_factory=WalletHouse)
    waiting: list[tuple[str, int]] = field(default_factory=list)
    rivals: list[Callable[[], None]] = field(default_factory=list)

    def run(self, requests: list[BatchRequest]) -> None:
        for request in requests:
            self._accepted(request)
        for _ in range(100):
            while self.house.messages.waiting:
                self._side_by_side()
            if all(batch.closed_as for batch in self.house.batches.batches.values()):
                return
            self._side_by_side()
        raise AssertionError("the batches do not close")

    def _accepted(self, request: BatchRequest) -> None:
        """The caller repeats the call under its key until it is answered."""
        for _ in range(100):
            ports = self._ports(lambda: None)
            use_case = accepting(self.house, ports["batches"], ports["wallets"], ports["files"], ports["messages"])
            try:
                use_case(request)
            except (Crash, ConnectionError):
                continue
            return
        raise AssertionError("the call is never answered")

    def _side_by_side(self) -> None:
        """Up to three messages at once, one of them perhaps twice, and sweeps; what fails is delivered again."""
        queue = self.house.messages.waiting
        taken = [queue.popleft() for _ in range(min(len(queue), 1 + self.drawn.turn(3)))]
        if taken and self.drawn.turn(3) == 0:
            taken.append(taken[0])
        at_work = [self._applier(*message) for message in taken]
        workers = at_work + [self._sweeper() for _ in range(self.drawn.turn(3) if taken else 1)]
        while alive := [worker for worker in workers if not worker.is_over]:
            if self.rivals and self.drawn.turn(4) == 1:
                self.rivals.pop()()
            alive[self.drawn.turn(len(alive))].move()
            self.check_counts()
        for worker in workers:
            assert isinstance(worker.failure, Crash | ConnectionError | SweepFailed | LeftToTheSweep | None), repr(
                worker.failure
            )
        queue.extend(message for worker, message in zip(at_work, taken, strict=False) if worker.failure is not None)

    def _applier(self, batch_id: str, number: int) -> Worker:
        worker = Worker(lambda: None)
        ports = self._ports(worker.pause)
        apply = applying(self.house, *[ports[name] for name in PORTS])
        worker.do = lambda: failing_as("not where it says", LeftToTheSweep, lambda: apply(batch_id, number))
        return worker.start()

    def _sweeper(self) -> Worker:
        """At a time when all that is open is due."""
        self.house.clock.pass_(600_000)
        worker = Worker(lambda: None)
        ports = self._ports(worker.pause)
        sweep = sweeping(self.house, *[ports[name] for name in PORTS if name not in {"wallets", "push"}])
        worker.do = lambda: failing_as("ConnectionError", SweepFailed, sweep)
        return worker.start()

    def _ports(self, pause: Callable[[], None]) -> dict[str, Any]:
        return {name: Shaky(getattr(self.house, name), pause, self.drawn.accident) for name in PORTS}

    def check_counts(self) -> None:
        batches = self.house.batches
        for batch in batches.batches.values():
            view = self.house.view(batch.id)
            assert view.queued + view.processing + view.done + view.failed == batch.rows
            assert len(view.results) == view.done + view.failed
            assert sum(bool(result.reason) for result in view.results) == view.failed
            assert batch.closed_as is None or view.queued + view.processing == 0

    def check_ends(self) -> None:
        """Closed once, with one event that was started, or will be by the sweep of events; a result for each row."""
        batches = self.house.batches
        assert sorted(batches.closes) == sorted(batches.batches)
        assert sorted(one.subject for one in batches.events.values()) == sorted(batches.batches)
        assert set(self.house.deliveries.started) <= set(batches.events)
        for batch in batches.batches.values():
            assert [result.row for result in self.house.view(batch.id).results] == list(range(batch.rows))


@pytest.fixture(autouse=True, scope="module")
def _small_slices() -> Iterator[None]:
    """Small numbers bring many seams: lanes of 3 rows, turns of 4 rows, steps of 3."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accepting_module, "LEAST_ROWS", 3)
        patch.setattr(applying_module, "SLICE_ROWS", 4)
        patch.setattr(applying_module, "STEP_ROWS", 3)
        yield


drawn = st.builds(Drawn, seed=st.integers(0, 2**32), percent=st.sampled_from([0, 2, 5, 10, 25]))
names = st.sampled_from([*NAMES, "nobody"])
points = st.integers(-50, 50)
roughly = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def point_rows(drawn_rows: list[tuple[str, int, bool]]) -> list[Row]:
    """By code or by the first storecard."""
    return [
        row(number, name, points=more, **({"qr_code": f"C-{name}"} if by_code else {}))
        for number, (name, more, by_code) in enumerate(drawn_rows)
    ]


point_batches = st.lists(
    st.lists(st.tuples(names, points, st.booleans()), min_size=1, max_size=14).map(point_rows), min_size=1, max_size=3
)


def keyed(operation: Operation, batches: list[list[Row]]) -> list[BatchRequest]:
    return [bulk(operation, *rows, key=f"key-{at}", body=f"body-{at}") for at, rows in enumerate(batches)]


@roughly
@given(drawn, point_batches)
def test_final_points_are_the_start_and_the_sum_of_what_was_accepted(plan: Drawn, batches: list[list[Row]]) -> None:
    rough = Rough(plan)
    start = {name: 100 * at for at, name in enumerate(NAMES)}
    for name in NAMES:
        rough.house.seed_card(storecard(name, name, points=start[name], devices=1))
    rough.rivals = [lambda name=name: a_phone_registers(rough.house, name) for name in NAMES]  # type: ignore[misc]
    rough.run(keyed(Operation.POINTS, batches))
    rough.check_ends()
    sums = {name: start[name] + sum(points_of(rows, name) for rows in batches) for name in NAMES}
    assert {name: rough.house.pass_(name).points for name in NAMES} == sums
    event(f"accidents: {min(plan.happened // 10 * 10, 40)} or more")


@roughly
@given(drawn, point_batches)
def test_what_is_given_up_was_not_applied_and_what_was_applied_is_not_given_up(
    plan: Drawn, batches: list[list[Row]]
) -> None:
    """The sweep gives up at once, while workers are still at it."""
    rough = Rough(plan)
    for name in NAMES:
        rough.house.seed_card(storecard(name, name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping_module, "MAX_SWEEPS", 1)
        patch.setattr(sweeping_module, "STEP_ROWS", 2)
        rough.run(keyed(Operation.POINTS, batches))
    rough.check_ends()
    sums = dict.fromkeys(NAMES, 0)
    given_up = 0
    for rows, batch_id in zip(batches, rough.house.batches.batches, strict=True):
        for one, result in zip(rows, rough.house.view(batch_id).results, strict=True):
            given_up += result.reason == sweeping_module.GIVEN_UP
            if not result.reason:
                sums[one.identifier] += one.values["points"]
    assert {name: rough.house.pass_(name).points for name in NAMES} == sums
    event(f"given up: {given_up > 0}")


def points_of(rows: list[Row], name: str) -> int:
    return sum(one.values["points"] for one in rows if one.identifier == name)


def a_phone_registers(house: WalletHouse, pass_id: str) -> None:
    """A write to a pass that no batch makes."""
    one = house.pass_(pass_id)
    house.wallets.save_pass(replace(one, devices=one.devices + 1))


@roughly
@given(drawn, point_batches, st.booleans())
def test_a_row_makes_its_pass_once_and_no_code_is_shown_twice(
    plan: Drawn, batches: list[list[Row]], coupons: bool
) -> None:
    rough = Rough(plan)
    rough.house.wallets.seed(*[member(name) for name in NAMES])
    operation = Operation.COUPONS if coupons else Operation.STORECARDS
    rough.run(keyed(operation, batches))
    rough.check_ends()
    results = [result for batch_id in rough.house.batches.batches for result in rough.house.view(batch_id).results]
    done = [result for result in results if not result.reason]
    made = kept(rough.house, Pass)
    assert sorted(one.id for one in made) == sorted(result.pass_id for result in done)
    if coupons:
        assert len(done) == sum(one.identifier != "nobody" for rows in batches for one in rows)
        return
    assert {one.code: one.id for one in made} == {one.code: one.pass_id for one in kept(rough.house, CodeHolder)}
    assert len({one.code for one in made}) == len(made)
    for name in NAMES:
        mine = {one.id for one in made if one.identifier == name}
        first = rough.house.member(name).storecards.get(BRAND)
        assert first in mine if mine else first is None


@roughly
@given(drawn, point_batches)
def test_points_for_passes_that_are_made_on_the_way_are_all_there(plan: Drawn, batches: list[list[Row]]) -> None:
    rough = Rough(plan)
    rough.house.wallets.seed(*[member(name) for name in NAMES])
    batches = [[as_pass_row(one) for one in rows] for rows in batches]
    rough.run(keyed(Operation.PASSES, batches))
    rough.check_ends()
    made = kept(rough.house, Pass)
    for name in NAMES:
        assert sum(one.points for one in made if one.identifier == name) == sum(
            points_of(rows, name) for rows in batches
        )
        assert len([one for one in made if one.identifier == name]) <= 2  # the one with its code, and the first


def as_pass_row(one: Row) -> Row:
    values = {"points": one.values["points"]} | (
        {"pass_code": one.values["qr_code"]} if "qr_code" in one.values else {}
    )
    return Row(one.number, one.identifier, values)


@roughly
@given(drawn, st.lists(st.lists(names, min_size=1, max_size=12), min_size=1, max_size=3))
def test_an_address_becomes_one_member(plan: Drawn, batches: list[list[str]]) -> None:
    rough = Rough(plan)
    signups = [
        [row(number, "", email=f"{name}@a.test", first_name=f"{at}") for number, name in enumerate(group)]
        for at, group in enumerate(batches)
    ]
    rough.run(keyed(Operation.SIGNUPS, signups))
    rough.check_ends()
    wanted = {f"{name}@a.test" for group in batches for name in group}
    members = kept(rough.house, Member)
    assert sorted(one.email for one in members) == sorted(wanted)
    assert {one.email: one.identifier for one in kept(rough.house, EmailHolder)} == {
        one.email: one.identifier for one in members
    }
    assert all(
        not result.reason for batch_id in rough.house.batches.batches for result in rough.house.view(batch_id).results
    )


@roughly
@given(drawn, st.lists(st.lists(st.tuples(names, st.integers(0, 4)), min_size=1, max_size=12), min_size=1, max_size=3))
def test_no_plate_is_lost_between_batches(plan: Drawn, batches: list[list[tuple[str, int]]]) -> None:
    rough = Rough(plan)
    rough.house.wallets.seed(*[member(name) for name in NAMES])
    plates = [
        [row(number, name, licenseplates=[f"P{plate}"]) for number, (name, plate) in enumerate(group)]
        for group in batches
    ]
    rough.run(keyed(Operation.LICENSEPLATES, plates))
    rough.check_ends()
    for name in NAMES:
        wanted = {f"P{plate}" for group in batches for other, plate in group if other == name}
        assert set(rough.house.member(name).licenseplates) == wanted
        assert len(rough.house.member(name).licenseplates) == len(wanted)


def kept(house: WalletHouse, kind: type[Any]) -> list[Any]:
    return [record for record in house.wallets.records.values() if isinstance(record, kind)]
