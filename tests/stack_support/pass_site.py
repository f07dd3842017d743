"""The pass page on a server of our own: the door with fakes behind it, and a log of what was asked for.

`PYTHONPATH=layers/giftline python -m tests.stack_support.pass_site docs/images/pass-page.png`
takes the README's picture.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from giftline.doors.content import Content
from giftline.doors.pass_page import PassPageDoor, nothing
from giftline.errors import NotFound
from giftline.secret import Secret
from giftline.wallet.links import Links, token_hash
from giftline.wallet.model import BarcodeFormat, Brand, Pass, PassKind, Template
from giftline.wallet.opening import OpenPass
from tests.fakes.time import START, FakeClock
from tests.stack_support.browser import NOT_FOUND, Screen, browser, chromium
from tests.stack_support.screenshots import smaller

LINKS = Links(lambda: Secret("a key for tests"), "https://passes.example")
COUPON = Template(
    "SPRING", PassKind.COUPON, "Two coffees for the price of one",
    "Show this code at the till before you pay.\nOne coupon a visit, in all our shops.", "#f6c453", "#2b2118",
)  # fmt: skip
STORECARD = Template(
    "CARD", PassKind.STORECARD, "Loyalty card",
    "One point for every euro. Show your card at the till; 500 points are a breakfast for two.", "#0f4c5c", "#fff4e6",
)  # fmt: skip
BRAND = Brand("corner", "acme", "Corner Bakery", (COUPON, STORECARD))
PKPASS = "application/vnd.apple.pkpass"


def a_pass(template: Template = STORECARD, **changes: Any) -> Pass:
    """A pass that its link opens."""
    changes = {"id": f"PASS{template.id}", "code": "GL-7F3K-92QD", "title": template.title} | changes
    made = Pass(
        tenant="acme", brand_id=BRAND.id, template_id=template.id, kind=template.kind, identifier="4711",
        created_at=START, updated_at=START, link_hash="", link_expires_at=START * 2, **changes,
    )  # fmt: skip
    return replace(made, link_hash=token_hash(LINKS.token(made.id, made.link_generation)))


def reference(one: Pass) -> str:
    return LINKS.url(one).rpartition("/")[2]


@dataclass
class FewWallets:
    """As much of the Wallets port as opening a pass asks for."""

    held: list[Pass]
    shop: Brand = BRAND

    def passes(self, ids: Iterable[str]) -> dict[str, Pass]:
        return {one.id: one for one in self.held if one.id in set(ids)}

    def brand(self, tenant: str, brand_id: str) -> Brand | None:
        return self.shop if (tenant, brand_id) == (self.shop.tenant, self.shop.id) else None


def with_barcode(barcode: BarcodeFormat) -> Brand:
    return replace(BRAND, templates=tuple(replace(one, barcode=barcode) for one in BRAND.templates))


def door_to(*held: Pass, shop: Brand = BRAND, apple: bool = True, google: bool = True) -> PassPageDoor:
    clock = FakeClock()
    return PassPageDoor(OpenPass(cast("Any", FewWallets(list(held), shop)), LINKS, clock), clock, apple, google)


@dataclass
class Site:
    """Change `door` to serve something else; `asked` are the paths in the order of asking."""

    url: str
    door: PassPageDoor
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> Content:
        """As the functions route it; the wallets' own files are stand-ins for their content type alone."""
        self.asked.append(path)
        _, _, rest = path.partition("/dev/p/")
        ref, _, kind = rest.partition("/")
        try:
            if kind in {"pass.pkpass", "google"}:
                self.door.open_pass(ref)
                return Content(200, PKPASS if kind == "pass.pkpass" else "text/plain", b"a stand-in")
            return self.door.picture(ref) if kind == "pass.png" else self.door.page(ref)
        except NotFound:
            return nothing()


@contextmanager
def pass_site(door: PassPageDoor) -> Iterator[Site]:
    """On a free port of this machine, below a stage's name as on API Gateway."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = site.answer(self.path)
            self.send_response(content.status)
            for name, value in {"Content-Type": content.content_type, **content.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content.content)))
            self.end_headers()
            self.wfile.write(content.content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            """The site keeps its own log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site = Site(f"http://127.0.0.1:{server.server_port}/dev/p/", door)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join(5)


def take_picture(path: Path, screen: Screen, one: Pass, shop: Brand = BRAND) -> None:
    """Of the whole page as the screen shows it."""
    program = chromium()
    if program is None:
        raise SystemExit(NOT_FOUND)
    path.parent.mkdir(parents=True, exist_ok=True)
    site_of_one = pass_site(door_to(one, shop=shop))
    with tempfile.TemporaryDirectory() as folder, browser(program, Path(folder)) as tab, site_of_one as site:
        tab.show(site.url + reference(one), screen)
        path.write_bytes(smaller(tab.screenshot()))


if __name__ == "__main__":
    take_picture(Path(sys.argv[1]), Screen(390, 844), a_pass(points=1250))
