"""The page behind a download link: what the pass is, its code, and the buttons that keep it. No script at all."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from giftline.passes.barcodes import Symbol, symbol
from giftline.passes.colours import BLACK, WHITE, looks
from giftline.passes.icons import NO_CARD, PHONE, SAVE, WALLET, icon
from giftline.passes.page_style import style
from giftline.passes.svg import barcode_svg, fine_width
from giftline.passes.words import day_in_words, is_over, is_to_come, points_in_words
from giftline.wallet.model import Millis, Pass, PassKind
from giftline.wallet.opening import OpenedPass


@dataclass(frozen=True, slots=True)
class Html:
    """A page and the source of its one style sheet, as a content security policy names it."""

    text: str = field(repr=False)
    style_source: str


@dataclass(frozen=True, slots=True)
class Buttons:
    """Where the pass can be kept: what is not set up has no button."""

    apple: bool
    google: bool


def pass_page(opened: OpenedPass, reference: str, buttons: Buttons, now: Millis) -> Html:
    """Links are relative to the page, so that it does not matter under which name and stage it is served."""
    over = is_over(opened.held, now)
    made = symbol(opened.held.code, opened.template.barcode)
    body = (
        f'<main class="pass{" over" if over else ""}">{_notice(opened.held, now)}{_card(opened, made, now)}'
        f'<div class="side">{_nav(reference, buttons)}{_about(opened)}</div></main>'
    )
    title = f"{escape(opened.held.title)} – {escape(opened.brand.name)}"
    return _document(title, body, style(*looks(opened.template), fine_width(made) if made else 0))


def nothing_page() -> Html:
    """The same for whatever opens nothing: it must not tell a wrong link from an old one."""
    body = (
        f'<main class="nothing">{icon(NO_CARD)}<h1>There is no pass here</h1>'
        "<p>This link opens no pass. Please check that it is complete, or ask the shop that sent it for a new one.</p>"
        "</main>"
    )
    return _document("There is no pass here", body, style(WHITE, BLACK))


def _document(title: str, body: str, sheet: str) -> Html:
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="robots" content="noindex">\n'
        '<meta name="format-detection" content="telephone=no">\n'
        f'<title>{title}</title>\n<link rel="icon" href="data:,">\n<style>{sheet}</style>\n</head>\n'
        f"<body>{body}</body>\n</html>\n"
    )
    return Html(text, f"'sha256-{digest}'")


def _notice(held: Pass, now: Millis) -> str:
    if is_over(held, now):
        return f'<p class="notice">Expired on {_day(held.expires_on)}</p>'
    return f'<p class="notice">Not valid before {_day(held.starts_on)}</p>' if is_to_come(held, now) else ""


def _card(opened: OpenedPass, made: Symbol | None, now: Millis) -> str:
    facts = "".join(_facts(opened.held, now))
    return (
        f'<article class="card"><header><p class="brand" dir="auto">{escape(opened.brand.name)}</p>'
        f'<h1 dir="auto">{escape(opened.held.title)}</h1></header>'
        f'<dl class="facts">{facts}</dl>{_code(opened.held.code, made)}</article>'
    )


def _facts(held: Pass, now: Millis) -> Iterator[str]:
    """Points of a storecard always, of a coupon where it has some; dates where there are any."""
    if held.kind is PassKind.STORECARD or held.points:
        yield (
            f'<div><dt>Points</dt><dd class="points"><span aria-hidden="true">{points_in_words(held.points)}</span>'
            f'<span class="unseen">{"minus " if held.points < 0 else ""}{abs(held.points)}</span></dd></div>'
        )
    if held.starts_on:
        yield f"<div><dt>Valid from</dt><dd>{_day(held.starts_on)}</dd></div>"
    if held.expires_on:
        word = "Expired on" if is_over(held, now) else "Valid until"
        yield f"<div><dt>{word}</dt><dd>{_day(held.expires_on)}</dd></div>"


def _day(day: str) -> str:
    return f'<time datetime="{escape(day)}">{escape(day_in_words(day))}</time>'


def _code(code: str, made: Symbol | None) -> str:
    shown = barcode_svg(made, code) if made else ""
    return f'<div class="code">{shown}<p dir="auto"><span class="unseen">Code: </span>{escape(code)}</p></div>'


def _about(opened: OpenedPass) -> str:
    text = escape(opened.template.description)
    return f'<section class="about"><h2>About this pass</h2><p dir="auto">{text}</p></section>' if text else ""


def _nav(reference: str, buttons: Buttons) -> str:
    links = "".join(f"<li>{link}</li>" for link in _links(escape(reference), buttons))
    return f'<nav aria-label="Keep this pass"><ul>{links}</ul></nav>'


def _links(reference: str, buttons: Buttons) -> Iterator[str]:
    if buttons.apple:
        yield f'<a href="{reference}/pass.pkpass">{icon(PHONE)}Add to Apple Wallet</a>'
    if buttons.google:
        yield f'<a href="{reference}/google">{icon(WALLET)}Save to Google Wallet</a>'
    yield f'<a href="{reference}/pass.png" download="pass.png">{icon(SAVE)}Download picture</a>'
