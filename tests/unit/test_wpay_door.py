"""The Wpay document's server: every wrong field at once, and never an exception of Python's."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

import pytest

from giftline.doors.answers import Reply, error_reply
from giftline.doors.calls import token_of
from giftline.doors.wpay_parameters import read_refno
from giftline.doors.wpay_requests import MAX_BODY, parse_order
from giftline.errors import (
    BrokenSeal,
    Cancelled,
    FieldProblem,
    Forbidden,
    GiftlineError,
    InvalidRequest,
    Misconfigured,
    NotFound,
    NotReady,
    RefnoConflict,
    StaleWrite,
    TooLarge,
    Unauthenticated,
)
from giftline.money import Money
from giftline.orders.catalogue import Catalogue, LiveCatalogue, Offer, Product
from giftline.settings import Settings, read_settings
from tests.fakes.house import AUD, CATALOGUE, SKU, TOKEN, House, line


@dataclass
class FakeCall:
    body: str | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"X-Api-Key": TOKEN})
    is_base64_encoded: bool | None = False
    query_string_parameters: dict[str, str] = field(default_factory=dict)


def product(**changed: Any) -> dict[str, Any]:
    return {"sku": SKU, "price": 5, "qty": 1_000, "currency": "036"} | changed


def body(*products: dict[str, Any], paid: Any = 5_000, **changed: Any) -> dict[str, Any]:
    payments = [{"code": "svc", "amount": paid}]
    return {
        "payments": payments,
        "products": list(products or [product()]),
        "refno": "r-1",
        "syncOnly": False,
    } | changed


def wrong(content: Any) -> dict[str, FieldProblem]:
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(InvalidRequest) as refused:
        parse_order("acme", text, CATALOGUE)
    fields = [problem.field for problem in refused.value.problems]
    assert len(fields) == len(set(fields)) > 0
    return {problem.field: problem for problem in refused.value.problems}


def test_the_documents_request_with_the_right_payment_is_an_order() -> None:
    request = parse_order("acme", json.dumps(body()), CATALOGUE)
    assert (request.refno, request.tenant, request.lines) == ("r-1", "acme", (line(1_000),))


@pytest.mark.parametrize("price", [5, 5.0, "5", "5.00"])
def test_a_price_may_be_a_number_or_a_decimal_string(price: Any) -> None:
    assert parse_order("acme", json.dumps(body(product(price=price))), CATALOGUE).lines[0].amount == Money(500, AUD)


def test_every_wrong_field_is_named_at_once() -> None:
    bad = body(product(sku="NOPE"), product(price=4), product(qty=0), product(currency="978"), refno="a/b", syncOnly=1)
    assert {"products.0.sku", "products.1.price", "products.2.qty", "products.3.currency", "refno", "syncOnly"} <= set(
        wrong(bad)
    )


@pytest.mark.parametrize(
    ("content", "named", "code"),
    [
        (body(product(qty=0)), "products.0.qty", "11159"),
        (body(product(qty=25_001)), "products.0.qty", "11159"),
        (body(product(qty=True)), "products.0.qty", "11159"),
        (body(product(qty="5")), "products.0.qty", "11159"),
        (body(product(qty=1.5)), "products.0.qty", "11159"),
        (body(product(qty=10**400)), "products.0.qty", "11159"),
        (body(product(qty=20_000), product(price=6, qty=5_001), paid=130_006), "products", "11159"),
        (body(product(sku="NOPE")), "products.0.sku", "5320"),
        (body(product(price=4.99)), "products.0.price", "5318"),
        (body(product(price=True)), "products.0.price", ""),
        (body(product(price="1e3")), "products.0.price", "5318"),
        (body(product(price=10**300)), "products.0.price", "5318"),
        (body(paid=5), "payments.0.amount", "5036"),
        (body(paid=4_999.99), "payments.0.amount", "5036"),
        (body(product(currency="978")), "products.0.currency", ""),
        (body(product(qty=11), paid=55, syncOnly=True), "products", "11159"),
        (body(product(qty=6), product(price=6, qty=5), paid=60, syncOnly=True), "products", "11159"),
        (body(refno="x" * 56), "refno", ""),
        (body(refno=7), "refno", ""),
        (body(payments=[]), "payments", ""),
        (body(products=[]), "products", ""),
        (body(payments=[{"code": "card", "amount": 5_000}]), "payments.0.code", ""),
        ([body()], "body", ""),
        ("", "body", ""),
        ('{"a":', "body", ""),
        ("[" * 100_000, "body", ""),
        (json.dumps(body()).replace("1000", "9" * 5_000), "body", ""),
    ],
)
def test_a_wrong_request_names_its_field_and_code(content: Any, named: str, code: str) -> None:
    assert wrong(content)[named].code == code


@pytest.mark.parametrize("field_name", ["payments", "products", "refno", "syncOnly"])
def test_a_missing_field_is_named(field_name: str) -> None:
    content = body()
    del content[field_name]
    assert wrong(content)[field_name].problem == "missing"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", f"1e{10**20}", "-0.0"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    for content in (body(product(price=77)), body(paid=77)):
        assert wrong(json.dumps(content).replace("77", number))


@pytest.mark.parametrize(
    "doubled", ['"qty": 1, "qty": 1000', '"qty": 1000, "price": 5', '"qty": 1000, "\\u0071ty": 1000']
)
def test_a_field_that_stands_twice_is_refused(doubled: str) -> None:
    problem = wrong(json.dumps(body()).replace('"qty": 1000', doubled))["body"]
    assert "twice" in problem.problem


def test_a_refno_of_any_depth_is_refused() -> None:
    """Where it can just be read, and not be written any more, too."""

    def is_too_deep(depth: int) -> bool:
        with pytest.raises(InvalidRequest) as refused:
            read_refno(f'{{"refno": {"[" * depth}{"]" * depth}}}')
        return refused.value.problems[0].field == "body"

    assert 500 < bisect_left(range(1, 2_000), True, key=is_too_deep) < 1_999


def test_two_currencies_are_refused() -> None:
    fnac = {"sku": "FNAC", "price": 15, "qty": 1, "currency": "978"}
    assert "currencies AUD, EUR" in wrong(body(product(), fnac))["products"].problem


def test_a_body_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        parse_order("acme", " " * (MAX_BODY + 1), CATALOGUE)


def test_unknown_fields_are_let_through() -> None:
    assert parse_order("acme", json.dumps(body(address={"x": 1}, coupon="y")), CATALOGUE).refno == "r-1"


def test_a_lone_surrogate_is_no_crash() -> None:
    assert wrong(json.dumps(body(refno="\ud800")))


# --- calls


def test_an_order_goes_in_by_the_door_and_comes_out_as_cards(house: House) -> None:
    reply = house.door.place(FakeCall(json.dumps(body())))
    assert reply.status == 202
    assert reply.body["status"] == "PROCESSING"
    assert house.door.status(FakeCall(), "r-1").body["status"] == "PENDING"
    again = house.door.place(FakeCall(base64.b64encode(json.dumps(body()).encode()).decode(), is_base64_encoded=True))
    assert again.body == reply.body


def test_the_first_page_is_200_and_later_ones_201(house: House) -> None:
    order = house.closed(line(7))
    first = house.door.cards(FakeCall(query_string_parameters={"offset": "0", "limit": "5"}), order.id)
    later = house.door.cards(FakeCall(query_string_parameters={"offset": "5", "limit": "5"}), order.id)
    assert [(r.status, len(r.body["cards"])) for r in (first, later)] == [(200, 5), (201, 2)]
    assert first.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"limit": "0"}, {"limit"}),
        ({"limit": "501"}, {"limit"}),
        ({"limit": "x", "offset": "-1"}, {"limit", "offset"}),
        ({"limit": "10", "offset": "5"}, {"offset"}),
        ({"limit": "²"}, {"limit"}),
        ({"offset": "9" * 5_000}, {"offset"}),
    ],
)
def test_a_wrong_page_is_named(house: House, query: dict[str, str], named: set[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        house.door.cards(FakeCall(query_string_parameters=query), "O1")
    assert {problem.field for problem in refused.value.problems} == named


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({"x-api-key": " k "}, "k"),
        ({"AUTHORIZATION": "bearer k"}, "k"),
        ({"Authorization": "Basic k"}, ""),
        ({"X-Api-Key": "k", "Authorization": "Bearer other"}, "k"),
        ({}, ""),
    ],
)
def test_a_token_comes_by_either_header(headers: dict[str, str], token: str) -> None:
    assert token_of(headers).reveal() == token


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "nobody's"}])
def test_without_a_known_token_nothing_is_read(house: House, headers: dict[str, str]) -> None:
    call = FakeCall("not even JSON", headers)
    with pytest.raises(Unauthenticated):
        house.door.place(call)
    with pytest.raises(Unauthenticated):
        house.door.status(call, "r")
    with pytest.raises(Unauthenticated):
        house.door.cards(call, "o")


ANSWERS: list[tuple[GiftlineError, int, int]] = [
    (InvalidRequest([FieldProblem("a", "b", "c")]), 400, 5000),
    (InvalidRequest([FieldProblem("a", "b", "c", "5318")]), 400, 5318),
    (InvalidRequest([FieldProblem("a", "b", "c", "5318"), FieldProblem("d", "e", "f", "5320")]), 400, 5000),
    (RefnoConflict([FieldProblem("a", "b", "c", "5313")]), 400, 5313),
    (Unauthenticated("who"), 401, 401),
    (Forbidden("cards.get"), 403, 403),
    (NotFound("no"), 404, 5320),
    (NotReady("soon"), 409, 409),
    (Cancelled("gone"), 410, 410),
    (TooLarge("big"), 413, 413),
    (StaleWrite("again"), 503, 503),
    (BrokenSeal("page"), 500, 500),
    (Misconfigured("setting"), 500, 500),
]


@pytest.mark.parametrize(("error", "status", "code"), ANSWERS)
def test_each_error_has_its_answer(error: GiftlineError, status: int, code: int) -> None:
    reply = error_reply(error)
    assert (reply.status, reply.body["code"]) == (status, code)
    assert json.loads(reply.text)["message"]


def test_what_is_our_own_fault_is_not_explained_to_strangers() -> None:
    assert "arn-of-a-secret" not in error_reply(Misconfigured("the secret arn-of-a-secret has no key")).text


def test_a_reply_is_json_as_people_read_it() -> None:
    assert Reply(200, {"symbol": "€"}).text == '{"symbol": "€"}'


# --- catalogue and settings


@pytest.mark.parametrize(
    ("sku", "minor", "ok"),
    [(SKU, 500, True), (SKU, 499, False), (SKU, 50_001, False), ("IKEA", 2_000, True), ("IKEA", 2_500, False),
     ("FNAC", 1_500, True), ("FNAC", 2_000, False), (SKU, None, False), ("NOPE", 500, False)],
)  # fmt: skip
def test_the_catalogue_knows_which_amounts_a_sku_has(sku: str, minor: int | None, ok: bool) -> None:
    assert (CATALOGUE.check(sku, minor, "sku", "amount") == []) == ok


def test_a_sku_that_is_unknown_is_taken_to_need_a_pin() -> None:
    assert CATALOGUE.needs_pin(["WPAY-FUEL", SKU, "NOPE"]) == {"WPAY-FUEL": False, SKU: True, "NOPE": True}


def test_an_empty_catalogue_says_so() -> None:
    assert "empty" in Catalogue([]).check("X", 1, "sku", "amount")[0].expected


def test_a_live_catalogue_is_read_again_after_a_minute(house: House) -> None:
    skus = ["A"]
    live = LiveCatalogue(
        lambda: [Product(sku, sku, AUD, (Offer("wpay", sku, 1, 1, 2),)) for sku in skus], house.clock.elapsed
    )
    assert live.find("A")
    skus.append("B")
    assert live.find("B") is None
    house.clock.pass_(61_000)
    assert live.find("B")


def test_settings_come_from_the_environment_and_a_missing_one_is_named() -> None:
    settings = read_settings({"ORDERS_TABLE": "t", "WAIT_SCALE": "0.001"})
    assert (settings.need("orders_table"), settings.wait_scale) == ("t", 0.001)
    with pytest.raises(Misconfigured, match="QUEUE_URL"):
        settings.need("queue_url")
    assert read_settings({}) == Settings()


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "nan", "inf", "101"])
def test_a_scale_that_is_none_is_named(text: str) -> None:
    with pytest.raises(Misconfigured, match="WAIT_SCALE"):
        read_settings({"WAIT_SCALE": text})
