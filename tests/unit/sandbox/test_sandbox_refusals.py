"""What the document forbids is refused, sold to nobody and written down."""

from typing import Any

import pytest

LINE = {"sku": "WWQ651BHNWSH", "price": 5, "qty": 1, "currency": "036"}


def paid(amount: object) -> list[dict[str, object]]:
    return [{"code": "svc", "amount": amount}]


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "a payment that does not add up": (5036, {"payments": paid(4.99)}),
    "a payment off by less than a cent": (5036, {"payments": paid(5.0001)}),
    "another payment code": (5000, {"payments": [{"code": "card", "amount": 5}]}),
    "no payment": (5000, {"payments": []}),
    "an amount in quotes": (5000, {"payments": paid("5")}),
    "no refno": (5000, {"refno": None}),
    "an empty refno": (5000, {"refno": ""}),
    "a number as refno": (5000, {"refno": 7}),
    "a refno of 56 characters": (5000, {"refno": "r" * 56}),
    "no syncOnly": (5000, {"syncOnly": None}),
    "no product": (5000, {"products": []}),
    "a product that is no object": (5000, {"products": ["WWQ651BHNWSH"]}),
    "an unknown sku": (5320, {"products": [LINE | {"sku": "NOPE"}]}),
    "a list as sku": (5320, {"products": [LINE | {"sku": []}]}),
    "a sku out of stock": (5320, {"products": [LINE | {"sku": "WPAY-TEST-OUT-OF-STOCK"}]}),
    "too small a denomination": (5318, {"products": [LINE | {"price": 4.99}]}),
    "too large a denomination": (5318, {"products": [LINE | {"price": 500.01}]}),
    "a part of a cent": (5318, {"products": [LINE | {"price": 5.001}]}),
    "no card": (11159, {"products": [LINE | {"qty": 0}]}),
    "half a card": (11159, {"products": [LINE | {"qty": 1.5}]}),
    "true cards": (11159, {"products": [LINE | {"qty": True}]}),
    "another currency": (5000, {"products": [LINE | {"currency": "978"}]}),
    "a number as currency": (5000, {"products": [LINE | {"currency": 36}]}),
    "mixed currencies": (5000, {"products": [LINE, LINE | {"currency": "978"}]}),
    "25,001 cards": (11159, {"products": [LINE | {"qty": 25_001}], "payments": paid(125_005)}),
    "11 cards at once": (11159, {"products": [LINE | {"qty": 11}], "payments": paid(55), "syncOnly": True}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_order_is_refused_for(shop: Any, what: str) -> None:
    code, changed = REFUSED[what]
    answer = shop.order(**changed)
    body = answer.get_json()
    assert (answer.status_code, body["code"], body["messages"]) == (400, code, [])
    assert body["message"]
    assert (shop.report()["orders"], shop.report()["posts"], shop.report()["money"]) == (0, 1, {"AUD": 0})


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"refno": NaN}'])
def test_what_is_no_json_object_is_refused(shop: Any, raw: bytes) -> None:
    assert shop.call("POST", "/orders", data=raw).status_code == 400
    assert shop.breaches() == ["invalid_order"]


def test_a_used_refno_is_refused_whatever_comes_with_it(shop: Any) -> None:
    shop.order()
    answers = [shop.order(), shop.order(qty=7), shop.order(products=None)]
    assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [(400, 5313)] * 3
    assert (shop.report()["duplicate_posts"], shop.report()["cards_sold"]) == (3, 1)
    assert shop.breaches() == ["refno_reused"] * 3


def test_a_refused_order_leaves_its_refno_free(shop: Any) -> None:
    shop.order(payments=paid(1))
    assert shop.order().status_code == 202


def test_an_order_over_the_balance_is_refused(open_shop: Any) -> None:
    shop = open_shop(opening_balance=9_99)
    assert shop.order("r1").status_code == 202
    assert shop.order("r2").get_json()["code"] == 5038
    assert (shop.report()["balance"], shop.breaches()) == ({"AUD": 4_99}, [])


def test_money_is_compared_exactly(shop: Any) -> None:
    line = LINE | {"price": 5.1, "qty": 3}
    assert shop.order(products=[line], payments=paid(15.3)).status_code == 202
    assert shop.report()["money"] == {"AUD": 15_30}


def test_a_wrong_key_is_refused(shop: Any) -> None:
    answer = shop.call("GET", "/order/r1/status", key="wrong")
    assert (answer.status_code, answer.get_json()["code"]) == (401, 401)
    assert shop.breaches() == ["wrong_key"]


@pytest.mark.parametrize(("offset", "limit"), [(0, 0), (0, 501), (5, 10), (-10, 10), ("x", 10), (0, "1.5"), (0, "٣")])
def test_a_page_that_cannot_be_is_refused(shop: Any, offset: object, limit: object) -> None:
    shop.order()
    shop.wait(10)
    answer = shop.page(offset=offset, limit=limit)
    assert (answer.status_code, shop.breaches()) == (400, ["invalid_page"])
    assert "offset" in answer.get_json()["message"] or "limit" in answer.get_json()["message"]


def test_cards_are_refused_while_the_order_is_processed(shop: Any) -> None:
    shop.order()
    assert (shop.page().status_code, shop.breaches()) == (409, ["cards_before_complete"])


def test_orders_that_do_not_exist_are_not_available(shop: Any) -> None:
    for path in ("/order/r9/status", "/order/AAN1/cards?offset=0&limit=10"):
        answer = shop.call("GET", path)
        assert (answer.status_code, answer.get_json()["code"]) == (404, 5320)
        assert answer.get_json()["message"] == "Order not available"


def test_unknown_paths_are_answered_in_json(shop: Any) -> None:
    assert shop.call("GET", "/nothing").get_json()["code"] == 404
