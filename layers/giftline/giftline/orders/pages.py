"""A page's life: judged against the order, sealed with its place, opened again.

A stored page holds only cards that no earlier page of the lot held, so reading a page again
never stores a card twice, and never loses one that only the first reading brought.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from giftline.errors import BrokenSeal
from giftline.orders.lot import Lot
from giftline.orders.model import Card, Order, Page, PageRef
from giftline.secret import Secret
from giftline.suppliers.port import CardsPage

if TYPE_CHECKING:
    from giftline.orders.ports import Pages, Seal

_COLUMNS: Final = tuple(f.name for f in fields(Card))
_SECRETS: Final = frozenset(("number", "pin", "barcode", "activation_code", "activation_url"))


def page_place(order: Order, ref: PageRef) -> str:
    """What a page is sealed to: it opens only where it was written (docs/security.md)."""
    return f"{order.tenant}|{order.id}|{ref.lot}|{ref.offset}|{ref.version}"


def judge_cards(lot: Lot, answer: CardsPage) -> list[Card]:
    """The cards under our own names for the skus, each with its flaw where this lot did not order it."""
    ordered = {(line.supplier_code, line.amount.minor): line.sku for line in lot.lines}
    flaw = "" if answer.currency in ("", lot.total.currency.numeric) else "another currency"
    return [_judge(card, ordered.get((card.sku, card.amount_minor)), flaw) for card in answer.cards]


def _judge(card: Card, sku: str | None, flaw: str) -> Card:
    flaw = card.flaw or flaw or ("" if sku else "sku or amount was not ordered")
    return replace(card, sku=sku or card.sku, flaw=flaw)


def card_digest(seal: Seal, card: Card) -> bytes:
    """A card is its number within its order (docs/protocols.md); a flawed one, all it holds."""
    if card.flaw:
        return seal.digest(json.dumps(_plain(card)))
    return seal.digest(card.number.reveal())


def seal_page(seal: Seal, order: Order, lot: Lot, offset: int, version: int, cards: Sequence[Card]) -> Page:
    """One item's worth of cards: sound ones first, so that digests tell their positions."""
    ranked = sorted(cards, key=lambda card: bool(card.flaw))
    digests = [card_digest(seal, card) for card in ranked]
    sound = sum(not card.flaw for card in ranked)
    ref = PageRef(order.id, lot.number, offset, version, tuple(digests[:sound]), tuple(digests[sound:]))
    rows = [_plain(card) for card in ranked]
    columns = {name: [row[name] for row in rows] for name in _COLUMNS}
    text = zlib.compress(json.dumps(columns, separators=(",", ":")).encode(), 9)
    return Page(ref, seal.close(text, page_place(order, ref)))


def open_page(seal: Seal, order: Order, page: Page) -> list[Card]:
    """The cards of a page, sound ones first. BrokenSeal where it was moved or changed."""
    text = seal.open(page.sealed, page_place(order, page.ref))
    columns: dict[str, list[Any]] = json.loads(zlib.decompress(text))
    rows = zip(*(columns[name] for name in _COLUMNS), strict=True)
    cards = [_card(dict(zip(_COLUMNS, row, strict=True))) for row in rows]
    if len(cards) != len(page.ref.digests) + page.ref.flawed:
        raise BrokenSeal(f"page {page_place(order, page.ref)} holds another number of cards")
    return cards


def delivered_positions(pages: Pages, order: Order, lots: Iterable[Lot]) -> list[tuple[PageRef, list[int]]]:
    """What is handed over of an order, page by page, in the order of the exports."""
    refs = in_delivery_order(pages.refs(order.id), order.delivered_pages)
    return list(sound_positions(refs, withheld(lots)))


def in_delivery_order(refs: Iterable[PageRef], delivered: str) -> list[PageRef]:
    """Pages as they were delivered before, and what came since after them: a card that somebody has
    got by its place in a file or an answer keeps that place.
    """
    places = {place: at for at, place in enumerate(delivered.split(","))}
    known = list(refs)
    return sorted(known, key=lambda ref: places.get(_place(ref), len(places)))


def delivery_order(positions: Iterable[tuple[PageRef, list[int]]]) -> str:
    """The places of the pages that are handed over, in order; for the order's record."""
    return ",".join(_place(ref) for ref, fresh in positions if fresh)


def _place(ref: PageRef) -> str:
    return f"{ref.lot}:{ref.offset}:{ref.version}"


def withheld(lots: Iterable[Lot]) -> frozenset[int]:
    """Numbers of the lots whose cards are not handed over."""
    return frozenset(lot.number for lot in lots if lot.withheld)


def sound_positions(refs: Iterable[PageRef], held: frozenset[int]) -> Iterator[tuple[PageRef, list[int]]]:
    """For each page the positions of its sound cards that no earlier page has: each card once."""
    seen: set[bytes] = set()
    for ref in refs:
        if ref.lot in held:
            continue
        fresh = []
        for position, digest in enumerate(ref.digests):
            if digest not in seen:
                seen.add(digest)
                fresh.append(position)
        yield ref, fresh


def sound_cards(
    seal: Seal, order: Order, pages: Pages, positions: Iterable[tuple[PageRef, list[int]]]
) -> Iterator[Card]:
    """The cards at those positions, one page in memory at a time."""
    for ref, fresh in positions:
        if fresh:
            cards = open_page(seal, order, pages.get(ref))
            yield from (cards[position] for position in fresh)


def _plain(card: Card) -> dict[str, Any]:
    values = {name: getattr(card, name) for name in _COLUMNS}
    return {k: v.reveal() if isinstance(v, Secret) else v for k, v in values.items()}


def _card(values: dict[str, Any]) -> Card:
    wrapped: dict[str, Any] = {k: Secret(v) if k in _SECRETS else v for k, v in values.items()}
    return Card(**wrapped)
