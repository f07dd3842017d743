"""A receiver of webhooks on this machine that answers as badly as it is told to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Serve = Callable[[socket.socket], None]


@dataclass
class Receiver:
    """Takes connections, by TLS where it has a context; keeps what was asked, and answers as `serve` does."""

    serve: Serve
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    names: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        if self.tls:
            self.tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/in"

    def close(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(6)
        self._listener.close()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._answer, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection, contextlib.suppress(OSError):
            if self.tls is None:
                self._serve_all(connection)
                return
            with self.tls.wrap_socket(connection, server_side=True) as wrapped:
                self._serve_all(wrapped)

    def _serve_all(self, connection: socket.socket) -> None:
        while asked := _read_request(connection):
            self.requests.append(asked)
            self.serve(connection)


def _read_request(connection: socket.socket) -> bytes:
    text = b""
    while b"\r\n\r\n" not in text:
        chunk = connection.recv(65_536)
        if not chunk:
            return b""
        text += chunk
    head, _, body = text.partition(b"\r\n\r\n")
    length = next((int(h[15:]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def says(status: str, body: bytes = b"{}", headers: bytes = b"") -> Serve:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n".encode()
    return lambda connection: connection.sendall(head + headers + b"\r\n" + body)


def sends(first: bytes, more: bytes = b"", pause: float = 0.0) -> Serve:
    """Sends `first`, then `more` again and again, until the other side hangs up; then it hangs up itself."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(first)
        waiting = threading.Event()
        while more:
            connection.sendall(more)
            if pause:
                waiting.wait(pause)
        connection.shutdown(socket.SHUT_RDWR)

    return serve


def hang(connection: socket.socket) -> None:
    """Sends nothing until the other side hangs up."""
    connection.recv(1)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()
