"""Wpay's balance and orders (docs/protocols.md, Daily reconciliation): its status call names no amount."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from giftline.money import currency_named
from giftline.orders.model import Line
from giftline.secret import Secret
from giftline.suppliers.http import Answer
from giftline.suppliers.reading import Http, as_object, as_text, detail
from giftline.suppliers.statements import TheirBalance, TheirOrder
from giftline.suppliers.statements_amounts import signed_minor
from giftline.suppliers.wpay import read_status

BALANCE: Final = "/v1/partner/giftcards/sva/balance"
STATUS: Final = "/v1/partner/giftcards/order/{}/status"
SECONDS: Final = 15.0


class WpayStatements:
    """The Statements port. `api_key` is asked for at each call, so that a rotated key is used."""

    def __init__(self, http: Http, api_key: Callable[[], Secret]) -> None:
        self._http = http
        self._api_key = api_key

    def balance(self) -> TheirBalance:
        return read_balance(self._get(BALANCE))

    def order(self, reference: str, lines: tuple[Line, ...]) -> TheirOrder:  # noqa: ARG002 - it names no amount
        found = read_status(self._get(STATUS.format(quote(reference, safe=""))), reference)
        return TheirOrder(found.found, found.supplier_order_id, found.word, found.retry_after)

    def _get(self, path: str) -> Answer:
        headers = {"Accept": "application/json", "X-Api-Key": self._api_key().reveal()}
        return self._http.request("GET", path, headers, SECONDS)


def read_balance(answer: Answer) -> TheirBalance:
    """No public page shows the body (*ours*): `balance`, `currency`, and perhaps `outstandingBalance`."""
    body = as_object(answer.body)
    if answer.status != 200 or answer.failure:
        return TheirBalance(problem=detail(answer))
    currency = currency_named(_currency(body.get("currency")))
    if currency is None:
        return TheirBalance(problem="no currency that is known")
    available = signed_minor(body.get("balance"), currency.decimals)
    if available is None:
        return TheirBalance(problem="no balance")
    return TheirBalance(currency.code, available, signed_minor(body.get("outstandingBalance"), currency.decimals))


def _currency(given: Any) -> str:
    """A code alone, or an object with one, as the cards page has it."""
    body = as_object(given)
    return as_text(body.get("numericCode")) or as_text(body.get("code")) or as_text(given)
