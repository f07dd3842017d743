"""The catalogue in step with lists that others write: the sandbox's over a real socket, and that of our own door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from giftline.clock import SystemClock
from giftline.doors.walleo_answers import gift_card
from giftline.orders.catalogue import Catalogue, Product
from giftline.orders.catalogue_file import read_json
from giftline.orders.catalogue_import import ImportCatalogue
from giftline.orders.catalogue_sync import SyncCatalogue
from giftline.secret import Secret
from giftline.suppliers.http import Answer, HttpClient
from giftline.suppliers.listing import Amounts
from giftline.suppliers.walleo import Walleo
from giftline.suppliers.walleo_catalogue import read_gift_cards
from giftline.suppliers.walleo_signing import WalleoKeys
from sandbox.server import Running, start
from sandbox.settings import WALLEO_SHARED_KEY, Settings
from tests.fakes.catalogue import FakeProducts
from tests.fakes.pacing import FakePace
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket
ROOT = Path(__file__).parents[2]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with start(Settings(state=tmp_path)) as server:
        yield server


@pytest.fixture
def local() -> list[Product]:
    return read_json((ROOT / "local" / "catalogue.json").read_text(), ("walleo", "wpay"))


def syncing(running: Running, products: FakeProducts, shared_key: str = WALLEO_SHARED_KEY) -> SyncCatalogue:
    keys = WalleoKeys(Secret("sandbox-key"), "sandbox", Secret(shared_key))
    walleo = Walleo(HttpClient(running.url), running.url, lambda: keys, SystemClock().now)
    clock = FakeClock()
    return SyncCatalogue(products, walleo, clock, FakePace(clock))


def test_the_list_of_the_sandbox_says_what_this_machine_is_set_up_with(running: Running, local: list[Product]) -> None:
    products = FakeProducts()
    ImportCatalogue(products, FakeClock())(local, "ada")
    assert syncing(running, products)() == {"new": 0, "changed": 0, "gone": 0, "back": 0, "unreadable": 0}
    assert products.edition.by == "ada"


def test_a_catalogue_can_begin_with_the_suppliers_list_alone(running: Running, local: list[Product]) -> None:
    products = FakeProducts()
    found = syncing(running, products)()
    ours = {p.sku: p for p in local if [o.code for o in p.offers if o.supplier == "walleo"] == [p.sku]}
    assert found["new"] == len(products.edition.products) == len(ours)
    for product in products.edition.products:
        assert (product.offers, product.currency) == (ours[product.sku].offers, ours[product.sku].currency)
    catalogue = Catalogue(products.edition.products)
    assert catalogue.check("IKEA", 5_000, "sku", "amount") == []
    assert catalogue.check("IKEA", 5_500, "sku", "amount")[0].code == "5318"


def test_a_refused_signature_changes_nothing(running: Running, local: list[Product]) -> None:
    products = FakeProducts()
    ImportCatalogue(products, FakeClock())(local, "ada")
    before = products.edition
    with pytest.raises(Exception, match="changes nothing: 401"):
        syncing(running, products, "00" * 16)()
    assert products.edition == before


def test_what_our_own_door_lists_is_read_as_it_is_sold(local: list[Product]) -> None:
    """A Giftline that sells to another one: the other's catalogue follows this one's."""
    sold = [product for product in local if len(product.offers) == 1]
    listing = read_gift_cards(Answer(200, json.loads(json.dumps([gift_card(product) for product in sold]))))
    assert listing.problem == ""
    for product, card in zip(sold, listing.cards, strict=True):
        (offer,) = product.offers
        assert (card.code, card.name, card.has_pin) == (product.sku, product.name, product.has_pin)
        fixed = Amounts(fixed=tuple(minor // 100 for minor in offer.fixed))
        free = Amounts((), offer.least // 100, offer.most // 100, max(offer.step // 100, 1))
        assert card.amounts == (fixed if offer.fixed else free)
