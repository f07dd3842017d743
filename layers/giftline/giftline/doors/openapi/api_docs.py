"""The two calls that tell of all the others, declared."""

from __future__ import annotations

from typing import Final

from giftline.doors.api_page import HTML
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Door, Entry, Operation
from giftline.doors.openapi.schemas import record

API_DOCS: Final = Door(
    "This description",
    "The calls of this installation, for programs and for people.",
    "api_docs",
    HOUSE,
    (
        Operation(
            "GET", "/openapi.json", "openapi_document", "As a document", {200: Answer("OpenAPI 3.1.", record({}))}
        ),
        Operation("GET", "/docs", "docs_page", "As a page", {200: Answer("The page.", None, (HTML,))}),
    ),
    entry=Entry.OPEN,
)
