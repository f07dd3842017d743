"""The webhook sender and TLS: whom it believes, and what becomes of a handshake that goes wrong."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from giftline.delivery.ports import Answer
from giftline.delivery.webhook_http import WebhookHttp
from tests.stack_support.hostile_cases import NAME, PUBLIC, FakeDns
from tests.stack_support.hostile_certificates import DAY, Authority
from tests.stack_support.hostile_server import Receiver, Serve, hang, reset, says, sends
from tests.stack_support.hostile_sockets import led_to
from tests.stack_support.waiting import quickest

pytestmark = pytest.mark.enable_socket

SECONDS = 0.4
BODY = b'{"status": "success"}'
TIMED_OUT = f"timed out after {SECONDS:g} s"
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


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def by_tls(receiver: Receiver, authority: Authority, seconds: float = 5.0) -> Answer:
    sender = WebhookHttp(allow_local=False, resolve=FakeDns(((PUBLIC,),)), seconds=seconds, tls=authority.trusting())
    with led_to(receiver.port):
        return sender.post(NAME, BODY, {})


@pytest.mark.parametrize(
    ("name", "lasts", "self_signed", "problem"),
    [
        ("other.example.com", DAY, False, "the certificate is not good for this name"),
        ("example.com", DAY, False, "the certificate is not good for this name"),
        (PUBLIC, DAY, False, "the certificate is not good for this name"),
        ("hooks.example.com", -DAY, False, "the certificate has expired"),
        ("hooks.example.com", DAY, True, "the certificate is signed by itself, not by an authority we know"),
    ],
)
def test_a_bad_certificate_gets_nothing(
    receiver: MakeReceiver, authority: Authority, name: str, lasts: dt.timedelta, self_signed: bool, problem: str
) -> None:
    made = receiver(says("200 OK"), authority.server(name, lasts=lasts, self_signed=self_signed))
    answer = by_tls(made, authority)
    assert (answer.status, answer.problem) == (None, problem)
    assert made.requests == []


def test_an_authority_that_nobody_knows_gets_nothing(
    receiver: MakeReceiver, authority: Authority, tmp_path: Path
) -> None:
    made = receiver(says("200 OK"), Authority(tmp_path).server("hooks.example.com"))
    assert by_tls(made, authority).problem == "the certificate is not signed by an authority we know"
    assert made.requests == []


@pytest.mark.parametrize(
    ("serve", "problem"),
    [
        (sends(b"HTTP/1.1 400 Speak plainly\r\n\r\n"), "no TLS connection"),
        (reset, "no TLS connection"),
        (hang, TIMED_OUT),
        (sends(b"", b"\x16", 0.03), None),
        (sends(b"\x16\x03\x03\x40\x00", b"\0", 0.03), None),
    ],
    ids=["speaks plain HTTP", "reset", "hangs", "drips rubbish", "drips a record"],
)
def test_a_handshake_that_does_not_come_about_is_a_problem_in_words(
    authority: Authority, serve: Serve, problem: str | None
) -> None:
    def attempt() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=_serve_once, args=(listener, serve), daemon=True).start()
            sender = WebhookHttp(allow_local=False, resolve=FakeDns(((PUBLIC,),)), seconds=SECONDS)
            with led_to(listener.getsockname()[1]):
                answer = sender.post(NAME, BODY, {})
        assert answer.problem in ({problem} if problem else {TIMED_OUT, "no TLS connection"})

    assert quickest(attempt, SECONDS + 1.0) < SECONDS + 1.0


def _serve_once(listener: socket.socket, serve: Serve) -> None:
    connection, _ = listener.accept()
    try:
        connection.recv(1)  # the connection stands: what follows is about the handshake
        serve(connection)
        connection.settimeout(2)
        while connection.recv(1_000):
            pass
    except OSError:
        pass
    finally:
        connection.close()


def test_an_answer_that_drips_through_tls_meets_the_deadline(receiver: MakeReceiver, authority: Authority) -> None:
    made = receiver(sends(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", 0.03), authority.server("hooks.example.com"))
    assert by_tls(made, authority, SECONDS).problem == TIMED_OUT
