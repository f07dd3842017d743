"""The Wpay document's answers, field by field, and our extensions beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from giftline.accounts.ledger import Balance
from giftline.money import Currency, Money
from giftline.orders.cancelling import CANCEL_MINUTES
from giftline.orders.catalogue import Catalogue
from giftline.orders.lot import Lot
from giftline.orders.model import Card, Order, OrderStatus
from giftline.orders.timing import timestamp
from giftline.orders.viewing import CardsSlice, OrderView

LINK_MINUTES: Final = 15
_LABELS: Final = {
    "cardNumber": "Gift Card Number",
    "cardPin": "Card PIN",
    "activationCode": "Activation Code",
    "validity": "Validity",
}
_NONE_SENT: Final = {"totalCount": 0, "delivered": 0, "failed": 0, "inProgress": 0}


def accepted(order: Order, *, cancellable: bool = False) -> dict[str, Any]:
    """202: the batch is taken; it is PROCESSING, in the document's word, from the start."""
    status = OrderStatus.PROCESSING if order.status is OrderStatus.PENDING else order.status
    return {
        "status": status.value,
        "orderId": order.id,
        "refno": order.refno,
        "cancel": {"allowed": cancellable, "allowedWithIn": CANCEL_MINUTES},
        "currency": _currency(order.currency),
        "payments": [{"code": "svc"}],
    }


def at_once(part: CardsSlice, catalogue: Catalogue) -> dict[str, Any]:
    """201: the acknowledgement and the cards in one. It holds secrets, as `cards` does."""
    return accepted(part.order) | cards(part, catalogue)


def stands(order: Order, *, cancellable: bool = False) -> dict[str, Any]:
    """The documented fields of a status, by themselves the answer to a cancel and to a reversal."""
    return {
        "status": order.status.value,
        "statusLabel": order.status.value.capitalize(),
        "orderId": order.id,
        "refno": order.refno,
        "cancel": {"allowed": cancellable, "allowedWithIn": CANCEL_MINUTES},
    }


def status(view: OrderView, *, cancellable: bool = False) -> dict[str, Any]:
    """The documented fields; `progress` and `results` are our extensions."""
    order = view.order
    received = sum(lot.received_cards for lot in view.lots)
    body = stands(order, cancellable=cancellable) | {
        "progress": {
            "cards": {"ordered": order.quantity, "received": received},
            "amount": {
                "ordered": str(order.total),
                "delivered": str(Money(order.delivered_minor, order.currency)),
                "currency": order.currency.code,
            },
            "lots": [_lot(lot) for lot in view.lots],
        },
    }
    if view.results:
        body["results"] = {"files": view.results, "expiresInMinutes": LINK_MINUTES}
    if order.cards_removed_at is not None:
        body["cardsRemovedAt"] = timestamp(order.cards_removed_at)
    return body


def _lot(lot: Lot) -> dict[str, Any]:
    return {
        "lot": lot.number,
        "state": lot.state.value,
        "cards": {"ordered": lot.quantity, "received": lot.received_cards},
        "nextQuestionAt": timestamp(lot.ask_at) if lot.ask_at and not lot.state.is_closed else None,
        "reason": lot.reason,
    }


def cards(part: CardsSlice, catalogue: Catalogue) -> dict[str, Any]:
    """The cards call's answer. It holds secrets: it goes to the caller and nowhere else."""
    order = part.order
    skus = dict.fromkeys(line.sku for line in order.lines)
    return {
        "products": {sku: _product(sku, catalogue) for sku in skus},
        "cards": [_card(card, order.currency, catalogue) for card in part.cards],
        "currency": _currency(order.currency),
        "deliveryMode": "API",
        "delivery": {
            "summary": {
                "inProgress": 0,
                "sent": 0,
                "delivered": 0,
                "failed": 0,
                "email": _NONE_SENT,
                "sms": _NONE_SENT,
                "totalCardsCount": 0,
            }
        },
        "total_cards": part.total,
    }


def _product(sku: str, catalogue: Catalogue) -> dict[str, Any]:
    images = dict.fromkeys(("thumbnail", "mobile", "base", "small"), "")
    return {
        "sku": sku,
        "name": catalogue.name(sku),
        "specialInstruction": "",
        "images": images,
        "cardBehaviour": "QC",
    }


def _card(card: Card, currency: Currency, catalogue: Catalogue) -> dict[str, Any]:
    number, barcode = card.number.reveal(), card.barcode.reveal()
    formats = [{"key": "CNONLY", "value": number}]
    if barcode:
        formats.append({"key": "QCGTINBARCODE-32", "value": barcode})
    return {
        "sku": card.sku,
        "productName": catalogue.name(card.sku),
        "labels": _LABELS,
        "cardNumber": number,
        "cardPin": card.pin.reveal() or None,
        "activationCode": card.activation_code.reveal() or None,
        "barcode": barcode or None,
        "activationUrl": card.activation_url.reveal() or None,
        "formats": formats,
        "amount": str(Money(card.amount_minor, currency)),
        "validity": card.validity or None,
        "issuanceDate": card.issued or None,
        "cardId": _whole(card.supplier_card_id),
        "recipientDetails": _recipient(),
        "theme": "",
    }


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _recipient() -> dict[str, Any]:
    unsent = {"status": "NA", "reason": "NA"}
    return {
        "salutation": None,
        "name": None,
        "firstname": None,
        "lastname": None,
        "email": None,
        "mobileNumber": None,
        "status": "",
        "failureReason": "",
        "delivery": {"mode": "API", "status": {"sms": unsent, "email": unsent}},
    }


def _currency(currency: Currency) -> dict[str, str]:
    return {
        "code": currency.code,
        "numericCode": currency.numeric,
        "symbol": currency.symbol,
    }


def balance(shown: Balance, all_of_them: Sequence[Balance]) -> dict[str, Any]:
    """`outstandingBalance` is what was ordered: no document shows the body, its prose alone names both.
    `balances` is ours: a tenant may have several currencies.
    """
    return _balance(shown) | {"balances": [_balance(one) for one in all_of_them]}


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "balance": str(balance.money(balance.available)),
        "outstandingBalance": str(balance.money(balance.reserved + balance.delivered)),
        "currency": _currency(balance.currency),
    }
