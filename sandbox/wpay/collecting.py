"""GET …/order/{orderId}/cards."""

import random
from dataclasses import dataclass

from sandbox.faults import NOTHING_DONE, ON_PAGES, Fault
from sandbox.wpay import bodies
from sandbox.wpay.answers import Answer, nothing_done, refusal
from sandbox.wpay.cards import Card
from sandbox.wpay.catalogue import FAULT_ON_FIRST_READ, Behaviour
from sandbox.wpay.desk import Desk
from sandbox.wpay.orders import Order, Status
from sandbox.wpay.refusals import CardsNotReady, InvalidRequest, OrderGone, OrderNotAvailable, Refused

LARGEST_PAGE = 500
USUAL_PAGE = 100
SHORT_BY = 3


@dataclass(frozen=True, slots=True)
class Page:
    offset: int
    limit: int


def cards_page(desk: Desk, order_id: str, offset: str | None, limit: str | None) -> Answer:
    order = desk.ledger.find_by_order_id(order_id)
    refno = order.refno if order else order_id
    accident = desk.accidents.draw(f"GET cards {refno} {offset} {limit}", ON_PAGES)
    if accident in NOTHING_DONE:
        return nothing_done(accident)
    try:
        return _page(desk, order, _read_page(offset, limit), accident)
    except Refused as refused:
        _note(desk, refno, refused)
        return refusal(refused, accident)


def _page(desk: Desk, order: Order | None, page: Page, accident: Fault | None) -> Answer:
    if order is None:
        raise OrderNotAvailable
    now = desk.clock.now()
    _check_ready(order, now)
    turn = desk.journal.read(now, order.refno, page.offset, page.limit, accident or "cards")
    fault = _wanted(order, turn) or accident
    cards = _shown(desk, order, page, fault, turn)
    return Answer(200 if page.offset == 0 else 201, bodies.cards_page(order, cards), fault)


def _read_page(offset: str | None, limit: str | None) -> Page:
    page = Page(_whole("offset", offset, 0), _whole("limit", limit, USUAL_PAGE))
    if not 1 <= page.limit <= LARGEST_PAGE:
        raise InvalidRequest(f"limit must be 1 to {LARGEST_PAGE}, not {page.limit}")
    if page.offset % page.limit:
        raise InvalidRequest(f"offset must be a multiple of limit: {page.offset} is none of {page.limit}")
    return page


def _whole(name: str, text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidRequest(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _check_ready(order: Order, now: float) -> None:
    status = order.status(now)
    if status in {Status.CANCELED, Status.ACTIVATE_ERROR}:
        raise OrderGone(f"The order is in status {status}; it has no cards")
    if status is not Status.COMPLETE:
        raise CardsNotReady("The order is still being processed")


def _note(desk: Desk, refno: str, refused: Refused) -> None:
    kinds = {InvalidRequest: "invalid_page", CardsNotReady: "cards_before_complete"}
    if kind := kinds.get(type(refused)):
        desk.journal.breach(desk.clock.now(), kind, refno, refused.message)


def _wanted(order: Order, turn: int) -> Fault | None:
    """The fault that a test sku asks for at this read of a page."""
    if Behaviour.REORDERED_CARDS in order.request.behaviours:
        return Fault.REORDERED_PAGE
    wanted = [FAULT_ON_FIRST_READ[one] for one in sorted(order.request.behaviours) if one in FAULT_ON_FIRST_READ]
    return wanted[0] if wanted and turn == 1 else None


def _shown(desk: Desk, order: Order, page: Page, fault: Fault | None, turn: int) -> list[Card]:
    offset = page.offset
    if fault is Fault.DUPLICATE_PAGE and offset:
        offset -= page.limit
    cards = desk.ledger.cards(order.refno, offset, page.limit)
    if fault is Fault.SHORT_PAGE:
        return cards[:-SHORT_BY]
    if fault is Fault.REORDERED_PAGE:
        random.Random(f"{order.refno}|{offset}|{turn}").shuffle(cards)
    return cards
