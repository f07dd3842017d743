"""A product that several suppliers have: who is asked, in what order, and what becomes of the money."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.orders.catalogue import Catalogue, Offer, Product
from giftline.orders.closing import results_keys
from giftline.orders.lot import Lot, LotState, Quantities, quantities
from giftline.orders.model import Act, Line, Order, OrderStatus
from giftline.orders.pages import open_page
from giftline.orders.planning import NOBODY, not_bought, plan_again, plan_order
from giftline.orders.settling import outcome_of, settle
from giftline.orders.slots import slots_in, with_slots
from giftline.secret import Secret
from giftline.suppliers.http import Answer
from giftline.suppliers.port import Outcome, Placed, PullSupplier, Supplier
from giftline.suppliers.wpay import TERMS as MANY
from giftline.suppliers.wpay import Wpay
from tests.fakes.house import CATALOGUE, EUR, House, an_order, euro_line, request
from tests.fakes.supplier import NO_ANSWER, FakeSupplier
from tests.fakes.time import FakeClock
from tests.fakes.walks import walked
from tests.fakes.walleo import FakeWalleo

REFUSED = Placed(Outcome.NOT_COMMITTED, detail="out_of_stock")
WPAY_REFUSED = Placed(Outcome.NOT_COMMITTED, detail="5320")
FAILED, COLLECTED, REVIEW, PARTIAL = LotState.FAILED, LotState.COLLECTED, LotState.REVIEW, LotState.PARTIAL
NAMES = ("wpay", "walleo", "third")


def three_have(sku: str = "X", *, least: int = 1_000) -> Product:
    offers = (Offer("third", "X-3", 3, 100, 90_000), Offer("walleo", "X-2", 2, least, 50_000), Offer("wpay", "X", 1))
    return Product(sku, sku, EUR, (*offers[:2], replace(offers[2], least=100, most=50_000)))


def suppliers(name: str) -> Supplier | PullSupplier:
    clock = FakeClock()
    return FakeWalleo(clock) if name == "walleo" else FakeSupplier(clock, terms=replace(MANY, max_cards=5))


def an_order_of(*lines: Line) -> Order:
    return an_order(lines=lines)


def planned(*lines: Line, catalogue: Catalogue = CATALOGUE) -> list[Lot]:
    return plan_order(an_order_of(*lines), suppliers, catalogue)


def closed_as(lot: Lot, state: LotState) -> Lot:
    made = with_slots(lot, [replace(slot, state=state) for slot in lot.slots]) if lot.slots else lot
    return replace(made, state=state)


def summary_of(house: House, order_id: str) -> dict[str, Any]:
    order = house.orders.get(order_id)
    text: dict[str, Any] = json.loads(house.files.kept[results_keys(order)["summary.json"]])
    return text


# --- who is asked first


@pytest.mark.parametrize(
    ("minor", "asked"),
    [(5_000, ["wpay", "walleo", "third"]), (500, ["wpay", "third"]), (60_000, ["third"]), (99_999, [])],
)
def test_suppliers_are_asked_by_priority_those_that_have_the_amount(minor: int, asked: list[str]) -> None:
    assert [offer.supplier for offer in Catalogue([three_have()]).offers("X", minor)] == asked


def test_lines_go_to_the_first_supplier_of_each_in_as_few_lots_as_they_fit() -> None:
    catalogue = Catalogue([three_have(), Product("IKEA", "IKEA", EUR, (Offer("walleo", "IKEA", 1, 1_000, 9_000),))])
    lots = planned(
        euro_line(7, "X"), euro_line(2, "X", 60_000), euro_line(3), euro_line(1, "X", 500), catalogue=catalogue
    )
    assert [(lot.supplier, lot.quantity, len(lot.slots)) for lot in lots] == [
        ("wpay", 5, 0),
        ("wpay", 3, 0),
        ("third", 2, 0),
        ("walleo", 3, 3),
    ]
    assert [lot.number for lot in lots] == [1, 2, 3, 4]
    assert len({lot.reference for lot in lots}) == 4
    assert sum((quantities(lot.lines) for lot in lots), Counter()) == quantities(
        (euro_line(7, "X"), euro_line(2, "X", 60_000), euro_line(3), euro_line(1, "X", 500))
    )


def test_a_sku_that_left_the_catalogue_has_failed_with_its_reason() -> None:
    (lot,) = planned(euro_line(3, "GONE"))
    assert (lot.supplier, lot.state, lot.reason) == (NOBODY, FAILED, "no supplier offers it any more")


def test_an_order_of_a_sku_that_left_the_catalogue_fails_and_says_why(house: House) -> None:
    order_id = house.accept_order(request(euro_line(3, "GONE"), euro_line(2))).id
    walked(house, order_id)
    order = house.orders.get(order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.PARTIAL, 2)
    gone, ikea = summary_of(house, order_id)["lines"]
    assert (gone["delivered"], gone["released"], gone["reasons"]) == (0, 3, ["none: no supplier offers it any more"])
    assert (ikea["delivered"], ikea["reasons"]) == (2, [])


# --- what the supplier calls it


def test_only_a_code_that_differs_is_written_on_the_line() -> None:
    lots = planned(euro_line(1, "X"), catalogue=Catalogue([three_have()]))
    assert (lots[0].lines[0].code, lots[0].lines[0].supplier_code) == ("", "X")
    again = plan_again(
        an_order_of(euro_line(1, "X")), [closed_as(lots[0], FAILED)], suppliers, Catalogue([three_have()])
    )
    assert (again[0].lines[0].sku, again[0].lines[0].code) == ("X", "X-2")


def test_wpay_is_asked_under_its_own_code() -> None:
    sent = list[bytes]()

    class Wire:
        def request(self, method: str, path: str, headers: object, seconds: float, body: bytes | None = None) -> Answer:
            sent.append(body or b"")
            return Answer(0, failure="timeout")

    Wpay(Wire(), lambda: Secret("key")).place("r", (replace(euro_line(2, "BOTH"), code="EURO"),))
    assert b'"EURO"' in sent[0]
    assert b"BOTH" not in sent[0]


def test_cards_under_the_suppliers_code_are_delivered_under_ours(house: House) -> None:
    house.walleo.refuse = lambda reference: REFUSED
    order_id = house.accept_order(request(euro_line(3, "BOTH"))).id
    walked(house, order_id)
    order = house.orders.get(order_id)
    assert (order.status, order.delivered_cards) == (OrderStatus.COMPLETE, 3)
    assert house.orders.lot(order_id, 2).lines[0].code == "EURO"
    assert {card.sku for card in house.supplier.sold[house.orders.lot(order_id, 2).reference]} == {"EURO"}
    cards = [card for page in house.pages.kept.values() for card in open_page(house.vault.seal(order), order, page)]
    assert {card.sku for card in cards} == {"BOTH"}


# --- to the next one


def test_refused_single_cards_are_bought_from_the_next_supplier_in_the_same_execution(house: House) -> None:
    house.walleo.refuse = lambda reference: REFUSED if reference.endswith(("-0-1", "-2-1")) else None
    order_id = house.accept_order(request(euro_line(4, "BOTH"))).id
    walk = walked(house, order_id)
    first, second = house.orders.lots(order_id)
    assert (first.supplier, first.state, first.received_cards) == ("walleo", PARTIAL, 2)
    assert (second.supplier, second.quantity, second.instead_of) == ("wpay", 2, 1)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE
    assert (walk.visits("PlanOrder"), walk.visits("OrderClosed")) == (2, 1)
    assert summary_of(house, order_id)["released"]["amount"] == "0.00"


def test_a_refused_order_of_many_is_bought_card_by_card_in_the_same_execution(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    here_first = Product(
        "BOTH", "Two have it", EUR, (Offer("wpay", "EURO", 1, 500, 50_000), Offer("walleo", "B", 2, 1, 9_000))
    )
    monkeypatch.setattr("tests.fakes.house.CATALOGUE", Catalogue([here_first]))
    house.supplier.placements.append(WPAY_REFUSED)
    order_id = house.accept_order(request(euro_line(3, "BOTH"))).id
    walk = walked(house, order_id)
    first, second = house.orders.lots(order_id)
    assert (first.supplier, first.state, first.reason) == ("wpay", FAILED, "refused: 5320")
    assert (second.supplier, second.state, second.instead_of) == ("walleo", COLLECTED, 1)
    assert {line.supplier_code for line in second.lines} == {"B"}
    assert (house.orders.get(order_id).status, walk.visits("OrderClosed")) == (OrderStatus.COMPLETE, 1)


def test_what_is_cancelled_is_bought_from_the_next_supplier(house: House) -> None:
    house.walleo.is_dead = lambda reference: True
    order_id = house.accept_order(request(euro_line(2, "BOTH"))).id
    walked(house, order_id)
    first, second = house.orders.lots(order_id)
    assert (first.state, first.reason) == (FAILED, "2 × cancelled by the supplier, 3 times")
    assert len(house.walleo.posts) == 6
    assert (second.state, second.quantity) == (COLLECTED, 2)
    assert house.orders.get(order_id).status is OrderStatus.COMPLETE


def test_what_is_in_doubt_is_never_asked_of_another(house: House) -> None:
    house.walleo.refuse = lambda reference: NO_ANSWER if reference.endswith("-0-1") else None
    order_id = house.accept_order(request(euro_line(2, "BOTH"))).id
    walked(house, order_id)
    assert [lot.supplier for lot in house.orders.lots(order_id)] == ["walleo"]
    assert house.supplier.posts == []
    order, (line,) = house.orders.get(order_id), summary_of(house, order_id)["lines"]
    assert order.status is OrderStatus.REVIEW
    assert (line["delivered"], line["released"], line["inReview"]) == (1, 0, 1)


@pytest.mark.parametrize(("refused", "status"), [(("-1-1",), OrderStatus.PARTIAL), (("-1",), OrderStatus.FAILED)])
def test_what_nobody_sells_is_given_back_with_everybodys_reason(
    house: House, refused: tuple[str, ...], status: OrderStatus
) -> None:
    house.walleo.refuse = lambda reference: REFUSED if reference.endswith(refused) else None
    house.supplier.placements.append(WPAY_REFUSED)
    order_id = house.accept_order(request(euro_line(2, "BOTH"))).id
    walked(house, order_id)
    assert house.orders.get(order_id).status is status
    (line,) = summary_of(house, order_id)["lines"]
    missing = 2 if status is OrderStatus.FAILED else 1
    assert (line["released"], line["inReview"]) == (missing, 0)
    assert line["reasons"] == [f"walleo: {missing} × refused: out_of_stock", "wpay: refused: 5320"]


def test_a_persons_give_up_is_not_passed_on() -> None:
    (lot,) = planned(euro_line(2, "BOTH"))
    given_up = replace(closed_as(lot, FAILED), acts=(Act(1, "ann", "give_up", "they pay us back"),))
    assert plan_again(an_order_of(euro_line(2, "BOTH")), [given_up], suppliers, CATALOGUE) == []


def test_a_chain_of_three_asks_nobody_twice_and_ends() -> None:
    order, catalogue = an_order_of(euro_line(3, "X")), Catalogue([three_have()])
    lots = [closed_as(lot, FAILED) for lot in plan_order(order, suppliers, catalogue)]
    while more := plan_again(order, lots, suppliers, catalogue):
        lots += [closed_as(lot, FAILED) for lot in more]
    assert [(lot.supplier, lot.instead_of, lot.quantity) for lot in lots] == [
        ("wpay", 0, 3),
        ("walleo", 1, 3),
        ("third", 2, 3),
    ]
    assert outcome_of(settle(order, lots, Counter())) is OrderStatus.FAILED


def test_the_suppliers_of_a_product_that_left_the_catalogue_meanwhile_are_not_asked() -> None:
    (lot,) = planned(euro_line(2, "BOTH"))
    assert plan_again(an_order_of(euro_line(2, "BOTH")), [closed_as(lot, FAILED)], suppliers, Catalogue([])) == []


def test_closing_again_after_planning_plans_nothing_twice(house: House) -> None:
    house.walleo.refuse = lambda reference: REFUSED
    order = house.refused(euro_line(2, "BOTH"))
    assert house.close_order(order.id, {}).planned
    assert house.close_order(order.id, {}).planned  # the lot of the first time waits to be worked on
    assert [lot.supplier for lot in house.orders.lots(order.id)] == ["walleo", "wpay"]


# --- the money


ENDS = (COLLECTED, COLLECTED, FAILED, FAILED, REVIEW)


def _end(data: st.DataObject, lot: Lot) -> Lot:
    """A lot as it may have ended; a single card may have come twice, which its slot says."""
    if lot.state.is_closed:
        return lot
    if not lot.slots:
        return replace(lot, state=data.draw(st.sampled_from(ENDS)))
    drawn = st.lists(st.sampled_from(ENDS), min_size=len(lot.slots), max_size=len(lot.slots))
    return with_slots(lot, [replace(slot, state=end) for slot, end in zip(lot.slots, data.draw(drawn), strict=True)])


def _in(lot: Lot, state: LotState) -> Quantities:
    whole = quantities(lot.lines) if lot.state is state else Counter()
    return slots_in(lot, state) if lot.slots else whole


def _all_in(lots: Sequence[Lot], state: LotState) -> Quantities:
    return sum((_in(lot, state) for lot in lots), Counter())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_card_is_delivered_given_back_or_in_review(data: st.DataObject) -> None:
    kinds = [("X", 500), ("X", 5_000), ("X", 60_000), ("BOTH", 5_000), ("GONE", 5_000)]
    chosen = data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4, unique=True))
    order = an_order_of(*(euro_line(data.draw(st.integers(1, 7)), sku, minor) for sku, minor in chosen))
    both = CATALOGUE.product("BOTH")
    catalogue = Catalogue([three_have(), both])
    more, lots = plan_order(order, suppliers, catalogue), list[Lot]()
    while more:
        lots += [_end(data, lot) for lot in more]
        more = plan_again(order, lots, suppliers, catalogue)
    delivered = _all_in(lots, COLLECTED)
    settlement = settle(order, lots, delivered)
    for outcome in settlement.lines:
        key = (outcome.line.sku, outcome.line.amount.minor)
        assert outcome.delivered == delivered[key]
        assert outcome.in_review == _all_in(lots, REVIEW)[key]
        assert outcome.delivered + outcome.released + outcome.in_review == outcome.line.quantity
        chain = [
            lot.supplier for lot in lots if key in quantities(lot.lines) and key in quantities(tuple(not_bought(lot)))
        ]
        assert not outcome.released or set(chain) >= {o.supplier for o in catalogue.offers(*key)}
    parts = [settlement.total(order, part).minor for part in ("delivered", "released", "in_review")]
    assert sum(parts) == order.total.minor
    has_review = any(outcome.in_review for outcome in settlement.lines)
    assert (outcome_of(settlement) is OrderStatus.REVIEW) is has_review
    for lot in lots:
        asked, at = [lot.supplier], lot
        while at.instead_of:
            at = lots[at.instead_of - 1]
            asked.append(at.supplier)
        assert len(set(asked)) == len(asked)
