"""Reading an order request as the document defines it, refusing loudly whatever is wrong with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sandbox.wpay.catalogue import CATALOGUE, Behaviour, Product
from sandbox.wpay.refusals import AMOUNT_MISMATCH, DENOMINATION, QUANTITY, InvalidRequest, NotAvailable

MOST_CARDS = 25_000
MOST_CARDS_AT_ONCE = 10
LONGEST_REFNO = 55

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    price: int
    quantity: int

    @property
    def product(self) -> Product:
        return CATALOGUE[self.sku]


@dataclass(frozen=True, slots=True)
class OrderRequest:
    refno: str
    lines: tuple[Line, ...]
    currency: str
    sync_only: bool

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def amount(self) -> int:
        return sum(line.price * line.quantity for line in self.lines)

    @property
    def behaviours(self) -> frozenset[Behaviour]:
        return frozenset(line.product.behaviour for line in self.lines if line.product.behaviour)


def read_body(raw: bytes) -> Body:
    """Numbers with a point come as Decimal: money is compared exactly."""
    try:
        body = json.loads(raw, parse_float=Decimal, parse_constant=_no_constant)
    except ValueError as error:
        raise InvalidRequest(f"The body is not JSON: {error}") from error
    return _object(body, "The body")


def read_refno(body: Body) -> str:
    refno = body.get("refno")
    if not isinstance(refno, str) or not 1 <= len(refno) <= LONGEST_REFNO:
        raise InvalidRequest(f"refno must be a string of 1 to {LONGEST_REFNO} characters")
    return refno


def read_order(body: Body) -> OrderRequest:
    sync_only = body.get("syncOnly")
    if not isinstance(sync_only, bool):
        raise InvalidRequest("syncOnly must be true or false")
    products = [_object(entry, "products[]") for entry in _list(body, "products")]
    order = OrderRequest(read_refno(body), tuple(map(_line, products)), _currency(products), sync_only)
    _check_quantity(order)
    _check_payment(body, order)
    return order


def _line(entry: Body) -> Line:
    product = _product(entry)
    quantity = entry.get("qty")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise InvalidRequest("products[].qty must be a whole number of at least 1", QUANTITY)
    price = _number(entry, "price") * 100
    if not product.minimum <= price <= product.maximum or price != int(price):
        bounds = f"{product.minimum / 100:.2f} to {product.maximum / 100:.2f}"
        raise InvalidRequest(f"The denomination of {product.sku} must be {bounds}", DENOMINATION)
    return Line(product.sku, int(price), quantity)


def _product(entry: Body) -> Product:
    sku = entry.get("sku")
    product = CATALOGUE.get(sku) if isinstance(sku, str) else None
    if product is None:
        raise NotAvailable(f"Product {sku!r} is not available")
    if product.behaviour is Behaviour.OUT_OF_STOCK:
        raise NotAvailable(f"Product {sku!r} is out of stock")
    if entry.get("currency") != product.currency:
        raise InvalidRequest(f"products[].currency of {sku} must be the string {product.currency!r}")
    return product


def _currency(products: list[Body]) -> str:
    currencies = {str(entry["currency"]) for entry in products if "currency" in entry}
    if len(currencies) > 1:
        raise InvalidRequest("An order has one currency")
    return currencies.pop() if currencies else ""


def _check_quantity(order: OrderRequest) -> None:
    most = MOST_CARDS_AT_ONCE if order.sync_only else MOST_CARDS
    if order.quantity > most:
        flag = "true" if order.sync_only else "false"
        raise InvalidRequest(f"{order.quantity} cards; with syncOnly {flag} at most {most}", QUANTITY)


def _check_payment(body: Body, order: OrderRequest) -> None:
    payments = [_object(entry, "payments[]") for entry in _list(body, "payments")]
    if any(payment.get("code") != "svc" for payment in payments):
        raise InvalidRequest("payments[].code must be 'svc'")
    paid = sum((_number(payment, "amount") for payment in payments), Decimal(0))
    if paid * 100 != order.amount:
        due = f"{order.amount / 100:.2f}"
        raise InvalidRequest(f"payments amount to {paid}, the products to {due}", AMOUNT_MISMATCH)


def _object(value: object, what: str) -> Body:
    if not isinstance(value, dict):
        raise InvalidRequest(f"{what} must be an object")
    return value


def _list(body: Body, field: str) -> list[object]:
    value = body.get(field)
    if not isinstance(value, list) or not value:
        raise InvalidRequest(f"{field} must be a list that is not empty")
    return value


def _number(entry: Body, field: str) -> Decimal:
    value = entry.get(field)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise InvalidRequest(f"{field} must be a number")
    return Decimal(value)


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is no number")
