"""The catalogue follows the supplier's list, and believes no list that looks broken."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.errors import GiftlineError
from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_import import ImportCatalogue
from giftline.orders.catalogue_ports import Edition
from giftline.orders.catalogue_sync import SyncCatalogue
from giftline.suppliers.http import Answer
from giftline.suppliers.listing import Amounts, ListedCard, Listing
from giftline.suppliers.walleo_catalogue import read_gift_cards
from tests.fakes.catalogue import FakeProducts, FakeSource, listed
from tests.fakes.house import EUR
from tests.fakes.pacing import FakePace
from tests.fakes.time import FakeClock


def tens(sku: str, code: str = "", supplier: str = "walleo") -> Product:
    return Product(sku, sku.title(), EUR, (Offer(supplier, code or sku, 1, 2_000, 50_000, 1_000),))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def products() -> FakeProducts:
    return FakeProducts(Edition((tens("FNAC"), tens("IKEA"), tens("OURS", "WPAY", "wpay")), 3))


@pytest.fixture
def source() -> FakeSource:
    return FakeSource(Listing((listed("FNAC"), listed("IKEA"))))


@pytest.fixture
def sync(products: FakeProducts, source: FakeSource, clock: FakeClock) -> SyncCatalogue:
    return SyncCatalogue(products, source, clock, FakePace(clock))


def nothing(**but: int) -> dict[str, int]:
    return {"new": 0, "changed": 0, "gone": 0, "back": 0, "unreadable": 0} | but


def find(products: FakeProducts, sku: str) -> Product:
    return next(one for one in products.edition.products if one.sku == sku)


def test_a_list_that_says_what_we_have_writes_nothing(sync: SyncCatalogue, products: FakeProducts) -> None:
    assert sync() == nothing()
    assert products.writes == 0


def test_what_vanished_is_marked_with_the_time_and_comes_back_when_it_is_listed_again(
    sync: SyncCatalogue, products: FakeProducts, source: FakeSource, clock: FakeClock
) -> None:
    before, first = find(products, "IKEA"), clock.now()
    source.lists(listed("FNAC"))
    assert sync() == nothing(gone=1)
    marked = find(products, "IKEA")
    assert (marked.offers, marked.gone) == ((), (replace(before.offers[0], gone_at=first),))
    clock.pass_(1_000)
    assert sync() == nothing()
    assert find(products, "IKEA") == marked, "the first time counts"
    source.lists(listed("FNAC"), listed("IKEA"))
    assert sync() == nothing(back=1)
    assert find(products, "IKEA") == before


def test_amounts_follow_the_list_and_names_and_priorities_do_not(
    sync: SyncCatalogue, products: FakeProducts, source: FakeSource
) -> None:
    own = replace(tens("IKEA"), name="Our name", offers=(replace(tens("IKEA").offers[0], priority=4),), has_pin=False)
    products.edition = Edition((tens("FNAC"), own), 3)
    source.lists(listed("FNAC", Amounts(fixed=(15, 30))), listed("IKEA", Amounts(least=10, most=100)))
    assert sync() == nothing(changed=2)
    assert find(products, "FNAC").offers == (Offer("walleo", "FNAC", fixed=(1_500, 3_000)),)
    assert find(products, "IKEA") == replace(own, offers=(Offer("walleo", "IKEA", 4, 1_000, 10_000, 100),))


def test_a_new_card_is_added_and_one_whose_name_is_taken_is_left_to_people(
    sync: SyncCatalogue, products: FakeProducts, source: FakeSource, caplog: pytest.LogCaptureFixture
) -> None:
    source.lists(listed("FNAC"), listed("IKEA"), listed("NEW"), listed("OURS"), listed("has space"))
    assert sync() == nothing(new=1)
    assert find(products, "NEW") == replace(tens("NEW"), name="New")
    assert find(products, "OURS").offers[0].supplier == "wpay"
    assert "walleo sells OURS, has space: left to be imported by hand" in caplog.text
    assert sync() == nothing()


def test_what_somebody_withdrew_is_not_brought_back(
    sync: SyncCatalogue, products: FakeProducts, clock: FakeClock
) -> None:
    ImportCatalogue(products, clock)([tens("FNAC")], "ada")
    assert sync() == nothing()
    assert find(products, "IKEA").is_gone


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (Listing(), "it is empty"),
        (Listing(problem="503"), "503"),
        (Listing((listed("OTHER"), listed("MORE"))), "2 of the 2 codes on sale are not in it"),
    ],
)
def test_a_list_that_nobody_should_believe_changes_nothing_and_is_an_error(
    sync: SyncCatalogue, products: FakeProducts, source: FakeSource, listing: Listing, said: str
) -> None:
    before = products.edition
    source.listing = listing
    with pytest.raises(GiftlineError, match=said):
        sync()
    assert products.edition == before


def test_half_of_the_list_may_go_and_no_more(sync: SyncCatalogue, products: FakeProducts, source: FakeSource) -> None:
    products.edition = Edition(tuple(tens(f"S{number}") for number in range(10)), 1)
    source.lists(*(listed(f"S{number}") for number in range(4)))
    with pytest.raises(GiftlineError, match="6 of the 10"):
        sync()
    source.lists(*(listed(f"S{number}") for number in range(5)))
    assert sync() == nothing(gone=5)


def test_a_card_whose_amounts_cannot_be_read_stays_as_it_is_and_is_told_of(
    sync: SyncCatalogue, products: FakeProducts, source: FakeSource, caplog: pytest.LogCaptureFixture
) -> None:
    source.lists(listed("FNAC", None), listed("IKEA"), listed("NEW", None))
    with caplog.at_level(logging.WARNING):
        assert sync() == nothing(unreadable=2)
    assert (find(products, "FNAC"), products.writes) == (tens("FNAC"), 0)
    assert "FNAC, NEW" in caplog.text


def test_a_change_by_somebody_else_at_the_same_time_is_kept(
    sync: SyncCatalogue, products: FakeProducts, source: FakeSource
) -> None:
    theirs = (tens("FNAC"), replace(tens("IKEA"), name="their name"))
    products.meanwhile = [theirs]
    source.lists(listed("IKEA"))
    assert sync() == nothing(gone=1)
    assert find(products, "IKEA").name == "their name"
    assert find(products, "FNAC").is_gone
    products.meanwhile = [theirs, theirs, theirs]
    source.lists(listed("FNAC"), listed("IKEA"), listed("NEW"))
    with pytest.raises(GiftlineError, match="at the same time"):
        sync()


def test_the_supplier_is_asked_in_its_turn_and_left_alone_when_it_says_so(
    sync: SyncCatalogue, products: FakeProducts, source: FakeSource, clock: FakeClock
) -> None:
    source.listing = Listing(problem="429", retry_after=60.0)
    with pytest.raises(GiftlineError):
        sync()
    source.lists(listed("IKEA"), listed("FNAC"))
    with pytest.raises(GiftlineError, match="no room"):
        sync()
    clock.pass_(60_001)
    assert sync() == nothing()


codes = st.sampled_from("ABCDEF")
lists = st.lists(codes, min_size=1, unique=True)
acts = st.lists(st.tuples(st.sampled_from(["sync", "import"]), lists), max_size=8)


@given(acts)
def test_through_any_history_nothing_is_lost_and_who_withdrew_it_is_obeyed(
    history: list[tuple[str, list[str]]],
) -> None:
    clock, source = FakeClock(), FakeSource()
    products = FakeProducts()
    sync, taking = SyncCatalogue(products, source, clock, FakePace(clock)), ImportCatalogue(products, clock)
    known: set[str] = set()
    withdrawn: set[str] = set()
    for act, listed_codes in history:
        clock.pass_(1_000)
        if act == "import":
            taking([tens(code) for code in listed_codes], "ada")
            known |= set(listed_codes)
            withdrawn = known - set(listed_codes)
        else:
            source.lists(*map(listed, listed_codes))
            before = products.edition
            try:
                sync()
            except GiftlineError:
                assert products.edition == before
            else:
                known |= set(listed_codes)
                on_sale = {one.sku for one in products.edition.products if one.offers}
                assert on_sale == set(listed_codes) - withdrawn
        assert {one.sku for one in products.edition.products} == known
        assert not withdrawn & {one.sku for one in products.edition.products if one.offers}


# --- the list as it comes


def card(**changed: Any) -> dict[str, Any]:
    free = {"type": "free", "min_amount": 20, "max_amount": 500, "step_amount": 10}
    return {"code": "IKEA", "name": "Ikea", "code_pin": True, "facial_values": free} | changed


def test_both_kinds_of_amounts_are_read() -> None:
    fixed = card(code="FNAC", facial_values={"type": "fixed", "amounts": [15, 30, 15]}, code_pin=False)
    assert read_gift_cards(Answer(200, [card(), fixed])) == Listing(
        (
            ListedCard("IKEA", "Ikea", has_pin=True, amounts=Amounts(least=20, most=500, step=10)),
            ListedCard("FNAC", "Ikea", has_pin=False, amounts=Amounts(fixed=(15, 30))),
        )
    )
    assert read_gift_cards(Answer(200, {"gift_cards": [card()]})).cards == read_gift_cards(Answer(200, [card()])).cards


@pytest.mark.parametrize(
    "answer",
    [
        Answer(0, failure="timeout"),
        Answer(500, []),
        Answer(200, failure="not json"),
        Answer(200, {"cards": []}),
        Answer(200, {"gift_cards": [card()], "meta": {"next_page": 2}}),
        Answer(200, [card(), {"name": "no code"}]),
        Answer(200, [card(), card()]),
        Answer(200, [card(), None]),
    ],
)
def test_from_an_answer_that_is_not_one_whole_list_nothing_is_told(answer: Answer) -> None:
    listing = read_gift_cards(answer)
    assert listing.problem
    assert listing.cards == ()


@pytest.mark.parametrize(
    "values",
    [
        None,
        {},
        {"type": "fixed", "amounts": []},
        {"type": "fixed", "amounts": [15, "30"]},
        {"type": "fixed", "amounts": [0]},
        {"type": "free", "min_amount": 20},
        {"type": "free", "min_amount": 30, "max_amount": 20},
        {"type": "free", "min_amount": True, "max_amount": 20},
        {"type": "round", "min_amount": 1, "max_amount": 20},
    ],
)
def test_amounts_that_cannot_be_read_are_none(values: Any) -> None:
    (read,) = read_gift_cards(Answer(200, [card(facial_values=values)])).cards
    assert read.amounts is None
