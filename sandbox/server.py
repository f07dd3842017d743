"""Serving a supplier on this machine, for the command line and for tests.

waitress serves, because it keeps connections alive as the real suppliers do and lets a route drop its connection
without an answer. The server that comes with Flask closes every connection after one answer.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore

from sandbox.settings import Settings
from sandbox.wpay.app import create_app

SUPPLIERS: Mapping[str, Callable[[Settings], Flask]] = {"wpay": create_app}

HOST = "127.0.0.1"
# A hanging answer holds its thread.
THREADS = 48
SECONDS_TO_STOP = 1.0


@dataclass(frozen=True, slots=True)
class Running:
    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def start(settings: Settings, *, port: int = 0, supplier: str = "wpay") -> Iterator[Running]:
    """Listens when the block is entered, on a free port for port 0; stopped when it is left."""
    channels: dict[int, Any] = {}
    app = SUPPLIERS[supplier](settings)
    server = create_server(app, map=channels, host=HOST, port=port, threads=THREADS)
    stopping = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, channels, stopping), daemon=True)
    thread.start()
    try:
        yield Running(server.effective_port)
    finally:
        stopping.set()
        server.pull_trigger()
        thread.join(2 * SECONDS_TO_STOP)


def _serve(server: Any, channels: dict[int, Any], stopping: threading.Event) -> None:
    while not stopping.is_set():
        wasyncore.loop(timeout=1.0, use_poll=True, map=channels, count=1)
    server.task_dispatcher.shutdown(timeout=SECONDS_TO_STOP)
    wasyncore.close_all(channels)
