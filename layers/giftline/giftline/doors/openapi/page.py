"""The page of all calls, made of the very document that programs read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from giftline.doors.openapi.page_schemas import field_items, shape

Document = Mapping[str, Any]
METHODS: Final = ("get", "post", "put", "delete")
_CODE: Final = re.compile(r"`([^`]+)`")


def page_of(document: Document, style: str) -> str:
    """Every word of it is escaped; `style` is its one sheet."""
    info, tags = document["info"], document["tags"]
    links = "".join(f'<li><a href="#{anchor(tag["name"])}">{escape(tag["name"])}</a></li>' for tag in tags)
    sections = "".join(_section(document, tag) for tag in tags)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<title>{escape(info["title"])}: all calls</title>\n<link rel="icon" href="data:,">\n<style>{style}</style>\n'
        f'</head>\n<body><div class="page"><header><h1>{escape(info["title"])}: all calls</h1>'
        f'<p>{escape(info["summary"])}</p><p class="soft">'
        f'The same for programs: <a href="openapi.json">openapi.json</a>{_servers(document)}</p></header>'
        f'<nav aria-label="Doors"><ul>{links}</ul></nav><main>{sections}</main></div></body>\n</html>\n'
    )


def anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _servers(document: Document) -> str:
    return "".join(f" · <code>{escape(server['url'])}</code>" for server in document["servers"])


def _section(document: Document, tag: Mapping[str, str]) -> str:
    calls = "".join(
        _call(document, path, method, item)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item and tag["name"] in item[method]["tags"]
    )
    described = _prose(tag["description"])
    return f'<section id="{anchor(tag["name"])}"><h2>{escape(tag["name"])}</h2><p>{described}</p>{calls}</section>'


def _call(document: Document, path: str, method: str, item: Mapping[str, Any]) -> str:
    operation = item[method]
    return (
        f'<details class="call" id="{escape(operation["operationId"])}"><summary>'
        f'<span class="method {method}">{method.upper()}</span><code class="path">{escape(path)}</code>'
        f'<span class="told">{escape(operation["summary"])}</span></summary>'
        f'<div class="inside">{"".join(_inside(document, operation, item))}</div></details>'
    )


def _inside(document: Document, operation: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[str]:
    if operation.get("description"):
        yield f"<p>{_prose(operation['description'])}</p>"
    yield f'<p class="soft">{_entry(operation)}{"".join(_elsewhere(item))}</p>'
    if parameters := operation.get("parameters"):
        yield f'<h3>Parameters</h3><ul class="fields">{"".join(map(_parameter, parameters))}</ul>'
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<h3>Body <code>{escape(media_type)}</code></h3>{shape(document, content['schema'])}"
        if "example" in content:
            shown = json.dumps(content["example"], indent=2, ensure_ascii=False)
            yield f'<h3>Example</h3><pre tabindex="0">{escape(shown)}</pre>'
    yield f'<h3>Answers</h3><dl class="answers">{"".join(_answers(document, operation))}</dl>'


def _entry(operation: Mapping[str, Any]) -> str:
    """Who may call, in words."""
    security = operation["security"]
    if not security:
        return "No token is asked for."
    schemes = " or ".join(f"<code>{escape(name)}</code>" for one in security for name in one)
    abilities = [ability for names in security[0].values() for ability in names]
    needs = f", with the ability {' or '.join(f'<code>{escape(one)}</code>' for one in abilities)}" if abilities else ""
    return f"Who calls: {schemes}{needs}."


def _elsewhere(item: Mapping[str, Any]) -> Iterator[str]:
    for server in item.get("servers", []):
        yield f" Served at <code>{escape(server['url'])}</code>."


def _parameter(parameter: Mapping[str, Any]) -> str:
    told = {**parameter["schema"]} | ({"description": d} if (d := parameter.get("description")) else {})
    return field_items({parameter["name"]: told}, set(), note=f"in {parameter['in']}")


def _answers(document: Document, operation: Mapping[str, Any]) -> Iterator[str]:
    for status, answer in operation["responses"].items():
        types = ", ".join(f"<code>{escape(one)}</code>" for one in answer.get("content", {}))
        schemas = [one["schema"] for one in answer.get("content", {}).values() if one.get("schema")]
        shown = shape(document, schemas[0], folded=True) if schemas else ""
        yield f"<dt>{escape(status)} {types}</dt><dd>{_prose(answer['description'])}{shown}</dd>"


def _prose(text: str) -> str:
    """Escaped, with `code` in backticks as in Markdown."""
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))
