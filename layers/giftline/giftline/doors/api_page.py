"""The description of all calls: as a document for programs, and as a page for people, without any script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from giftline.doors.answers import Reply
from giftline.doors.content import Content

HTML: Final = "text/html; charset=utf-8"
KEPT: Final[Mapping[str, str]] = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
NO_SOURCES: Final = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class ApiPageDoor:
    """Both say the same to everybody: no token is asked for. `passes_url`: where the API of passes answers."""

    passes_url: str

    def document(self, api_url: str) -> Reply:
        return Reply(200, described(api_url, self.passes_url), KEPT)

    def page(self, api_url: str) -> Content:
        text, style_source = rendered(api_url, self.passes_url)
        policy = f"{NO_SOURCES}; style-src {style_source}; img-src data:"
        headers = {**KEPT, "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        return Content(200, HTML, text, headers)


@cache
def described(api_url: str, passes_url: str) -> dict[str, Any]:
    """The same for as long as the function lives: it is made of the code alone."""
    from giftline.doors.openapi.all_doors import ALL_DOORS  # noqa: PLC0415  # why: cold start, it imports every door
    from giftline.doors.openapi.document import openapi_document  # noqa: PLC0415  # why: cold start

    return openapi_document(ALL_DOORS, api_url, passes_url)


@cache
def rendered(api_url: str, passes_url: str) -> tuple[bytes, str]:
    """The page, and the source of its style sheet as a content security policy names it."""
    from giftline.doors.openapi.page import page_of  # noqa: PLC0415  # why: cold start
    from giftline.doors.openapi.page_style import STYLE  # noqa: PLC0415  # why: cold start

    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return page_of(described(api_url, passes_url), STYLE).encode(), f"'sha256-{digest}'"
