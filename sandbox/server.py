"""Serving one of them or all on this machine, for the command line and for tests.

waitress serves, because it keeps connections alive as the real suppliers do and lets a route drop its connection
without an answer. The server that comes with Flask closes every connection after one answer.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress import create_server, wasyncore

from sandbox.google.app import PREFIXES as GOOGLE_PREFIXES
from sandbox.google.app import create_app as create_google
from sandbox.settings import Settings
from sandbox.walleo.app import PREFIXES as WALLEO_PREFIXES
from sandbox.walleo.app import create_app as create_walleo
from sandbox.wpay.app import create_app as create_wpay


def create_both(settings: Settings) -> WSGIApplication:
    """Both suppliers, and Google beside them. Each keeps its own paths; what belongs to none is answered by Wpay."""
    wpay, walleo, google = create_wpay(settings), create_walleo(settings), create_google(settings)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(GOOGLE_PREFIXES):
            return google(environ, start_response)
        supplier = walleo if path.startswith(WALLEO_PREFIXES) else wpay
        return supplier(environ, start_response)

    return answer


BOTH = "both"
SUPPLIERS: Mapping[str, Callable[[Settings], WSGIApplication]] = {
    "wpay": create_wpay,
    "walleo": create_walleo,
    "google": create_google,
    BOTH: create_both,
}

HOST = "127.0.0.1"
# A hanging answer holds its thread.
THREADS = 48
THREAD = "sandbox server"
SECONDS_TO_STOP = 5.0


@dataclass(frozen=True, slots=True)
class Running:
    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def start(settings: Settings, *, port: int = 0, supplier: str = BOTH) -> Iterator[Running]:
    """Listens when the block is entered, on a free port for port 0; stopped when it is left."""
    channels: dict[int, Any] = {}
    app = SUPPLIERS[supplier](settings)
    server = create_server(app, map=channels, host=HOST, port=port, threads=THREADS)
    stopping = threading.Event()
    thread = threading.Thread(target=_serve, args=(channels, stopping), name=THREAD, daemon=True)
    thread.start()
    try:
        yield Running(server.effective_port)
    finally:
        stopping.set()
        server.pull_trigger()  # nothing is closed before: the thread may have seen by itself that it is to stop
        thread.join(SECONDS_TO_STOP)
        server.task_dispatcher.shutdown(timeout=SECONDS_TO_STOP)
        wasyncore.close_all(channels)


def _serve(channels: dict[int, Any], stopping: threading.Event) -> None:
    while not stopping.is_set():
        wasyncore.loop(timeout=1.0, use_poll=True, map=channels, count=1)
