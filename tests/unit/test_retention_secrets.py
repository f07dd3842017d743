"""From the drop to the last day: what retention leaves in any row, file or version of a file is no secret."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest

from giftline.delivery.accepting_csv import AcceptCsv
from giftline.orders.model import Card, Line, Order
from giftline.orders.pages import open_page
from giftline.orders.retention import ApplyRetention
from giftline.orders.retention_ports import RetentionRule
from giftline.orders.retention_setting import DAY
from giftline.secret import Secret
from tests.fakes import supplier, walleo
from tests.fakes.house import CATALOGUE, SKU, TENANT, House, euro_line
from tests.fakes.retention import FakeKeptOrders, FakeRetentionRules, traces_of
from tests.fakes.storage import FakeDrops, FakeFileProgress, FakeFiles

T = TypeVar("T")
DAYS = 30
KEY = f"orders/{TENANT}/payroll-1.csv"
HEAD = "sku,amount,quantity,name,email\n"
WRONG = f"{HEAD}{SKU},nought,2,Ada,ada@example.com\n".encode()
RIGHT = f"{HEAD}{SKU},5.00,2,Ada,ada@example.com\n{SKU},5.00,1,Grace,grace@example.com\n".encode()
PEOPLE = {"ada@example.com", "grace@example.com"}
ORDINARY_CARD = supplier.card_of


class Versioned(dict[str, T]):
    """A bucket that keeps what was written over and what was deleted, until it is erased."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[str, list[T]] = {}

    def __setitem__(self, key: str, content: T) -> None:
        self.versions.setdefault(key, []).append(content)
        super().__setitem__(key, content)

    def erase(self, key: str) -> None:
        self.versions.pop(key, None)
        self.pop(key, None)


@dataclass
class Buckets:
    """The FileVersions port on some of them."""

    buckets: tuple[Versioned[Any], ...]

    def erase(self, key: str) -> None:
        for bucket in self.buckets:
            bucket.erase(key)


@dataclass
class Installation:
    """A house, its drop bucket, and every version of everything that lies in either."""

    exports: Versioned[bytes] = field(default_factory=Versioned)
    people: Versioned[Any] = field(default_factory=Versioned)
    dropped: Versioned[bytes] = field(default_factory=Versioned)
    rules: FakeRetentionRules = field(default_factory=FakeRetentionRules)
    progress: FakeFileProgress = field(default_factory=FakeFileProgress)

    def __post_init__(self) -> None:
        self.house = House(files=FakeFiles(self.exports, self.people))
        self.kept = FakeKeptOrders(self.house.orders, self.house.pages)
        self.rules.save(RetentionRule(TENANT, DAYS))

    def drop(self, content: bytes) -> Order | None:
        self.dropped[KEY] = content
        house = self.house
        drops = FakeDrops(self.dropped)
        known = {TENANT}.__contains__
        return AcceptCsv(drops, house.files, house.accept_order, CATALOGUE, known, 10_000, self.progress)(KEY)

    def run_every_step(self, order: Order) -> None:
        """As the state machine, the sweep and the watch do, at whatever time."""
        house = self.house
        house.plan_order(order.id)
        house.bought(order)
        house.close_order(order.id, {})
        house.sweep()
        house.watch_orders()

    def apply_retention(self) -> None:
        house, files = self.house, Buckets((self.exports, self.people))
        ApplyRetention(
            house.orders,
            self.kept,
            house.pages,
            house.vault,
            files,
            self.rules,
            house.clock,
            house.timing,
            Buckets((self.dropped,)),
        )()

    def everything(self) -> bytes:
        """But for KMS, and the suppliers' own memory; pages sealed, and as whoever may ask KMS opens them."""
        house = self.house
        sealed = [(house.orders.get(page.ref.order_id), page) for page in house.pages.kept.values() if page.sealed]
        opened = [open_page(house.vault.seal(order), order, page) for order, page in sealed if order.wrapped_key]
        told = [value.reveal() for cards in opened for card in cards for value in _secrets(card)]
        rows = (house.orders.records, house.orders.parts, house.orders.refnos, house.orders.events, house.pages.kept)
        more = (house.ledger.__dict__, house.messages.__dict__, house.executions.__dict__, self.progress.__dict__)
        kept = (self.kept.removals, self.kept.stripped, self.rules.kept)
        return pickle.dumps(
            (rows, more, kept, [one.versions for one in (self.exports, self.people, self.dropped)], told)
        )


def searchable_card(line: Line, at: int, seed: str = "", flaw: str = "") -> Card:
    """No text but its own holds its PIN, its activation code or its address."""
    name = f"{seed or 'none'}-{at}"
    return replace(
        ORDINARY_CARD(line, at, seed, flaw),
        pin=Secret(f"pin-of-{name}"),
        activation_code=Secret(f"activation-of-{name}"),
        activation_url=Secret(f"https://supplier.test/show/{name}"),
    )


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch) -> Installation:
    for module in (supplier, walleo):
        monkeypatch.setattr(module, "card_of", searchable_card)
    return Installation()


def secrets_of(installation: Installation, order: Order) -> set[str]:
    cards = installation.house.view_cards(TENANT, order.id, 0, 500).cards
    assert len(cards) == order.quantity
    return {secret.reveal() for card in cards for secret in _secrets(card)}


def _secrets(card: Card) -> tuple[Secret, ...]:
    return card.number, card.pin, card.barcode, card.activation_code, card.activation_url


def test_from_the_drop_through_delivery_and_retention_no_secret_stays_in_any_row_file_or_version(
    installation: Installation,
) -> None:
    house = installation.house
    assert installation.drop(WRONG) is None, "its report names wrong cells, and stays as a version"
    dropped = installation.drop(RIGHT)
    assert dropped
    pulled = house.planned(euro_line(2), refno="pulled")
    for order in (dropped, pulled):
        installation.run_every_step(order)
    house.close_order(dropped.id, {})
    secrets = secrets_of(installation, dropped) | secrets_of(installation, pulled) | PEOPLE
    assert set(traces_of(installation.everything(), secrets)) == secrets, "the search finds all while they are there"

    house.clock.pass_(DAYS * DAY)
    installation.apply_retention()
    assert traces_of(installation.everything(), secrets) == []
    assert all(one.finished_at for one in installation.kept.removals.values())
    assert not any(page.sealed for page in house.pages.kept.values())
    assert not any(order.wrapped_key for order in house.orders.records.values())

    posts = len(house.supplier.posts) + len(house.walleo.posts)
    for order in (dropped, pulled):
        installation.run_every_step(house.orders.get(order.id))
    assert traces_of(installation.everything(), secrets) == [], "no step that runs again brings anything back"
    assert len(house.supplier.posts) + len(house.walleo.posts) == posts
