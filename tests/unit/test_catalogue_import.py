"""A file is taken over whole: what it lacks is withdrawn, never deleted, and doors treat what is gone as unknown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.doors import catalogue_answers
from giftline.errors import InvalidRequest, StaleWrite
from giftline.orders.catalogue import Catalogue, LiveCatalogue, Offer, Product
from giftline.orders.catalogue_file import read_json
from giftline.orders.catalogue_import import ImportCatalogue, Imported
from giftline.orders.catalogue_ports import Edition
from tests.fakes.catalogue import MOST, FakeProducts
from tests.fakes.house import AUD
from tests.fakes.time import FakeClock

A_OFFER, B_OFFER = Offer("wpay", "A-1", 1, 500, 5_000), Offer("walleo", "B-1", 2, 500, 5_000)
A, B = Product("A", "Card A", AUD, (A_OFFER,)), Product("B", "Card B", AUD, (B_OFFER,))


@pytest.fixture
def products() -> FakeProducts:
    return FakeProducts(Edition((A, B), 7))


@pytest.fixture
def taking(products: FakeProducts) -> ImportCatalogue:
    return ImportCatalogue(products, FakeClock())


def now() -> int:
    return FakeClock().now()


def gone(product: Product, *, withdrawn: bool) -> Product:
    offers = tuple(replace(one, gone_at=5, withdrawn=withdrawn) for one in product.offers)
    return replace(product, offers=(), gone=offers)


def test_what_the_file_lacks_is_withdrawn_and_what_is_new_is_added(
    products: FakeProducts, taking: ImportCatalogue
) -> None:
    dearer = replace(A, offers=(replace(A_OFFER, most=9_000),))
    third = Product("C", "Card C", AUD, (Offer("wpay", "C-1", fixed=(500,)),))
    assert taking([third, dearer], "ada") == Imported(2, new=1, changed=1, withdrawn=1, version=8)
    withdrawn = replace(B, offers=(), gone=(replace(B_OFFER, gone_at=now(), withdrawn=True),))
    assert products.edition == Edition((dearer, withdrawn, third), 8, now(), "ada")


def test_what_stands_in_a_file_again_is_on_sale_again(products: FakeProducts, taking: ImportCatalogue) -> None:
    taking([A], "ada")
    assert taking([A, B], "ada").changed == 1
    assert products.edition.products == (A, B)


def test_what_a_supplier_was_found_to_list_no_more_stays_gone_whatever_the_file_says(
    products: FakeProducts, taking: ImportCatalogue
) -> None:
    vanished = gone(B, withdrawn=False)
    products.edition = Edition((A, vanished), 7)
    renamed = replace(B, name="Card B, new")
    taking([A, renamed], "ada")
    assert products.edition.products[1] == replace(vanished, name="Card B, new")


def test_an_offer_that_left_its_product_is_withdrawn_alone(products: FakeProducts, taking: ImportCatalogue) -> None:
    both = replace(A, offers=(A_OFFER, replace(B_OFFER, code="A-2")))
    taking([both, B], "ada")
    taking([A, B], "ada")
    stored = products.edition.products[0]
    assert (stored.offers, [one.code for one in stored.gone]) == ((A_OFFER,), ["A-2"])


def test_a_file_that_changes_nothing_writes_nothing(products: FakeProducts, taking: ImportCatalogue) -> None:
    assert taking([B, A], "ada") == Imported(2, 0, 0, 0, 7)
    assert products.writes == 0


def test_the_first_file_is_written_even_where_it_changes_nothing(
    products: FakeProducts, taking: ImportCatalogue
) -> None:
    """The single products of an installation set up before become one catalogue."""
    products.edition = Edition((A, B), 0)
    assert taking([A, B], "ada").version == 1


def test_a_dry_run_tells_and_writes_nothing(products: FakeProducts, taking: ImportCatalogue) -> None:
    assert taking([A], "ada", dry_run=True) == Imported(1, 0, 0, 1, 7)
    assert (products.edition, products.writes) == (Edition((A, B), 7), 0)


def test_a_change_at_the_same_time_is_not_written_over(products: FakeProducts, taking: ImportCatalogue) -> None:
    products.meanwhile = [(A,)]
    with pytest.raises(StaleWrite):
        taking([B], "ada")
    assert products.edition.products == (A,)


def test_a_catalogue_that_is_too_large_is_the_callers_matter(products: FakeProducts, taking: ImportCatalogue) -> None:
    many = [replace(A, sku=f"S{number}") for number in range(MOST + 1)]
    with pytest.raises(InvalidRequest, match="too many"):
        taking(many, "ada")
    assert products.writes == 0


offers = st.builds(
    Offer,
    st.sampled_from(["wpay", "walleo"]),
    st.sampled_from("xyz"),
    st.integers(1, 3),
    st.just(100),
    st.integers(100, 500),
    withdrawn=st.booleans(),
)
some_offers = st.lists(offers, min_size=1, max_size=3, unique_by=lambda one: (one.supplier, one.code)).map(tuple)
files = st.lists(
    st.builds(Product, st.sampled_from("ABCD"), st.just("Card"), st.just(AUD), some_offers),
    max_size=4,
    unique_by=lambda one: one.sku,
)


@settings(max_examples=40)
@given(st.lists(files, max_size=5))
def test_no_file_ever_deletes_an_offer_and_the_listing_can_be_sent_back(history: list[list[Product]]) -> None:
    products = FakeProducts()
    taking = ImportCatalogue(products, FakeClock())
    known: set[tuple[str, str, str]] = set()
    for file in history:
        taking(file, "ada")
        stored = products.edition.products
        known |= {(product.sku, one.supplier, one.code) for product in file for one in product.offers}
        assert known == {(p.sku, one.supplier, one.code) for p in stored for one in (*p.offers, *p.gone)}
        assert not any(one.gone_at or one.withdrawn for p in stored for one in p.offers)
        assert all(one.gone_at and one.withdrawn for p in stored for one in p.gone)
        if stored:
            told = json.dumps({"products": [catalogue_answers.whole(one) for one in stored]})
            assert taking(read_json(told, ("wpay", "walleo")), "ada") == Imported(
                len(stored), 0, 0, 0, products.edition.version
            )


# --- what doors make of it


def test_a_sku_that_is_gone_is_refused_like_an_unknown_one() -> None:
    catalogue = Catalogue([A, gone(B, withdrawn=False)])
    unknown, vanished = (catalogue.check(sku, 500, "sku", "amount") for sku in ("X", "B"))
    assert catalogue.find("B") is catalogue.find("X") is None
    assert [(one.field, one.code, one.expected) for one in unknown] == [
        (one.field, one.code, one.expected) for one in vanished
    ]
    assert "since 1970-01-01" in vanished[0].problem
    assert list(catalogue.products) == ["A"]


def test_what_was_ordered_before_it_went_keeps_its_name_its_pin_and_its_offers() -> None:
    catalogue = Catalogue([replace(gone(B, withdrawn=False), has_pin=False)])
    assert (catalogue.name("B"), catalogue.needs_pin(["B"]), catalogue.product("B").sku) == (
        "Card B",
        {"B": False},
        "B",
    )
    assert [offer.code for offer in catalogue.offers("B", 500)] == ["B-1"]


def test_of_a_product_with_an_offer_left_only_that_one_is_asked() -> None:
    product = replace(A, gone=(replace(A_OFFER, code="old", gone_at=5),))
    assert [offer.code for offer in Catalogue([product]).offers("A", 500)] == ["A-1"]
    assert Catalogue([product]).check("A", 500, "sku", "amount") == []


def test_a_door_sees_a_new_edition_within_a_minute_and_reads_no_oftener(products: FakeProducts) -> None:
    clock, read = FakeClock(), []

    def products_now() -> tuple[Product, ...]:
        read.append(clock.now())
        return products.read().products

    live = LiveCatalogue(products_now, clock.elapsed)
    assert live.find("B")
    ImportCatalogue(products, clock)([A], "ada")
    assert live.find("B")
    clock.pass_(60_001)
    assert live.find("B") is None
    for _ in range(10):
        live.check("A", 500, "sku", "amount")
        live.offers("A", 500)
    assert len(read) == 2
