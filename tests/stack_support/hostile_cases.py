"""URLs and answers of a DNS by which a stranger would reach what is not theirs, by family."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PUBLIC = "93.184.216.34"
PUBLIC_V6 = "2606:2800:220:1:248:1893:25c8:1946"
ANY_HOST = "0.0.0.0"  # noqa: S104 - an attack, nothing binds to it
NAME = "https://hooks.example.com/in"
SCHEME = "the scheme is not https"
USER = "a user or password"
PORT = "a port that webhooks do not go to"
ADDRESS = "the address is not public"
ODD = "an IPv4 address in an odd notation"
BRACKETS = "the brackets hold no plain IPv6 address"
PRIVATE = "a name of a private network"
LEADS = "the name leads to an address that is not public"
LOST = "the name is not found in the DNS"
LABELS = "not a host name"
CHARACTER = "a space, a control character"
ASCII = "a character outside ASCII"
UNREADABLE = "the host cannot be read"
NOT_FULL = "not a full URL"
NO_HOST = "no host"
NO_PORT = "not a port"
DOT = "a dot after the host"
BACKSLASH = "a backslash"
FRAGMENT = "a fragment"


@dataclass(frozen=True)
class HostileCase:
    """`answers` are the DNS's, one list a look-up; the last one stays. `refusal` begins the problem."""

    family: str
    url: str
    refusal: str
    answers: tuple[tuple[str, ...], ...] = ((PUBLIC,),)

    @property
    def id(self) -> str:
        shown = self.url if self.answers == ((PUBLIC,),) else "+".join(self.answers[0]) or "nothing"
        return f"{self.family}: {shown[:60]!a}"


@dataclass
class FakeDns:
    """Answers like socket.getaddrinfo, from a list of answers; `asked` are the names."""

    answers: tuple[tuple[str, ...], ...]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int, **_named: Any) -> list[tuple[Any, ...]]:
        answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(host)
        return [_entry(address, port) for address in answer]


def _entry(address: str, port: int) -> tuple[Any, ...]:
    bare, _, zone = address.partition("%")
    if ":" in bare:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (bare, port, 0, int(zone or 0)))
    if bare.startswith("/"):
        return (socket.AF_UNIX, socket.SOCK_STREAM, 0, "", (bare, port))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (bare, port))


def _urls(family: str, refusal: str, *urls: str) -> Iterator[HostileCase]:
    return (HostileCase(family, url, refusal) for url in urls)


def _hosts(family: str, refusal: str, *hosts: str) -> Iterator[HostileCase]:
    return _urls(family, refusal, *(f"https://{host}/in" for host in hosts))


def _answered(family: str, refusal: str, *answers: tuple[str, ...]) -> Iterator[HostileCase]:
    return (HostileCase(family, NAME, refusal, (answer,)) for answer in answers)


SCHEMES = (
    *_urls(
        "schemes",
        SCHEME,
        "http://hooks.example.com/in",
        "http://127.0.0.1/in",
        "http://localhost:9000/in",
        "ftp://hooks.example.com/in",
        "gopher://127.0.0.1:6379/_INFO",
        "file:///etc/passwd",
        "dict://127.0.0.1:11211/stat",
        "ws://hooks.example.com/in",
        "javascript://hooks.example.com/%0aalert(1)",
    ),
    *_urls(
        "schemes", NOT_FULL, "//169.254.169.254/in", "hooks.example.com/in", "https:hooks.example.com", "", "data:,x"
    ),
)
PARTS = (
    *_hosts(
        "users, hosts and parts of URLs",
        USER,
        "hooks.example.com@169.254.169.254",
        "user:hunter2@hooks.example.com",
        "hooks.example.com:443@127.0.0.1",
        "@127.0.0.1",
        "a@b@127.0.0.1",
    ),
    *_urls(
        "users, hosts and parts of URLs",
        BACKSLASH,
        "https://hooks.example.com\\@127.0.0.1/in",
        "https:\\\\127.0.0.1\\in",
    ),
    *_urls("users, hosts and parts of URLs", FRAGMENT, "https://hooks.example.com#@127.0.0.1/", NAME + "#top"),
    *_urls(
        "users, hosts and parts of URLs",
        CHARACTER,
        "https://hooks.example.com/in\r\nHost: 127.0.0.1",
        "https://127.0.0.1\t.hooks.example.com/in",
        " https://hooks.example.com/in",
        "https://hooks.example.com/\x00@127.0.0.1",
        "https://hooks.example.com/a b",
        "https://{127.0.0.1}/in",
    ),
    *_urls("users, hosts and parts of URLs", NO_HOST, "https:///in", "https://?in", "https://:443/in"),
    *_urls("users, hosts and parts of URLs", "2001 characters", "https://hooks.example.com/".ljust(2_001, "a")),
)
PORTS = (
    *_hosts(
        "ports",
        PORT,
        *(f"hooks.example.com:{port}" for port in (22, 25, 80, 6379, 8080, 9200, 65535)),
        "127.0.0.1:2375",
    ),
    *_hosts("ports", NO_PORT, "hooks.example.com:0", "hooks.example.com:", "hooks.example.com:65979"),
    *_hosts("ports", UNREADABLE, "hooks.example.com:443:22", "hooks.example.com:-443", "hooks.example.com:+443"),
)
LITERALS_V4 = _hosts(
    "IPv4 literals",
    ADDRESS,
    ANY_HOST,
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
)
ODD_V4 = (
    *_hosts(
        "IPv4 in odd notations",
        ODD,
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "127.0.0.01",
        "0",
        "0x",
        "256.0.0.1",
        "4294967297",
        "127.0.0.1.5",
        "169.254.0xa9fe",
        "0xA9.0xFE.0xA9.0xFE",
        "hooks.example.127",
    ),
    *_hosts("IPv4 in odd notations", ASCII, "①②⑦.⓪.⓪.①", "127。0。0。1", "\uff11\uff12\uff17.0.0.1"),
    *_hosts("IPv4 in odd notations", LABELS, "127%2e0%2e0%2e1", "%31%32%37.0.0.one", "127..one"),
)
EMBEDDINGS = (
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:93.184.216.34",
    "::127.0.0.1",
    "::5db8:d822",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:5db8:d822::1",
    "2001:0:7f00:1::",
    "2001:0:5db8:d822:0:ffff:5601:5601",
    "2606:2800:220:1:0:5efe:7f00:1",
    "2606:2800:220:1:200:5efe:a9fe:a9fe",
    "2606:2800:220:1:100:5efe:a00:1",
    "fe80::5efe:a9fe:a9fe",
)
SPECIAL_V6 = (
    "::",
    "::1",
    "100::1",
    "2001:2::1",
    "2001:20::1",
    "2001:db8::1",
    "3ffe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd12:3456:789a::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "4000::1",
)
LITERALS_V6 = (
    *_hosts("IPv6 literals", ADDRESS, *(f"[{address}]" for address in SPECIAL_V6)),
    *_hosts("IPv6 literals that carry IPv4", ADDRESS, *(f"[{address}]" for address in EMBEDDINGS)),
    *_hosts("IPv6 literals", BRACKETS, "[fe80::1%25eth0]", "[::1%1]", "[]", "[v1.x]", "[127.0.0.1]", "[1::2::3]"),
    *_hosts("IPv6 literals", UNREADABLE, "::1", "[::1", "[::1].hooks.example.com", "[::1]443", "[[::1]]"),
)
NAMES = (
    *_hosts(
        "names of private networks",
        PRIVATE,
        "localhost",
        "LOCALHOST",
        "metadata",
        "kubernetes.default.svc.cluster.local",
        "metadata.google.internal",
        "ip-10-0-0-1.ap-southeast-2.compute.internal",
        "printer.local",
        "app.localhost",
        "localhost.localdomain",
        "router.home.arpa",
        "1.0.0.127.in-addr.arpa",
        "nas.lan",
        "hidden.onion",
    ),
    *_hosts("names of private networks", DOT, "localhost.", "metadata.google.internal.", "hooks.example.com."),
    *_hosts("names of private networks", ASCII, "\uff4cocalhost", "bücher.example.com", "hooks.exam\u200bple.com"),
    *_hosts("names of private networks", LABELS, "-a.example.com", "a..example.com", ".example.com", "a" * 64 + ".com"),
)
ANSWERS = (
    *_answered(
        "answers of the DNS",
        LEADS,
        *((address,) for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", ANY_HOST, "224.0.0.1")),
        *((address,) for address in ("255.255.255.255", "192.168.0.1", "198.18.0.1", "168.63.129.16")),
        *((address,) for address in SPECIAL_V6[:3]),
        ("fd00:ec2::254",),
        ("2606:2800:220:1:248:1893:25c8:1946%2",),
        ("fe80::1%1",),
        ("/run/docker.sock",),
        ("0177.0.0.1",),
        ("2130706433",),
        ("not an address",),
    ),
    *_answered("answers of the DNS", LOST, ()),
    *_answered("answers of the DNS that carry IPv4", LEADS, *((address,) for address in EMBEDDINGS)),
    *_answered(
        "public and forbidden in one answer",
        LEADS,
        (PUBLIC, "127.0.0.1"),
        ("127.0.0.1", PUBLIC),
        (PUBLIC, "169.254.169.254"),
        (PUBLIC, PUBLIC_V6, "::1"),
        (PUBLIC_V6, "::ffff:127.0.0.1"),
        (PUBLIC, PUBLIC_V6, "64:ff9b::a00:1"),
        (*(f"93.184.216.{last}" for last in range(1, 101)), "10.0.0.1"),
        (PUBLIC, "fe80::1%1"),
    ),
    *(
        HostileCase("rebinding: forbidden when asked again", NAME, "no connection", ((PUBLIC,), (later,)))
        for later in ("127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "10.0.0.1")
    ),
)
CASES = (*SCHEMES, *PARTS, *PORTS, *LITERALS_V4, *ODD_V4, *LITERALS_V6, *NAMES, *ANSWERS)

REDIRECTS = tuple(
    (status, place)
    for status in (301, 302, 303, 307, 308)
    for place in ("http://169.254.169.254/latest/meta-data/", "https://127.0.0.1/", "//10.0.0.1/", "/again")
)
"""What a receiver that was reached may answer."""
