"""The token endpoint lets in who signs as Google wants it, and nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.google.app import create_app
from sandbox.settings import Settings


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]


def test_a_signed_assertion_gets_a_token_for_an_hour(issuer: Any) -> None:
    answer = issuer.ask_token(issuer.assertion()).get_json()
    assert (answer["expires_in"], answer["token_type"]) == (3_599, "Bearer")
    issuer.clock.time += 3_598
    assert issuer.call("GET", "/loyaltyClass/1.x").status_code == 404
    issuer.clock.time += 1
    assert issuer.call("GET", "/loyaltyClass/1.x").status_code == 401


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"iss": "somebody@example.com"}, "invalid_grant"),
        ({"aud": "https://oauth2.googleapis.com/token"}, "invalid_grant"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, "invalid_scope"),
        ({"iat": 1, "exp": 2}, "invalid_grant"),
        ({"exp": 2_000_000_000}, "invalid_grant"),
        ({"iat": "now"}, "invalid_grant"),
    ],
)
def test_claims_that_do_not_fit_get_none(issuer: Any, changed: dict[str, Any], error: str) -> None:
    assert refusal(issuer.ask_token(issuer.assertion(**changed))) == (400, error)


def test_another_key_another_algorithm_and_no_jwt_get_none(issuer: Any) -> None:
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    claims = jwt.decode(issuer.assertion(), options={"verify_signature": False})
    forged = jwt.encode(claims, other, "RS256")
    unsigned = jwt.encode(claims, "", "none")
    for text in (forged, unsigned, "x.y.z", ""):
        assert refusal(issuer.ask_token(text)) == (400, "invalid_grant")


def test_another_grant_is_not_supported(issuer: Any) -> None:
    assert refusal(issuer.ask_token(issuer.assertion(), grant="password")) == (400, "unsupported_grant_type")


def test_a_token_that_was_never_given_opens_nothing(issuer: Any) -> None:
    issuer.access = "made up"
    answer = issuer.call("GET", "/loyaltyClass/1.x")
    assert (answer.status_code, answer.get_json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_without_a_public_key_nobody_gets_a_token(tmp_path: Path, clock: Any, issuer: Any) -> None:
    issuer.client = create_app(Settings(state=tmp_path / "bare"), clock).test_client()
    assert refusal(issuer.ask_token(issuer.assertion())) == (400, "invalid_grant")
