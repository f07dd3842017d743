"""One overall deadline for a request, whatever the other side does with its time.

A socket timeout bounds each read, not their sum: an answer that drips a byte a second passes
it for ever. Here a timer shuts the socket down when the deadline is over, and no connection
sends a request after it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class DeadlineOver(OSError):
    """The overall time of a request is spent."""


class Deadline:
    """Seconds from now; cuts the socket it watches when they are over."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        return self._at - time.monotonic()

    def watch(self, watched: socket.socket) -> None:
        """Called before each send: raises where it is too late to begin."""
        with self._lock:
            self._socket = watched
        if self.left <= 0:
            raise DeadlineOver("the deadline was over before the request was sent")
        watched.settimeout(self.left)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._socket = None

    def _cut(self) -> None:
        with self._lock:
            if self._socket is None:
                return
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """Requests made inside, in this thread, end within `seconds`."""
    limit = Deadline(seconds)
    token = _current.set(limit)
    limit.start()
    try:
        yield limit
    finally:
        limit.stop()
        _current.reset(token)


class _Watched:
    """Mixed into a connection: its socket is watched from before the first byte is sent."""

    sock: Any
    connect: Any

    def putrequest(self, *arguments: Any, **named: Any) -> None:
        limit = _current.get()
        if limit is not None:
            if self.sock is None:
                self.connect()
            limit.watch(self.sock)
        super().putrequest(*arguments, **named)  # type: ignore[misc]


class _WatchedHTTP(_Watched, HTTPConnection):
    pass


class _WatchedHTTPS(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


def watched_pools(**named: Any) -> PoolManager:
    """Connections that obey the deadline; no environment proxies, no retries of their own."""
    pools = PoolManager(retries=False, **named)
    pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
    return pools
