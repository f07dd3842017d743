"""GET …/order/{refno}/status."""

from http import HTTPStatus

from sandbox.faults import ANSWER_LOST, NOTHING_DONE, ON_STATUS, Fault
from sandbox.wpay import bodies
from sandbox.wpay.answers import Answer, nothing_done, refusal
from sandbox.wpay.desk import Desk
from sandbox.wpay.orders import CANCEL_MINUTES, PREVIOUS, Order, poll_interval
from sandbox.wpay.refusals import OrderNotAvailable


def order_status(desk: Desk, refno: str) -> Answer:
    now = desk.clock.now()
    fault = desk.accidents.draw(f"GET status {refno}", ON_STATUS)
    order = desk.ledger.find(refno)
    answer = _status(desk, order, now, fault)
    if order is None:
        desk.journal.unknown_poll(now, refno)
    else:
        interval = desk.settings.scaled(poll_interval(order.request.quantity))
        told = answer.status == HTTPStatus.OK and fault not in ANSWER_LOST
        desk.journal.poll(now, order, interval, told=told)
    return answer


def _status(desk: Desk, order: Order | None, now: float, fault: Fault | None) -> Answer:
    if fault in NOTHING_DONE:
        return nothing_done(fault)
    if order is None or desk.accidents.hides(order.refno, now - order.created_at):
        return refusal(OrderNotAvailable(), fault)
    word = order.status(now)
    if fault is Fault.STALE_STATUS:
        word = PREVIOUS.get(word, word)
    cancellable = now <= order.created_at + desk.settings.scaled(CANCEL_MINUTES * 60)
    return Answer(200, bodies.status(order, word, cancellable=cancellable), fault)
