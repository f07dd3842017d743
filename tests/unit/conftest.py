"""Unit tests reach nothing outside: sockets are blocked, and each has a house of fakes."""

from __future__ import annotations

import pytest

from tests.fakes.house import House


@pytest.fixture(autouse=True)
def _no_sockets(socket_disabled: None) -> None:
    """pytest-socket closes the door, and opens it again after the test."""


@pytest.fixture
def house() -> House:
    return House()
