"""Sample events of the doors of money, Walleo's words and standing orders, and of what runs by the clock."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from giftline.accounts.funding import ManageFunds, ViewFunds
from giftline.accounts.model import Ability, Access, token_hash
from giftline.bootstrap import operators, standing, upkeep, walleo
from giftline.delivery.file_progress import FileReading
from giftline.delivery.viewing_files import ViewFile
from giftline.doors.accounts import AccountsDoor
from giftline.doors.files import FilesDoor
from giftline.doors.standing_events import StandingEvents
from giftline.secret import Secret
from tests.fakes.handlers import event, handler_of
from tests.fakes.house import TENANT, TOKEN, House, line, request
from tests.fakes.standing import StandingHouse
from tests.fakes.storage import FakeFileProgress, FakeTokens
from tests.fakes.walleo_door import WalleoHouse
from tests.fakes.wpay_door import WpayHouse

TOKENS = FakeTokens({token_hash(Secret(TOKEN)): Access(TENANT, frozenset(Ability))})


def called(handler: Any, path: str) -> tuple[int, dict[str, Any]]:
    answer = handler(event(path), SimpleNamespace())
    return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def wpay(monkeypatch: pytest.MonkeyPatch) -> tuple[WpayHouse, Any]:
    home = WpayHouse()
    door = home.door
    files = FilesDoor(TOKENS, ViewFile(FakeFileProgress(), home.house.files, home.house.clock))
    home.house.accept_order(request(line(3), refno="rewards-2026-11"))
    object.__setattr__(door, "tokens", TOKENS)
    return home, handler_of("orders_api", monkeypatch, wpay_door=door, files_door=files)


@pytest.mark.parametrize("name", ["cancel_order", "reverse_order"])
def test_an_order_is_called_off(wpay: tuple[WpayHouse, Any], name: str) -> None:
    home, handler = wpay

    status, _ = called(handler, f"events/api/{name}.json")

    order = home.house.orders.find(TENANT, "rewards-2026-11")
    assert status in (200, 202)
    assert order is not None
    assert order.is_called_off


def test_the_balance_is_told(wpay: tuple[WpayHouse, Any]) -> None:
    _, handler = wpay

    status, body = called(handler, "events/api/show_balance.json")

    assert (status, body["currency"]["code"]) == (200, "AUD")


def test_how_far_a_file_is_read_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = FakeFileProgress()
    now = house.clock.now()
    progress.save(FileReading(TENANT, "payroll", 100, now, 50, 7, 0, now))
    files = FilesDoor(TOKENS, ViewFile(progress, house.files, house.clock))
    handler = handler_of("orders_api", monkeypatch, wpay_door=house.door, files_door=files)

    status, body = called(handler, "events/api/show_file.json")

    assert (status, body["rows"]) == (200, 7)


def test_a_deposit_is_on_the_balance(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    manage = ManageFunds(house.ledger, lambda _: True, house.clock.now)
    for module, factory in ((walleo, "walleo_clients_door"), (upkeep, "reconciliation_door")):
        monkeypatch.setattr(module, factory, Mock)
    handler = handler_of(
        "accounts_api",
        monkeypatch,
        operators,
        accounts_door=AccountsDoor(TOKENS, manage, ViewFunds(house.ledger)),
        catalogue_door=Mock(),
        retention_door=Mock(),
    )

    status, body = called(handler, "events/api/deposit.json")

    assert (status, body["kind"], body["amount"]) == (201, "DEPOSIT", "1000.00")


def test_a_pull_request_that_is_signed_is_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    home = WalleoHouse()
    home.house.clock.time = 1_795_237_418_000
    handler = handler_of("walleo_api", monkeypatch, walleo, walleo_door=home.door)

    status, body = called(handler, "events/api/create_pull_request.json")

    assert (status, body["pull_request"]["status"]) == (200, "waiting")
    assert home.order.refno == "walleo:your_request_id"


def test_a_standing_order_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    home = StandingHouse()
    home.at("2026-11-30T12:00")
    door = home.door({TOKEN: Access(TENANT, frozenset(Ability))})
    handler = handler_of("standing_api", monkeypatch, standing, standing_door=door)

    status, body = called(handler, "events/api/create_standing_order.json")

    assert (status, body["state"]) == (201, "ACTIVE")


def test_a_schedule_s_event_makes_the_standing_order_s_order(monkeypatch: pytest.MonkeyPatch) -> None:
    home = StandingHouse()
    home.at("2026-11-30T12:00")
    created = home.created()
    home.at("2026-12-01T08:00")
    sent = event("events/schedule/standing.json") | {"tenant": created.tenant, "id": created.id}
    handler = handler_of("run_schedule", monkeypatch, standing, standing_events=StandingEvents(home.run))

    assert handler(sent, SimpleNamespace())["ordered"] == 1
    assert len(home.made) == 1


def test_the_suppliers_balances_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = handler_of("reconcile", monkeypatch, upkeep, take_balances=lambda: {"balances": 2})

    assert handler(event("events/schedule/take_balances.json"), SimpleNamespace()) == {"balances": 2}


def test_a_job_that_nobody_knows_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = handler_of("reconcile", monkeypatch, upkeep)

    with pytest.raises(ValueError, match="expected one of take_balances, reconcile"):
        handler({"job": "sweep"}, SimpleNamespace())


def test_the_document_of_all_calls_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSES_URL", "https://passes.example/live")
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")
    monkeypatch.setenv("WAIT_SCALE", "1")
    handler = handler_of("api_docs", monkeypatch)

    status, body = called(handler, "events/api/openapi.json")

    assert (status, body["openapi"][:3]) == (200, "3.1")
