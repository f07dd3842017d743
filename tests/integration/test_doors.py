"""Who may enter the doors, and what they answer besides cards."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from giftline.accounts.model import Ability, Access, token_hash
from giftline.secret import Secret
from giftline.storage.accounts import DynamoAccounts
from tests.stack_support.door import SKU, Product, order_body
from tests.stack_support.orders import SharedOrders, follow
from tests.stack_support.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="session")
def accounts(stack: Stack) -> DynamoAccounts:
    return DynamoAccounts(stack.client("dynamodb"), stack.outputs["AccountsTableName"])


def test_a_token_is_good_in_either_header(stack: Stack, orders: SharedOrders) -> None:
    by_key = stack.door.status("three")
    by_bearer = stack.door.with_bearer().status("three")

    assert (by_key.status_code, by_bearer.status_code) == (200, 200)
    assert by_key.json()["orderId"] == by_bearer.json()["orderId"]


@pytest.mark.parametrize("token", ["", "gl_of_nobody"])
def test_a_call_without_a_known_token_is_told_how_to_send_one(token: str, stack: Stack) -> None:
    door = stack.door.with_token(token)

    for answer in (door.place("nobody", Product(SKU, 1)), door.status("three"), door.cards("any")):
        assert answer.status_code == 401
        assert answer.json()["code"] == 401
        assert "X-Api-Key" in answer.json()["message"]
        assert "Authorization: Bearer" in answer.json()["message"]


def test_another_tenants_order_is_not_found_as_if_it_were_not_there(
    stack: Stack, orders: SharedOrders, accounts: DynamoAccounts
) -> None:
    accounts.add_tenant("other")
    accounts.add_token(token_hash(Secret("gl_other")), Access("other", frozenset(Ability)))
    door = stack.door.with_token("gl_other")

    foreign, unknown = door.cards(orders["three"].id), door.cards("0" * 26)

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.json()["message"].replace(orders["three"].id, "0" * 26) == unknown.json()["message"]
    assert door.status("three").status_code == 404


def test_a_token_that_lacks_an_ability_is_told_which(
    stack: Stack, orders: SharedOrders, accounts: DynamoAccounts
) -> None:
    access = Access("demo", frozenset([Ability.ORDERS_GET]))
    accounts.add_token(token_hash(Secret("gl_reader")), access)
    door = stack.door.with_token("gl_reader")

    placing, reading = door.place("reader", Product(SKU, 1)), door.cards(orders["three"].id)

    assert door.status("three").status_code == 200
    assert (placing.status_code, reading.status_code) == (403, 403)
    assert "orders.store" in placing.json()["message"]
    assert "cards.get" in reading.json()["message"]


def test_the_cards_of_an_order_under_way_are_a_conflict(stack: Stack, new_refno: Callable[[], str]) -> None:
    accepted = stack.door.place(new_refno(), Product(SKU, 1)).json()

    answer = stack.door.cards(accepted["orderId"])

    assert answer.status_code == 409
    assert follow(stack, accepted).status == "COMPLETE"


def test_every_wrong_field_is_named_at_once_and_nothing_is_ordered(stack: Stack) -> None:
    body = order_body("wrong refno!", Product("NO-SUCH-SKU", 0), Product(SKU, 1, "1.00"))

    answer = stack.door.post(body | {"syncOnly": "no"})

    assert answer.status_code == 400
    named = {problem["field"] for problem in answer.json()["messages"]}
    assert named >= {"refno", "products.0.sku", "products.0.qty", "products.1.price", "syncOnly"}


def test_a_body_that_is_no_json_is_refused(stack: Stack) -> None:
    answer = stack.door.send(b'{"refno": ')

    assert (answer.status_code, answer.json()["messages"][0]["field"]) == (400, "body")


def test_a_body_of_ten_megabytes_is_refused(stack: Stack) -> None:
    answer = stack.door.send(b'{"refno": "' + b"x" * 10_000_000 + b'"}')

    assert answer.status_code == 413


def test_more_cards_than_a_batch_takes_are_refused(stack: Stack) -> None:
    answer = stack.door.place("too-many", Product(SKU, 25_001))

    assert answer.status_code == 400
    assert answer.json()["messages"]
    assert stack.door.status("too-many").status_code == 404


def test_the_same_request_again_answers_the_same_order(stack: Stack, orders: SharedOrders) -> None:
    again = stack.door.place("three", Product(SKU, 3))

    assert again.status_code == 202
    assert again.json()["orderId"] == orders["three"].id


def test_a_used_refno_with_other_content_is_refused_with_the_difference(stack: Stack, orders: SharedOrders) -> None:
    answer = stack.door.place("three", Product(SKU, 4))

    assert (answer.status_code, answer.json()["code"]) == (400, 5313)
    (problem,) = answer.json()["messages"]
    assert problem["problem"].startswith("4 of WWQ651BHNWSH at 5.00")
    assert problem["expected"].startswith("3, as first ordered under refno three")
    sold = stack.supplier.order(orders["three"].id)
    assert sold is not None
    assert sold["quantity"] == 3


def test_twenty_identical_requests_at_once_are_one_order_and_one_purchase(
    stack: Stack, new_refno: Callable[[], str]
) -> None:
    refno = new_refno()
    with ThreadPoolExecutor(20) as callers:
        answers = list(callers.map(lambda _: stack.door.place(refno, Product(SKU, 2)), range(20)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["orderId"] for answer in answers}) == 1
    order = follow(stack, answers[0].json())
    sold = stack.supplier.order(order.id)
    assert sold is not None
    assert (order.status, len(sold["posts"])) == ("COMPLETE", 1)
