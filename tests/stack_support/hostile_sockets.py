"""What is asked of the system's sockets, seen by an audit hook that can also stop it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest.mock import patch


@dataclass
class Seen:
    """`connects` are addresses and ports; `lookups` are names given to the system's resolver."""

    stopped: bool
    connects: list[tuple[str, int]] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)


_watching: list[Seen] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or not event.startswith("socket."):
        return
    seen = _watching[-1]
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        seen.connects.append(tuple(arguments[1][:2]))
        if seen.stopped:
            raise ConnectionRefusedError("nothing leaves this test")
    elif event.startswith(("socket.getaddrinfo", "socket.gethostby")):
        seen.lookups.append(str(arguments[0]))


@cache
def _install() -> None:
    sys.addaudithook(_hook)  # it stays for good, and does nothing while nobody watches


@contextmanager
def watched_sockets(*, stopped: bool = True) -> Iterator[Seen]:
    """All connects of this process are recorded; `stopped`: and refused before a packet leaves."""
    _install()
    seen = Seen(stopped)
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


@contextmanager
def led_to(port: int) -> Iterator[list[tuple[str, int]]]:
    """Connects reach a server of ours on that port; yields the addresses that were wanted."""
    wanted: list[tuple[str, int]] = []
    really = socket.socket.connect

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        wanted.append(address[:2])
        really(self, ("127.0.0.1", port))

    with patch.object(socket.socket, "connect", connect):
        yield wanted
