"""The documents' own examples, verbatim, as the door answers them: each error by its status, code and body."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from giftline.accounts.model import Ability
from giftline.doors.answers import Reply
from giftline.doors.walleo_requests import refno_of
from giftline.errors import InsufficientFunds, OverLimit
from giftline.money import Money
from giftline.orders.catalogue import Catalogue, Offer, Product
from giftline.orders.model import Card, OrderRequest
from giftline.secret import Secret
from tests.fakes.house import AUD, EUR, SKU, TENANT, line
from tests.fakes.walleo_door import CARDS, KEY, PULL_REQUESTS, WalleoHouse

DOCUMENTS = Path(__file__).parent / "documents"
CARD_ID = "4fe88e46-eb22-436c-91ec-6bf874fcf2ae"
MONEY = Money(5_000, EUR)


def document(name: str) -> Any:
    return json.loads((DOCUMENTS / f"walleo_{name}.json").read_bytes())


@pytest.fixture
def walleo() -> WalleoHouse:
    """Whose catalogue is the documents': IKEA-FR is sold out, IKEA from 20 to 500, FNAC for 15, 30 or 100."""
    tens = (Offer("walleo", "IKEA", 1, 2_000, 50_000, 1_000),)
    products = [
        Product("IKEA", "IKEA", EUR, tens),
        Product("IKEA-FR", "Ikea France", EUR, ()),
        Product("FNAC", "FNAC", EUR, (Offer("walleo", "FNAC", fixed=(3_000, 1_500, 10_000)),)),
    ]
    return WalleoHouse(catalogue=Catalogue(products))


def poor(walleo: WalleoHouse, error: Exception) -> None:
    """Whatever is ordered from here on is refused for money."""

    class NoMoney(type(walleo.house.orders)):  # type: ignore[misc]
        def add(self, order: Any, *_: Any, **__: Any) -> Any:
            raise error

    walleo.house.orders.__class__ = NoMoney


def without(walleo: WalleoHouse, code: str) -> None:
    walleo.catalogue = Catalogue([one for sku, one in walleo.catalogue.products.items() if sku != code])


def unknown(walleo: WalleoHouse, pull: Callable[[WalleoHouse, str, int], Reply]) -> Reply:
    without(walleo, "IKEA-FR")
    return pull(walleo, "IKEA-FR", 50)


def unfunded(walleo: WalleoHouse, pull: Callable[[WalleoHouse, str, int], Reply], error: Exception) -> Reply:
    poor(walleo, error)
    return pull(walleo, "IKEA", 50)


def used(walleo: WalleoHouse, amount: int = 50) -> Reply:
    assert walleo.pull().status == 200
    walleo.house.clock.pass_(1_000)
    return walleo.pull(amount=amount)


def later(walleo: WalleoHouse, code: str, amount: int) -> Reply:
    return walleo.pull("your_request_id", code, amount)


def at_once(walleo: WalleoHouse, code: str, amount: int) -> Reply:
    return walleo.buy("your_request_id", code, amount)


POOR = InsufficientFunds(Money(0, EUR), MONEY)
LIMITED = OverLimit("an order", MONEY, Money(0, EUR), Money(0, EUR))

Act = Callable[[WalleoHouse], Reply]
ERRORS: list[tuple[str, int, str, str, Act]] = [
    ("gift_card_not_found", 404, "gift_card_not_found", "a pull request", lambda w: unknown(w, later)),
    ("gift_card_not_found", 404, "gift_card_not_found", "a card at once", lambda w: unknown(w, at_once)),
    ("not_enough_funds", 422, "not_enough_funds", "a pull request", lambda w: unfunded(w, later, POOR)),
    ("not_enough_funds", 422, "not_enough_funds", "a card at once", lambda w: unfunded(w, at_once, POOR)),
    ("not_enough_funds", 422, "not_enough_funds", "a limit", lambda w: unfunded(w, later, LIMITED)),
    ("out_of_stock", 422, "out_of_stock", "a pull request", lambda w: later(w, "IKEA-FR", 50)),
    ("out_of_stock", 422, "out_of_stock", "a card at once", lambda w: at_once(w, "IKEA-FR", 50)),
    ("invalid_amount", 422, "invalid_amount", "a pull request", lambda w: later(w, "FNAC", 50)),
    ("invalid_amount", 422, "invalid_amount", "a card at once", lambda w: at_once(w, "FNAC", 50)),
    ("invalid_amount_range", 422, "invalid_amount", "a pull request", lambda w: later(w, "IKEA", 505)),
    ("invalid_amount_range", 422, "invalid_amount", "a card at once", lambda w: at_once(w, "IKEA", 25)),
    ("unauthorized", 401, "unauthorized", "a wrong key", lambda w: w.pull(key="another")),
    ("unauthorized", 401, "unauthorized", "a GET", lambda w: w.shown(key="another")),
    ("invalid_signature", 401, "invalid_signature", "a wrong key", lambda w: w.pull(shared_key="00" * 16)),
    ("invalid_signature", 401, "invalid_signature", "a GET", lambda w: w.shown(shared_key="00" * 16)),
    ("request_id_used", 422, "unprocessable_entity", "the same content", used),
    ("request_id_used", 422, "unprocessable_entity", "other content", lambda w: used(w, 100)),
    ("pull_request_not_found", 404, "pull_request_not_found", "a GET", lambda w: w.shown("REQ-ID-TEST")),
    ("card_not_found", 404, "card_not_found", "a GET", lambda w: show_card(w, CARD_ID)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "code", "of", "act"), ERRORS, ids=[f"{e[0]}: {e[3]}" for e in ERRORS])
def test_each_documented_error_is_answered_word_for_word(
    walleo: WalleoHouse, name: str, status: int, code: str, of: str, act: Act
) -> None:
    reply = act(walleo)
    assert (reply.status, reply.body) == (status, document(name))
    assert reply.body["errors"][0]["code"] == code


def test_every_error_of_the_documents_is_in_the_table() -> None:
    errors = {path.stem for path in DOCUMENTS.glob("walleo_*.json") if "errors" in json.loads(path.read_bytes())}
    assert errors == {f"walleo_{name}" for name, *_ in ERRORS}


def test_a_new_pull_request_is_answered_as_the_document_shows_it(walleo: WalleoHouse) -> None:
    reply = walleo.pull()
    shown = document("created")["pull_request"]
    made = {name: reply.body["pull_request"][name] for name in ("id", "created_at", "updated_at")}
    assert (reply.status, reply.body["pull_request"]) == (200, shown | made)
    assert list(reply.body["pull_request"]) == list(shown)
    assert all(len(made[name]) == len(shown[name]) for name in made)


def test_a_pull_request_with_its_card_is_shown_as_the_document_shows_it(walleo: WalleoHouse) -> None:
    documented = document("success")["pull_request"]
    sell(walleo, documented["card"])
    walleo.pull()
    walleo.close()
    reply = walleo.shown()
    shown = reply.body["pull_request"]
    made = {name: shown[name] for name in ("id", "created_at", "updated_at")}
    card = documented["card"] | {"id": shown["card"]["id"]}
    assert (reply.status, shown) == (200, documented | made | {"card": card})
    assert (list(shown), list(shown["card"])) == (list(documented), list(card))


def test_a_card_at_once_and_a_card_shown_are_the_same_as_in_the_pull_request(walleo: WalleoHouse) -> None:
    card = document("success")["pull_request"]["card"]
    sell(walleo, card)
    walleo.meanwhile.does = walleo.close
    bought = walleo.buy()
    found = bought.body["card"]
    assert (bought.status, bought.body) == (200, {"card": card | {"id": found["id"]}})
    assert show_card(walleo, found["id"]).body == bought.body
    assert walleo.shown().body["pull_request"]["card"] == found


def sell(walleo: WalleoHouse, card: dict[str, Any]) -> None:
    """The supplier has just this card."""

    def the_card(reference: str) -> Card:
        return Card(
            sku="IKEA",
            amount_minor=card["amount"] * 100,
            number=Secret(card["code"]),
            pin=Secret(card["pin_code"]),
            activation_url=Secret(card["pdf_url"]),
            validity=card["expire_at"],
        )

    walleo.house.walleo.card = the_card  # type: ignore[method-assign]


def test_a_wpay_order_is_no_pull_request_though_its_refno_be_the_same(walleo: WalleoHouse) -> None:
    walleo.house.accept_order(OrderRequest(TENANT, refno_of("r-1"), (line(),), "api"))
    assert walleo.shown("r-1").body["errors"][0]["code"] == "pull_request_not_found"
    assert walleo.pull("r-1").body == document("request_id_used")
    assert walleo.buy("r-1").body == document("request_id_used")


def test_what_a_client_may_not_do_is_not_authorized(walleo: WalleoHouse) -> None:
    reader, buyer = "the-api-key-of-a-reader", "the-api-key-of-a-buyer"
    walleo.enter(TENANT, reader, "reader-1", frozenset({Ability.ORDERS_GET, Ability.CARDS_GET}))
    walleo.enter(TENANT, buyer, "buyer-1", frozenset({Ability.ORDERS_STORE}))
    assert walleo.pull(key=reader, identifier="reader-1").body == document("unauthorized")
    assert walleo.pull(key=buyer, identifier="buyer-1").status == 200
    assert walleo.shown(key=buyer, identifier="buyer-1").body == document("unauthorized")
    assert walleo.buy(key=buyer, identifier="buyer-1").body == document("unauthorized")
    assert walleo.shown(key=reader, identifier="reader-1").status == 200
    assert walleo.shown(key=KEY).status == 200


def show_card(walleo: WalleoHouse, card_id: str, **more: Any) -> Reply:
    return walleo.get(f"{CARDS}/{card_id}", lambda call: walleo.door.card(call, card_id), **more)


def test_another_tenant_finds_nothing_of_ours(walleo: WalleoHouse) -> None:
    theirs = {"key": "the-api-key-of-another", "identifier": "other-1"}
    walleo.enter("other", theirs["key"], theirs["identifier"])
    walleo.pull()
    walleo.close()
    card_id = walleo.shown().body["pull_request"]["card"]["id"]
    nothing = WalleoHouse()
    foreign, unknown = walleo.shown(**theirs), nothing.shown()
    assert (foreign.status, foreign.body, foreign.headers) == (404, unknown.body, unknown.headers)
    foreign, unknown = show_card(walleo, card_id, **theirs), show_card(nothing, card_id)
    assert (foreign.status, foreign.body, foreign.headers) == (404, unknown.body, unknown.headers)
    assert walleo.pull(**theirs).status == 200


def test_the_wpay_cards_of_a_tenant_are_not_shown_here(walleo: WalleoHouse) -> None:
    order = walleo.house.closed(line(1))
    assert (order.currency, order.lines[0].sku) == (AUD, SKU)
    assert show_card(walleo, order.id).status == 404


def test_the_paths_are_the_documents(walleo: WalleoHouse) -> None:
    assert (PULL_REQUESTS, CARDS) == ("/partners/v1/pull_requests", "/partners/v1/cards")
