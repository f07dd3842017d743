"""What Google is told of a pass, and what it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from giftline.passes.google_objects import GoogleObjects, state
from giftline.secret import Secret
from giftline.wallet.model import BarcodeFormat
from giftline.wallet.opening import OpenedPass
from tests.fakes.opened import BRAND, STORECARD, a_pass, coupon, storecard
from tests.fakes.time import START

OBJECTS = GoogleObjects("3388000000000000001", "https://acme.example/logo.png", Secret("link key"))


def body(opened: OpenedPass) -> dict[str, Any]:
    return OBJECTS.object_body(opened, START)


def test_a_storecard_is_a_loyalty_object_with_its_points() -> None:
    made = body(storecard())
    assert made["loyaltyPoints"] == {"label": "Points", "balance": {"int": 120}}
    assert made["id"] == "3388000000000000001.MFRGGZDFMZTWQ2LKNNWG23TP"
    assert made["classId"] == OBJECTS.class_body(storecard())["id"]


@pytest.mark.parametrize("points", [2**31, -(2**31), 10**12, -(10**12)])
def test_points_beyond_an_int32_go_as_text(points: int) -> None:
    assert body(storecard(points=points))["loyaltyPoints"]["balance"] == {"string": str(points)}


@pytest.mark.parametrize("points", [0, -5, 2**31 - 1])
def test_other_points_go_as_a_number(points: int) -> None:
    assert body(storecard(points=points))["loyaltyPoints"]["balance"] == {"int": points}


def test_google_learns_nothing_of_the_person() -> None:
    for opened in (storecard(), coupon()):
        told = json.dumps([body(opened), OBJECTS.class_body(opened)])
        assert "ada" not in told
        assert "accountName" not in told


def test_the_account_id_is_the_members_and_no_plain_hash() -> None:
    other_key = replace(OBJECTS, link_key=Secret("another"))
    ada, same, eve = (
        OBJECTS.account_id(a_pass(STORECARD, **who)) for who in ({}, {"id": "OTHER"}, {"identifier": "e"})
    )
    assert ada == same != eve
    assert len(ada) == 20
    assert other_key.account_id(a_pass(STORECARD)) != ada


@pytest.mark.parametrize(("kind", "word"), [(BarcodeFormat.QR, "QR_CODE"), (BarcodeFormat.CODE_128, "CODE_128")])
def test_the_barcode_is_the_templates(kind: BarcodeFormat, word: str) -> None:
    opened = replace(storecard(), template=replace(STORECARD, barcode=kind))
    assert body(opened)["barcode"] == {"type": word, "value": "CODE-4711", "alternateText": "CODE-4711"}


def test_a_pass_without_a_code_has_no_barcode() -> None:
    assert "barcode" not in body(storecard(code=""))


def test_a_coupon_is_good_from_its_first_day_to_the_end_of_its_last() -> None:
    assert body(coupon())["validTimeInterval"] == {
        "start": {"date": "2025-06-01T00:00:00"},
        "end": {"date": "2025-12-31T23:59:59"},
    }
    assert "validTimeInterval" not in body(storecard())


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({}, "ACTIVE"),
        ({"expires_on": "2025-06-15"}, "ACTIVE"),
        ({"expires_on": "2025-06-14"}, "EXPIRED"),
        ({"revoked_at": 1}, "INACTIVE"),
    ],
)
def test_the_state_says_whether_the_pass_is_good(changed: dict[str, object], word: str) -> None:
    assert state(a_pass(STORECARD, **changed), START) == word  # START is 15 June 2025


def test_each_template_of_each_tenant_has_a_class_of_its_own() -> None:
    one = storecard()
    others = [
        one,
        coupon(),
        replace(one, template=replace(STORECARD, id="silver")),
        replace(one, held=replace(one.held, tenant="other")),
        replace(one, brand=replace(BRAND, id="hats")),
        replace(one, brand=replace(BRAND, id="a|b"), template=replace(STORECARD, id="c")),
        replace(one, brand=replace(BRAND, id="a"), template=replace(STORECARD, id="b|c")),
    ]
    ids = {OBJECTS.class_id(opened) for opened in others}
    assert len(ids) == len(others)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for name in ids)


def test_without_a_logo_none_is_named() -> None:
    plain = replace(OBJECTS, logo_url="")
    assert "programLogo" not in plain.class_body(storecard())
    assert "titleImage" not in plain.class_body(coupon())
    assert OBJECTS.class_body(storecard())["programLogo"]["sourceUri"] == {"uri": "https://acme.example/logo.png"}


def test_a_coupon_with_a_title_of_its_own_shows_it() -> None:
    assert body(coupon(title="15 % off"))["textModulesData"][0]["body"] == "15 % off"
    assert "textModulesData" not in body(coupon())
