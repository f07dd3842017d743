"""The Walleo document's answers, field by field as it shows them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from giftline.doors.walleo_refusals import error_body
from giftline.doors.walleo_values import FixedValues, values_of
from giftline.money import Money
from giftline.orders.catalogue import Product
from giftline.orders.model import Card, Millis, Order, OrderStatus

Body = dict[str, Any]

NAMED_DIGITS: Final = 26
"""Of the 32 of a UUID an order's id has these; the rest says what is meant."""
PULL_REQUEST, CARD = "000000", "000001"
NO_CURRENCY: Final = "EUR"
"""Of the balance of a tenant who has none yet: the vendor's own."""


class PullStatus(StrEnum):
    """The document's words."""

    WAITING = "waiting"
    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"


def status_of(order: Order) -> PullStatus:
    """What is in review is not over: told as an error it would be bought anew, and paid for twice."""
    if order.status is OrderStatus.PENDING:
        return PullStatus.PROCESSING if order.executions else PullStatus.WAITING
    if order.status in (OrderStatus.PROCESSING, OrderStatus.REVIEW):
        return PullStatus.PROCESSING
    is_sold = order.status is OrderStatus.COMPLETE or order.delivered_cards > 0
    return PullStatus.SUCCESS if is_sold else PullStatus.ERROR


def created(order: Order, request_id: str) -> Body:
    """The answer to the POST: a new request waits, and has its amount in minor units."""
    at = moment(order.created_at)
    return {
        "pull_request": {
            "id": public_id(order.id, PULL_REQUEST),
            "status": PullStatus.WAITING.value,
            "request_id": request_id,
            "amount_cents": order.total.minor,
            "created_at": at,
            "updated_at": at,
            "card": None,
        }
    }


def pull_request(order: Order, request_id: str, card: Card | None) -> Body:
    """The answer to the GET. It may hold secrets: it goes to the caller and nowhere else."""
    return {
        "pull_request": {
            "id": public_id(order.id, PULL_REQUEST),
            "status": status_of(order).value,
            "request_id": request_id,
            "created_at": moment(order.created_at),
            "updated_at": moment(order.closed_at or order.created_at),
            "card": None if card is None else card_fields(order, card),
        }
    }


def card_fields(order: Order, card: Card) -> Body:
    """What stands under `card` in every answer that has one; secrets among it."""
    return {
        "id": public_id(order.id, CARD),
        "code": card.number.reveal(),
        "expire_at": _expiry(card.validity),
        "pin_code": card.pin.reveal() or None,
        "amount": card.amount_minor // 10**order.currency.decimals,
        "gift_card_code": card.sku,
        "pdf_url": card.activation_url.reveal() or None,
    }


def come_back_later() -> Body:
    """The document has the words alone. No 4xx: that would read as a refusal for good."""
    return error_body(202, "come_back_later", "come back later")


def gift_card(product: Product) -> Body:
    """What the catalogue does not know of a card is empty, or false."""
    values = values_of(product) or FixedValues(())
    return {
        "name": product.name,
        "code": product.sku,
        "barcode_symbology": "",
        "discount": 0,
        "logo_url": "",
        "logo_square_url": "",
        "online_usable": True,
        "offline_usable": False,
        "validity_period": None,
        "splittable_online": False,
        "splittable_offline": False,
        "cumulative_online": False,
        "cumulative_online_limit": 0,
        "cumulative_offline": False,
        "cumulative_offline_limit": 0,
        "code_pin": product.has_pin,
        "how_to_use_online": "",
        "how_to_use_offline": "",
        "term_of_use": "",
        "facial_values": values.body,
    }


def inventory(product: Product, *, is_in_stock: bool) -> Body:
    """Cards are bought when they are asked for: none lies in stock."""
    values = values_of(product)
    amounts = values.amounts if isinstance(values, FixedValues) else ()
    return {
        "inventories": {
            "gift_card": {"code": product.sku, "name": product.name},
            "end_to_end_api": {"enabled": is_in_stock, "available_amount": "unlimited" if is_in_stock else 0},
            "stocks": [{"facial_value": one, "owned_quantity": 0, "shared_quantity": 0} for one in amounts],
        }
    }


def balance(available: Sequence[Money]) -> Body:
    """Ours, as no public page shows it: the first currency as `balance`, and all of them beside it."""
    all_of_them = [{"amount_cents": money.minor, "currency": money.currency.code} for money in available]
    return {
        "balance": all_of_them[0] if all_of_them else {"amount_cents": 0, "currency": NO_CURRENCY},
        "balances": all_of_them,
    }


def moment(at: Millis) -> str:
    """As the document writes it: milliseconds, and the offset in figures."""
    return datetime.fromtimestamp(at / 1_000, UTC).isoformat(timespec="milliseconds")


def _expiry(validity: str) -> str | None:
    """A supplier's date as a moment; what is no date stays as it came."""
    try:
        at = datetime.fromisoformat(validity)
    except ValueError:
        return validity or None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat(timespec="milliseconds")


def public_id(order_id: str, what: str) -> str:
    """A UUID, as the document's clients keep it in columns of that type; an order's id is most of one."""
    if len(order_id) != NAMED_DIGITS or not _is_hex(order_id):
        return order_id
    return str(uuid.UUID(order_id + what))


def order_id_of(card_id: str) -> str:
    """The order whose card that is; nobody's id where it is no card's."""
    digits = card_id.replace("-", "").upper()
    candidates = (digits[:NAMED_DIGITS], card_id)
    return next((one for one in candidates if public_id(one, CARD) in (card_id, card_id.lower())), "")


def _is_hex(text: str) -> bool:
    return text.isascii() and text.isalnum() and all(c in "0123456789ABCDEF" for c in text)
