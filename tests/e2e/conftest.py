"""One stack for those tests that need no settings of their own: each start costs what many tests do."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.stack_support.faulty_proxy import FaultyProxy, serving
from tests.stack_support.meeting import selling
from tests.stack_support.stack import Stack


@pytest.fixture(scope="session")
def proxy() -> Iterator[FaultyProxy]:
    """Stands before the shared stack, whose Walleo door knows its address from the start."""
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def seller(proxy: FaultyProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Future[Stack]]:
    """The shared stack, on its way up: who waits for it may do something else meanwhile."""
    with selling(tmp_path_factory.mktemp("shared"), proxy) as starting:
        yield starting


@pytest.fixture(scope="session")
def shared_stack(seller: Future[Stack]) -> Stack:
    return seller.result()
