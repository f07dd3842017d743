"""A supplier's balance and orders as they are read: what is not of the documented type tells nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from giftline.money import Money
from giftline.orders.model import Line
from giftline.secret import Secret
from giftline.suppliers import statements_walleo, statements_wpay
from giftline.suppliers.http import Answer
from giftline.suppliers.port import Found
from giftline.suppliers.statements import TheirBalance
from giftline.suppliers.statements_amounts import signed_minor
from giftline.suppliers.statements_walleo import WalleoStatements
from giftline.suppliers.statements_wpay import WpayStatements
from giftline.suppliers.walleo_signing import WalleoKeys, signature
from tests.fakes.house import EUR

AUD = {"code": "AUD", "numericCode": "036"}
LINES = (Line("IKEA", Money(5_000, EUR), 1),)


class Heard:
    """Answers always the same, and keeps what it was asked."""

    def __init__(self, status: int, body: Any) -> None:
        self.answer = Answer(status, body)
        self.calls: list[tuple[str, str, Mapping[str, str], bytes | None]] = []

    def request(
        self, method: str, path: str, headers: Mapping[str, str], seconds: float, body: bytes | None = None
    ) -> Answer:
        self.calls.append((method, path, headers, body))
        return self.answer


def walleo(http: Heard) -> WalleoStatements:
    keys = WalleoKeys(Secret("key"), "me", Secret("ab" * 16))
    return WalleoStatements(http, "https://walleo.test/", lambda: keys, lambda: 1_700_000_000_999)


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        (5, 500),
        ("-5.25", -525),
        (Decimal("-0.01"), -1),
        (0, 0),
        (-0.0, 0),
        ("", None),
        ("--5", None),
        ("-", None),
        (True, None),
        (None, None),
        ([5], None),
        ("1e3", None),
        (Decimal("NaN"), None),
        ("5.001", None),
    ],
)
def test_an_amount_may_be_below_nought_and_must_be_exact(value: Any, minor: int | None) -> None:
    assert signed_minor(value, 2) == minor


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"balance": "12.50", "currency": AUD}, TheirBalance("AUD", 1_250)),
        ({"balance": Decimal("-3.5"), "currency": {"code": "AUD"}}, TheirBalance("AUD", -350)),
        ({"balance": 7, "currency": "036", "outstandingBalance": "9"}, TheirBalance("AUD", 700, 900)),
        ({"balance": 7, "currency": AUD, "outstandingBalance": "much"}, TheirBalance("AUD", 700)),
        ({"balance": "a lot", "currency": AUD}, TheirBalance(problem="no balance")),
        ({"balance": 7}, TheirBalance(problem="no currency that is known")),
        ({"balance": 7, "currency": "XXX"}, TheirBalance(problem="no currency that is known")),
        ([], TheirBalance(problem="no currency that is known")),
        (None, TheirBalance(problem="no currency that is known")),
    ],
)
def test_wpays_balance(body: Any, found: TheirBalance) -> None:
    http = Heard(200, body)
    assert WpayStatements(http, lambda: Secret("key")).balance() == found
    assert http.calls == [
        ("GET", "/v1/partner/giftcards/sva/balance", {"Accept": "application/json", "X-Api-Key": "key"}, None)
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"balance": {"amount_cents": 1_250, "currency": "EUR"}}, TheirBalance("EUR", 1_250)),
        ({"amount_cents": -1, "currency": "EUR"}, TheirBalance("EUR", -1)),
        ({"balance": {"amount_cents": "12.5", "currency": "EUR"}}, TheirBalance(problem="no balance")),
        ({"balance": {"amount_cents": 5}}, TheirBalance(problem="no currency that is known")),
        ({"balance": 5}, TheirBalance(problem="no currency that is known")),
        ([5], TheirBalance(problem="no currency that is known")),
    ],
)
def test_walleos_balance(body: Any, found: TheirBalance) -> None:
    assert walleo(Heard(200, body)).balance() == found


@pytest.mark.parametrize("answer", [Answer(500), Answer(0, failure="timeout"), Answer(200, failure="not json")])
def test_no_answer_is_no_balance(answer: Answer) -> None:
    for read in (statements_wpay.read_balance, statements_walleo.read_balance):
        assert read(answer).problem


def test_walleos_questions_are_signed_over_their_url() -> None:
    http = Heard(404, {"errors": [{"code": "pull_request_not_found"}]})
    assert walleo(http).order("GL-1/0", LINES).found is Found.ABSENT
    ((method, path, headers, _),) = http.calls
    assert (method, path) == ("GET", "/partners/v1/pull_requests/GL-1%2F0")
    expected = signature("ab" * 16, "GET", f"https://walleo.test{path}", "", "me", 1_700_000_000)
    assert f"Signature={expected}, Timestamp=1700000000" in headers["Authorization"]


@pytest.mark.parametrize(
    ("request_", "found", "minor"),
    [
        ({"status": "success", "card": {"amount": 60, "code": "1", "pin_code": "2"}}, Found.READY, 6_000),
        ({"status": "waiting", "amount_cents": 5_000, "card": None}, Found.UNDER_WAY, 5_000),
        ({"status": "error", "card": None}, Found.CANCELLED, None),
        ({"status": "success", "card": {"code": "1"}}, Found.READY, None),
        ({"status": "success", "card": {"amount": "sixty"}}, Found.READY, None),
    ],
)
def test_walleos_order_names_its_amount_and_nothing_of_its_card(request_: Any, found: Found, minor: int | None) -> None:
    order = walleo(Heard(200, {"pull_request": {"id": "P", "request_id": "r", **request_}})).order("r", LINES)
    assert (order.found, order.minor) == (found, minor)
    assert "pin" not in repr(order)


def test_wpays_order_is_told_by_its_status_alone() -> None:
    http = Heard(200, {"status": "CANCELED", "refno": "a b", "orderId": "AAN1"})
    order = WpayStatements(http, lambda: Secret("key")).order("a b", LINES)
    assert (order.found, order.word, order.minor) == (Found.CANCELLED, "CANCELED", None)
    assert http.calls[0][1] == "/v1/partner/giftcards/order/a%20b/status"
    other = Heard(200, {"status": "COMPLETE", "refno": "other", "orderId": "AAN1"})
    assert WpayStatements(other, lambda: Secret("key")).order("a b", LINES).found is Found.DIFFERENT
