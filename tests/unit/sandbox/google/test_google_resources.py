"""Insert, get, update and patch, with what Google would not take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

POINTS = {"label": "Points", "balance": {"int": 5}}


def error(response: Any) -> tuple[int, str]:
    body = response.get_json()["error"]
    assert body["code"] == response.status_code
    assert body["message"]
    return response.status_code, body["status"]


def test_what_is_inserted_can_be_read(stocked: Any, loyalty_object: dict[str, Any]) -> None:
    got = stocked.call("GET", f"/loyaltyObject/{loyalty_object['id']}").get_json()
    assert got == {"kind": "walletobjects#loyaltyObject"} | loyalty_object | {"hasUsers": False, "version": "1"}


def test_a_class_is_approved_at_once(stocked: Any, loyalty_class: dict[str, Any]) -> None:
    assert stocked.call("GET", f"/loyaltyClass/{loyalty_class['id']}").get_json()["reviewStatus"] == "APPROVED"


def test_a_second_insert_is_a_conflict_and_changes_nothing(stocked: Any, loyalty_object: dict[str, Any]) -> None:
    changed = loyalty_object | {"state": "EXPIRED"}
    assert error(stocked.call("POST", "/loyaltyObject", changed)) == (409, "ALREADY_EXISTS")
    assert stocked.call("GET", f"/loyaltyObject/{loyalty_object['id']}").get_json()["state"] == "ACTIVE"


def test_an_update_is_whole_and_a_patch_is_part(stocked: Any, loyalty_object: dict[str, Any]) -> None:
    path = f"/loyaltyObject/{loyalty_object['id']}"
    patched = stocked.call("PATCH", path, {"state": "INACTIVE"}).get_json()
    assert (patched["state"], patched["loyaltyPoints"], patched["version"]) == ("INACTIVE", POINTS, "2")
    short = {name: loyalty_object[name] for name in ("id", "classId", "state")}
    assert "loyaltyPoints" not in stocked.call("PUT", path, short).get_json()


def test_a_patch_merges_so_that_a_balance_cannot_change_its_type(stocked: Any, loyalty_object: dict[str, Any]) -> None:
    change = {"loyaltyPoints": {"balance": {"string": "9"}}}
    path = f"/loyaltyObject/{loyalty_object['id']}"
    assert error(stocked.call("PATCH", path, change)) == (400, "INVALID_ARGUMENT")


def test_a_class_can_be_patched_though_it_is_approved(stocked: Any, loyalty_class: dict[str, Any]) -> None:
    path = f"/loyaltyClass/{loyalty_class['id']}"
    assert stocked.call("PATCH", path, {"programName": "Silver"}).get_json()["programName"] == "Silver"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_what_is_not_there_is_not_found(stocked: Any, loyalty_object: dict[str, Any], method: str) -> None:
    body = None if method == "GET" else loyalty_object
    assert error(stocked.call(method, "/loyaltyObject/1.unknown", body)) == (404, "NOT_FOUND")
    assert error(stocked.call(method, "/giftCardObject/1.unknown", body)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "no issuer"},
        {"id": "3388000000000000001.sp ace"},
        {"id": 5},
        {"classId": "3388000000000000001.unknown"},
        {"classId": ""},
        {"state": "GOOD"},
        {"barcode": {"type": "QR", "value": "x"}},
        {"barcode": {"type": "QR_CODE"}},
        {"loyaltyPoints": {"balance": {"int": 2**31}}},
        {"loyaltyPoints": {"balance": {"int": 1, "string": "1"}}},
        {"validTimeInterval": {"end": {"date": "tomorrow"}}},
        {"hexBackgroundColor": "#123456"},
        {"points": 5},
        {"accountId": 5},
    ],
)
def test_an_object_that_google_would_not_take_is_refused(
    stocked: Any, loyalty_object: dict[str, Any], changed: dict[str, Any]
) -> None:
    wrong = {**loyalty_object, "id": "3388000000000000001.two", **changed}
    assert error(stocked.call("POST", "/loyaltyObject", wrong)) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "changed",
    [
        {"programLogo": None},
        {"programLogo": {}},
        {"issuerName": ""},
        {"reviewStatus": "APPROVED"},
        {"reviewStatus": "x"},
    ],
)
def test_a_loyalty_class_needs_its_logo_and_to_be_handed_in(
    issuer: Any, loyalty_class: dict[str, Any], changed: dict[str, Any]
) -> None:
    assert error(issuer.call("POST", "/loyaltyClass", loyalty_class | changed)) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("changed", [{"redemptionChannel": "SHOP"}, {"provider": ""}, {"hexBackgroundColor": "blue"}])
def test_an_offer_class_needs_its_provider_and_a_known_channel(
    issuer: Any, offer_class: dict[str, Any], changed: dict[str, Any]
) -> None:
    assert issuer.call("POST", "/offerClass", offer_class).status_code == 200
    wrong = {**offer_class, "id": "3388000000000000001.other", **changed}
    assert error(issuer.call("POST", "/offerClass", wrong)) == (400, "INVALID_ARGUMENT")


def test_the_class_of_an_offer_is_none_of_a_loyalty_object(
    issuer: Any, offer_class: dict[str, Any], loyalty_object: dict[str, Any]
) -> None:
    issuer.call("POST", "/offerClass", offer_class)
    wrong = loyalty_object | {"classId": offer_class["id"]}
    assert error(issuer.call("POST", "/loyaltyObject", wrong)) == (400, "INVALID_ARGUMENT")


def test_another_issuers_ids_are_forbidden(issuer: Any, loyalty_class: dict[str, Any]) -> None:
    assert error(issuer.call("POST", "/loyaltyClass", loyalty_class | {"id": "999.gold"})) == (403, "PERMISSION_DENIED")


def test_no_json_is_refused(issuer: Any) -> None:
    assert error(issuer.call("POST", "/loyaltyClass", [1])) == (400, "INVALID_ARGUMENT")


def test_what_was_there_is_there_after_a_restart(
    stocked: Any, open_issuer: Callable[[], Any], loyalty_object: dict[str, Any]
) -> None:
    again = open_issuer()
    again.access = stocked.access
    assert again.call("GET", f"/loyaltyObject/{loyalty_object['id']}").status_code == 200
    assert again.client.post("/sandbox/google/reset").status_code == 200
    assert again.log_in().call("GET", f"/loyaltyObject/{loyalty_object['id']}").status_code == 404
