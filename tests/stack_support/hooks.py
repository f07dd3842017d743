"""A tenant's backend on this machine: what webhooks arrive, and what it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ELSEWHERE = "/elsewhere"


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class Backend:
    """`answer` decides the status by the number of POSTs that came before to that path.

    A redirect leads to `ELSEWHERE`.
    """

    url: str
    received: list[Received] = field(default_factory=list)
    answer: Callable[[str, int], int] = lambda _path, _before: 200

    def of(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path == path]


@contextmanager
def backend() -> Iterator[Backend]:
    """Listens on 127.0.0.1 while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            before = len(known.of(self.path))
            known.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status = known.answer(self.path, before)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", known.url + ELSEWHERE)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            known.received.append(Received(self.path, {}, b""))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Backend(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
