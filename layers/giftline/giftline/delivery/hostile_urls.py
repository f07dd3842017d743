"""Webhook URLs come from strangers: one strict reading of them, and every reason to refuse one.

Two readers of one URL that disagree about its host are how such guards are passed. So there is
one reader, ours, for checking and for connecting; it takes the plain form and refuses the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from giftline.delivery.public_addresses import is_loopback, is_public, read_address

MAX_URL: Final = 2_000
MAX_HOST: Final = 253
PORTS: Final = (443, 8443)
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
CLOSED_ENDINGS: Final = (
    "alt",
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
)
"""Last labels that mean this machine or this network, or none that the DNS knows."""

_ALLOWED: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_PARTS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)([^#]*)")
_AUTHORITY: Final = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


class HostileUrl(ValueError):
    """The URL is not one that we send to; the text says why, and shows nothing of the URL."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect and what to ask there. `host` is a lower-case name, or an address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_local(self) -> bool:
        return self.host == "localhost" or is_loopback(self.host)

    @property
    def host_header(self) -> str:
        """The host as HTTP names it: brackets around IPv6, the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def url_problem(url: str, *, allow_local: bool) -> str:
    """Empty where the URL may be kept; else what is wrong and what is expected, without a piece of the URL."""
    try:
        read_url(url, allow_local=allow_local)
    except HostileUrl as refusal:
        return str(refusal)
    return ""


def read_url(url: str, *, allow_local: bool) -> Target:
    """The parts of a good URL. `allow_local`: loopback is good too, by http as well, on any port.

    :raises HostileUrl: it is not a good one.
    """
    _check_text(url)
    parts = _PARTS.fullmatch(url)
    if not parts:
        raise HostileUrl("not a full URL; expected https://host/path")
    scheme, authority, path = parts[1].lower(), parts[2], parts[3]
    if scheme not in DEFAULT_PORTS:
        raise HostileUrl("the scheme is not https; expected https://host/path")
    host, port = _read_authority(authority, DEFAULT_PORTS[scheme])
    target = Target(scheme, host, port, path if path.startswith("/") else "/" + path)
    if not (allow_local and target.is_local):
        _check_public(target)
    return target


def _check_text(url: str) -> None:
    if len(url) > MAX_URL:
        raise HostileUrl(f"{len(url)} characters; expected at most {MAX_URL}")
    if not url.isascii():
        raise HostileUrl("a character outside ASCII; expected punycode (xn--…) in the host, percent-encoding elsewhere")
    if "\\" in url:
        raise HostileUrl("a backslash; expected only / between the parts")
    if not _ALLOWED.fullmatch(url):
        raise HostileUrl(
            "a space, a control character or another one that URLs cannot hold; expected it percent-encoded"
        )
    if "#" in url:
        raise HostileUrl("a fragment (#…); expected none, as a server never sees it")


def _read_authority(authority: str, default_port: int) -> tuple[str, int]:
    if "@" in authority:
        raise HostileUrl("a user or password before the host (…@); expected none")
    parts = _AUTHORITY.fullmatch(authority)
    if not parts:
        raise HostileUrl("the host cannot be read; expected a name like hooks.example.com, and a port in digits")
    if parts[2] is not None and not 0 < int(parts[2] or 0) < 65_536:
        raise HostileUrl(f"not a port; expected none, {_or(PORTS)}")
    return _read_host(parts[1].lower()), int(parts[2] or default_port)


def _read_host(host: str) -> str:
    if not host:
        raise HostileUrl("no host; expected a name like hooks.example.com")
    if host.startswith("["):
        if "%" in host or read_address(host[1:-1]) is None or ":" not in host:
            raise HostileUrl("the brackets hold no plain IPv6 address; expected a name like hooks.example.com")
        return host[1:-1]
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]) or (labels[-1] == "" and _NUMBER.fullmatch(labels[-2])):
        if read_address(host) is None:
            raise HostileUrl("an IPv4 address in an odd notation; expected four decimal numbers, or better a name")
        return host
    if host.endswith("."):
        raise HostileUrl("a dot after the host; expected the name without it")
    if len(host) > MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise HostileUrl("not a host name; expected labels of letters, digits and hyphens, such as hooks.example.com")
    return host


def _check_public(target: Target) -> None:
    """What holds for all that is not the local stack's own loopback."""
    if target.scheme != "https":
        raise HostileUrl("the scheme is not https; expected https://host/path")
    if target.port not in PORTS:
        raise HostileUrl(f"a port that webhooks do not go to; expected none, {_or(PORTS)}")
    if read_address(target.host) is not None:
        if not is_public(target.host):
            raise HostileUrl("the address is not public; expected a name like hooks.example.com")
        return
    labels = target.host.split(".")
    if len(labels) == 1 or labels[-1] in CLOSED_ENDINGS:
        raise HostileUrl("a name of a private network; expected a public one like hooks.example.com")


def _or(ports: tuple[int, ...]) -> str:
    return " or ".join(str(port) for port in ports)
