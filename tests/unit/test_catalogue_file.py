"""A catalogue file is read whole or refused whole, with every wrong cell named by its place."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.errors import FieldProblem, InvalidRequest
from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_csv import MAX_ROWS, read_csv
from giftline.orders.catalogue_file import MAX_PRODUCTS, MOST_PROBLEMS, is_sku, read_json
from tests.fakes.house import AUD, EUR

SUPPLIERS = ("walleo", "wpay")
HEADER = "sku,name,currency,supplier,code,priority,has_pin,amounts,min_amount,max_amount,step_amount"


def offer(**changed: Any) -> dict[str, Any]:
    return {"supplier": "wpay", "code": "A-1", "least": 500, "most": 50_000} | changed


def product(**changed: Any) -> dict[str, Any]:
    return {"sku": "A", "name": "Card A", "currency": "AUD", "offers": [offer()]} | changed


def wrong_json(content: Any) -> dict[str, FieldProblem]:
    with pytest.raises(InvalidRequest) as refused:
        read_json(content if isinstance(content, str) else json.dumps(content), SUPPLIERS)
    return {problem.field: problem for problem in refused.value.problems}


def wrong_csv(*rows: str, header: str = HEADER) -> dict[str, FieldProblem]:
    with pytest.raises(InvalidRequest) as refused:
        read_csv("\n".join((header, *rows)), SUPPLIERS)
    return {problem.field: problem for problem in refused.value.problems}


# --- JSON


def test_the_file_that_sets_this_machine_up_is_a_good_one() -> None:
    text = (Path(__file__).parents[2] / "local" / "catalogue.json").read_text()
    products = read_json(text, SUPPLIERS)
    assert len(products) == len(json.loads(text)) > 30
    assert products[0] == Product(
        "WWQ651BHNWSH", "Woolworths eGift Card", AUD, (Offer("wpay", "WWQ651BHNWSH", 1, 500, 50_000),)
    )
    assert {one.sku: one for one in products}["FNAC"].offers[0].fixed == (1_500, 3_000, 10_000)


def test_a_bare_list_and_an_answer_of_the_listing_are_read_alike() -> None:
    whole = product(on_sale=True, gone_since=None, amounts=[{"least": 1}], offers=[offer(gone_at=None, withdrawn=True)])
    (read,) = read_json("\ufeff" + json.dumps({"products": [whole], "next": None}), SUPPLIERS)
    assert read.offers == (Offer("wpay", "A-1", 1, 500, 50_000, withdrawn=True),)
    assert read_json(json.dumps([product()]), SUPPLIERS)[0].offers[0].withdrawn is False


def test_every_wrong_field_of_every_product_is_named_at_once() -> None:
    bad = [
        product(sku="has space", name="", currency="XXX", offers=[], has_pin="yes", colour="red"),
        "no object",
        product(sku="B", offers=[offer(supplier="acme", code="", priority=0, least=0, most=None, step=-1), 7]),
        product(sku="C", offers=[offer(least=600, most=500), offer(fixed=[500, "x", 0], withdrawn=1, shape="round")]),
    ]
    assert set(wrong_json(bad)) == {
        "products.0.sku",
        "products.0.name",
        "products.0.currency",
        "products.0.offers",
        "products.0.has_pin",
        "products.0.colour",
        "products.1",
        "products.2.offers.0.supplier",
        "products.2.offers.0.code",
        "products.2.offers.0.priority",
        "products.2.offers.0.least",
        "products.2.offers.0.most",
        "products.2.offers.0.step",
        "products.2.offers.1",
        "products.3.offers.0.most",
        "products.3.offers.1.fixed.1",
        "products.3.offers.1.fixed.2",
        "products.3.offers.1.least",
        "products.3.offers.1.withdrawn",
        "products.3.offers.1.shape",
    }


def test_a_name_that_is_no_text_is_told_as_text() -> None:
    """JSON can name half of a surrogate pair, and no answer could be sent with it."""
    assert list(wrong_json([product(**{"\ud800": 1})])) == ["products.0.?"]


def test_a_sku_that_stands_there_twice_is_named_with_both_places() -> None:
    (problem,) = wrong_json([product(), product(sku="B"), product(name="again")]).values()
    assert (problem.field, "products.0.sku" in problem.problem) == ("products.2.sku", True)


def test_a_code_of_a_supplier_stands_once_in_a_product() -> None:
    assert set(wrong_json([product(offers=[offer(), offer(priority=2)])])) == {"products.0.offers"}


@pytest.mark.parametrize("text", ["", "{}", '"x"', "[", "1", '{"products": 1}', "[" * 100_000, "null", "\x00"])
def test_what_is_no_list_of_products_is_named(text: str) -> None:
    assert set(wrong_json(text)) == {"body"}


def test_an_empty_file_and_one_of_too_many_are_refused() -> None:
    assert set(wrong_json([])) == {"products"}
    assert set(wrong_json([product()] * (MAX_PRODUCTS + 1))) == {"products"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["sku", "name", "currency", "offers", "has_pin"])
parts = st.sampled_from(["supplier", "code", "priority", "fixed", "least", "most", "step", "withdrawn"])


@given(st.dictionaries(fields, anything, max_size=2), st.dictionaries(parts, anything, max_size=3))
def test_whatever_stands_in_a_field_is_read_or_named(changed: dict[str, Any], inside: dict[str, Any]) -> None:
    rows = [{**product(offers=[offer(**inside)]), **changed}]
    try:
        read = read_json(json.dumps(rows), SUPPLIERS)
    except InvalidRequest as refused:
        places = [problem.field for problem in refused.problems]
    else:
        assert all(is_sku(one.sku) for one in read)
        assert all(each.fixed or 0 < each.least <= each.most for one in read for each in one.offers)
        return
    assert all(place.startswith("products.0") for place in places)
    assert places


@pytest.mark.parametrize("sku", ["", " ", "a b", "a\n", "x" * 101, 5, None, "a\u200bb", "\ud800"])
def test_these_are_no_skus(sku: Any) -> None:
    assert not is_sku(sku)


# --- CSV


def test_a_row_is_an_offer_and_amounts_are_as_people_write_them() -> None:
    rows = [
        HEADER,
        "A,Card A,AUD,wpay,A-1,,,,5,500.00,",
        "B,Card B,EUR,walleo,,2,no,,20,500,10",
        'F,"Fixed, one",EUR,walleo,FNAC,1,yes,15|30 100,,,',
        "B,Card B,EUR,wpay,B-EURO,1,no,,20,500,",
    ]
    assert read_csv("\n".join(rows), SUPPLIERS) == [
        Product("A", "Card A", AUD, (Offer("wpay", "A-1", 1, 500, 50_000),)),
        Product(
            "B",
            "Card B",
            EUR,
            (Offer("walleo", "B", 2, 2_000, 50_000, 1_000), Offer("wpay", "B-EURO", 1, 2_000, 50_000)),
            has_pin=False,
        ),
        Product("F", "Fixed, one", EUR, (Offer("walleo", "FNAC", fixed=(1_500, 3_000, 10_000)),)),
    ]


def test_a_spreadsheets_bom_semicolons_and_empty_rows_are_fine() -> None:
    text = "\ufeffSKU;Name;Currency;Supplier;amounts\r\nA;Card;AUD;wpay;5 10\r\n;;;;\r\n"
    assert read_csv(text, SUPPLIERS) == [Product("A", "Card", AUD, (Offer("wpay", "A", fixed=(500, 1_000)),))]


def test_every_wrong_cell_is_named_by_row_and_column() -> None:
    found = wrong_csv(
        "a b,,XXX,acme,A-1,0,maybe,,,,",
        "B,Card,AUD,wpay,B-1,1,,5,5,,",
        "C,Card,AUD,wpay,C-1,1,,,5.001,x,",
        "D,Card,AUD,wpay,D-1,1,,,10,5,",
        "E,Card,AUD,wpay,E-1,1,,,5,10,,",
        "F,Card,AUD,wpay,F-1,1,,,,,",
        "G,Card,AUD,wpay,G-1,1,,,5,10,",
        "G,Other,EUR,wpay,G-1,1,no,,5,10,",
        'H,"Card"x,AUD,wpay,,,,,5,10,',
    )
    assert set(found) == {
        *(f"row 2, {name}" for name in ("sku", "name", "currency", "supplier", "priority", "has_pin")),
        "row 3, amounts",
        "row 4, min_amount",
        "row 4, max_amount",
        "row 5, max_amount",
        "row 6",
        "row 7, min_amount",
        "row 7, max_amount",
        *(f"row 9, {name}" for name in ("name", "currency", "has_pin", "code")),
        "row 10",
    }


def test_a_header_is_named_column_by_column() -> None:
    assert set(wrong_csv("A", header="sku,colour,sku")) == {"row 1", *(f"row 1, {c}" for c in ("name", "currency"))} | {
        "row 1, supplier"
    }


@pytest.mark.parametrize("text", ["", "sku,name,currency,supplier\n", "PK\x03\x04", "\n\n"])
def test_a_file_without_products_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        read_csv(text, SUPPLIERS)


def test_more_rows_than_are_taken_are_read_no_further() -> None:
    rows = [","] * (MAX_ROWS + 5)
    assert f"row {MAX_ROWS + 2}" in wrong_csv(*rows)


def test_of_a_hostile_file_so_many_problems_are_told_and_the_rest_is_not_read() -> None:
    """Four megabytes of wrong amounts are two million problems: more than a function's memory holds."""
    zeros = offer(fixed=[0] * MOST_PROBLEMS, least=None, most=None)
    for read, content in (
        (read_json, json.dumps([product(offers=[zeros, zeros])])),
        (read_csv, "\n".join([HEADER, *[f"A,Card,AUD,wpay,,,,{'0 ' * 600},,,"] * 2])),
    ):
        with pytest.raises(InvalidRequest) as refused:
            read(content, SUPPLIERS)
        problems = refused.value.problems
        assert len(problems) == MOST_PROBLEMS
        assert (problems[-1].field, problems[-1].problem) == ("file", "1000 wrong cells or more")


def test_a_header_of_as_many_columns_as_a_row_may_have_is_refused_at_once() -> None:
    """Each name looked for in all of them would take minutes."""
    found = wrong_csv(header=",".join(["sku"] * 60_000))
    assert found["row 1"].problem == "'sku'"


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    for content in (text, HEADER + "\n" + text):
        with suppress(InvalidRequest):
            assert read_csv(content, SUPPLIERS)
