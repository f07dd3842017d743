"""The button to Google Wallet: the pass is put there, and the person sent on to save it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from giftline.doors.content import Content
from giftline.doors.pass_page import HTML, NO_SOURCES, PRIVATE
from giftline.passes.google_account import GoogleUnavailable
from giftline.wallet.opening import OpenedPass

AWAY: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>Google Wallet does not answer</title></head><body><main>'
    "<h1>Google Wallet does not answer</h1><p>Your pass is as good as before. Please go back and try again in a "
    "minute.</p></main></body></html>"
)


class Saving(Protocol):
    """What the door needs of Google Wallet."""

    def save(self, opened: OpenedPass) -> None: ...

    def save_link(self, opened: OpenedPass) -> str: ...


@dataclass(frozen=True, slots=True)
class GoogleDoor:
    """By the last part of a download link. One that opens nothing raises NotFound: see `pass_page.nothing`."""

    open_pass: Callable[[str], OpenedPass]
    google: Saving

    def save(self, reference: str) -> Content:
        """302 to Google once the pass is there; 503 where Google did not take it."""
        opened = self.open_pass(reference)
        try:
            self.google.save(opened)
        except GoogleUnavailable as error:
            logging.getLogger(__name__).warning("%s", error)
            headers = {**PRIVATE, "Content-Security-Policy": NO_SOURCES, "Retry-After": "60"}
            return Content(503, HTML, AWAY.encode(), headers)
        return Content(302, HTML, b"", {**PRIVATE, "Location": self.google.save_link(opened)})
