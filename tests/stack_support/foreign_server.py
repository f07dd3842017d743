"""The wire of the foreign suppliers: HTTP by the standard library alone, with the accidents that it is told to have."""

from __future__ import annotations

import json
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.stack_support.door import Cards
from tests.stack_support.foreign_accidents import NOTHING_DONE, Accident, Accidents

Reply = tuple[int, dict[str, Any]]

SLOW_SECONDS = 0.3
JSON = "application/json; charset=utf-8"
PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
WITHOUT_BODY: Mapping[Accident, tuple[int, dict[str, str]]] = {
    Accident.ERROR_BEFORE: (500, {}),
    Accident.UNAVAILABLE: (503, {}),
    Accident.THROTTLED: (429, {"Retry-After": "1"}),
    Accident.ERROR_AFTER: (500, {}),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `path` with its query, as the client wrote it."""

    method: str
    path: str
    headers: Message
    text: bytes = b""

    @property
    def body(self) -> dict[str, Any]:
        """Empty where it is no JSON object."""
        try:
            found = json.loads(self.text or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass
class ForeignSupplier(ABC):
    """Who answers, and what came over the wire: `posts` by reference, with those that met an accident."""

    accidents: Accidents = field(default_factory=Accidents)
    url: str = ""
    posts: Counter[str] = field(default_factory=Counter)
    traffic: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    refused_twice: int = 0
    """POSTs under a reference that was used before."""

    @abstractmethod
    def sold_to(self, order_id: str) -> Cards:
        """Cards of every reference that names the order; nothing where none does."""

    @abstractmethod
    def numbers(self) -> list[str]:
        """Of every card it ever sold."""

    @abstractmethod
    def reference(self, call: Call) -> str:
        """Under which reference a POST buys; empty where it names none."""

    @abstractmethod
    def oddities(self, call: Call) -> tuple[Accident, ...]:
        """Accidents that only this kind of call can have."""

    @abstractmethod
    def reply(self, call: Call, accident: Accident | None) -> Reply:
        """The answer, once everything is done that the call asks for. Called by one thread at a time."""

    @property
    def requests(self) -> int:
        return self.traffic.total()

    @property
    def busiest_second(self) -> int:
        return max(self.traffic.values(), default=0)

    def begin(self, call: Call) -> Accident | None:
        """Count the call and draw its accident."""
        reference = self.reference(call) if call.method == "POST" else ""
        with self.lock:
            self.traffic[int(time.monotonic())] += 1
            if reference:
                self.posts[reference] += 1
        return self.accidents.strike(f"{call.method} {reference or call.path}", self.oddities(call))


class Desk(BaseHTTPRequestHandler):
    """Requests as they come over the wire."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    supplier: ClassVar[ForeignSupplier]

    def do_POST(self) -> None:
        self.serve()

    def do_GET(self) -> None:
        self.serve()

    def serve(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(self.command, self.path, self.headers, text)
        accident = self.supplier.begin(call)
        if accident is Accident.SLOW:
            time.sleep(SLOW_SECONDS)
        if accident in NOTHING_DONE:
            self.fail(accident)
            return
        with self.supplier.lock:
            status, body = self.supplier.reply(call, accident)
        self.answer(status, json.dumps(body).encode(), accident)

    def answer(self, status: int, text: bytes, accident: Accident | None) -> None:
        match accident:
            case Accident.DROP_AFTER | Accident.ERROR_AFTER:
                self.fail(accident)
            case Accident.HTML:
                self.send(502, PAGE, {"Content-Type": "text/html"})
            case Accident.CUT_OFF:
                self.send(status, text[: len(text) // 2])
            case Accident.BROKEN_OFF:
                self.send(status, text[: len(text) // 2], {"Content-Length": str(len(text))})
                self.hang_up()
            case _:
                self.send(status, text)

    def fail(self, accident: Accident) -> None:
        if accident in WITHOUT_BODY:
            status, headers = WITHOUT_BODY[accident]
            self.send(status, b"", headers)
        else:
            self.hang_up()

    def send(self, status: int, text: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": JSON, "Content-Length": str(len(text))} | dict(headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """A thread for each connection."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no news here: workers are killed on purpose."""


@contextmanager
def serve(supplier: ForeignSupplier) -> Iterator[None]:
    """The supplier on a free port of this machine, whose address it then knows."""
    server = Server(("127.0.0.1", 0), type("BoundDesk", (Desk,), {"supplier": supplier}))
    supplier.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
