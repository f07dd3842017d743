"""The answers have the fields of the document, no more and no less."""

import re
from typing import Any

PLACED = {
    "status": "PROCESSING",
    "refno": "r1",
    "cancel": {"allowed": True, "allowedWithIn": 15},
    "currency": {"code": "AUD", "numericCode": "036", "symbol": "$"},
    "payments": [{"code": "svc"}],
}
NO_MAIL = {"totalCount": 0, "delivered": 0, "failed": 0, "inProgress": 0}
CARD_FIELDS = [
    "sku",
    "productName",
    "labels",
    "cardNumber",
    "cardPin",
    "activationCode",
    "barcode",
    "activationUrl",
    "formats",
    "amount",
    "validity",
    "issuanceDate",
    "cardId",
    "recipientDetails",
    "theme",
]


def test_an_order_is_acknowledged_as_documented(shop: Any) -> None:
    answer = shop.order()
    body = answer.get_json()
    assert answer.status_code == 202
    assert re.fullmatch(r"AAN\d{10}", body.pop("orderId"))
    assert body == PLACED


def test_a_status_is_answered_as_documented(shop: Any) -> None:
    placed = shop.order().get_json()
    shop.wait(10)
    assert shop.status().get_json() == {
        "status": "COMPLETE",
        "statusLabel": "Complete",
        "orderId": placed["orderId"],
        "refno": "r1",
        "cancel": {"allowed": True, "allowedWithIn": 15},
    }


def test_a_page_is_answered_as_documented(shop: Any) -> None:
    shop.order(qty=2)
    shop.wait(10)
    body = shop.page().get_json()
    product = body["products"].pop("WWQ651BHNWSH")
    assert list(product) == ["sku", "name", "specialInstruction", "images", "cardBehaviour"]
    assert list(product["images"]) == ["thumbnail", "mobile", "base", "small"]
    assert len(body.pop("cards")) == 2
    counts = {"inProgress": 0, "sent": 0, "delivered": 0, "failed": 0}
    assert body == {
        "products": {},
        "currency": {"code": "AUD", "numericCode": "036", "symbol": "$"},
        "deliveryMode": "API",
        "delivery": {"summary": counts | {"email": NO_MAIL, "sms": NO_MAIL, "totalCardsCount": 0}},
        "total_cards": 1,
    }


def test_a_card_is_answered_as_documented(shop: Any) -> None:
    shop.order()
    shop.wait(10)
    (card,) = shop.page().get_json()["cards"]
    assert list(card) == CARD_FIELDS
    assert list(card["labels"]) == ["cardNumber", "cardPin", "activationCode", "validity"]
    assert re.fullmatch(r"\d{19}", card["cardNumber"])
    assert re.fullmatch(r"\d{4}", card["cardPin"])
    assert [form["key"] for form in card["formats"]] == ["CNONLY", "QCGTINBARCODE-32"]
    assert [form["value"] for form in card["formats"]] == [card["cardNumber"], card["barcode"]]
    assert (card["amount"], type(card["cardId"])) == ("5.00", int)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", card["validity"])
    recipient = [
        "salutation",
        "name",
        "firstname",
        "lastname",
        "email",
        "mobileNumber",
        "status",
        "failureReason",
        "delivery",
    ]
    assert list(card["recipientDetails"]) == recipient
    unsent = {"status": "NA", "reason": "NA"}
    assert card["recipientDetails"]["delivery"] == {"mode": "API", "status": {"sms": unsent, "email": unsent}}


def test_later_pages_are_answered_201_and_past_the_end_there_are_no_cards(shop: Any) -> None:
    shop.order(qty=15)
    shop.wait(10)
    pages = [shop.page(offset=offset) for offset in (0, 10, 20)]
    assert [page.status_code for page in pages] == [200, 201, 201]
    assert [len(page.get_json()["cards"]) for page in pages] == [10, 5, 0]


def test_a_sync_order_is_answered_with_its_cards(shop: Any) -> None:
    answer = shop.order(qty=3, syncOnly=True)
    body = answer.get_json()
    assert (answer.status_code, body["status"], len(body["cards"])) == (201, "COMPLETE", 3)
    assert {field: body[field] for field in PLACED} == PLACED | {"status": "COMPLETE"}


def test_card_numbers_are_distinct_and_do_not_count_up(shop: Any) -> None:
    shop.order(qty=300)
    numbers = [card["cardNumber"] for card in shop.sold()]
    assert len(set(numbers)) == 300
    assert numbers != sorted(numbers)


def test_a_product_without_pin_has_none(shop: Any) -> None:
    product = {"sku": "WPAY-FUEL", "price": 10, "qty": 1, "currency": "036"}
    shop.order(products=[product], payments=[{"code": "svc", "amount": 10}])
    assert shop.sold()[0]["cardPin"] is None


def test_the_balance_falls_by_an_order_and_rises_by_its_reversal(shop: Any) -> None:
    shop.order(qty=2)
    assert shop.call("GET", "/sva/balance").get_json()["balance"] == "49999990.00"
    assert shop.call("POST", "/orders/reverse", json={"refno": "r1"}).get_json()["status"] == "CANCELED"
    assert shop.call("POST", "/orders/reverse", json={"refno": "r1"}).status_code == 200
    assert shop.call("GET", "/sva/balance").get_json()["balance"] == "50000000.00"
    assert (shop.word(), shop.page().status_code) == ("CANCELED", 410)
    assert (shop.report()["cards_sold"], shop.report()["money"]) == (0, {"AUD": 0})


def test_an_order_cannot_be_reversed_after_a_day(shop: Any) -> None:
    shop.order()
    shop.wait(24 * 60 + 1)
    assert shop.call("POST", "/orders/reverse", json={"refno": "r1"}).status_code == 400
    assert shop.call("POST", "/orders/reverse", json={"refno": "r2"}).status_code == 404
