"""A world with a time of its own: workers are greenlets, and every effect of theirs is an occasion for an accident."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, TypeVar

from botocore.exceptions import ReadTimeoutError
from greenlet import getcurrent, greenlet

from tests.fakes.time import START
from tests.simulation.aws_errors import throttling
from tests.simulation.faults import Draw

T = TypeVar("T")
R = TypeVar("R")
Action = Callable[..., object]

SECOND = 1_000
MINUTE = 60 * SECOND
FREEZES = ((1 * SECOND, 25 * SECOND), (25 * SECOND, 2 * MINUTE), (2 * MINUTE, 30 * MINUTE))
"""Bands of equal weight: around the 20 s after which a worker does not send, around a task's timeout, and long."""
LATENCIES = (1, 2, 3, 5, 8, 13, 40)
MOST_STEPS = 300_000


class Crashed(BaseException):
    """The worker is no more. Not an Exception: the code under test has no say in it."""


class TooManySteps(RuntimeError):
    """Something goes in circles."""


@dataclass(slots=True)
class Life:
    """What dies together: one invocation, with all the threads that it started.

    `skew`: how wrong its wall clock is; `wrote_lot_at`: when it changed a lot.
    """

    name: str = ""
    dead: bool = False
    skew: int = 0
    wrote_lot_at: list[int] = field(default_factory=list)


class Worker:
    """One thread of work. `ticket` is the only entry of the heap that may wake it."""

    __slots__ = ("_action", "_arguments", "_world", "carrier", "done", "life", "ticket", "waiter")

    def __init__(self, world: World, life: Life, action: Action, arguments: tuple[Any, ...]) -> None:
        self.life = life
        self.ticket = 0
        self.waiter: Worker | None = None
        self.done = False
        self.carrier: _Carrier | None = None
        self._world = world
        self._action = action
        self._arguments = arguments

    def work(self) -> None:
        try:
            self._action(*self._arguments)
        except Crashed:
            self.life.dead = True
        finally:
            self.done = True
            self._world.ended(self)


class _Carrier(greenlet):
    """Carries one worker after the other: to make a greenlet costs as much as many a worker's work."""

    def __init__(self, world: World) -> None:
        super().__init__(parent=world.hub)
        self.worker: Worker
        self._world = world

    def run(self) -> None:
        while True:
            self.worker.work()
            self._world.idle.append(self)
            self._world.hub.switch()


def _me() -> Worker | None:
    """The worker that asks; None outside of any."""
    carrier = getcurrent()
    return carrier.worker if isinstance(carrier, _Carrier) else None


class World:
    """The heap of what happens next, and the clock that jumps to it."""

    def __init__(self, draw: Draw, start: int = START, most_steps: int = MOST_STEPS) -> None:
        self.draw = draw
        self.time = start
        self.steps = 0
        self.trace: Callable[[str], None] | None = None
        self._most_steps = most_steps
        self._until = start
        self._heap: list[tuple[int, int, Worker]] = []
        self._sequence = 0
        self._alive: set[Worker] = set()
        self._closed = False
        self.idle: list[_Carrier] = []
        self.hub: greenlet = getcurrent()

    def now(self) -> int:
        return self.time

    def life(self) -> Life:
        """That of the worker who asks; one of its own for whoever only looks."""
        worker = _me()
        return Life() if worker is None else worker.life

    def note(self, text: str) -> None:
        """A line of the trace; callers build a long one only where `trace` is set."""
        if self.trace is not None:
            worker = _me()
            name = "" if worker is None else worker.life.name
            self.trace(f"{name:<28} {text}")

    # --- workers

    def start(self, action: Action, *arguments: Any, at: int | None = None, life: Life | None = None) -> Worker:
        """A worker that begins at once, or `at` a time. What it raises, except Crashed, ends the run."""
        worker = Worker(self, life or Life(getattr(action, "__name__", "worker")), action, arguments)
        self._alive.add(worker)
        self._wake(worker, self.time if at is None else max(at, self.time))
        return worker

    def sleep(self, milliseconds: int) -> None:
        """Others go on meanwhile. Crashed where the worker's invocation died meanwhile."""
        worker = _me()
        if worker is None:
            raise RuntimeError("only a worker of the world sleeps")
        target = self.time + max(0, milliseconds)
        if (not self._heap or self._heap[0][0] > target) and target <= self._until:
            self.time = target  # nobody else has anything to do before: no switch
            self._count()
        else:
            self._wake(worker, target)
            self.hub.switch()
        if worker.life.dead:
            raise Crashed

    def join(self, worker: Worker, timeout: int | None = None) -> bool:
        """Whether it ended; False where `timeout` ms were over first, and it goes on by itself."""
        if worker.done:
            return True
        me = _me()
        assert me is not None
        worker.waiter = me
        self._sequence += 1
        me.ticket = self._sequence
        if timeout is not None:
            heapq.heappush(self._heap, (self.time + timeout, me.ticket, me))
        self.hub.switch()
        worker.waiter = None
        if me.life.dead:
            raise Crashed
        return worker.done

    def together(self, do: Callable[[int], R], count: int) -> list[R]:
        """What a pool of threads does: all at once, results in order, the first error once all have ended."""
        results: dict[int, R] = {}
        errors: dict[int, BaseException] = {}

        def one(at: int) -> None:
            try:
                results[at] = do(at)
            except (Exception, Crashed) as error:  # noqa: BLE001 - raised again below
                errors[at] = error

        me = _me()
        if me is None:
            return [do(at) for at in range(count)]
        for worker in [self.start(one, at, life=me.life) for at in range(count)]:
            self.join(worker)
        if errors:
            raise errors[min(errors)]
        return [results[at] for at in range(count)]

    def run(self, until: int) -> None:
        """Until nothing is left to do, or that time has come."""
        self._until = until
        self.hub = getcurrent()
        heap = self._heap
        while heap:
            if heap[0][0] > until:
                self.time = until
                return
            at, ticket, worker = heapq.heappop(heap)
            if worker.ticket != ticket or worker.done:
                continue
            self.time = at
            worker.ticket = 0
            self._count()
            self._carry(worker)

    def close(self) -> None:
        """End whatever still sleeps; nothing has an effect from here on."""
        self._closed = True
        self._heap.clear()
        for worker in list(self._alive):
            if worker.carrier is not None and not worker.done:
                worker.carrier.throw()
        self._alive.clear()
        while self.idle:
            self.idle.pop().throw()  # else its frame would keep the whole world

    def _carry(self, worker: Worker) -> None:
        if worker.carrier is None:
            worker.carrier = self.idle.pop() if self.idle else _Carrier(self)
            worker.carrier.worker = worker
        worker.carrier.switch()

    def ended(self, worker: Worker) -> None:
        """Called by the worker itself: whoever waits for it goes on."""
        self._alive.discard(worker)
        if worker.waiter is not None:
            self._wake(worker.waiter, self.time)

    def _wake(self, worker: Worker, at: int) -> None:
        self._sequence += 1
        worker.ticket = self._sequence
        heapq.heappush(self._heap, (at, worker.ticket, worker))

    def _count(self) -> None:
        self.steps += 1
        if self.steps > self._most_steps:
            raise TooManySteps(f"{self.steps} steps, and no end: does a worker go in circles?")

    # --- effects

    def effect(self, name: str, action: Callable[[], T]) -> T:
        """The one gate: whatever a worker does to the world outside itself goes through here."""
        worker = _me()
        if worker is None:
            return action()  # a check or a test looks: nothing happens to those
        life, faults, happens = worker.life, _faults_of(name), self.draw.happens
        if life.dead or self._closed:
            raise Crashed
        if happens(faults.freeze):
            self._freeze(faults.freeze)
        if happens(faults.crash_before):
            self._crash(life, faults.crash_before)
        self.sleep(self.draw.one_of(LATENCIES))
        if happens(faults.throttled):
            self.note(f"! {faults.throttled}")
            raise throttling(name)
        answer = self._lost(faults.lost, action) if happens(faults.lost) else action()
        if happens(faults.crash_after):
            self._crash(life, faults.crash_after)
        return answer

    def _freeze(self, fault: str) -> None:
        pause = self.draw.whole(*self.draw.one_of(FREEZES))
        if self.trace is not None:
            self.note(f"! {fault}: {pause / 1000:.1f} s")
        self.sleep(pause)

    def _crash(self, life: Life, fault: str) -> None:
        self.note(f"! {fault}")
        life.dead = True
        raise Crashed

    def _lost(self, fault: str, action: Callable[[], T]) -> T:
        """Applied, and nobody heard: the SDK tries again and meets its own work, or gives up."""
        again = self.draw.whole(0, 1)
        self.note(f"! {fault}: " + ("tried again" if again else "given up"))
        answer = action()
        if not again:
            raise ReadTimeoutError(endpoint_url="https://aws.test")
        del answer
        return action()


class _Faults(NamedTuple):
    freeze: str
    crash_before: str
    throttled: str
    lost: str
    crash_after: str


@cache
def _faults_of(name: str) -> _Faults:
    """What may happen at an effect; rates are set under these names."""
    return _Faults(
        f"freeze before {name}",
        f"crash before {name}",
        f"throttled {name}",
        f"lost answer {name}",
        f"crash after {name}",
    )


def fault_names(effects: Sequence[str]) -> list[str]:
    """Every fault that the effects of these names can meet."""
    return [fault for name in effects for fault in _faults_of(name)]


class WorkerClock:
    """The Clock of one worker: its wall clock is wrong by `skew` ms, its stopwatch is right."""

    def __init__(self, world: World, skew: int = 0) -> None:
        self._world = world
        self._skew = skew

    def now(self) -> int:
        return self._world.time + self._skew

    def elapsed(self) -> float:
        return self._world.time / 1000

    def sleep(self, seconds: float) -> None:
        self._world.sleep(math.ceil(seconds * 1000))


class WorkerCrew:
    """The Crew of one worker: its threads are workers of the same life."""

    def __init__(self, world: World) -> None:
        self._world = world

    def each(self, do: Callable[[int], R], count: int) -> list[R]:
        return self._world.together(do, count)
