"""The webhook sender against receivers that misbehave, over real sockets: one try, one deadline, bounded bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from giftline.delivery.ports import Answer
from giftline.delivery.webhook_http import WebhookHttp
from tests.stack_support.hostile_cases import NAME, PUBLIC, FakeDns
from tests.stack_support.hostile_server import Receiver, Serve, hang, reset, says, sends
from tests.stack_support.waiting import quickest

pytestmark = pytest.mark.enable_socket

SECONDS = 0.4
BODY = b'{"status": "success"}'
OK = b"HTTP/1.1 200 OK\r\n"
NO_HTTP = "the answer is no HTTP"
BROKEN = "the connection broke before the answer was there"
TIMED_OUT = f"timed out after {SECONDS:g} s"
TOO_LONG = "the header of the answer is longer than 64 KB"
MakeReceiver = Callable[..., Receiver]


@pytest.fixture
def receiver() -> Iterator[MakeReceiver]:
    made: list[Receiver] = []

    def make(serve: Serve, *more: Any) -> Receiver:
        made.append(Receiver(serve, *more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def send(url: str, seconds: float = 5.0, headers: dict[str, str] | None = None) -> Answer:
    return WebhookHttp(allow_local=True, seconds=seconds).post(url, BODY, headers or {})


@pytest.mark.parametrize("status", [200, 204, 301, 400, 410, 429, 500, 503])
def test_whatever_the_status_there_is_one_request_and_no_second(receiver: MakeReceiver, status: int) -> None:
    made = receiver(says(f"{status} Said", b"", b"Retry-After: 0\r\nLocation: /again\r\nSet-Cookie: a=b\r\n"))
    assert send(made.url).status == status
    assert len(made.requests) == made.connections == 1


def test_a_cookie_is_forgotten(receiver: MakeReceiver) -> None:
    made = receiver(says("200 OK", b"", b"Set-Cookie: a=b\r\n"))
    sender = WebhookHttp(allow_local=True)
    assert [sender.post(made.url, BODY, {}).status for _ in range(2)] == [200, 200]
    assert not any(b"cookie" in asked.lower() for asked in made.requests)


def test_the_callers_headers_arrive_and_those_of_the_connection_stay_ours(receiver: MakeReceiver) -> None:
    made = receiver(says("200 OK"))
    more = {"webhook-id": "evt_1", "HOST": "other.example.com", "Content-Length": "1", "Transfer-Encoding": "chunked"}
    assert send(made.url, headers=more).status == 200
    head, _, body = made.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert {b"webhook-id: evt_1", f"Host: 127.0.0.1:{made.port}".encode(), b"Content-Length: 21"} <= set(lines)
    assert len([line for line in lines if line.lower().startswith((b"host", b"content-length", b"transfer"))]) == 2
    assert body == BODY


def test_a_header_with_a_line_break_is_not_sent_and_not_shown(receiver: MakeReceiver) -> None:
    made = receiver(says("200 OK"))
    answer = send(made.url, headers={"webhook-signature": "v1,secret\r\nX-Other: 1"})
    assert (answer.status, answer.problem) == (None, "the request cannot be sent")
    assert made.requests == []


@pytest.mark.parametrize(
    ("serve", "problem"),
    [
        (hang, TIMED_OUT),
        (sends(b"", b"H", 0.03), TIMED_OUT),
        (sends(OK, b"X-Slow: a\r\n", 0.03), TIMED_OUT),
        (sends(OK + b"X-Slow: ", b"a", 0.03), TIMED_OUT),
        (sends(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.03), TIMED_OUT),
        (sends(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000), TOO_LONG),
        (sends(OK + b"X-Endless: ", b"a" * 9_000), TOO_LONG),
        (sends(OK, b"X-Endless: " + b"a" * 5_000 + b"\r\n"), TOO_LONG),
        (sends(OK, b"X: a\r\n"), NO_HTTP),
        (sends(b"", b"\0" * 9_000), TOO_LONG),
        (sends(b"SSH-2.0-OpenSSH_9.6\r\n"), NO_HTTP),
        (sends(b"HTTP/1.1 99999 Odd\r\n\r\n"), NO_HTTP),
        (sends(b"HTTP/9.9 OK\r\n\r\n"), NO_HTTP),
        (sends(OK + b"Content-"), ""),
        (sends(b"HTT"), NO_HTTP),
        (reset, BROKEN),
    ],
    ids=[
        "hangs",
        "drips a status line",
        "drips headers",
        "drips one header",
        "drips interim answers",
        "floods interim answers",
        "one endless header",
        "endless headers",
        "more than a hundred headers",
        "endless rubbish",
        "another protocol",
        "no such status",
        "no status",
        "ends within the header",
        "ends within the status line",
        "reset",
    ],
)
def test_an_answer_without_a_good_header_is_a_problem_in_words(
    receiver: MakeReceiver, serve: Serve, problem: str
) -> None:
    def attempt() -> None:
        made = receiver(serve)
        answer = send(made.url, SECONDS)
        assert answer.problem == problem
        assert (answer.status is None) == bool(problem)
        assert len(made.requests) == made.connections == 1

    assert quickest(attempt, SECONDS + 1.0) < SECONDS + 1.0


@pytest.mark.parametrize(
    "serve",
    [
        sends(OK + b"Content-Length: 100000\r\n\r\n", b" ", 0.03),
        sends(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 0.03),
        sends(OK + b"\r\n", b" ", 0.03),
        sends(OK + b"Content-Length: 1000000000\r\n\r\n", b" " * 10_000),
        sends(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2710\r\n" + b" " * 10_000 + b"\r\n"),
        sends(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: a\r\n" * 1_000),
        sends(OK + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n"),
        sends(OK + b"Content-Length: 100\r\n\r\n{}"),
        sends(OK + b"Content-Length: -1\r\n\r\n{}"),
        sends(OK + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\n\x1f\x8bnot gz"),
    ],
    ids=[
        "drips a body",
        "drips chunks",
        "drips a body without a length",
        "floods a body",
        "floods chunks",
        "floods trailers",
        "chunks of no length",
        "less than announced",
        "a length below zero",
        "no gzip",
    ],
)
def test_whatever_the_body_does_the_status_stands_and_the_deadline_holds(receiver: MakeReceiver, serve: Serve) -> None:
    def attempt() -> None:
        made = receiver(serve)
        assert send(made.url, SECONDS).status == 200
        assert made.connections == 1

    assert quickest(attempt, SECONDS + 1.0) < SECONDS + 1.0


def test_a_receiver_that_does_not_read_meets_the_deadline(receiver: MakeReceiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        sender = WebhookHttp(allow_local=True, seconds=SECONDS)
        answer = sender.post(f"http://127.0.0.1:{deaf.getsockname()[1]}/", b" " * 20_000_000, {})
    assert answer.problem == TIMED_OUT
    assert SECONDS * 1_000 <= answer.milliseconds < (SECONDS + 1) * 1_000


def test_a_dns_that_does_not_answer_meets_the_deadline() -> None:
    over = threading.Event()

    def slow(*_arguments: Any, **_named: Any) -> list[Any]:
        over.wait(10)
        return []

    answer = WebhookHttp(allow_local=False, resolve=slow, seconds=SECONDS).post(NAME, BODY, {})
    over.set()
    assert answer.problem == TIMED_OUT


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("idna"), OSError("no sockets")])
def test_a_dns_that_fails_is_a_problem_in_words(error: Exception) -> None:
    def fails(*_arguments: Any, **_named: Any) -> list[Any]:
        raise error

    answer = WebhookHttp(allow_local=False, resolve=fails).post(NAME, BODY, {})
    assert answer.problem == "the name is not found in the DNS"


def test_nobody_there_is_a_problem_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/").problem == "no connection"


@pytest.mark.parametrize("hosts", [("10.0.0.1",), ("127.0.0.1", "10.0.0.1"), (PUBLIC,)])
def test_localhost_that_leads_elsewhere_is_refused(hosts: tuple[str, ...]) -> None:
    answer = WebhookHttp(allow_local=True, resolve=FakeDns((hosts,))).post("http://localhost:9/", BODY, {})
    assert answer.problem == "the name leads to an address that is not public"


def test_a_public_name_that_leads_to_loopback_is_refused_on_the_local_stack_too() -> None:
    answer = WebhookHttp(allow_local=True, resolve=FakeDns((("127.0.0.1",),))).post(NAME, BODY, {})
    assert answer.problem == "the name leads to an address that is not public"


def test_localhost_is_reached_on_the_local_stack(receiver: MakeReceiver) -> None:
    made = receiver(says("200 OK"))
    assert send(f"http://localhost:{made.port}/in").status == 200
    assert f"Host: localhost:{made.port}\r\n".encode() in made.requests[0]


def test_the_environments_proxies_and_passwords_are_not_used(
    receiver: MakeReceiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy, made = receiver(says("500 Proxy")), receiver(says("200 OK"))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login user password hunter2\n", encoding="utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert send(made.url).status == 200
    assert proxy.requests == []
    assert b"authorization" not in made.requests[0].lower()


def test_the_whole_deadline_is_twenty_seconds_where_nobody_says_otherwise() -> None:
    assert WebhookHttp(allow_local=False).seconds == 20.0
