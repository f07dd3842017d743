"""What the door reads is what the operations act on: each documented field, from the call to the record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from giftline.accounts.model import TENANT_ABILITIES, Access, token_hash
from giftline.doors.walletapp import WalletAppDoor
from giftline.secret import Secret
from giftline.wallet.batch import Operation
from giftline.wallet.model import Member, Pass
from giftline.wallet.viewing import ViewBatch
from tests.fakes.storage import FakeTokens
from tests.fakes.wallet_house import BRAND, CARD, COUPON, LINKS, TENANT, WalletHouse, member
from tests.fakes.walletapp_door import TOKEN, FakeCall

HEAD = {
    "brand_id": BRAND,
    "coupon_id": COUPON,
    "storecard_id": CARD,
    "webhook_url": "https://hooks.example.com/done",
}


@pytest.fixture
def house() -> WalletHouse:
    house = WalletHouse()
    house.wallets.seed(member("m-1"))
    return house


def ran(house: WalletHouse, operation: Operation, **user: Any) -> dict[str, Any]:
    """The status page after one row has gone all the way."""
    tokens = FakeTokens({token_hash(Secret(TOKEN)): Access(TENANT, frozenset(TENANT_ABILITIES))})
    view = ViewBatch(house.batches)
    door = WalletAppDoor(tokens, house.wallets, house.accept, view, LINKS, allow_local=False)
    batch_id = door.bulk(operation, FakeCall(json.dumps(HEAD | {"users": [user]}))).headers["Batch-Id"]
    house.deliver()
    data: dict[str, Any] = door.status(operation, FakeCall(), batch_id).body["data"]
    assert (data["status"], data["failed"]) == ("finished", [])
    assert data["counts"] == {"queued": 0, "processing": 0, "done": 1, "failed": 0, "total": 1}
    return data


def made(house: WalletHouse, data: dict[str, Any]) -> Pass:
    (shown,) = data["passes"]
    held = house.pass_(shown["walletapp_code"])
    assert shown == {
        "qr_code": held.code,
        "walletapp_code": held.id,
        "identifier": "m-1",
        "download_link": LINKS.url(held),
    }
    return held


def test_a_coupon_has_the_rows_code_title_and_date(house: WalletHouse) -> None:
    user = {"identifier": "m-1", "qr_code": "Q-1", "expiration_date": "2027-01-31T12:00:00Z", "pass_title": "For you"}
    held = made(house, ran(house, Operation.COUPONS, **user))
    assert (held.code, held.title, held.expires_on, held.template_id) == ("Q-1", "For you", "2027-01-31", COUPON)


def test_a_storecard_has_the_rows_code_and_title_and_its_points_are_added(house: WalletHouse) -> None:
    ran(house, Operation.STORECARDS, identifier="m-1", qr_code="Q-1", pass_title="For you")
    ran(house, Operation.STORECARDS, identifier="m-1", qr_code="Q-2")
    held = made(house, ran(house, Operation.POINTS, identifier="m-1", qr_code="Q-2", points="+3"))
    assert (held.code, held.title, held.points) == ("Q-2", "Card of friends", 3)
    first = made(house, ran(house, Operation.POINTS, identifier="m-1", points="-2"))
    assert (first.code, first.title, first.points) == ("Q-1", "For you", -2)


def test_a_pass_has_the_rows_code_points_and_first_day(house: WalletHouse) -> None:
    user = {"identifier": "m-1", "points": 7, "pass_code": "Q-1", "start_date": "2026-02-01"}
    held = made(house, ran(house, Operation.PASSES, **user))
    assert (held.code, held.points, held.starts_on, held.template_id) == ("Q-1", 7, "2026-02-01", CARD)


def test_a_signup_makes_a_member_whose_identifier_the_status_page_tells(house: WalletHouse) -> None:
    user = {
        "email": "Ann@Example.com",
        "first_name": "Ann",
        "last_name": "Bee",
        "unsubscribed": "true",
        "subscribed_at": "2026-01-31 10:00:00",
    }
    data = ran(house, Operation.SIGNUPS, **user)
    one = house.member(data["members"][0]["identifier"])
    told = {name: getattr(one, name) for name in user}
    assert told == user | {"email": "ann@example.com", "unsubscribed": True}
    assert one.brands == (BRAND,)


def test_every_detail_of_a_member_is_changed(house: WalletHouse) -> None:
    names = ["first_name", "last_name", "phone_number", "birth_day", "street"]
    names += ["house_number", "postcode", "city", "country"]
    user = {name: f"new {name}" for name in names}
    assert ran(house, Operation.MEMBERS, identifier="m-1", **user)["members"] == [{"row": 0, "identifier": "m-1"}]
    assert {name: getattr(house.member("m-1"), name) for name in names} == user


def test_licence_plates_are_added(house: WalletHouse) -> None:
    ran(house, Operation.LICENSEPLATES, identifier="m-1", licenseplates=["ab-1", "cd-2"])
    one: Member = house.member("m-1")
    assert one.licenseplates == ("AB-1", "CD-2")
