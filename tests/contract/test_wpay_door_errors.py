"""Each error of the Wpay document, as its door answers it: status, code, field. Beside them those that are ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from giftline.accounts.ledger import Limits
from giftline.accounts.model import Ability
from giftline.doors.answers import Reply
from giftline.errors import NotFound, StaleWrite
from giftline.orders.model import OrderStatus
from giftline.suppliers.port import Found, Reversed, Status
from tests.fakes.house import AUD, TENANT
from tests.fakes.wpay_door import THEIRS, FakeCall, WpayHouse, body, product

Act = Callable[[WpayHouse], Reply]
MINUTE = 60_000


@dataclass(frozen=True)
class Documented:
    """What is done, and what the answer must be; no field: the answer names none."""

    act: Act
    status: int
    code: int
    field: str = ""


def poor(wpay: WpayHouse) -> Reply:
    """Less is available than the order costs."""
    available = wpay.house.ledger.balance(TENANT, AUD).available
    wpay.house.ledger.withdraw(TENANT, AUD, available - 1_499, "almost all", 1)
    return wpay.place()


def limited(wpay: WpayHouse) -> Reply:
    wpay.house.ledger.set_limits(TENANT, AUD, Limits(per_order=1_499), 0)
    return wpay.place()


def used_refno(wpay: WpayHouse) -> Reply:
    wpay.place()
    return wpay.place(body(product(4)))


def under_way(wpay: WpayHouse) -> Reply:
    wpay.place()
    return wpay.cards()


def cancelled(wpay: WpayHouse) -> Reply:
    wpay.place()
    wpay.cancel()
    wpay.finish()
    return wpay.cards()


def removed(wpay: WpayHouse) -> Reply:
    wpay.place()
    wpay.finish()
    order = wpay.house.orders.records[wpay.order_id]
    wpay.house.orders.records[order.id] = replace(order, cards_removed_at=wpay.house.clock.now())
    return wpay.cards()


def page(**query: str) -> Act:
    def ask(wpay: WpayHouse) -> Reply:
        wpay.place()
        wpay.finish()
        return wpay.cards(**query)

    return ask


def sent(content: Any) -> Act:
    return lambda wpay: wpay.place(content)


def without(name: str) -> Act:
    return sent({key: value for key, value in body().items() if key != name})


def stranger(wpay: WpayHouse) -> Reply:
    wpay.headers = {}
    return wpay.place()


def late(wpay: WpayHouse) -> Reply:
    wpay.place()
    wpay.house.clock.pass_(15 * MINUTE)
    return wpay.cancel()


def ended(wpay: WpayHouse) -> Reply:
    wpay.place()
    wpay.finish()
    return wpay.cancel()


def used_card(wpay: WpayHouse) -> Reply:
    wpay.place()
    wpay.finish()
    wpay.house.supplier.used.update(wpay.house.supplier.sold)
    return wpay.reverse()


def of_yesterday(wpay: WpayHouse) -> Reply:
    wpay.place()
    wpay.finish()
    wpay.house.clock.pass_(24 * 60 * MINUTE)
    return wpay.reverse()


def of_walleo(wpay: WpayHouse) -> Reply:
    wpay.place(body(product(1, "IKEA", 50, "978")))
    wpay.finish()
    return wpay.reverse()


def unanswered(wpay: WpayHouse) -> Reply:
    wpay.place()
    wpay.finish()
    wpay.house.supplier.reversals.append(Reversed.UNKNOWN)
    wpay.house.supplier.statuses.append(Status(Found.UNREADABLE))
    return wpay.reverse()


def theirs(call: Act) -> Act:
    def ask(wpay: WpayHouse) -> Reply:
        wpay.place()
        wpay.finish()
        order_id = wpay.order_id
        wpay.headers = {"X-Api-Key": THEIRS}
        return wpay.cards(order_id) if call is CARDS else call(wpay)

    return ask


def CARDS(wpay: WpayHouse) -> Reply:  # noqa: N802 - a call's name, as the others of the table
    return wpay.cards("NOBODYS")


def lacking(ability: Ability, call: Act) -> Act:
    def ask(wpay: WpayHouse) -> Reply:
        wpay.place()
        wpay.abilities -= {ability.value}
        return call(wpay)

    return ask


def overtaken(wpay: WpayHouse) -> Reply:
    def move(*_: Any) -> Any:
        raise StaleWrite("somebody was faster")

    wpay.place()
    wpay.house.orders.save = move  # type: ignore[assignment, method-assign]
    return wpay.cancel()


DOCUMENTED = {
    "5036: the payment is not the sum of price × qty": Documented(sent(body(paid=5)), 400, 5036, "payments.0.amount"),
    "5038: less is available than it costs": Documented(poor, 400, 5038, "payments.0.amount"),
    "5038: over a limit that was set": Documented(limited, 400, 5038, "payments.0.amount"),
    "5318: a price that the sku has not": Documented(sent(body(product(price=4))), 400, 5318, "products.0.price"),
    "5320: a sku that there is not": Documented(sent(body(product(sku="NOPE"))), 400, 5320, "products.0.sku"),
    "5313: the refno names another order": Documented(used_refno, 400, 5313, "products"),
    "11159: a quantity of nought": Documented(sent(body(product(0))), 400, 11159, "products.0.qty"),
    "11159: a batch of 25,001 cards": Documented(
        sent(body(product(20_000), product(5_001, price=6))), 400, 11159, "products"
    ),
    "11159: eleven cards in real time": Documented(sent(body(product(11), syncOnly=True)), 400, 11159, "products"),
    "5320: the status of a refno that there is not": Documented(lambda wpay: wpay.status("r-2"), 404, 5320),
    "5320: the cards of an order that there is not": Documented(CARDS, 404, 5320),
    "409: cards while the order is processed": Documented(under_way, 409, 409),
    "410: cards of an order that was cancelled": Documented(cancelled, 410, 410),
    "limit over 500": Documented(page(limit="501"), 400, 5000, "limit"),
    "offset that is no multiple of limit": Documented(page(offset="150", limit="100"), 400, 5000, "offset"),
    "no X-Api-Key": Documented(stranger, 401, 401),
    "two currencies": Documented(sent(body(product(), product(1, "IKEA", 50, "978"), paid=65)), 400, 5000, "products"),
    "a currency that the sku has not": Documented(
        sent(body(product(currency="978"))), 400, 5000, "products.0.currency"
    ),
    "a refno of 56 characters": Documented(sent(body(refno="x" * 56)), 400, 5000, "refno"),
    "a payment that is not svc": Documented(
        sent(body(payments=[{"code": "card", "amount": 15}])), 400, 5000, "payments.0.code"
    ),
    **{f"no {name}": Documented(without(name), 400, 5000, name) for name in body()},
    "a cancel after its window": Documented(late, 400, 5000, "refno"),
    "a cancel of an order that has ended": Documented(ended, 400, 5000, "refno"),
    "a reversal after 24 hours": Documented(of_yesterday, 400, 5000, "refno"),
    "a reversal after a card was used": Documented(used_card, 400, 5000, "refno"),
}
"""What the document names: by a code, or in its prose, where the code is ours."""

OURS = {
    "410: cards that were removed when their time was over": Documented(removed, 410, 410),
    "a reversal that the supplier has not": Documented(of_walleo, 400, 5000, "refno"),
    "a reversal without a clear answer": Documented(unanswered, 503, 503),
    "somebody was faster": Documented(overtaken, 503, 503),
    "a body that is not JSON": Documented(sent('{"a":'), 400, 5000, "body"),
    "a field that stands twice": Documented(sent('{"refno": "r-1", "refno": "r-2"}'), 400, 5000, "body"),
    "a cancel of two refnos": Documented(
        lambda wpay: wpay.cancel('{"refno": "r-1", "refno": "r-2"}'), 400, 5000, "body"
    ),
    "a number beyond all decimals": Documented(sent('{"a": 1e99999999999999999999}'), 400, 5000, "body"),
    "a cancel that is not JSON": Documented(lambda wpay: wpay.cancel("[" * 10_000), 400, 5000, "body"),
    "a reversal of a list": Documented(lambda wpay: wpay.reverse("[]"), 400, 5000, "body"),
    "a cancel without refno": Documented(lambda wpay: wpay.cancel('{"ref": 1}'), 400, 5000, "refno"),
    "a reversal of no refno": Documented(lambda wpay: wpay.reverse({"refno": "\ud800"}), 400, 5000, "refno"),
    "a body that is too large": Documented(sent(" " * (1024 * 1024 + 1)), 413, 413),
    "a cancel that is too large": Documented(lambda wpay: wpay.cancel(" " * (16 * 1024 + 1)), 413, 413),
    "a balance in no currency": Documented(lambda wpay: wpay.balance(currency="DOUBLOON"), 400, 5000, "currency"),
    "a key that may not order": Documented(lacking(Ability.ORDERS_STORE, lambda wpay: wpay.place()), 403, 403),
    "a key that may not cancel": Documented(lacking(Ability.ORDERS_STORE, lambda wpay: wpay.cancel()), 403, 403),
    "a key that may not reverse": Documented(lacking(Ability.ORDERS_STORE, lambda wpay: wpay.reverse()), 403, 403),
    "a key that may not ask": Documented(lacking(Ability.ORDERS_GET, lambda wpay: wpay.status()), 403, 403),
    "a key that may not see money": Documented(lacking(Ability.ORDERS_GET, lambda wpay: wpay.balance()), 403, 403),
    "a key that may not see cards": Documented(lacking(Ability.CARDS_GET, CARDS), 403, 403),
    "somebody else's status": Documented(theirs(lambda wpay: wpay.status()), 404, 5320),
    "somebody else's cards": Documented(theirs(CARDS), 404, 5320),
    "somebody else's order to cancel": Documented(theirs(lambda wpay: wpay.cancel()), 404, 5320),
    "somebody else's order to reverse": Documented(theirs(lambda wpay: wpay.reverse()), 404, 5320),
}


@pytest.mark.parametrize("name", [*DOCUMENTED, *OURS])
def test_each_error_has_its_status_its_code_and_its_field(name: str) -> None:
    expected = (DOCUMENTED | OURS)[name]
    reply = expected.act(WpayHouse())
    assert (reply.status, reply.body["code"]) == (expected.status, expected.code), reply.body
    assert set(reply.body) == {"code", "message", "messages"}
    assert reply.body["message"]
    fields = [message["field"] for message in reply.body["messages"]]
    assert fields == ([expected.field] if expected.field else [])
    assert all(message["problem"] and message["expected"] for message in reply.body["messages"])
    assert ("Retry-After" in reply.headers) == (reply.status == 503)


@pytest.mark.parametrize("name", [*DOCUMENTED, *OURS])
def test_who_is_refused_has_ordered_and_spent_nothing(name: str) -> None:
    """But for the order that was there before."""
    wpay = WpayHouse()
    case = (DOCUMENTED | OURS)[name]
    case.act(wpay)
    orders = list(wpay.house.orders.records.values())
    assert len(orders) <= 1
    balance = wpay.house.ledger.balance(TENANT, AUD)
    held = sum(order.held_minor for order in orders if order.currency == AUD)
    assert balance.reserved == held


def test_an_order_that_there_is_not_has_the_documents_words_and_a_foreign_one_the_same() -> None:
    """Its clients then order again under the same refno."""
    wpay = WpayHouse()
    wpay.place()
    wpay.finish()
    order_id = wpay.order_id
    nobodys = {"refno": "r-2"}
    unknown = [wpay.status("r-2"), wpay.cards("NOBODYS"), wpay.cancel(nobodys), wpay.reverse(nobodys)]
    wpay.headers = {"X-Api-Key": THEIRS}
    foreign = [wpay.status(), wpay.cards(order_id), wpay.cancel(), wpay.reverse()]
    for reply in (*unknown, *foreign):
        assert (reply.status, reply.body) == (404, {"code": 5320, "message": "Order not available", "messages": []})


def test_what_no_file_can_be_called_is_not_looked_for() -> None:
    """Its name would be no key of a table."""
    wpay, looked_for = WpayHouse(), []

    class Files:
        def find(self, tenant: str, name: str) -> None:
            looked_for.append((tenant, name))

    door = replace(wpay.door, view_file=cast("Any", Files()))
    for refno in ("x" * 5_000, "%C3%A9" * 513, "a%20name"):
        with pytest.raises(NotFound):
            door.status(FakeCall(), refno)
    assert looked_for == [(TENANT, "a name")]


# --- pages, by the rules of the document


@pytest.mark.parametrize(
    ("offset", "limit", "status", "cards"),
    [("0", "500", 200, 7), ("0", "5", 200, 5), ("5", "5", 201, 2), ("10", "5", 201, 0), ("500", "500", 201, 0)],
)
def test_the_first_page_is_200_and_each_later_one_201(offset: str, limit: str, status: int, cards: int) -> None:
    wpay = WpayHouse()
    wpay.place(body(product(7)))
    wpay.finish()
    reply = wpay.cards(offset=offset, limit=limit)
    assert (reply.status, len(reply.body["cards"]), reply.body["total_cards"]) == (status, cards, 7)


def test_a_page_without_a_limit_has_a_hundred_cards() -> None:
    wpay = WpayHouse()
    wpay.place(body(product(101)))
    wpay.finish()
    assert len(wpay.cards().body["cards"]) == 100
    assert len(wpay.cards(offset="100").body["cards"]) == 1


def test_an_order_of_several_products_has_the_cards_of_each() -> None:
    wpay = WpayHouse()
    wpay.place(body(product(3), product(2, "WPAY-GROCERY", 10), product(1, price=25)))
    wpay.finish()
    page_ = wpay.cards().body
    assert [(card["sku"], card["amount"]) for card in page_["cards"]] == [
        *[("WWQ651BHNWSH", "5.00")] * 3,
        *[("WPAY-GROCERY", "10.00")] * 2,
        ("WWQ651BHNWSH", "25.00"),
    ]
    assert list(page_["products"]) == ["WWQ651BHNWSH", "WPAY-GROCERY"]


# --- words


def test_the_status_goes_through_the_documents_words() -> None:
    wpay = WpayHouse()
    assert wpay.place().body["status"] == "PROCESSING"
    words = [wpay.status().body["status"]]
    wpay.work()
    words.append(wpay.status().body["status"])
    wpay.finish()
    words.append(wpay.status().body["status"])
    assert words == ["PENDING", "PROCESSING", "COMPLETE"]


@pytest.mark.parametrize("status", list(OrderStatus))
def test_each_status_has_its_label(status: OrderStatus) -> None:
    wpay = WpayHouse()
    wpay.place()
    order = wpay.house.orders.records[wpay.order_id]
    wpay.house.orders.records[order.id] = replace(order, status=status)
    shown = wpay.status().body
    assert (shown["status"], shown["statusLabel"]) == (status.value, status.value.capitalize())
