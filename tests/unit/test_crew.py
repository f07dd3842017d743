"""Several requests at once: every one ends, in order, each within its own deadline."""

from __future__ import annotations

import threading
from contextvars import ContextVar

import pytest

from giftline.crew import Threads
from giftline.suppliers.deadline import _current as current
from giftline.suppliers.deadline import deadline

TIMEOUT = 10.0
number: ContextVar[int] = ContextVar("number", default=0)


def test_results_come_in_the_order_of_their_numbers_whoever_ends_first() -> None:
    ended = [threading.Event() for _ in range(4)]

    def last_ends_first(index: int) -> int:
        if index + 1 < len(ended):
            assert ended[index + 1].wait(TIMEOUT)
        ended[index].set()
        return 10 * index

    assert Threads(4).each(last_ends_first, 4) == [0, 10, 20, 30]


@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_each_number_is_done_once_and_more_than_there_are_threads(count: int) -> None:
    assert Threads(3).each(lambda index: index, count) == list(range(count))


def test_as_many_run_at_once_as_there_are_threads() -> None:
    together = threading.Barrier(3, timeout=TIMEOUT)
    Threads(3).each(lambda _index: together.wait(), 6)


def test_an_error_is_raised_only_after_all_have_ended() -> None:
    done, may_end = list[int](), threading.Event()

    def work(index: int) -> None:
        if index == 0:
            may_end.set()
            raise KeyError("the first one failed")
        assert may_end.wait(TIMEOUT)
        done.append(index)

    with pytest.raises(KeyError, match="the first one failed"):
        Threads(4).each(work, 12)
    assert sorted(done) == list(range(1, 12))


def test_the_crew_works_on_after_an_error() -> None:
    crew = Threads(2)
    with pytest.raises(ZeroDivisionError):
        crew.each(lambda index: 1 // index, 4)
    assert crew.each(lambda index: index, 4) == [0, 1, 2, 3]


def test_each_call_sees_the_callers_context_and_changes_only_its_own() -> None:
    number.set(7)
    together = threading.Barrier(4, timeout=TIMEOUT)

    def work(index: int) -> tuple[int, int]:
        before = number.get()
        number.set(100 + index)
        together.wait()
        return before, number.get()

    assert Threads(4).each(work, 4) == [(7, 100 + index) for index in range(4)]
    assert Threads(4).each(lambda _index: number.get(), 2) == [7, 7]
    assert number.get() == 7


def test_a_deadline_is_each_calls_own() -> None:
    """One that ends takes no other one's with it."""
    ended, seen = threading.Event(), dict[int, float]()

    def work(index: int) -> bool:
        with deadline(1_000.0 * (index + 1)) as limit:
            if index == 1:
                assert ended.wait(TIMEOUT)
            seen[index] = limit.left
            mine = current.get() is limit
        ended.set()
        return mine

    assert Threads(2).each(work, 2) == [True, True]
    assert seen[0] <= 1_000 < seen[1] <= 2_000
    assert current.get() is None
