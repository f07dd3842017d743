"""The same refno with the same content is the same order, and it is announced until it starts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, replace

import pytest

from giftline.errors import InsufficientFunds, RefnoConflict, StaleWrite
from giftline.orders.accepting import fingerprint, merge_lines
from giftline.orders.model import Order, OrderRequest, OrderStatus, Recipient
from tests.fakes.house import AMPLE, AUD, SKU, TENANT, House, line, request

JANE = Recipient(SKU, 500, 1, name="Jane", email="jane@example.com")
JOHN = Recipient(SKU, 500, 1, name="John")


def test_a_new_order_is_recorded_and_announced_by_its_id(house: House) -> None:
    order = house.accept_order(request(line(3)))
    assert house.orders.get(order.id) == order
    assert (order.status, order.quantity, order.total.minor) == (OrderStatus.PENDING, 3, 1_500)
    assert house.messages.announced == [order.id]
    assert order.due_at == house.clock.now() + 120_000


def test_the_same_refno_with_the_same_content_is_the_same_order(house: House) -> None:
    first = house.accept_order(request(line(3)))
    assert house.accept_order(request(line(3))) == first
    assert len(house.orders.records) == 1


def test_the_order_of_lines_and_the_way_in_make_no_other_content() -> None:
    one, two = line(1), line(2, minor=900)
    assert fingerprint(request(one, two)) == fingerprint(replace(request(two, one), source="csv"))


@pytest.mark.parametrize(
    ("again", "named"),
    [
        ([line(4)], ["4 of WWQ651BHNWSH at 5.00"]),
        ([line(3, minor=600)], ["3 of WWQ651BHNWSH at 6.00", "0 of WWQ651BHNWSH at 5.00"]),
        ([line(3), line(1, "WPAY-FUEL", 1_000)], ["1 of WPAY-FUEL at 10.00"]),
    ],
)
def test_other_content_under_a_refno_is_refused_with_every_difference(
    house: House, again: list[object], named: list[str]
) -> None:
    house.accept_order(request(line(3)))
    with pytest.raises(RefnoConflict) as refused:
        house.accept_order(request(*again))  # type: ignore[arg-type]
    assert sorted(problem.problem for problem in refused.value.problems) == sorted(named)
    assert all("refno-1" in problem.expected and problem.code == "5313" for problem in refused.value.problems)
    assert house.messages.announced == ["ORDER000000000000000000001"]


def test_other_recipients_are_other_content(house: House) -> None:
    house.accept_order(request(line(1), recipients=(JANE,)))
    with pytest.raises(RefnoConflict) as refused:
        house.accept_order(request(line(1), recipients=(JOHN,)))
    assert [problem.field for problem in refused.value.problems] == ["recipients"]
    assert "Jane" not in str(refused.value)


def test_recipients_lie_in_a_file_and_not_in_the_order(house: House) -> None:
    order = house.accept_order(request(line(2), recipients=(JANE, JOHN)))
    assert tuple(house.files.recipients(order.recipients_key)) == (JANE, JOHN)
    assert "Jane" not in repr(order)


ODD = Recipient(SKU, 900, 2, "Zo\u00eb \U0001f381", "z@example.com", "+61", 'a "b"\\ \n', "=1")


@pytest.mark.parametrize(
    "wanted",
    [request(line(3)), request(line(2, minor=900), line(1)), request(line(1), recipients=(JANE,)),
     request(line(2), line(2, minor=900), recipients=(JANE, ODD, JOHN))],
)  # fmt: skip
def test_a_fingerprint_is_that_of_one_json_list_as_kept_orders_have_it(wanted: OrderRequest) -> None:
    lines = sorted((one.sku, one.amount.minor, one.quantity) for one in wanted.lines)
    people = [astuple(person) for person in wanted.recipients]
    whole = json.dumps([wanted.currency.code, lines, people], separators=(",", ":"))
    assert fingerprint(wanted) == hashlib.sha256(whole.encode()).hexdigest()


def test_a_refused_order_leaves_no_recipients_behind(house: House) -> None:
    house.ledger.withdraw(TENANT, AUD, AMPLE - 1, "all but a cent", 1)
    with pytest.raises(InsufficientFunds):
        house.accept_order(request(line(1), recipients=(JANE,)))
    assert house.files.people == {}


def test_a_refusal_is_told_even_where_the_recipients_cannot_be_removed(house: House) -> None:
    def denied(key: str) -> None:
        raise PermissionError(f"s3:DeleteObject of {key}")

    house.ledger.withdraw(TENANT, AUD, AMPLE - 1, "all but a cent", 1)
    house.files.remove = denied  # type: ignore[method-assign]
    with pytest.raises(InsufficientFunds):
        house.accept_order(request(line(1), recipients=(JANE,)))


@pytest.mark.parametrize("error", [StaleWrite("met another write"), ConnectionError("the answer was lost")])
def test_an_order_that_may_have_been_recorded_keeps_its_recipients(house: House, error: Exception) -> None:
    recorded = house.orders.add

    def lost(order: Order) -> Order:
        recorded(order)
        raise error

    house.orders.add = lost  # type: ignore[method-assign]
    with pytest.raises(type(error)):
        house.accept_order(request(line(1), recipients=(JANE,)))
    known = house.accept_order(request(line(1), recipients=(JANE,)))
    assert tuple(house.files.recipients(known.recipients_key)) == (JANE,)


def test_the_refno_of_another_tenant_is_another_order(house: House) -> None:
    first = house.accept_order(request(line(1)))
    second = house.accept_order(request(line(2), tenant="other"))
    assert first.id != second.id


def test_a_crash_between_record_and_announcement_is_made_good_by_the_repeat(house: House) -> None:
    house.messages.broken = True
    with pytest.raises(ConnectionError):
        house.accept_order(request(line(3)))
    house.messages.broken = False
    order = house.accept_order(request(line(3)))
    assert house.messages.announced == [order.id]
    assert len(house.orders.records) == 1


def test_an_order_that_was_swept_or_closed_is_not_announced_again(house: House) -> None:
    closed = house.closed(line(1))
    before = list(house.messages.announced)
    assert house.accept_order(request(line(1))) == closed
    assert house.messages.announced == before


def test_two_requests_at_once_make_one_order(house: House) -> None:
    wanted = request(line(2), recipients=(JANE, JOHN))
    first = house.accept_order(wanted)
    house.orders.find = lambda tenant, refno: None  # type: ignore[method-assign]
    assert house.accept_order(wanted) == first
    assert house.files.people == {first.recipients_key: (JANE, JOHN)}


def test_lines_of_one_sku_and_amount_become_one_in_their_first_place() -> None:
    merged = merge_lines([line(1), line(2, minor=900), line(4)])
    assert [(part.amount.minor, part.quantity) for part in merged] == [(500, 5), (900, 2)]
    assert merged[0].amount.currency is AUD
