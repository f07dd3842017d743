"""HttpClient against servers that misbehave, over real sockets: one request, one deadline, no text kept."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from giftline.secret import Secret
from giftline.suppliers import http
from giftline.suppliers.http import Answer, HttpClient
from giftline.suppliers.port import Found, Outcome
from giftline.suppliers.wpay import Wpay
from tests.fakes.house import line
from tests.stack_support.waiting import quickest

pytestmark = pytest.mark.enable_socket

SECONDS = 0.5
KEY = "gl-very-secret-key"
Serve = Callable[[socket.socket], None]


@dataclass
class Trap:
    """Takes connections, keeps what was asked, and answers as `serve` does."""

    serve: Serve
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.05)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads = [threading.Thread(target=self._listen, daemon=True)]
        self.threads[0].start()

    def _listen(self) -> None:
        while not self.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self.listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._answer, args=(connection,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection, contextlib.suppress(OSError):
            while asked := _read_request(connection):
                self.requests.append(asked)
                self.serve(connection)

    def close(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(6)
        self.listener.close()


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


@pytest.fixture
def trap() -> Iterator[Callable[[Serve], Trap]]:
    traps: list[Trap] = []

    def make(serve: Serve) -> Trap:
        traps.append(Trap(serve))
        return traps[-1]

    yield make
    for made in traps:
        made.close()


def says(status: str, body: bytes = b"{}", headers: bytes = b"") -> Serve:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n".encode()
    return lambda connection: connection.sendall(head + headers + b"\r\n" + body)


def drip(first: bytes, more: bytes) -> Serve:
    """Sends `first`, then a byte of `more` again and again until the other side hangs up."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(first)
        gone = threading.Event()
        for _ in range(100):
            connection.sendall(more)
            gone.wait(0.03)

    return serve


def hang(connection: socket.socket) -> None:
    """Sends nothing until the other side hangs up."""
    connection.recv(1)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def ask(made: Trap, seconds: float = SECONDS) -> Answer:
    return HttpClient(made.url).request("POST", "/orders", {"X-Api-Key": KEY}, seconds, b'{"refno": "r"}')


MakeTrap = Callable[[Serve], Trap]


def test_a_plain_answer_is_read_with_exact_numbers(trap: MakeTrap) -> None:
    answer = ask(trap(says("200 OK", b'{"amount": 5.10}')))
    assert (answer.status, str(answer.body["amount"]), answer.failure) == (200, "5.10", "")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(trap: MakeTrap, status: str) -> None:
    made = trap(says(status, b"{}", b"Location: /elsewhere\r\n"))
    assert ask(made).status == int(status[:3])
    assert len(made.requests) == 1


@pytest.mark.parametrize("status", ["429 Slow down", "500 Broken", "502 Gateway", "503 Away"])
def test_an_error_is_not_tried_again(trap: MakeTrap, status: str) -> None:
    made = trap(says(status, b"{}", b"Retry-After: 0\r\n"))
    assert ask(made).status == int(status[:3])
    assert len(made.requests) == 1


def test_a_connection_that_is_reset_is_not_tried_again(trap: MakeTrap) -> None:
    made = trap(reset)
    assert ask(made) == Answer(0, failure="connection")
    assert (len(made.requests), made.connections) == (1, 1)


def test_a_kept_connection_that_dies_is_not_tried_again(trap: MakeTrap) -> None:
    served: list[int] = []

    def serve(connection: socket.socket) -> None:
        served.append(1)
        (says("200 OK") if len(served) == 1 else reset)(connection)

    made = trap(serve)
    client = HttpClient(made.url)
    assert client.request("POST", "/a", {}, SECONDS, b"{}").status == 200
    assert client.request("POST", "/b", {}, SECONDS, b"{}").status == 0
    assert len(made.requests) == 2


@pytest.mark.parametrize(
    "serve",
    [
        hang,
        drip(b"", b"H"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-Slow: a\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
    ids=["hangs", "drips a status line", "drips headers", "drips one header", "drips a body", "drips chunks"],
)
def test_whatever_the_other_side_does_with_its_time_the_deadline_holds(trap: MakeTrap, serve: Serve) -> None:
    def attempt() -> None:
        made = trap(serve)
        answer = ask(made)
        assert answer.status == 0 or answer.failure
        assert answer.body is None
        assert len(made.requests) == 1

    assert quickest(attempt, SECONDS + 1.0) < SECONDS + 1.0


def test_a_body_without_an_end_is_cut_off(trap: MakeTrap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER", 100_000)

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(200):
            connection.sendall(b" " * 10_000)

    answer = ask(trap(flood), 5)
    assert (answer.body, answer.failure) == (None, "too large")


def test_a_gzip_bomb_is_cut_off_too(trap: MakeTrap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER", 100_000)
    bomb = gzip.compress(b" " * 20_000_000)
    answer = ask(trap(says("200 OK", bomb, b"Content-Encoding: gzip\r\n")), 5)
    assert (answer.body, answer.failure) == (None, "too large")


def test_a_gzip_answer_is_read(trap: MakeTrap) -> None:
    packed = gzip.compress(json.dumps({"status": "COMPLETE"}).encode())
    assert ask(trap(says("200 OK", packed, b"Content-Encoding: gzip\r\n"))).body == {"status": "COMPLETE"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>Gateway</html>", b"Content-Type: text/html\r\n"),
        (b'{"status": "COMP', b""),
        (b"", b""),
        (b"\x1f\x8bnot gzip", b"Content-Encoding: gzip\r\n"),
    ],
)
def test_what_is_not_json_is_no_answer(trap: MakeTrap, body: bytes, headers: bytes) -> None:
    answer = ask(trap(says("200 OK", body, headers)))
    assert answer.body is None
    assert answer.failure


def test_less_than_was_announced_is_no_answer(trap: MakeTrap) -> None:
    def cut(connection: socket.socket) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a": 1}')
        connection.close()

    answer = ask(trap(cut))
    assert answer.body is None
    assert answer.failure


def test_the_environments_proxies_are_not_used(trap: MakeTrap, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, made = trap(says("200 OK", b'{"from": "proxy"}')), trap(says("200 OK", b'{"from": "supplier"}'))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert ask(made).body == {"from": "supplier"}
    assert proxy.requests == []


def test_nobody_there_is_a_failure_in_a_word() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert HttpClient(f"http://127.0.0.1:{port}").request("GET", "/", {}, SECONDS) == Answer(0, failure="connection")


@pytest.mark.parametrize("serve", [hang, reset, says("500 Broken", b'{"cardNumber": "6280"}')])
def test_no_answer_shows_a_key_or_a_card(trap: MakeTrap, serve: Serve) -> None:
    answer = ask(trap(serve))
    assert KEY not in repr(answer)
    assert "6280" not in repr(answer)


def test_a_key_with_a_line_break_never_makes_a_second_header_nor_a_message(trap: MakeTrap) -> None:
    made = trap(says("200 OK"))
    wpay = Wpay(HttpClient(made.url), lambda: Secret(KEY + "\r\nX-Other: 1"))
    assert wpay.look_up("r-1").found is Found.UNREADABLE
    assert not any(b"X-Other" in asked for asked in made.requests)


def test_every_trap_leaves_the_post_unknown(trap: MakeTrap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("giftline.suppliers.wpay.POST_SECONDS", 0.3)
    body = b'{"orderId": "A1", "refno": "r-1"}'
    for serve in (hang, reset, says("307 Temporary", body), says("200 OK", body), says("503 Away", body)):
        wpay = Wpay(HttpClient(trap(serve).url), lambda: Secret(KEY))
        assert wpay.place("r-1", (line(1),)).outcome is Outcome.UNKNOWN
