"""POST …/orders/reverse and GET …/sva/balance."""

from sandbox.faults import ANYWHERE, NOTHING_DONE
from sandbox.wpay import bodies
from sandbox.wpay.answers import Answer, nothing_done, refusal
from sandbox.wpay.catalogue import ACCOUNT_CURRENCY, CURRENCIES
from sandbox.wpay.desk import Desk
from sandbox.wpay.orders import DAY, Order, Status
from sandbox.wpay.refusals import NotReversible, OrderNotAvailable, Refused
from sandbox.wpay.requests import read_body, read_refno


def reverse_order(desk: Desk, raw: bytes) -> Answer:
    """A second reversal is answered as the first one was."""
    try:
        refno = read_refno(read_body(raw))
    except Refused as refused:
        return refusal(refused)
    fault = desk.accidents.draw(f"POST reverse {refno}", ANYWHERE)
    if fault in NOTHING_DONE:
        return nothing_done(fault)
    try:
        return Answer(200, _reverse(desk, refno), fault)
    except Refused as refused:
        return refusal(refused, fault)


def _reverse(desk: Desk, refno: str) -> dict[str, object]:
    now = desk.clock.now()
    order = desk.ledger.find(refno)
    if order is None:
        raise OrderNotAvailable
    if order.cancelled_at is None:
        _check_reversible(desk, order, now)
        desk.ledger.cancel(order, now)
    return bodies.status(order, Status.CANCELED, cancellable=False)


def _check_reversible(desk: Desk, order: Order, now: float) -> None:
    if now > order.created_at + desk.settings.scaled(DAY):
        raise NotReversible("An order can be reversed for 24 hours")
    if order.status(now) in {Status.CANCELED, Status.ACTIVATE_ERROR}:
        raise NotReversible("The order has ended without cards and its money was returned")


def balance(desk: Desk) -> Answer:
    """The body is ours: no document shows it."""
    fault = desk.accidents.draw("GET balance", ANYWHERE)
    if fault in NOTHING_DONE:
        return nothing_done(fault)
    now = desk.clock.now()
    body: dict[str, object] = {
        "balance": bodies.money(desk.ledger.balance(ACCOUNT_CURRENCY, now)),
        "outstandingBalance": bodies.money(desk.ledger.spent(now)[ACCOUNT_CURRENCY]),
        "currency": bodies.currency(CURRENCIES[ACCOUNT_CURRENCY].numeric),
    }
    return Answer(200, body, fault)
