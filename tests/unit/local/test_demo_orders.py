"""What the demo drops: files that the stack takes, about as large as they are said to be."""

import pytest

from giftline.orders.catalogue import Catalogue
from giftline.orders.model import OrderRequest
from local.demo_orders import generated_file, sample_files
from local.demo_size import read_size
from local.errors import WrongSettings
from local.seed import CATALOGUE, read_products
from local.settings import ROOT
from tests.fakes.parsed_csv import Parsed, parse_order_csv

SAMPLES = (
    "events/orders/loyalty.csv",
    "events/orders/partners.csv",
    "events/orders/payroll.csv",
    "events/orders/rewards.csv",
)
SKUS = {
    "AUD": {"WWQ651BHNWSH", "WPAY-GROCERY", "WPAY-FUEL"},
    "EUR": {"IKEA", "IKEA-FR", "FNAC", "TEST-SECOND-SUPPLIER"},
}
DEMO_CATALOGUE = Catalogue(read_products(CATALOGUE))
BOM = b"\xef\xbb\xbf"


def parsed(content: bytes) -> OrderRequest:
    found: Parsed = parse_order_csv("demo", "sample", content, DEMO_CATALOGUE)
    assert found.request, found.wrong
    return found.request


def cards_of(order: OrderRequest) -> int:
    return sum(line.quantity for line in order.lines)


@pytest.mark.parametrize("path", SAMPLES)
def test_each_sample_file_is_a_good_order_with_recipients(path: str) -> None:
    order = parsed((ROOT / path).read_bytes())

    assert order.recipients
    assert all(person.email.endswith("@example.com") for person in order.recipients if person.email)
    assert any(person.quantity > 1 for person in order.recipients)


def test_the_sample_files_make_about_a_thousand_cards_in_two_currencies() -> None:
    orders = [parsed((ROOT / path).read_bytes()) for path in SAMPLES]
    skus: dict[str, set[str]] = {}
    for order in orders:
        skus.setdefault(order.currency.code, set()).update(line.sku for line in order.lines)

    assert 1_000 <= sum(map(cards_of, orders)) <= 1_149
    assert skus == SKUS


def test_one_sample_file_needs_both_suppliers_and_has_a_product_that_the_first_one_refuses() -> None:
    order = parsed((ROOT / "events/orders/partners.csv").read_bytes())
    sellers = {
        line.sku: [offer.supplier for offer in DEMO_CATALOGUE.offers(line.sku, line.amount.minor)]
        for line in order.lines
    }

    assert sellers.pop("TEST-SECOND-SUPPLIER") == ["walleo", "wpay"]
    assert all(alone == ["walleo"] for alone in sellers.values())
    assert [line.quantity for line in order.lines if line.sku == "TEST-SECOND-SUPPLIER"] == [3]
    assert sum(person.sku == "FNAC" for person in order.recipients) == 20


def test_one_sample_file_is_as_a_spreadsheet_writes_it() -> None:
    content = (ROOT / "events/orders/payroll.csv").read_bytes()

    assert content.startswith(BOM + b"sku;amount;quantity")


def test_the_demo_drops_every_sample_file_under_a_refno_of_this_run() -> None:
    files = sample_files("261121-050338")

    assert [f"events/orders/{file.name}.csv" for file in files] == list(SAMPLES)
    assert files[0].refno == "demo-loyalty-261121-050338"


@pytest.mark.parametrize("cards", [1, 2, 25_000])
def test_a_generated_file_holds_as_many_cards_as_asked_for(cards: int) -> None:
    order = parsed(generated_file(cards, "run").content)

    assert cards_of(order) == cards
    assert len(order.recipients) == cards


def test_no_cards_named_means_the_sample_files() -> None:
    assert read_size({}) is read_size({"CARDS": " "}) is None


@pytest.mark.parametrize(("text", "cards"), [("1", 1), (" 25000 ", 25_000), ("007", 7)])
def test_a_whole_number_of_cards_is_taken(text: str, cards: int) -> None:
    assert read_size({"CARDS": text}) == cards


@pytest.mark.parametrize("text", ["0", "-1", "25001", "abc", "1e3", "1.5", "25,000", "٣", "9" * 5_000])
def test_another_size_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(WrongSettings, match=r"CARDS is .*: expected a whole number of cards from 1 to 25000"):
        read_size({"CARDS": text})
