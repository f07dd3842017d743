"""The page of all calls: everything that is there, nothing that runs, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from giftline.doors.api_page import ApiPageDoor
from giftline.doors.openapi.all_doors import ALL_DOORS
from giftline.doors.openapi.page import page_of

API, PASSES = "https://api.example.com/live", "https://passes.example.com/live"
VOID = {"meta", "link", "br"}


class Elements(HTMLParser):
    """Every element with its attributes; `open` are those that were not closed in their turn."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.strays: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.strays.append(tag)


@pytest.fixture(scope="module")
def page() -> str:
    return ApiPageDoor(PASSES).page(API).content.decode()


@pytest.fixture(scope="module")
def elements(page: str) -> Elements:
    read = Elements()
    read.feed(page)
    return read


def test_every_call_stands_there_under_its_door(page: str) -> None:
    for door in ALL_DOORS:
        assert f"<h2>{door.name}</h2>" in page
        for operation in door.operations:
            assert f'id="{operation.id}"' in page
            assert f'<code class="path">{operation.path}</code>' in page


def test_nothing_runs_and_nothing_is_fetched(elements: Elements, page: str) -> None:
    tags = {tag for tag, _ in elements.found}
    addresses = {value for _, held in elements.found for name, value in held.items() if name in ("href", "src")}

    assert tags.isdisjoint({"script", "iframe", "img", "object", "form", "base"})
    assert not [name for _, held in elements.found for name in held if name.startswith("on") or name == "style"]
    assert {address for address in addresses if address and not address.startswith("#")} == {"openapi.json", "data:,"}
    assert "url(" not in page
    assert "@import" not in page


def test_every_element_is_closed_and_every_link_leads_somewhere(elements: Elements) -> None:
    ids = [held["id"] for _, held in elements.found if "id" in held]
    links = [held["href"] for tag, held in elements.found if tag == "a"]

    assert (elements.open, elements.strays) == ([], [])
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link and link.startswith("#")} <= set(ids)


def test_the_one_style_sheet_is_named_by_its_hash(page: str) -> None:
    answer = ApiPageDoor(PASSES).page(API)
    (sheet,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()

    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_is_light_and_dark_and_fits_a_phone(page: str) -> None:
    assert '<meta name="viewport" content="width=device-width,initial-scale=1">' in page
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme:dark" in page


def test_what_stands_in_the_document_is_escaped() -> None:
    hostile = "<script>alert('x')</script>\"&"
    operation = {
        "operationId": "one",
        "tags": [hostile],
        "summary": hostile,
        "description": hostile,
        "parameters": [{"name": hostile, "in": "query", "schema": {"description": hostile, "enum": [hostile]}}],
        "requestBody": {"content": {hostile: {"schema": {"const": hostile}, "example": hostile}}},
        "security": [{hostile: [hostile]}],
        "responses": {"200": {"description": hostile, "content": {hostile: {"schema": {"pattern": hostile}}}}},
    }
    document = {
        "info": {"title": hostile, "summary": hostile},
        "servers": [{"url": hostile}],
        "tags": [{"name": hostile, "description": hostile}],
        "paths": {f"/{hostile}": {"get": operation, "servers": [{"url": hostile}]}},
        "components": {"schemas": {}},
    }

    assert "<script" not in page_of(document, "")


def test_the_document_names_where_each_api_answers() -> None:
    document = ApiPageDoor(PASSES).document(API)

    assert document.status == 200
    assert document.body["servers"] == [{"url": API}]
    assert document.body["paths"]["/p/{reference}"]["servers"] == [{"url": PASSES}]
