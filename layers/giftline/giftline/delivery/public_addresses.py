"""Which addresses a stranger's URL may lead us to: those of the public internet, and nothing near us.

`ipaddress.is_global` alone does not do: it calls many addresses global that carry another one
inside (NAT64, 6to4, v4-mapped), and its lists differ between versions of Python.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

CLOSED_V4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT; some clouds keep their metadata here
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by number, yet a cloud's own door to its machines
        "169.254.0.0/16",  # link-local: metadata of instances and containers
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays into 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
OPEN_V6: Final = IPv6Network("2000::/3")
"""All that is handed out as global unicast. Mapped, compatible, NAT64, local, multicast: all lie outside."""
CLOSED_V6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address is inside
        "3ffe::/16",  # given back
        "3fff::/20",  # documentation
    )
)
ISATAP: Final = 0x0000_5EFE
GROUP_OR_UNIVERSAL: Final = 0x0300_0000
"""Two bits of an interface's number that ISATAP may set or not."""
Address = IPv4Address | IPv6Address


def read_address(text: str) -> Address | None:
    """An address in its usual notation; None for all else, also for one with a zone."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        pass
    try:
        found = IPv6Address(text)
    except AddressValueError:
        return None
    return None if found.scope_id is not None else found


def is_public(address: str) -> bool:
    """False for what is private, special, or carries another address inside; and for what is no address."""
    found = read_address(address)
    if isinstance(found, IPv4Address):
        return found.is_global and not any(found in closed for closed in CLOSED_V4)
    if isinstance(found, IPv6Address):
        return found.is_global and _is_open_v6(found)
    return False


def is_loopback(address: str) -> bool:
    """127.0.0.0/8 or ::1, and no other way to write them."""
    found = read_address(address)
    return found is not None and found.is_loopback and getattr(found, "ipv4_mapped", None) is None


def _is_open_v6(address: IPv6Address) -> bool:
    if address not in OPEN_V6 or any(address in closed for closed in CLOSED_V6):
        return False
    interface = int(address) & 0xFFFF_FFFF_FFFF_FFFF
    return (interface >> 32) & ~GROUP_OR_UNIVERSAL != ISATAP
