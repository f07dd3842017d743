"""Sends a webhook to a URL that may be hostile: only to the address that was checked, within one deadline.

The URL is read again, its name is looked up once, every address found must be public, and the
connection goes to one of those very addresses: a second answer of the DNS is never asked for.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final

from giftline.delivery.bounded_socket import BoundedSocket, Clock, Limit, TooMuch
from giftline.delivery.hostile_urls import HostileUrl, Target, read_url
from giftline.delivery.ports import Answer
from giftline.delivery.public_addresses import is_loopback, is_public, read_address

SECONDS: Final = 20.0
CONNECT_SECONDS: Final = 5.0
MAX_HEADER: Final = 64 * 1024
MAX_BODY: Final = 64 * 1024
TRIES_A_FAMILY: Final = 2
"""Addresses of IPv4, and of IPv6, that are tried: a name with a hundred makes no scanner of us."""
OURS: Final = frozenset({"host", "connection", "content-length", "transfer-encoding"})
"""Headers that the sender sets; the caller's are dropped."""

Resolve = Callable[..., Sequence[tuple[Any, ...]]]
"""As socket.getaddrinfo."""

_TLS_PROBLEMS: Final = {
    10: "the certificate has expired",
    18: "the certificate is signed by itself, not by an authority we know",
    19: "the certificate is not signed by an authority we know",
    20: "the certificate is not signed by an authority we know",
    21: "the certificate is not signed by an authority we know",
    62: "the certificate is not good for this name",
    64: "the certificate is not good for this address",
}
"""By OpenSSL's number of a verification error."""


class CannotSend(Exception):
    """No answer, for a reason that its receiver may read."""


def _system_authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(frozen=True, slots=True)
class WebhookHttp:
    """One try a call: no redirects, proxies, cookies, or passwords from files."""

    allow_local: bool
    resolve: Resolve = socket.getaddrinfo
    clock: Clock = time.monotonic
    seconds: float = SECONDS
    tls: ssl.SSLContext = field(default_factory=_system_authorities)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send it and wait for the status. Never raises for what the URL, the DNS or the other side does."""
        began = self.clock()
        status, problem = None, ""
        try:
            status = self._post(url, body, headers, Limit(began + self.seconds, self.clock))
        except TimeoutError:
            problem = f"timed out after {self.seconds:g} s"
        except (HostileUrl, CannotSend) as refusal:
            problem = str(refusal)
        return Answer(status, problem, round((self.clock() - began) * 1_000))

    def _post(self, url: str, body: bytes, headers: Mapping[str, str], limit: Limit) -> int:
        target = read_url(url, allow_local=self.allow_local)
        addresses = self._checked_addresses(target, limit)
        with _connect(addresses, target.port, limit) as plain:
            if target.scheme == "http":
                return _exchange(plain, target, body, headers, limit)
            with _secure(self.tls, plain, target.host, limit) as wrapped:
                return _exchange(wrapped, target, body, headers, limit)

    def _checked_addresses(self, target: Target, limit: Limit) -> list[str]:
        """Those of the name, looked up once. One that is forbidden spoils them all."""
        if read_address(target.host) is not None:
            return [target.host]  # checked when the URL was read
        addresses = _look_up(self.resolve, target, limit)
        if not addresses:
            raise CannotSend("the name is not found in the DNS")
        good = is_loopback if target.is_local else is_public
        if not all(good(address) for address in addresses):
            raise CannotSend("the name leads to an address that is not public")
        return addresses


def _look_up(resolve: Resolve, target: Target, limit: Limit) -> list[str]:
    """In a thread of its own, as nothing can interrupt the system's resolver."""
    found: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers = resolve(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            answers = ()
        found.put([_address_of(answer) for answer in answers])

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        return list(dict.fromkeys(found.get(timeout=limit.left())))
    except queue.Empty:
        raise TimeoutError("the DNS has not answered") from None


def _address_of(answer: tuple[Any, ...]) -> str:
    """With its zone, if there is one: then it is no public address."""
    family, place = answer[0], answer[4]
    if family not in (socket.AF_INET, socket.AF_INET6):
        return "neither IPv4 nor IPv6"
    zone = place[3] if len(place) > 3 else 0
    return f"{place[0]}%{zone}" if zone else str(place[0])


def _connect(addresses: list[str], port: int, limit: Limit) -> socket.socket:
    """To the first address that takes the connection; nothing is looked up here."""
    for address in _some_of(addresses):
        connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            connection.settimeout(min(CONNECT_SECONDS, limit.left()))
            connection.connect((address, port))
        except OSError:
            connection.close()
            limit.left()
            continue
        return connection
    raise CannotSend("no connection")


def _some_of(addresses: list[str]) -> list[str]:
    """In the resolver's order, which knows the routes; a few of each family, as one may have none."""
    chosen: list[str] = []
    for address in addresses:
        if sum((":" in one) == (":" in address) for one in chosen) < TRIES_A_FAMILY:
            chosen.append(address)
    return chosen


def _secure(tls: ssl.SSLContext, plain: socket.socket, host: str, limit: Limit) -> ssl.SSLSocket:
    plain.settimeout(limit.left())
    try:
        return tls.wrap_socket(plain, server_hostname=host)
    except TimeoutError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise CannotSend(_TLS_PROBLEMS.get(error.verify_code, "the certificate is not good")) from None
    except (OSError, ValueError):
        raise CannotSend("no TLS connection") from None


def _exchange(connection: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], limit: Limit) -> int:
    bounded = BoundedSocket(connection, limit, MAX_HEADER)
    http = HTTPConnection(target.host, target.port)
    http.sock = bounded
    sent = {name: value for name, value in headers.items() if name.lower() not in OURS}
    try:
        http.request("POST", target.path, body, {**sent, "Host": target.host_header, "Connection": "close"})
        response = http.getresponse()
    except TimeoutError:
        raise
    except TooMuch:
        raise CannotSend(f"the header of the answer is longer than {MAX_HEADER // 1024} KB") from None
    except OSError:
        raise CannotSend("the connection broke before the answer was there") from None
    except HTTPException:
        raise CannotSend("the answer is no HTTP") from None
    except ValueError:  # a header that cannot be sent: its text would show a signature
        raise CannotSend("the request cannot be sent") from None
    _drain(response, bounded)
    return response.status


def _drain(response: HTTPResponse, bounded: BoundedSocket) -> None:
    """Let the other side finish, within the bounds: what it says, or that it never ends, changes nothing."""
    bounded.granted = MAX_BODY
    with contextlib.suppress(OSError, HTTPException, ValueError):
        response.read(MAX_BODY)
