"""Whoever orders sees what can be ordered; operators see who sells it, and take whole catalogues over."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from giftline.accounts.model import OPERATOR_ABILITIES, Ability, Access, token_hash
from giftline.doors.answers import error_reply
from giftline.doors.catalogue import DEFAULT_LIMIT, MAX_BODY, CatalogueDoor
from giftline.errors import Forbidden, InvalidRequest, TooLarge, Unauthenticated
from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_import import ImportCatalogue
from giftline.orders.catalogue_ports import Edition
from giftline.secret import Secret
from tests.fakes.catalogue import FakeProducts
from tests.fakes.house import AUD, EUR
from tests.fakes.storage import FakeTokens
from tests.fakes.time import FakeClock

SUPPLIERS = ("walleo", "wpay")
SOLD = Product("FNAC", "Fnac", EUR, (Offer("walleo", "F-1", 2, fixed=(1_500,)), Offer("wpay", "F-2", 1, 500, 900, 100)))
GONE = Product("OLD", "Old", AUD, (), gone=(Offer("wpay", "O-1", 1, 500, 900, gone_at=1_000),))


@dataclass
class FakeCall:
    body: str | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"X-Api-Key": "operator"})
    is_base64_encoded: bool | None = False
    query_string_parameters: dict[str, str] = field(default_factory=dict)


def call(who: str = "operator", body: str | None = None, kind: str = "application/json", **query: str) -> FakeCall:
    return FakeCall(body, {"X-Api-Key": who, "Content-Type": kind}, query_string_parameters=query)


@pytest.fixture
def products() -> FakeProducts:
    return FakeProducts(Edition((SOLD, GONE), 4))


@pytest.fixture
def door(products: FakeProducts) -> CatalogueDoor:
    accesses = {
        "operator": Access("ada", frozenset({Ability.ACCOUNTS, Ability.ORDERS_STORE})),
        "pure": Access("operator", OPERATOR_ABILITIES),
        "acme": Access("acme", frozenset({Ability.ORDERS_STORE})),
        "reader": Access("acme", frozenset({Ability.ORDERS_GET})),
    }
    tokens = FakeTokens({token_hash(Secret(name)): access for name, access in accesses.items()})
    return CatalogueDoor(tokens, products, ImportCatalogue(products, FakeClock()), SUPPLIERS)


def test_a_tenant_sees_what_it_can_order_and_not_who_sells_it(door: CatalogueDoor) -> None:
    reply = door.list(call("acme"))
    assert (reply.status, reply.body) == (
        200,
        {
            "products": [
                {
                    "sku": "FNAC",
                    "name": "Fnac",
                    "currency": "EUR",
                    "has_pin": True,
                    "on_sale": True,
                    "gone_since": None,
                    "amounts": [{"least": 500, "most": 900, "step": 100}, {"fixed": [1_500]}],
                },
                {
                    "sku": "OLD",
                    "name": "Old",
                    "currency": "AUD",
                    "has_pin": True,
                    "on_sale": False,
                    "gone_since": "1970-01-01T00:00:01.000Z",
                    "amounts": [],
                },
            ],
            "next": None,
        },
    )
    assert "walleo" not in reply.text
    assert "O-1" not in reply.text


def test_an_operator_sees_every_offer_and_can_send_the_answer_back(door: CatalogueDoor, products: FakeProducts) -> None:
    reply = door.list(call())
    assert reply.body["products"][1]["offers"] == [
        {
            "supplier": "wpay",
            "code": "O-1",
            "priority": 1,
            "least": 500,
            "most": 900,
            "step": 1,
            "gone_at": "1970-01-01T00:00:01.000Z",
            "withdrawn": False,
        }
    ]
    assert door.replace(call(body=reply.text)).body == {
        "dryRun": False,
        "products": 2,
        "new": 0,
        "changed": 0,
        "withdrawn": 0,
        "version": 4,
    }
    assert products.writes == 0


def test_an_operator_who_orders_nothing_gets_all_at_once_and_what_it_sends_back_withdraws_nothing(
    door: CatalogueDoor, products: FakeProducts
) -> None:
    products.edition = Edition(tuple(replace(SOLD, sku=f"S{number:03d}") for number in range(DEFAULT_LIMIT + 1)), 1)
    reply = door.list(call("pure"))
    assert (len(reply.body["products"]), reply.body["next"]) == (DEFAULT_LIMIT + 1, None)
    assert door.replace(call("pure", body=reply.text)).body["withdrawn"] == 0
    assert len(door.list(call("pure", limit="7")).body["products"]) == 7
    assert len(door.list(call("acme")).body["products"]) == DEFAULT_LIMIT
    with pytest.raises(InvalidRequest, match="limit"):
        door.list(call("pure", limit="501"))


def test_pages_of_any_size_make_up_the_whole(door: CatalogueDoor, products: FakeProducts) -> None:
    skus = [f"S{number:03d}" for number in range(23)]
    products.edition = Edition(tuple(replace(SOLD, sku=sku) for sku in reversed(skus)), 1)
    for limit in (1, 7, 23, 500):
        found, after = list[str](), ""
        while True:
            body = door.list(call("acme", limit=str(limit), **({"after": after} if after else {}))).body
            found += [one["sku"] for one in body["products"]]
            assert len(body["products"]) <= limit
            if body["next"] is None:
                break
            after = body["next"]
        assert found == skus


@pytest.mark.parametrize("limit", ["0", "501", "x", "-1", ""])
def test_a_limit_that_is_none_is_named(door: CatalogueDoor, limit: str) -> None:
    with pytest.raises(InvalidRequest, match="limit"):
        door.list(call("acme", limit=limit))


def test_a_file_is_taken_over_whole_as_json_and_as_csv(door: CatalogueDoor, products: FakeProducts) -> None:
    text = "sku,name,currency,supplier,code,amounts\nNEW,New,EUR,walleo,N-1,20 50\n"
    assert door.replace(call(body=text, kind="Text/CSV; charset=utf-8")).body["withdrawn"] == 1
    assert [(one.sku, bool(one.offers)) for one in products.edition.products] == [
        ("FNAC", False),
        ("NEW", True),
        ("OLD", False),
    ]
    assert products.edition.by == "ada"
    rows = [
        {
            "sku": "FNAC",
            "name": "Fnac",
            "currency": "EUR",
            "offers": [{"supplier": "wpay", "code": "F-2", "fixed": [500]}],
        }
    ]
    in_base64 = FakeCall(base64.b64encode(json.dumps(rows).encode()).decode(), is_base64_encoded=True)
    assert door.replace(in_base64).status == 200
    assert [one.sku for one in products.edition.products if one.offers] == ["FNAC"]


def test_a_dry_run_tells_what_would_change(door: CatalogueDoor, products: FakeProducts) -> None:
    text = "sku,name,currency,supplier,amounts\nNEW,New,EUR,walleo,20\n"
    body = door.replace(call(body=text, kind="text/csv", dryRun="true")).body
    assert (body["dryRun"], body["new"], body["withdrawn"], body["version"]) == (True, 1, 1, 4)
    assert products.edition.version == 4
    with pytest.raises(InvalidRequest, match="dryRun"):
        door.replace(call(body=text, dryRun="yes"))


def test_a_file_with_wrong_cells_changes_nothing_and_all_are_told(door: CatalogueDoor, products: FakeProducts) -> None:
    rows = "\n".join(f"S{number},Name,EUR,nobody,5" for number in range(300))
    with pytest.raises(InvalidRequest) as refused:
        door.replace(call(body=f"sku,name,currency,supplier,amounts\n{rows}", kind="text/csv"))
    answer = error_reply(refused.value)
    assert (answer.status, len(answer.body["messages"])) == (400, 300)
    assert answer.body["messages"][299] == {
        "field": "row 301, supplier",
        "problem": "'nobody'",
        "expected": "one of walleo, wpay",
    }
    assert products.writes == 0


def test_a_file_that_is_too_large_is_refused(door: CatalogueDoor) -> None:
    with pytest.raises(TooLarge):
        door.replace(call(body=" " * (MAX_BODY + 1)))


@pytest.mark.parametrize(("token", "error"), [("acme", Forbidden), ("reader", Forbidden), ("x", Unauthenticated)])
def test_only_operators_change_the_catalogue(door: CatalogueDoor, token: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        door.replace(call(token, body="[]"))


@pytest.mark.parametrize(("token", "error"), [("reader", Forbidden), ("", Unauthenticated)])
def test_only_who_may_order_sees_the_catalogue(door: CatalogueDoor, token: str, error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        door.list(call(token))
    assert Ability.ORDERS_STORE in str(refused.value) or not token


@pytest.mark.parametrize("body", ["", "{", "null", '"x"', "[[]]", "[1]", '[{"offers": {}}]', "\x00"])
def test_no_body_makes_an_accident(door: CatalogueDoor, body: Any) -> None:
    for kind in ("application/json", "text/csv"):
        with pytest.raises(InvalidRequest):
            door.replace(call(body=body, kind=kind))
