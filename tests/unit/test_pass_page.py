"""The page behind a download link: what it says, what it keeps to itself, and that nothing foreign gets in."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from giftline.doors.content import Content
from giftline.doors.pass_page import nothing
from giftline.errors import NotFound
from giftline.wallet.model import Pass
from tests.fakes.time import START
from tests.stack_support.pass_site import BRAND, COUPON, STORECARD, a_pass, door_to, reference

VOID = {"meta", "link", "path"}
# The clock of these tests stands on 15 June 2025, 15:06:40 UTC.


class _Tree(HTMLParser):
    """Tags that are opened and closed in order, as a page without guesses has them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _tree(html: str) -> _Tree:
    tree = _Tree()
    tree.feed(html)
    assert tree.open == []
    return tree


def _page(one: Pass, *, apple: bool = True, google: bool = True) -> str:
    return door_to(one, apple=apple, google=google).page(reference(one)).content.decode()


def test_a_storecard_shows_its_points() -> None:
    page = _page(a_pass(points=1_234_567))
    assert "Corner Bakery" in page
    assert '<span aria-hidden="true">1\u202f234\u202f567</span><span class="unseen">1234567</span>' in page


def test_points_below_zero_are_said_as_such() -> None:
    page = _page(a_pass(points=-40))
    assert "\u221240</span>" in page
    assert "minus 40</span>" in page


def test_a_coupon_shows_until_when_it_is_good() -> None:
    page = _page(a_pass(COUPON, expires_on="2026-12-31"))
    assert '<dt>Valid until</dt><dd><time datetime="2026-12-31">31 December 2026</time>' in page
    assert "Points" not in page
    assert 'class="notice"' not in page


@pytest.mark.parametrize(("day", "over"), [("2025-06-13", True), ("2025-06-14", True), ("2025-06-15", False)])
def test_a_coupon_is_over_when_its_day_is_over_everywhere(day: str, over: bool) -> None:
    page = _page(a_pass(COUPON, expires_on=day))
    assert ("Expired on" in page) is over
    assert ('class="pass over"' in page) is over


@pytest.mark.parametrize(("day", "to_come"), [("2025-06-15", False), ("2025-06-16", False), ("2025-06-17", True)])
def test_a_coupon_that_has_not_begun_says_so(day: str, to_come: bool) -> None:
    assert ("Not valid before" in _page(a_pass(COUPON, starts_on=day))) is to_come


def test_only_wallets_that_are_set_up_have_a_button() -> None:
    one = a_pass()
    ref = reference(one)
    for apple, google in ((True, True), (True, False), (False, True), (False, False)):
        hrefs = re.findall(r'<a href="([^"]+)"', _page(one, apple=apple, google=google))
        assert hrefs == [*[f"{ref}/pass.pkpass"] * apple, *[f"{ref}/google"] * google, f"{ref}/pass.png"]


def test_the_page_is_well_formed_and_has_what_a_screen_reader_needs() -> None:
    tree = _tree(_page(a_pass(COUPON, expires_on="2020-01-01")))
    tags = [tag for tag, _ in tree.seen]
    assert ("html", {"lang": "en"}) in tree.seen
    assert (tags.count("h1"), tags.count("main"), tags.count("title"), tags.count("nav")) == (1, 1, 1, 1)
    assert [shown.get("role") or shown.get("aria-hidden") for tag, shown in tree.seen if tag == "svg"] == [
        "img", "true", "true", "true",
    ]  # fmt: skip


def test_nothing_on_the_page_comes_from_elsewhere_or_runs() -> None:
    page = _page(a_pass())
    tree = _tree(page)
    assert not {"script", "img", "iframe", "form", "object"} & {tag for tag, _ in tree.seen}
    assert not [name for _, shown in tree.seen for name in shown if name.startswith("on") or name == "style"]
    assert re.findall(r"https?://[^\"' ]+", page) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("page", [door_to(a_pass()).page(reference(a_pass())), nothing()])
def test_the_policy_allows_the_one_style_sheet_and_nothing_else(page: Content) -> None:
    sheets = re.findall(r"<style>(.*?)</style>", page.content.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(sheets[0].encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"]
    assert len(sheets) == 1
    assert f"style-src 'sha256-{digest}'" in policy
    for part in ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_what_a_tenant_writes_is_escaped() -> None:
    nasty = "</title></style><script>\"'&"
    shop = replace(BRAND, name=nasty, templates=(replace(STORECARD, description=nasty, background="#000;}body{"),))
    one = a_pass(title=nasty, code=nasty, expires_on=nasty, starts_on=nasty)
    page = door_to(one, shop=shop).page(reference(one)).content.decode()
    _tree(page)
    assert "<script" not in page
    assert "}body{" not in page.replace("\n", "").partition(".card{--card")[2]


def test_the_picture_is_a_file_to_keep() -> None:
    one = a_pass()
    picture = door_to(one).picture(reference(one))
    assert (picture.status, picture.content_type) == (200, "image/png")
    assert picture.headers["Content-Disposition"] == 'attachment; filename="pass.png"'
    assert picture.headers["Cache-Control"] == "no-store"
    assert picture.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "one", [a_pass(revoked_at=START), replace(a_pass(), link_expires_at=START), replace(a_pass(), link_hash="0" * 64)]
)
def test_a_revoked_an_expired_and_a_wrong_link_are_the_same_nothing(one: Pass) -> None:
    door = door_to(one)
    for ask in (door.page, door.picture):
        with pytest.raises(NotFound, match="this link opens no pass"):
            ask(reference(one))
    assert nothing().status == 404
    assert nothing() == nothing()
    _tree(nothing().content.decode())


def test_no_repr_shows_a_code_or_a_page() -> None:
    one = a_pass(code="SECRET-1")
    assert "SECRET" not in repr(door_to(one).page(reference(one)))


def test_a_page_is_light() -> None:
    assert len(door_to(a_pass()).page(reference(a_pass())).content) < 16_000
