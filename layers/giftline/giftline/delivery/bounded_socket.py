"""A connection that ends: one deadline over all that is done with it, and no more bytes than granted.

A timeout of a socket bounds each operation, not their sum. Here each one gets what is left of
the whole, so that a byte a second reaches the deadline as silence does. No thread watches, as
connecting, a TLS handshake and each read and write of `ssl` bound themselves as a whole.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Clock = Callable[[], float]
"""Seconds that only grow."""


class TooMuch(OSError):
    """The other side sent more than was granted."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The moment at which everything must be over."""

    at: float
    clock: Clock

    def left(self) -> float:
        """Seconds, more than 0.

        :raises TimeoutError: none are left.
        """
        left = self.at - self.clock()
        if left <= 0:
            raise TimeoutError("the deadline is over")
        return left


class BoundedSocket:
    """What http.client needs of a socket. `granted` is the number of bytes that may still come in."""

    def __init__(self, wrapped: socket.socket, limit: Limit, granted: int) -> None:
        self._wrapped = wrapped
        self._limit = limit
        self.granted = granted

    def sendall(self, data: bytes) -> None:
        """All of it: each piece within what is left of the time."""
        rest = memoryview(data)
        while rest:
            self._wrapped.settimeout(self._limit.left())
            rest = rest[self._wrapped.send(rest) :]

    def read_into(self, buffer: Any) -> int:
        """Some bytes; 0 at the end of the stream.

        :raises TooMuch: more came than was granted.
        """
        self._wrapped.settimeout(self._limit.left())
        count = self._wrapped.recv_into(buffer)
        self.granted -= count
        if self.granted < 0:
            raise TooMuch("more bytes than granted")
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self))

    def close(self) -> None:
        """Nothing: whoever opened the connection closes it."""


class _Incoming(io.RawIOBase):
    def __init__(self, source: BoundedSocket) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._source.read_into(buffer)
