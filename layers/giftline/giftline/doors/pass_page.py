"""The door of the pass page: what is behind a download link, as a page and as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from giftline.doors.answers import Reply, error_reply
from giftline.doors.content import Content
from giftline.errors import GiftlineError, NotFound
from giftline.orders.ports import Clock
from giftline.passes.page import Buttons, Html, nothing_page, pass_page
from giftline.passes.picture import picture
from giftline.wallet.opening import OpenPass

HTML: Final = "text/html; charset=utf-8"
PRIVATE: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
"""The address is the key to the pass: it goes into no cache, no index and no other site's log."""
NO_FEATURES: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
NO_SOURCES: Final = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class PassPageDoor:
    """`apple` and `google` say which wallets are set up. A link that opens nothing raises NotFound: see `nothing`."""

    open_pass: OpenPass
    clock: Clock
    apple: bool
    google: bool

    def page(self, reference: str) -> Content:
        opened = self.open_pass(reference)
        return _content(200, pass_page(opened, reference, Buttons(self.apple, self.google), self.clock.now()))

    def picture(self, reference: str) -> Content:
        """A file to keep."""
        content = picture(self.open_pass(reference))
        extra = {"Content-Disposition": 'attachment; filename="pass.png"', "Content-Security-Policy": NO_SOURCES}
        return Content(200, "image/png", content, {**PRIVATE, **extra})


def nothing() -> Content:
    """The answer to NotFound, the same whatever was wrong with the link."""
    return _content(404, nothing_page())


def refusal(error: GiftlineError) -> Content | Reply:
    """What is no pass is answered as a page; anything else by the house's one table."""
    return nothing() if isinstance(error, NotFound) else error_reply(error)


def _content(status: int, html: Html) -> Content:
    policy = f"{NO_SOURCES}; style-src {html.style_source}; img-src 'self' data:"
    headers = {**PRIVATE, "Content-Security-Policy": policy, "Permissions-Policy": NO_FEATURES}
    return Content(status, HTML, html.text.encode(errors="replace"), headers)
