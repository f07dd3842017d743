"""GET /partners/v1/gift_cards, inventories and balance."""

from collections.abc import Callable

from sandbox.faults import ANYWHERE, NOTHING_DONE
from sandbox.walleo import bodies
from sandbox.walleo.answers import Answer, Body, nothing_done, refusal
from sandbox.walleo.catalogue import CATALOGUE
from sandbox.walleo.desk import Desk
from sandbox.walleo.refusals import Refused
from sandbox.walleo.requests import find_gift_card


def show_gift_cards(desk: Desk) -> Answer:
    return _show(desk, "GET gift_cards", lambda: [bodies.gift_card(one) for one in CATALOGUE.values()])


def show_gift_card(desk: Desk, code: str) -> Answer:
    return _show(desk, f"GET gift_card {code}", lambda: bodies.gift_card(find_gift_card(code)))


def show_inventory(desk: Desk, code: str) -> Answer:
    return _show(desk, f"GET inventory {code}", lambda: bodies.inventory(find_gift_card(code)))


def show_balance(desk: Desk) -> Answer:
    return _show(desk, "GET balance", lambda: bodies.balance(desk.ledger.balance(desk.clock.now())))


def _show(desk: Desk, request: str, body: Callable[[], Body]) -> Answer:
    fault = desk.accidents.draw(request, ANYWHERE)
    if fault in NOTHING_DONE:
        return nothing_done(fault)
    try:
        return Answer(200, body(), fault)
    except Refused as refused:
        return refusal(refused, fault)
