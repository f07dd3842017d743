"""Walleo's balance and pull requests (docs/protocols.md, Daily reconciliation): an answer names its amount."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from giftline.money import currency_named, parse_minor
from giftline.orders.model import Line, Millis
from giftline.suppliers.http import Answer
from giftline.suppliers.reading import Http, as_object, as_text, detail
from giftline.suppliers.statements import TheirBalance, TheirOrder
from giftline.suppliers.statements_amounts import signed_minor
from giftline.suppliers.walleo import PULL_REQUESTS, read_status
from giftline.suppliers.walleo_signing import WalleoKeys, authorization

BALANCE: Final = "/partners/v1/balance"
SECONDS: Final = 15.0


class WalleoStatements:
    """The Statements port. `keys` is asked for at each call, so that rotated ones are used."""

    def __init__(self, http: Http, base_url: str, keys: Callable[[], WalleoKeys], now: Callable[[], Millis]) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._keys = keys
        self._now = now

    def balance(self) -> TheirBalance:
        return read_balance(self._get(BALANCE))

    def order(self, reference: str, lines: tuple[Line, ...]) -> TheirOrder:
        answer = self._get(f"{PULL_REQUESTS}/{quote(reference, safe='')}")
        found = read_status(answer, reference)
        minor = read_amount(answer, lines[0].amount.currency.decimals)
        return TheirOrder(found.found, found.supplier_order_id, found.word, found.retry_after, minor)

    def _get(self, path: str) -> Answer:
        url = self._base_url + path
        signed = authorization(self._keys(), "GET", url, "", self._now() // 1_000)
        return self._http.request("GET", path, {"Accept": "application/json", "Authorization": signed}, SECONDS)


def read_balance(answer: Answer) -> TheirBalance:
    """No public page shows the body (*ours*): cents and a currency, bare or under `balance`."""
    if answer.status != 200 or answer.failure:
        return TheirBalance(problem=detail(answer))
    body = as_object(answer.body)
    inner = as_object(body.get("balance")) or body
    currency = currency_named(as_text(inner.get("currency")))
    cents = signed_minor(inner.get("amount_cents"), 0)
    if currency is None or cents is None:
        return TheirBalance(problem="no currency that is known" if currency is None else "no balance")
    return TheirBalance(currency.code, cents)


def read_amount(answer: Answer, decimals: int) -> int | None:
    """`amount_cents` of the request, or `amount` of its card, in major units. Nothing else of a card is looked at."""
    request: dict[str, Any] = as_object(as_object(answer.body).get("pull_request"))
    cents = parse_minor(request.get("amount_cents"), 0)
    return parse_minor(as_object(request.get("card")).get("amount"), decimals) if cents is None else cents
