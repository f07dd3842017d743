"""Brands and their templates: made, replaced, read back; what nobody could read is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.accounts.model import Ability
from giftline.doors.brands_requests import contrast, parse_brand
from giftline.doors.walletapp_answers import error_reply
from giftline.errors import Forbidden, GiftlineError, InvalidRequest, NotFound, StaleWrite, TooLarge
from giftline.wallet.model import BarcodeFormat, Brand, PassKind
from tests.fakes.walletapp_door import TENANT, DoorHouse, DoorWallets, FakeCall

COUPON = {"id": "c", "title": "C"}
WHOLE: dict[str, Any] = {
    "name": "The Café",
    "coupons": [
        {
            "id": "ten-off",
            "title": "Ten off",
            "description": "On everything",
            "background": "#FFFFFF",
            "foreground": "#000000",
            "barcode": "code128",
            "valid_days": 30,
        }
    ],
    "storecards": [{"id": "ten-off", "title": "Points"}],
}


@pytest.fixture
def doors() -> DoorHouse:
    return DoorHouse()


def wrong(content: Any, brand_id: str = "cafe") -> dict[str, list[str]]:
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(InvalidRequest) as error:
        parse_brand(TENANT, brand_id, text)
    errors: dict[str, list[str]] = error_reply(error.value).body["errors"]
    return errors


def coupons(*templates: Any) -> dict[str, Any]:
    return {"name": "N", "coupons": list(templates)}


def test_a_brand_is_made_and_read_back_as_it_was_described(doors: DoorHouse) -> None:
    made = doors.brands.save(FakeCall(json.dumps(WHOLE)), "cafe")
    assert (made.status, made.body["message"]) == (200, "Request successful")
    assert made.body == doors.brands.get(FakeCall(), "cafe").body
    assert made.body["data"] == {
        "id": "cafe",
        "name": "The Café",
        "coupons": [WHOLE["coupons"][0] | {"background": "#ffffff"}],
        "storecards": [
            {
                "id": "ten-off",
                "title": "Points",
                "description": "",
                "background": "#1f3a5f",
                "foreground": "#ffffff",
                "barcode": "qr",
            }
        ],
    }


def test_what_is_read_can_be_saved_again_and_nothing_is_written(doors: DoorHouse) -> None:
    doors.brands.save(FakeCall(json.dumps(WHOLE)), "cafe")
    data = doors.brands.get(FakeCall(), "cafe").body["data"]
    data.pop("id")
    doors.brands.save(FakeCall(json.dumps(data)), "cafe")
    assert doors.wallets.writes == 1


def test_a_brand_is_replaced_over_the_version_that_was_read(doors: DoorHouse) -> None:
    doors.brands.save(FakeCall('{"name": "Shop 2"}'), "shop")
    brand = doors.wallets.brand(TENANT, "shop")
    assert brand
    assert (brand.name, brand.templates, brand.version) == ("Shop 2", (), 2)


class _Overtaken(DoorWallets):
    """Somebody else writes right after each reading."""

    def brand(self, tenant: str, brand_id: str) -> Brand | None:
        read = super().brand(tenant, brand_id)
        if read and not self.writes:
            self.writes += 1
            self.brands[tenant, brand_id] = replace(read, version=read.version + 1)
        return read


def test_somebody_elses_write_between_is_a_503_to_try_again() -> None:
    doors = DoorHouse(_Overtaken())
    with pytest.raises(StaleWrite) as error:
        doors.brands.save(FakeCall('{"name": "Shop 2"}'), "shop")
    assert error_reply(error.value).status == 503


def test_templates_have_the_looks_they_are_given() -> None:
    brand = parse_brand(TENANT, "cafe", json.dumps(WHOLE))
    coupon = brand.template(PassKind.COUPON, "ten-off")
    assert coupon
    assert (coupon.barcode, coupon.valid_days, coupon.background) == (BarcodeFormat.CODE_128, 30, "#ffffff")


def test_another_tenants_brand_is_not_found_and_its_name_is_free(doors: DoorHouse) -> None:
    call = doors.let_in("other", "globex", Ability.BRANDS_STORE)
    with pytest.raises(NotFound):
        doors.brands.get(call, "shop")
    assert doors.brands.save(replace(call, body='{"name": "Mine"}'), "shop").status == 200
    assert doors.brands.get(FakeCall(), "shop").body["data"]["name"] == "The Shop"


def test_it_needs_its_own_ability(doors: DoorHouse) -> None:
    call = doors.let_in("poor", TENANT, Ability.COUPONS_STORE, Ability.STORECARDS_STORE)
    for attempt in (doors.brands.save, doors.brands.get):
        with pytest.raises(Forbidden, match=r"brands\.store"):
            attempt(call, "shop")


@pytest.mark.parametrize("brand_id", ["", "a b", "a/b", "x" * 65, "é", "a\n"])
def test_an_id_that_is_none_is_wrong_to_save_and_not_there_to_read(doors: DoorHouse, brand_id: str) -> None:
    assert list(wrong({"name": "N"}, brand_id)) == ["brand_id"]
    with pytest.raises(NotFound):
        doors.brands.get(FakeCall(), brand_id)


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ({}, ["name"]),
        ({"name": 5, "cupons": []}, ["name", "cupons"]),
        ({"name": "N", "coupons": {}}, ["coupons"]),
        (coupons(5), ["coupons.0"]),
        (coupons({}), ["coupons.0.id", "coupons.0.title"]),
        (coupons(COUPON | {"id": "a b", "title": ""}), ["coupons.0.id", "coupons.0.title"]),
        (
            coupons(COUPON | {"title": "x" * 101, "description": "x" * 501}),
            ["coupons.0.title", "coupons.0.description"],
        ),
        (coupons(COUPON | {"background": "red"}), ["coupons.0.background"]),
        (coupons(COUPON | {"barcode": "aztec", "valid_days": -1}), ["coupons.0.barcode", "coupons.0.valid_days"]),
        (coupons(COUPON | {"valid_days": 1.5}), ["coupons.0.valid_days"]),
        (coupons(COUPON | {"color": "#000000"}), ["coupons.0.color"]),
        (coupons(COUPON, COUPON | {"title": "other"}), ["coupons.1.id"]),
        (coupons(*[COUPON | {"id": f"c{at}"} for at in range(101)]), ["coupons"]),
        ({"name": "N", "storecards": [COUPON | {"valid_days": 3}]}, ["storecards.0.valid_days"]),
        ('{"name": "N", "name": "M", "coupons": [], "coupons": []}', ["name", "coupons"]),
        ("[]", ["body"]),
    ],
)
def test_every_wrong_field_is_named(content: Any, fields: list[str]) -> None:
    assert list(wrong(content)) == fields


def test_a_hundred_templates_of_both_kinds_together_are_the_most() -> None:
    listed = [COUPON | {"id": f"c{at}"} for at in range(51)]
    assert list(wrong({"name": "N", "coupons": listed, "storecards": listed})) == ["coupons"]
    whole = {"name": "N", "coupons": listed, "storecards": listed[:49]}
    assert len(parse_brand(TENANT, "b", json.dumps(whole)).templates) == 100


def test_colours_that_few_can_read_are_refused_with_the_ratio() -> None:
    errors = wrong(coupons(COUPON | {"background": "#ffffff", "foreground": "#777777"}))
    assert errors["coupons.0.foreground"][0].startswith(
        "#777777 on #ffffff has a contrast of 4.48:1; expected at least 4.5:1"
    )
    just_enough = coupons(COUPON | {"background": "#ffffff", "foreground": "#767676"})
    assert parse_brand(TENANT, "b", json.dumps(just_enough)).templates[0].foreground == "#767676"


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == pytest.approx(1)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_a_body_too_large_is_refused() -> None:
    with pytest.raises(TooLarge):
        parse_brand(TENANT, "b", "x" * 1_100_000)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["name", "coupons", "storecards", "id", "title", "barcode"]), inner)
        ),
    )
)
def test_any_body_is_a_brand_or_an_error_of_ours(content: Any) -> None:
    try:
        parse_brand(TENANT, "b", json.dumps(content))
    except GiftlineError as error:
        error_reply(error).text.encode()
