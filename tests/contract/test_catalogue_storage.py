"""The catalogue on DynamoDB of the embedded AWS and on the fake: whole or not at all, whoever writes it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from giftline.errors import StaleWrite, Unwritable
from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_ports import Edition, Products
from giftline.storage.product_items import edition_to_item
from giftline.storage.products import MOST_BYTES, DynamoProducts
from tests.fakes.catalogue import MOST, FakeProducts
from tests.fakes.house import AUD, EUR

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
both = pytest.mark.parametrize("kind", ["fake", "aws"])
PRODUCTS = (
    Product("A", "Card A", AUD, (Offer("wpay", "A-1", 1, 500, 50_000),)),
    Product("B", "Karte Ä 🎁", EUR, (Offer("walleo", "B", 3, fixed=(1_500, 3_000)),), has_pin=False),
    Product("C", "Gone", EUR, (), gone=(Offer("walleo", "C", 1, 2_000, 50_000, 1_000, gone_at=5, withdrawn=True),)),
)


def new_table(aws: MakeClient, resources: dict[str, Any]) -> str:
    """Of its own: there is one catalogue in a table."""
    shape = {
        name: resources["AccountsTable"]["Properties"][name]
        for name in ("BillingMode", "AttributeDefinitions", "KeySchema")
    }
    name = f"Accounts-{uuid.uuid4().hex[:8]}"
    aws("dynamodb").create_table(TableName=name, **shape)
    return name


@pytest.fixture
def products(kind: str, request: pytest.FixtureRequest) -> Products:
    if kind == "fake":
        return FakeProducts()
    aws: MakeClient = request.getfixturevalue("aws")
    return DynamoProducts(aws("dynamodb"), new_table(aws, request.getfixturevalue("resources")))


@both
def test_a_catalogue_comes_back_as_it_was_written(products: Products) -> None:
    assert products.read() == Edition()
    written = products.replace(Edition(), PRODUCTS, 7, "ada")
    assert products.read() == written == Edition(PRODUCTS, 1, 7, "ada")
    assert products.replace(written, PRODUCTS[:1], 8, "bob") == products.read() == Edition(PRODUCTS[:1], 2, 8, "bob")


@both
def test_of_two_who_read_the_same_edition_one_writes(products: Products) -> None:
    first = products.replace(Edition(), PRODUCTS, 7, "ada")
    with pytest.raises(StaleWrite):
        products.replace(Edition(), PRODUCTS[:1], 8, "bob")
    products.replace(first, PRODUCTS[:2], 8, "bob")
    with pytest.raises(StaleWrite):
        products.replace(first, PRODUCTS[:1], 9, "cleo")
    assert products.read() == Edition(PRODUCTS[:2], 2, 8, "bob")


@both
def test_a_catalogue_that_no_item_holds_is_refused_and_the_old_one_stays(products: Products) -> None:
    written = products.replace(Edition(), PRODUCTS, 7, "ada")
    with pytest.raises(Unwritable):
        products.replace(written, [replace(PRODUCTS[0], sku=uuid.uuid4().hex) for _ in range(MOST + 1)], 8, "bob")
    assert products.read() == written


def test_a_write_whose_answer_got_lost_is_not_taken_for_a_race(aws: MakeClient, resources: dict[str, Any]) -> None:
    products = DynamoProducts(aws("dynamodb"), new_table(aws, resources))
    written = products.replace(Edition(), PRODUCTS, 7, "ada")
    assert products.replace(Edition(), PRODUCTS, 7, "ada") == written


def test_readers_see_one_edition_or_the_other_and_never_a_mixture(aws: MakeClient, resources: dict[str, Any]) -> None:
    table = new_table(aws, resources)
    products = DynamoProducts(aws("dynamodb"), table)
    cheap = tuple(Product(f"S{at:04d}", "cheap", AUD, (Offer("wpay", "X", 1, 1, 9),)) for at in range(400))
    dear = tuple(replace(one, name="dear") for one in cheap)
    products.replace(Edition(), cheap, 1, "ada")

    def read(_: int) -> set[str]:
        return {one.name for one in DynamoProducts(aws("dynamodb"), table).read().products}

    with ThreadPoolExecutor(4) as crew:
        seen = [crew.submit(read, at) for at in range(12)]
        for turn in range(6):
            products.replace(products.read(), (dear, cheap)[turn % 2], turn, "ada")
    assert all(one.result() in ({"cheap"}, {"dear"}) for one in seen)


def test_ten_thousand_products_fit_into_the_item() -> None:
    """With names and codes as suppliers have them, of which no two are alike."""
    many = [
        Product(
            f"BRAND-{at:05d}-{at * 7919 % 100_003}",
            f"Brand {at * 31_337 % 99_991} eGift Card",
            EUR,
            (Offer("walleo", f"BRAND-{at:05d}-{at * 7919 % 100_003}", 1, 2_000, 10_000 + at % 900 * 100, 1_000),),
        )
        for at in range(10_000)
    ]
    assert len(edition_to_item(Edition(tuple(many), 1))["products"]["B"]) < MOST_BYTES
