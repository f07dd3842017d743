"""The same refno with the same content is the same order, and it is announced until it starts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.errors import RefnoConflict
from giftline.orders.accepting import fingerprint, merge_lines
from giftline.orders.model import OrderStatus, Recipient
from tests.fakes.house import AUD, SKU, House, line, request

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
    first = house.accept_order(request(line(3)))
    house.orders.find = lambda tenant, refno: None  # type: ignore[method-assign]
    assert house.accept_order(request(line(3))) == first


def test_lines_of_one_sku_and_amount_become_one_in_their_first_place() -> None:
    merged = merge_lines([line(1), line(2, minor=900), line(4)])
    assert [(part.amount.minor, part.quantity) for part in merged] == [(500, 5), (900, 2)]
    assert merged[0].amount.currency is AUD
