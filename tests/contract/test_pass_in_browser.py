"""The pass page in a real browser: its barcode reads back, its buttons work, and it asks nobody else for anything."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import pytest

from giftline.wallet.model import BarcodeFormat, Template
from tests.stack_support.browser import NOT_FOUND, Browser, Screen, browser, chromium
from tests.stack_support.pass_site import (
    COUPON,
    PKPASS,
    STORECARD,
    Site,
    a_pass,
    door_to,
    pass_site,
    reference,
    with_barcode,
)
from tests.stack_support.screenshots import codes_in, decoded

PHONE, DARK_PHONE = Screen(390, 844), Screen(390, 844, dark=True)
DESKTOP, DARK_DESKTOP = Screen(1280, 800, scale=1), Screen(1280, 800, dark=True, scale=1)
NARROW = Screen(320, 640)
QR, LINE = BarcodeFormat.QR, BarcodeFormat.CODE_128
NAMES = {QR: "QR Code", LINE: "Code 128"}
DOWNLOAD_SECONDS = 10.0


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip(NOT_FOUND)
    with browser(program, tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def site() -> Iterator[Site]:
    with pass_site(door_to(a_pass())) as served:
        yield served


@pytest.mark.parametrize("screen", [PHONE, DARK_PHONE, DESKTOP, DARK_DESKTOP, NARROW])
@pytest.mark.parametrize(("template", "barcode"), [(STORECARD, QR), (COUPON, LINE)])
def test_the_barcode_on_the_screen_reads_back_to_the_code(
    tab: Browser, site: Site, template: Template, barcode: BarcodeFormat, screen: Screen
) -> None:
    one = a_pass(template, code="MW-204-7719-ABX")
    site.door = door_to(one, shop=with_barcode(barcode))
    tab.show(site.url + reference(one), screen)
    assert codes_in(tab.screenshot()) == [(NAMES[barcode], "MW-204-7719-ABX")]
    assert tab.ask("document.documentElement.scrollWidth") == screen.width
    assert tab.complaints() == []


def test_dark_is_dark_and_light_is_light(tab: Browser, site: Site) -> None:
    for screen in (PHONE, DARK_PHONE):
        tab.show(site.url + reference(a_pass()), screen)
        corner = decoded(tab.screenshot()).pixel(2, 2)
        assert max(corner) < 60 if screen.dark else min(corner) > 200


def test_the_browser_asks_for_the_page_and_for_nothing_else(tab: Browser, site: Site) -> None:
    url = site.url + reference(a_pass())
    tab.show(url, PHONE)
    assert tab.requested() == [url]
    assert site.asked == ["/dev/p/" + reference(a_pass())]


def test_every_button_is_large_enough_for_a_thumb_and_answers(tab: Browser, site: Site) -> None:
    tab.show(site.url + reference(a_pass()), PHONE)
    heights = tab.ask("[...document.links].map(one => one.getBoundingClientRect().height)")
    assert len(heights) == 3
    assert min(heights) >= 44
    found = {urljoin(site.url, one): kind for one, kind in zip(_hrefs(tab), _kinds(tab), strict=True)}
    assert list(found.values()) == [PKPASS, "text/plain", "image/png"]


def test_the_picture_button_saves_a_picture_that_reads_back(tab: Browser, site: Site, tmp_path: Path) -> None:
    one = a_pass()
    tab.show(site.url + reference(one), PHONE)
    tab.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    _click(tab, "a[download]")
    saved = _wait_for(tmp_path / "pass.png")
    assert saved == site.door.picture(reference(one)).content
    assert codes_in(saved) == [("QR Code", one.code)]


def test_an_expired_coupon_says_so_on_the_screen(tab: Browser, site: Site) -> None:
    one = a_pass(COUPON, expires_on="2024-12-31")
    site.door = door_to(one)
    tab.show(site.url + reference(one), PHONE)
    assert tab.ask("document.querySelector('.notice').innerText") == "Expired on 31 December 2024"


def test_a_wrong_link_shows_the_page_for_nothing(tab: Browser, site: Site) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(site.url + "PASS.wrong", timeout=5)  # noqa: S310 - our own site
    tab.show(site.url + "PASS.wrong", PHONE)
    assert tab.ask("document.querySelector('h1').innerText") == "There is no pass here"
    assert not [text for text in tab.complaints() if "Content Security Policy" in text]


def test_what_a_tenant_writes_stays_text(tab: Browser, site: Site) -> None:
    nasty = '<img src=x onerror="document.title=1">'
    one = a_pass(title=nasty, code="A<b>&\"'")
    shop = replace(site.door.open_pass(reference(a_pass())).brand, name="</style><script>document.title=2</script>")
    site.door = door_to(one, shop=shop)
    tab.show(site.url + reference(one), PHONE)
    assert tab.ask("document.querySelector('h1').innerText") == nasty
    assert tab.ask("document.querySelectorAll('script,img').length") == 0
    assert codes_in(tab.screenshot()) == [("QR Code", one.code)]


def _hrefs(tab: Browser) -> list[str]:
    hrefs: list[str] = tab.ask("[...document.links].map(one => one.href)")
    return hrefs


def _kinds(tab: Browser) -> Iterator[str]:
    for href in _hrefs(tab):
        with urllib.request.urlopen(href, timeout=5) as answer:  # noqa: S310 - our own site
            assert answer.status == 200
            yield re.split(";", answer.headers["Content-Type"])[0]


def _click(tab: Browser, selector: str) -> None:
    """With the mouse, where the button is."""
    tab.ask(f"document.querySelector('{selector}').scrollIntoView({{block: 'center'}})")
    box = tab.ask(f"document.querySelector('{selector}').getBoundingClientRect().toJSON()")
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "button": "left", "clickCount": 1}
    tab.call("Input.dispatchMouseEvent", type="mousePressed", **at)
    tab.call("Input.dispatchMouseEvent", type="mouseReleased", **at)


def _wait_for(file: Path) -> bytes:
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return file.read_bytes()
