"""One stack for all tests of whole orders, and the orders themselves, under way from its start."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.stack_support.orders import SharedOrders, shared_orders
from tests.stack_support.stack import Stack, running_stack

LAST = "test_search_for_secrets.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The search looks through what all the others left behind."""
    items.sort(key=lambda item: item.path.name == LAST)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def orders(stack: Stack, request: pytest.FixtureRequest) -> Iterator[SharedOrders]:
    """The largest order only where a test asks for it: it takes as long as the others together."""
    with_largest = any("largest" in getattr(item, "fixturenames", ()) for item in request.session.items)
    with shared_orders(stack, with_largest=with_largest) as under_way:
        yield under_way


@pytest.fixture(scope="session")
def largest() -> None:
    """Asks for the order of 25,000 cards."""


@pytest.fixture(scope="session")
def new_refno() -> Callable[[], str]:
    """A refno that no other test has."""
    numbers = itertools.count(1)
    return lambda: f"refno-{next(numbers):04d}"
