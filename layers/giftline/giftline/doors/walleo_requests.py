"""The Walleo document's requests as its server reads them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from giftline.doors.calls import DoubledField, unique_fields
from giftline.doors.walleo_refusals import (
    BadRequest,
    GiftCardNotFound,
    InvalidAmount,
    OutOfStock,
    RequestIdInvalid,
)
from giftline.doors.walleo_values import unit_of, values_of
from giftline.money import Money
from giftline.orders.catalogue import Catalogue, Product
from giftline.orders.model import Line, is_refno

MAX_BODY: Final = 64 * 1024
REQUEST_ID: Final = re.compile(r"[\w\-.~()'!*:@,;=+&$ ]{1,255}")
"""The document wants it unique and nothing else; ours: what the path of the GET can name for sure."""
REQUEST_ID_EXPECTED: Final = "Request id must be 1 to 255 letters, digits, spaces and -._~()'!*:@,;=+&$"
READABLE, HASHED = "walleo:", "walleo-"
"""A refno of ours shows its request_id where that fits; else a hash of it. The two never meet."""
HASH_DIGITS: Final = 48

InStock = Callable[[Product], bool]


def load(text: str) -> Any:
    """The JSON of a body; BadRequest for what is none, NaN and numbers of endless length included."""
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=unique_fields)
    except DoubledField as error:
        raise BadRequest(f"In the body {error}") from error
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON") from error


def read_part(body: Any, name: str) -> dict[str, Any]:
    """The object that the document wraps a request in: `pull_request` or `card`."""
    part = body.get(name) if isinstance(body, dict) else None
    if not isinstance(part, dict):
        raise BadRequest(f"The body must be an object with an object '{name}'")
    return part


def read_request_id(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise RequestIdInvalid("Request id can't be blank")
    if not REQUEST_ID.fullmatch(value) or value.strip() != value or value in (".", ".."):
        raise RequestIdInvalid(REQUEST_ID_EXPECTED)
    return value


def refno_of(request_id: str) -> str:
    """The order's refno: one request_id, one refno, so that the table itself refuses the second order."""
    readable = READABLE + request_id
    if is_refno(readable):
        return readable
    return HASHED + hashlib.sha256(request_id.encode(errors="surrogatepass")).hexdigest()[:HASH_DIGITS]


def read_line(part: Mapping[str, Any], catalogue: Catalogue, is_in_stock: InStock) -> Line:
    """One card of one sku; GiftCardNotFound, InvalidAmount or OutOfStock where it cannot be had."""
    product = find_product(part.get("gift_card_code"), catalogue)
    values = values_of(product)
    if values is None and product.offers:
        raise GiftCardNotFound(product.sku)  # none of its amounts can be written as the document writes them
    amount = part.get("amount")
    whole = amount if isinstance(amount, int) and not isinstance(amount, bool) else 0
    if values is not None and not (whole > 0 and product.allows(whole * unit_of(product))):
        raise InvalidAmount(str(values))
    if values is None or not is_in_stock(product):
        raise OutOfStock(product.sku)
    return Line(product.sku, Money(whole * unit_of(product), product.currency), 1)


def find_product(code: Any, catalogue: Catalogue) -> Product:
    product = catalogue.find(code) if isinstance(code, str) else None
    if product is None:
        raise GiftCardNotFound(code if isinstance(code, str) else "")
    return product


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
