"""POST …/orders."""

from sandbox.faults import ANSWER_LOST, ANYWHERE, NOTHING_DONE, Fault
from sandbox.wpay import bodies
from sandbox.wpay.answers import Answer, nothing_done, refusal
from sandbox.wpay.cards import make_cards
from sandbox.wpay.catalogue import FAULT_ON_POST
from sandbox.wpay.desk import Desk
from sandbox.wpay.orders import Order, Status, completion_time
from sandbox.wpay.refusals import DuplicateRefno, InvalidRequest, Refused
from sandbox.wpay.requests import Body, OrderRequest, read_body, read_order, read_refno


def place_order(desk: Desk, raw: bytes) -> Answer:
    try:
        body = read_body(raw)
        refno = read_refno(body)
    except Refused as refused:
        return _refuse(desk, None, refused, None)
    accident = desk.accidents.draw(f"POST order {refno}", ANYWHERE)
    try:
        if accident in NOTHING_DONE:
            return _do_nothing(desk, refno, accident)
        return _place(desk, _check(desk, refno, body), accident)
    except Refused as refused:
        return _refuse(desk, refno, refused, accident)


def _check(desk: Desk, refno: str, body: Body) -> OrderRequest:
    """A used refno is refused before anything else is looked at."""
    if desk.ledger.find(refno):
        raise DuplicateRefno(f"refno {refno} has been used")
    return read_order(body)


def _place(desk: Desk, request: OrderRequest, accident: Fault | None) -> Answer:
    wanted = [FAULT_ON_POST[behaviour] for behaviour in sorted(request.behaviours) if behaviour in FAULT_ON_POST]
    fault = wanted[0] if wanted else accident
    if fault in NOTHING_DONE:
        return _do_nothing(desk, request.refno, fault)
    answered = fault not in ANSWER_LOST
    order = _sell(desk, request, told=answered)
    desk.journal.post(order.created_at, order.refno, "committed", answered=answered)
    return _acknowledge(desk, order, fault)


def _sell(desk: Desk, request: OrderRequest, *, told: bool) -> Order:
    now = desk.clock.now()
    order_id = desk.ledger.next_order_id()
    complete_at = completion_time(request, desk.settings, now)
    order = Order(request.refno, order_id, request, now, complete_at, told=told)
    cards = []
    if order.sells:
        cards = make_cards(order, desk.ledger.secret(), desk.ledger.next_card_ids(request.quantity))
    desk.ledger.sell(order, cards)
    return order


def _acknowledge(desk: Desk, order: Order, fault: Fault | None) -> Answer:
    if order.request.sync_only and order.status(order.created_at) is Status.COMPLETE:
        cards = desk.ledger.cards(order.refno)
        return Answer(201, bodies.placed_at_once(order, cards), fault)
    return Answer(202, bodies.placed(order), fault)


def _do_nothing(desk: Desk, refno: str, fault: Fault) -> Answer:
    desk.journal.post(desk.clock.now(), refno, fault, answered=False)
    return nothing_done(fault)


def _refuse(desk: Desk, refno: str | None, refused: Refused, fault: Fault | None) -> Answer:
    now = desk.clock.now()
    desk.journal.post(now, refno, str(refused.code), answered=fault not in ANSWER_LOST)
    if isinstance(refused, InvalidRequest):
        desk.journal.breach(now, "invalid_order", refno, refused.message)
    if isinstance(refused, DuplicateRefno) and refno and _was_told(desk, refno):
        desk.journal.breach(now, "refno_reused", refno, "ordered again although the order was known to exist")
    return refusal(refused, fault)


def _was_told(desk: Desk, refno: str) -> bool:
    order = desk.ledger.find(refno)
    return order is not None and order.told
