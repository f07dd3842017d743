"""Every attack on the webhook sender, run at the socket: nothing forbidden is connected to, nor looked up."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import pytest

from giftline.delivery.webhook_http import WebhookHttp
from tests.stack_support.hostile_cases import CASES, PUBLIC, PUBLIC_V6, REDIRECTS, FakeDns, HostileCase
from tests.stack_support.hostile_certificates import Authority
from tests.stack_support.hostile_server import Receiver, says
from tests.stack_support.hostile_sockets import led_to, watched_sockets
from tests.stack_support.hostile_table import attack, redirected

pytestmark = pytest.mark.enable_socket

BODY = b'{"status": "success"}'


@pytest.fixture(scope="module")
def sender() -> WebhookHttp:
    return WebhookHttp(allow_local=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def hooks(authority: Authority) -> ssl.SSLContext:
    return authority.server("hooks.example.com")


@pytest.fixture
def receiver(hooks: ssl.SSLContext) -> Iterator[Receiver]:
    made = Receiver(says("200 OK"), hooks)
    yield made
    made.close()


def test_there_are_at_least_seventy_attacks_and_no_two_are_alike() -> None:
    assert len({(case.url, case.answers) for case in CASES}) == len(CASES) >= 70


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_attack_is_refused_in_words_and_reaches_nothing_forbidden(case: HostileCase, sender: WebhookHttp) -> None:
    outcome = attack(case, sender)
    assert outcome.answer.status is None
    assert outcome.answer.problem.startswith(case.refusal)
    assert outcome.system_lookups == ()
    assert outcome.connects == (((PUBLIC, 443),) if case.family.startswith("rebinding") else ())
    assert not any(part in outcome.answer.problem for part in secrets_of(case))


def secrets_of(case: HostileCase) -> set[str]:
    """What a refusal must not show: how the network looks from here, and pieces of the URL."""
    return {part for answer in case.answers for part in answer if len(part) > 3} | {"hunter2", "169.254", "127.0"}


@pytest.mark.parametrize(("status", "place"), REDIRECTS)
def test_a_redirect_is_only_a_status(authority: Authority, hooks: ssl.SSLContext, status: int, place: str) -> None:
    receiver = Receiver(says(f"{status} Elsewhere", b"", f"Location: {place}\r\n".encode()), hooks)
    try:
        outcome = redirected(receiver, authority)
    finally:
        receiver.close()
    assert (outcome.answer.status, outcome.answer.problem) == (status, "")
    assert outcome.connects == ((PUBLIC, 443),)
    assert len(receiver.requests) == receiver.connections == 1


def test_a_good_receiver_is_reached_at_the_very_address_that_was_checked(
    authority: Authority, receiver: Receiver
) -> None:
    dns = FakeDns(((PUBLIC,), ("127.0.0.1",)))
    sender = WebhookHttp(allow_local=False, resolve=dns, tls=authority.trusting())
    with led_to(receiver.port) as wanted, watched_sockets(stopped=False) as seen:
        answer = sender.post("https://hooks.example.com/in?key=1", BODY, {"webhook-id": "evt_1"})
    assert (answer.status, answer.problem) == (200, "")
    assert wanted == [(PUBLIC, 443)]
    assert dns.asked == ["hooks.example.com"]
    assert (seen.connects, seen.lookups) == ([("127.0.0.1", receiver.port)], [])
    assert receiver.names == ["hooks.example.com"]
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /in?key=1 HTTP/1.1"
    assert {b"Host: hooks.example.com", b"webhook-id: evt_1"} <= set(lines)
    assert body == BODY


def test_a_name_in_punycode_and_the_other_port_are_good(authority: Authority) -> None:
    receiver = Receiver(says("204 Nothing", b""), authority.server("xn--bcher-kva.example.com"))
    sender = WebhookHttp(allow_local=False, resolve=FakeDns(((PUBLIC,),)), tls=authority.trusting())
    with led_to(receiver.port) as wanted:
        answer = sender.post("https://xn--bcher-kva.example.com:8443/", BODY, {})
    receiver.close()
    assert (answer.status, wanted) == (204, [(PUBLIC, 8443)])
    assert b"\r\nHost: xn--bcher-kva.example.com:8443\r\n" in receiver.requests[0]


def test_a_public_address_is_good_where_the_certificate_is_for_it(authority: Authority) -> None:
    receiver = Receiver(says("200 OK"), authority.server(PUBLIC))
    dns = FakeDns((("127.0.0.1",),))
    with led_to(receiver.port) as wanted:
        answer = WebhookHttp(allow_local=False, resolve=dns, tls=authority.trusting()).post(
            f"https://{PUBLIC}/in", BODY, {}
        )
    receiver.close()
    assert (answer.status, wanted, dns.asked) == (200, [(PUBLIC, 443)], [])


def test_of_a_hundred_addresses_a_few_of_each_family_are_tried(sender: WebhookHttp) -> None:
    many = (*(f"93.184.216.{last}" for last in range(1, 51)), *(f"2606:2800::{last}" for last in range(1, 51)))
    outcome = attack(HostileCase("", "https://hooks.example.com/in", "", (many,)), sender)
    assert outcome.answer.problem == "no connection"
    assert [address for address, _ in outcome.connects] == [*many[:2], *many[50:52]]


def test_the_next_address_is_taken_where_one_refuses(sender: WebhookHttp) -> None:
    outcome = attack(HostileCase("", "https://hooks.example.com/in", "", ((PUBLIC, PUBLIC_V6),)), sender)
    assert outcome.connects == ((PUBLIC, 443), (PUBLIC_V6, 443))


def test_the_watch_itself_sees_and_stops_a_connect() -> None:
    with watched_sockets() as seen, socket.socket() as plain, pytest.raises(ConnectionRefusedError):
        plain.connect(("127.0.0.1", 9))
    assert seen.connects == [("127.0.0.1", 9)]


def test_the_watch_sees_a_look_up() -> None:
    with watched_sockets() as seen:
        socket.getaddrinfo("127.0.0.1", 80)
    assert seen.lookups == ["127.0.0.1"]
