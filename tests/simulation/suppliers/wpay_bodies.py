"""Wpay's requests and answers, as its document shows them. Amounts have two decimals."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from tests.simulation.suppliers.ledger import Lines, SoldCard
from tests.simulation.suppliers.road import Reply

LONGEST_REFNO: Final = 55
MOST_CARDS: Final = 25_000
MOST_AT_ONCE: Final = 10
"""With syncOnly true."""
INVALID: Final = 5000
AMOUNT_MISMATCH: Final = 5036
QUANTITY: Final = 11159

CURRENCIES: Final = {"036": ("AUD", "$"), "554": ("NZD", "$"), "978": ("EUR", "€")}
CANCEL: Final = {"allowed": True, "allowedWithIn": 15}


class Refused(Exception):
    """The client's request breaks the document; `code` says how."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class OrderRequest:
    refno: str
    currency: str
    lines: Lines
    at_once: bool


def refusal(status: int, code: int | str, message: str) -> Reply:
    return status, json.dumps({"code": code, "message": message, "messages": []}).encode()


def read_order(text: bytes | None) -> OrderRequest:
    """The order in a POST's body; raises Refused."""
    try:
        body = json.loads(text or b"", parse_float=Decimal)
        products, refno = body["products"], body["refno"]
        lines = tuple((str(p["sku"]), _minor(p["price"]), p["qty"]) for p in products)
        paid = sum(_minor(p["amount"]) for p in body["payments"])
        (currency,) = {p["currency"] for p in products}
        at_once = body["syncOnly"]
        usable = isinstance(refno, str) and 0 < len(refno) <= LONGEST_REFNO and isinstance(at_once, bool)
    except (ValueError, KeyError, TypeError):
        raise Refused(INVALID) from None
    if not usable or currency not in CURRENCIES:
        raise Refused(INVALID)
    most = MOST_AT_ONCE if at_once else MOST_CARDS
    quantities = [quantity for _, _, quantity in lines]
    if not all(isinstance(n, int) and n > 0 for n in quantities) or sum(quantities) > most:
        raise Refused(QUANTITY)
    if paid != sum(amount * quantity for _, amount, quantity in lines):
        raise Refused(AMOUNT_MISMATCH)
    return OrderRequest(refno, currency, lines, at_once)


def _minor(value: Any) -> int:
    """A JSON number of major units; a fraction of a minor unit is a wrong one."""
    if not isinstance(value, int | Decimal):
        raise TypeError("no number")
    minor = int(value * 100)
    if minor != value * 100:
        raise ValueError("no such coin")
    return minor


def placed(request: OrderRequest, order_id: str) -> Reply:
    return 202, json.dumps(_placed(request, order_id, "PROCESSING")).encode()


def placed_at_once(request: OrderRequest, order_id: str, cards: Iterable[tuple[int, SoldCard]]) -> Reply:
    """The acknowledgement and the cards in one."""
    shown = [json.loads(_card(card_id, card, shows_pin=True)) for card_id, card in cards]
    body = _placed(request, order_id, "COMPLETE") | {"cards": shown, "total_cards": len(shown)}
    return 201, json.dumps(body).encode()


def _placed(request: OrderRequest, order_id: str, word: str) -> dict[str, Any]:
    return {
        "status": word,
        "orderId": order_id,
        "refno": request.refno,
        "cancel": CANCEL,
        "currency": _currency(request.currency),
        "payments": [{"code": "svc"}],
    }


@lru_cache(maxsize=4096)
def status(word: str, order_id: str, refno: str) -> Reply:
    """Kept for the next poll, which mostly asks for the same."""
    body = {
        "status": word,
        "statusLabel": word.capitalize(),
        "orderId": order_id,
        "refno": refno,
        "cancel": CANCEL,
    }
    return 200, json.dumps(body).encode()


def read_refno(text: bytes | None) -> str:
    """Of a reversal; raises Refused."""
    try:
        return str(json.loads(text or b"")["refno"])
    except (ValueError, KeyError, TypeError):
        raise Refused(INVALID) from None


def reversed_order(refno: str) -> Reply:
    return 200, json.dumps({"status": "CANCELED", "refno": refno}).encode()


def page(offset: int, cards: Iterable[tuple[int, SoldCard]], hidden_pin: int, currency: str, total: int) -> Reply:
    """Cards with their cardIds; the card of `hidden_pin` comes without its PIN. First page 200, later ones 201."""
    texts = ",".join(_card(card_id, card, shows_pin=card_id != hidden_pin) for card_id, card in cards)
    money = json.dumps(_currency(currency))
    text = f'{{"products":{{}},"cards":[{texts}],"currency":{money},"deliveryMode":"API","total_cards":{total}}}'
    return 200 if offset == 0 else 201, text.encode()


def _card(card_id: int, card: SoldCard, *, shows_pin: bool) -> str:
    """Formatted by hand: most bytes of a run are these. Labels and recipient, the same for every card, are left out."""
    pin = f'"{card.pin}"' if shows_pin else "null"
    barcode = f"93550490{card.number}"
    return (
        f'{{"sku":{_quoted(card.sku)},"productName":"eGift Card",'
        f'"cardNumber":"{card.number}","cardPin":{pin},"activationCode":null,"barcode":"{barcode}",'
        f'"activationUrl":null,"formats":[{{"key":"CNONLY","value":"{card.number}"}},'
        f'{{"key":"QCGTINBARCODE-32","value":"{barcode}"}}],'
        f'"amount":"{card.amount_minor // 100}.{card.amount_minor % 100:02d}",'
        f'"validity":"2029-05-04T18:30:00+00:00","issuanceDate":"2026-05-05T05:43:07+00:00","cardId":{card_id}}}'
    )


_quoted = lru_cache(maxsize=256)(json.dumps)


def _currency(numeric: str) -> dict[str, str]:
    code, symbol = CURRENCIES[numeric]
    return {"code": code, "numericCode": numeric, "symbol": symbol}
