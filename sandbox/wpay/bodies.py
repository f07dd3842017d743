"""The bodies of Wpay's answers, field by field as its document shows them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sandbox.wpay.cards import Card
from sandbox.wpay.catalogue import CATALOGUE, CURRENCIES, Product
from sandbox.wpay.orders import CANCEL_MINUTES, Order, Status

Body = dict[str, object]

YEARS_VALID = 3
IMAGES = "https://images.sandbox.example"


def money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def currency(numeric: str) -> Body:
    found = CURRENCIES[numeric]
    return {"code": found.code, "numericCode": found.numeric, "symbol": found.symbol}


def placed(order: Order) -> Body:
    return {
        "status": Status.PROCESSING,
        "orderId": order.order_id,
        "refno": order.refno,
        "cancel": {"allowed": True, "allowedWithIn": CANCEL_MINUTES},
        "currency": currency(order.request.currency),
        "payments": [{"code": "svc"}],
    }


def placed_at_once(order: Order, cards: Iterable[Card]) -> Body:
    """The answer to syncOnly true: the acknowledgement and the cards in one."""
    return placed(order) | {"status": Status.COMPLETE} | cards_page(order, cards)


def status(order: Order, word: Status, *, cancellable: bool) -> Body:
    return {
        "status": word,
        "statusLabel": word.replace("_", " ").capitalize(),
        "orderId": order.order_id,
        "refno": order.refno,
        "cancel": {"allowed": cancellable, "allowedWithIn": CANCEL_MINUTES},
    }


def cards_page(order: Order, cards: Iterable[Card]) -> Body:
    """`total_cards` is 1, as the document shows it beside many cards: nobody may trust it."""
    issued = order.created_at if order.complete_at is None else order.complete_at
    return {
        "products": {line.sku: _product(line.product) for line in order.lines},
        "cards": [_card(card, issued) for card in cards],
        "currency": currency(order.request.currency),
        "deliveryMode": "API",
        "delivery": {"summary": _delivery_summary()},
        "total_cards": 1,
    }


def _product(product: Product) -> Body:
    pictures = ("thumbnail", "mobile", "base", "small")
    return {
        "sku": product.sku,
        "name": product.name,
        "specialInstruction": "",
        "images": {picture: f"{IMAGES}/{picture}/{product.sku}.jpg" for picture in pictures},
        "cardBehaviour": "QC",
    }


def _card(card: Card, issued: float) -> Body:
    return {
        "sku": card.sku,
        "productName": CATALOGUE[card.sku].name,
        "labels": {
            "cardNumber": "Gift Card Number",
            "cardPin": "Card PIN",
            "activationCode": "Activation Code",
            "validity": "Validity",
        },
        "cardNumber": card.number,
        "cardPin": card.pin,
        "activationCode": None,
        "barcode": card.barcode,
        "activationUrl": None,
        "formats": [
            {"key": "CNONLY", "value": card.number},
            {"key": "QCGTINBARCODE-32", "value": card.barcode},
        ],
        "amount": money(card.amount),
        "validity": _moment(issued + YEARS_VALID * 365 * 86_400),
        "issuanceDate": _moment(issued),
        "cardId": card.card_id,
        "recipientDetails": _recipient(),
        "theme": "",
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _recipient() -> Body:
    not_sent = {"status": "NA", "reason": "NA"}
    return {
        "salutation": None,
        "name": "JANE SMITH",
        "firstname": "JANE",
        "lastname": "SMITH",
        "email": "jane.smith@example.com",
        "mobileNumber": "+61400000000",
        "status": "",
        "failureReason": "",
        "delivery": {"mode": "API", "status": {"sms": not_sent, "email": not_sent}},
    }


def _delivery_summary() -> Body:
    none = {"totalCount": 0, "delivered": 0, "failed": 0, "inProgress": 0}
    sent = {"inProgress": 0, "sent": 0, "delivered": 0, "failed": 0}
    return sent | {"email": none, "sms": none, "totalCardsCount": 0}
