"""The strict reading of webhook URLs, and which addresses are public; attacks at the socket are a contract test."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.delivery.hostile_urls import MAX_URL, HostileUrl, Target, read_url, url_problem
from giftline.delivery.public_addresses import CLOSED_V4, CLOSED_V6, is_loopback, is_public

PIECES = (
    "https://",
    "http",
    ":",
    "//",
    "/",
    "@",
    "#",
    "?",
    "[",
    "]",
    "::1",
    "%",
    ".",
    "..",
    "443",
    "8443",
    "80",
    "127",
)
MORE_PIECES = (
    ".0.0.1",
    "0x7f",
    "hooks.example.com",
    "a.com",
    "xn--",
    "-",
    "localhost",
    "é",
    "\\",
    " ",
    "\t",
    "\r\n",
    "in",
)
made_urls = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES + MORE_PIECES), max_size=12).map("".join),
    st.lists(st.sampled_from(PIECES + MORE_PIECES), max_size=8).map(lambda parts: "https://" + "".join(parts)),
)


@pytest.mark.parametrize(
    ("url", "target", "host_header"),
    [
        ("https://hooks.example.com", Target("https", "hooks.example.com", 443, "/"), "hooks.example.com"),
        ("HTTPS://Hooks.Example.COM/In", Target("https", "hooks.example.com", 443, "/In"), "hooks.example.com"),
        ("https://a.com:443/in?k=1&l=%20", Target("https", "a.com", 443, "/in?k=1&l=%20"), "a.com"),
        ("https://a.com:8443?k=/x@y", Target("https", "a.com", 8443, "/?k=/x@y"), "a.com:8443"),
        ("https://xn--bcher-kva.de/", Target("https", "xn--bcher-kva.de", 443, "/"), "xn--bcher-kva.de"),
        ("https://93.184.216.34/", Target("https", "93.184.216.34", 443, "/"), "93.184.216.34"),
        ("https://[2606:2800::1]:8443/", Target("https", "2606:2800::1", 8443, "/"), "[2606:2800::1]:8443"),
        ("https://1.2.example.com//in/../x", Target("https", "1.2.example.com", 443, "//in/../x"), "1.2.example.com"),
    ],
)
def test_a_good_url_is_read_into_its_parts(url: str, target: Target, host_header: str) -> None:
    assert read_url(url, allow_local=False) == target
    assert url_problem(url, allow_local=False) == ""
    assert target.host_header == host_header


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/in",
        "http://localhost:9000/in",
        "https://localhost:9443/in",
        "http://127.0.0.1:9000/in",
        "http://127.8.9.10/in",
        "https://127.0.0.1/in",
        "http://[::1]:9000/in",
    ],
)
def test_loopback_is_good_only_where_the_local_stack_says_so(url: str) -> None:
    assert url_problem(url, allow_local=True) == ""
    assert url_problem(url, allow_local=False) != ""


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/in",
        "https://hooks.example.com:9000/in",
        "http://10.0.0.1/in",
        "http://0.0.0.0/in",
        "http://169.254.169.254/in",
        "http://[::ffff:127.0.0.1]/in",
        "http://[::]/in",
        "http://127.1/in",
        "http://2130706433/in",
        "http://app.localhost/in",
        "http://localhost./in",
        "http://user@localhost/in",
        "http://localhost:0/in",
        "ftp://localhost/in",
        "http://database/in",
    ],
)
def test_the_local_stack_opens_nothing_but_loopback(url: str) -> None:
    assert url_problem(url, allow_local=True) != ""


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://hooks.example.com/in", "the scheme is not https; expected https://host/path"),
        ("https://hooks.example.com:444/", "a port that webhooks do not go to; expected none, 443 or 8443"),
        ("https://10.1.2.3/", "the address is not public; expected a name like hooks.example.com"),
        ("https://a.com/".ljust(MAX_URL + 1, "a"), "2001 characters; expected at most 2000"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_is_expected(url: str, problem: str) -> None:
    assert url_problem(url, allow_local=False) == problem


def test_a_url_of_the_full_length_is_good() -> None:
    assert url_problem("https://a.com/".ljust(MAX_URL, "a"), allow_local=False) == ""


@given(made_urls, st.booleans())
def test_any_text_is_answered_in_words_that_hold_nothing_of_it(url: str, allow_local: bool) -> None:
    problem = url_problem(url, allow_local=allow_local)
    marked = url_problem(url + "zebra", allow_local=allow_local)
    assert problem == "" or "; expected " in problem
    assert "zebra" not in marked


@given(made_urls)
def test_what_is_accepted_is_read_alike_by_another_reader(url: str) -> None:
    try:
        target = read_url(url, allow_local=False)
    except HostileUrl:
        return
    other = urlsplit(url)
    assert (target.scheme, target.host, target.port) == (other.scheme, other.hostname, other.port or 443)
    assert (other.username, other.password, other.fragment) == (None, None, "")


@pytest.mark.parametrize("network", [*CLOSED_V4, *CLOSED_V6], ids=str)
def test_a_closed_network_is_closed_from_its_first_address_to_its_last(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> None:
    assert not is_public(str(network[0]))
    assert not is_public(str(network[-1]))


@pytest.mark.parametrize(
    "address",
    [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:db9::1",
        "2003::1",
        "2606:2800:220:1:248:1893:25c8:1946",
        "2a00:1450:4001:82a::200e",
    ],
)
def test_the_neighbours_of_closed_networks_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_never_public(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    forms = (
        f"::ffff:{inner}",
        f"::{inner}",
        f"64:ff9b::{inner}",
        f"64:ff9b:1::{inner}",
        f"2002:{high}:{low}::1",
        f"2001:0:{high}:{low}::",
        f"2606:2800::5efe:{inner}",
        f"2606:2800::200:5efe:{inner}",
    )
    assert [form for form in forms if is_public(form)] == []


@given(st.ip_addresses())
def test_what_is_public_here_is_global_everywhere(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))


@pytest.mark.parametrize(
    "text", ["", "fe80::1%eth0", "2606:2800::1%1", "127.1", "0177.0.0.1", "1.2.3.4/32", " 93.184.216.34", "a"]
)
def test_what_is_no_plain_address_is_neither_public_nor_loopback(text: str) -> None:
    assert not is_public(text)
    assert not is_loopback(text)


@pytest.mark.parametrize("text", ["::ffff:127.0.0.1", "::127.0.0.1", "::1%1", "::", "0.0.0.1"])
def test_loopback_has_one_form_a_family(text: str) -> None:
    assert not is_loopback(text)
