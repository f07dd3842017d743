"""`syncOnly: true`: bought while the client waits, answered with the cards, or continued as a batch."""

from __future__ import annotations

import pytest

from giftline.accounts.model import Ability
from giftline.doors.wpay import HOLD_SECONDS
from giftline.orders.lot import LotState
from giftline.suppliers.port import Outcome, Placed
from tests.fakes.house import AUD, FUEL, TENANT
from tests.fakes.wpay_door import WpayHouse, body, product

TEN = body(product(6), product(4, FUEL, 10), syncOnly=True)


@pytest.fixture
def wpay() -> WpayHouse:
    return WpayHouse()


def test_ten_cards_come_with_the_answer(wpay: WpayHouse) -> None:
    wpay.waiting.meanwhile = wpay.work
    reply = wpay.place(TEN)
    assert (reply.status, reply.body["status"], len(reply.body["cards"])) == (201, "COMPLETE", 10)
    assert reply.body["cancel"] == {"allowed": False, "allowedWithIn": 15}
    assert reply.headers["Cache-Control"] == "no-store"
    assert wpay.house.clock.ticks < 1
    assert len({card["cardNumber"] for card in reply.body["cards"]}) == 10
    assert list(reply.body["products"]) == ["WWQ651BHNWSH", FUEL]


def test_the_supplier_is_asked_to_sell_at_once_too(wpay: WpayHouse) -> None:
    """Its batches are asked about after five minutes: nobody waits so long."""
    wpay.waiting.meanwhile = wpay.work
    wpay.place(TEN)
    lot = wpay.house.orders.lot(wpay.order_id, 1)
    assert wpay.house.supplier.at_once == wpay.house.supplier.posts == [lot.reference]
    assert (lot.state, lot.polls) == (LotState.COLLECTED, 0)


def test_a_batch_is_never_asked_for_at_once(wpay: WpayHouse) -> None:
    wpay.place()
    wpay.finish()
    assert wpay.house.supplier.at_once == []


def test_what_the_supplier_cannot_do_at_once_is_found_by_its_status(wpay: WpayHouse) -> None:
    wpay.house.supplier.ready_after = 1
    wpay.place(TEN)
    wpay.work()
    assert wpay.house.orders.lot(wpay.order_id, 1).state is LotState.PLACED
    wpay.finish()
    assert wpay.status().body["status"] == "COMPLETE"


def test_what_did_not_come_in_ten_seconds_goes_on_as_a_batch(wpay: WpayHouse) -> None:
    reply = wpay.place(TEN)
    assert (reply.status, reply.body["status"]) == (202, "PROCESSING")
    assert "cards" not in reply.body
    assert wpay.house.clock.ticks == HOLD_SECONDS
    wpay.finish()
    assert len(wpay.cards().body["cards"]) == 10


def test_the_same_call_again_is_answered_with_the_same_cards(wpay: WpayHouse) -> None:
    wpay.place(TEN)
    wpay.finish()
    first, again = wpay.place(TEN), wpay.place(TEN)
    assert first.status == 201
    assert first.body == again.body
    assert len(wpay.house.supplier.posts) == 1


def test_what_was_refused_is_told_by_the_status_word(wpay: WpayHouse) -> None:
    wpay.place(TEN)
    wpay.house.supplier.refused_skus[FUEL] = "5320"
    wpay.finish()
    reply = wpay.place(TEN)
    assert (reply.status, reply.body["status"]) == (202, "FAILED")
    assert wpay.house.ledger.balance(TENANT, AUD).reserved == 0


def test_where_some_cards_were_refused_the_others_come_with_the_answer(wpay: WpayHouse) -> None:
    refused = Placed(Outcome.NOT_COMMITTED, detail="out_of_stock")
    wpay.house.walleo.refuse = lambda reference: refused if reference.endswith("-1-1") else None
    two = body(product(2, "IKEA", 50, "978"), syncOnly=True)
    wpay.place(two)
    wpay.finish()
    reply = wpay.place(two)
    assert (reply.status, reply.body["status"], len(reply.body["cards"])) == (201, "PARTIAL", 1)


def test_cards_are_for_those_alone_who_may_see_cards_and_nothing_is_ordered(wpay: WpayHouse) -> None:
    wpay.abilities -= {Ability.CARDS_GET.value}
    reply = wpay.place(TEN)
    assert (reply.status, wpay.house.orders.records) == (403, {})
    assert wpay.place().status == 202


def test_an_order_may_be_called_off_while_its_client_waits(wpay: WpayHouse) -> None:
    def meanwhile() -> None:
        wpay.cancel()
        wpay.work()

    wpay.waiting.meanwhile = meanwhile
    reply = wpay.place(TEN)
    assert (reply.status, reply.body["status"]) == (202, "CANCELED")
    assert wpay.house.supplier.posts == []


# --- cancel, reversal, balance


def test_a_cancel_answers_with_the_orders_status(wpay: WpayHouse) -> None:
    assert wpay.place().body["cancel"] == {"allowed": True, "allowedWithIn": 15}
    reply = wpay.cancel()
    assert (reply.status, reply.body["status"], reply.body["refno"]) == (202, "PENDING", "r-1")
    assert reply.body["cancel"]["allowed"] is False
    assert wpay.status().body["cancel"]["allowed"] is False
    wpay.finish()
    again = wpay.cancel()
    assert (again.status, again.body["status"], again.body["statusLabel"]) == (200, "CANCELED", "Canceled")
    assert wpay.status().body["status"] == "CANCELED"


def test_cancelling_is_allowed_for_fifteen_minutes(wpay: WpayHouse) -> None:
    wpay.place()
    wpay.house.clock.pass_(15 * 60_000 - 1)
    assert wpay.status().body["cancel"]["allowed"] is True
    wpay.house.clock.pass_(1)
    assert wpay.status().body["cancel"]["allowed"] is False


def test_a_reversal_answers_with_the_orders_status(wpay: WpayHouse) -> None:
    wpay.place()
    wpay.finish()
    assert wpay.reverse().status == 202
    wpay.finish()
    reply = wpay.reverse()
    assert (reply.status, reply.body["status"]) == (200, "CANCELED")
    assert wpay.cards().status == 410


def test_the_balance_is_what_is_free_and_what_was_ordered(wpay: WpayHouse) -> None:
    wpay.place()
    assert wpay.balance().body["outstandingBalance"] == "15.00"
    wpay.finish()
    reply = wpay.balance()
    assert reply.status == 200
    assert reply.body["balance"] == "9999999985.00"
    assert reply.body["outstandingBalance"] == "15.00"
    assert reply.body["currency"] == {"code": "AUD", "numericCode": "036", "symbol": "$"}
    assert [one["currency"]["code"] for one in reply.body["balances"]] == ["AUD", "EUR"]


@pytest.mark.parametrize("named", ["978", "EUR"])
def test_the_balance_of_another_currency_is_named(wpay: WpayHouse, named: str) -> None:
    assert wpay.balance(currency=named).body["currency"]["code"] == "EUR"


def test_a_tenant_without_money_has_a_balance_of_nought(wpay: WpayHouse) -> None:
    wpay.house.ledger.kept.clear()
    shown = wpay.balance().body
    assert (shown["balance"], shown["currency"]["code"], shown["balances"]) == ("0.00", "AUD", [])
