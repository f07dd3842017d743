"""One stack for all tests of whole orders, and the orders themselves, under way from its start."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.stack_support.orders import SharedOrders, shared_orders
from tests.stack_support.stack import Stack, running_stack
from tests.stack_support.wallet import WalletDoor, wallet_door
from tests.stack_support.wallet_books import WalletBooks
from tests.stack_support.wallet_tenants import tenant_with_a_brand

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


@pytest.fixture(scope="session")
def new_name() -> Callable[[], str]:
    """A beginning of names that no other test's members have."""
    numbers = itertools.count(1)
    return lambda: f"p{next(numbers):03d}"


@pytest.fixture(scope="session")
def wallet(stack: Stack) -> WalletDoor:
    """The WalletApp calls, with the sample brand and its tenant's token."""
    return wallet_door(stack)


@pytest.fixture(scope="session")
def wallet_books(stack: Stack) -> WalletBooks:
    """What the wallets hold, read past the doors."""
    return WalletBooks(stack)


@pytest.fixture(scope="session")
def hooked(stack: Stack) -> WalletDoor:
    """The same calls of another tenant, whose webhooks are its own."""
    return tenant_with_a_brand(stack, "hooked")
