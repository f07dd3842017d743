"""The page of a save link: known objects by their ids, signed by the account, and nothing more."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

ONE = {"id": "3388000000000000001.one"}
GOOD = {"loyaltyObjects": [ONE]}


def test_a_good_link_shows_the_object_and_gives_it_a_user(stocked: Any) -> None:
    answer = stocked.follow(GOOD)
    assert answer.status_code == 200
    assert "Saved to the sandbox's Google Wallet" in answer.text
    assert "<dt>loyaltyPoints.balance.int</dt><dd>5</dd>" in answer.text
    assert "&lt;4711&gt;" in answer.text
    assert stocked.report()["saves"] == [ONE["id"]]
    assert stocked.call("GET", f"/loyaltyObject/{ONE['id']}").get_json()["hasUsers"] is True


@pytest.mark.parametrize(
    "payload",
    [
        {"loyaltyObjects": [{"id": "3388000000000000001.unknown"}]},
        {"offerObjects": [ONE]},
        {"loyaltyObjects": [ONE | {"accountName": "Ada"}]},
        {"loyaltyObjects": [ONE | {"classId": "3388000000000000001.gold"}]},
        {"loyaltyObjects": [{"id": 5}]},
        {"loyaltyObjects": ["3388000000000000001.one"]},
        {"loyaltyObjects": []},
        {"loyaltyObjects": [ONE], "loyaltyClasses": []},
        {},
        [],
        None,
    ],
)
def test_unknown_objects_and_more_than_ids_are_refused(stocked: Any, payload: Any) -> None:
    answer = stocked.follow(payload)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert stocked.report()["saves"] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody@example.com"},
        {"aud": "apple"},
        {"typ": "savetoandroidpay"},
        {"iat": None},
        {"iat": 2_000_000_000},
        {"points": 5},
        {"origins": ["https://long.example"] * 100},
    ],
)
def test_claims_that_do_not_fit_are_refused(stocked: Any, changed: dict[str, Any]) -> None:
    assert stocked.follow(GOOD, **changed).status_code == 400


def test_a_link_that_somebody_else_signed_is_refused(stocked: Any) -> None:
    claims = jwt.decode(stocked.save_token(GOOD), options={"verify_signature": False})
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    for token in (jwt.encode(claims, other, "RS256"), "nothing"):
        assert stocked.client.get(f"/gp/v/save/{token}").status_code == 400
