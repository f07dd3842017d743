"""An issuer at Google without sockets, at the clock of the folder above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.google.app import create_app
from sandbox.settings import GOOGLE_ACCOUNT, GOOGLE_ISSUER_ID, Settings

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
ROOT = "/walletobjects/v1"

LOYALTY_CLASS = {
    "id": f"{GOOGLE_ISSUER_ID}.gold",
    "issuerName": "Acme",
    "programName": "Gold",
    "programLogo": {"sourceUri": {"uri": "https://acme.example/logo.png"}},
    "reviewStatus": "UNDER_REVIEW",
}
LOYALTY_OBJECT = {
    "id": f"{GOOGLE_ISSUER_ID}.one",
    "classId": LOYALTY_CLASS["id"],
    "state": "ACTIVE",
    "barcode": {"type": "QR_CODE", "value": "<4711>"},
    "loyaltyPoints": {"label": "Points", "balance": {"int": 5}},
}
OFFER_CLASS = {
    "id": f"{GOOGLE_ISSUER_ID}.ten",
    "issuerName": "Acme",
    "title": "10 % off",
    "provider": "Acme",
    "redemptionChannel": "BOTH",
    "reviewStatus": "UNDER_REVIEW",
}


@dataclass
class Issuer:
    """Signs with `key` by itself, without a line of the sandbox's."""

    client: FlaskClient
    clock: Any
    key: rsa.RSAPrivateKey
    access: str = ""

    def assertion(self, **changed: Any) -> str:
        now = int(self.clock.time)
        claims = {
            "iss": GOOGLE_ACCOUNT,
            "scope": SCOPE,
            "aud": "http://localhost/token",
            "iat": now,
            "exp": now + 3_600,
        }
        return jwt.encode(claims | changed, self.key, "RS256")

    def ask_token(self, assertion: str, grant: str = GRANT) -> TestResponse:
        return self.client.post("/token", data={"grant_type": grant, "assertion": assertion})

    def log_in(self) -> Issuer:
        self.access = str(self.ask_token(self.assertion()).get_json()["access_token"])
        return self

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.access}"}
        return self.client.open(ROOT + path, method=method, json=body, headers=headers)

    def save_token(self, payload: Any, **changed: Any) -> str:
        claims = {"iss": GOOGLE_ACCOUNT, "aud": "google", "typ": "savetowallet", "iat": int(self.clock.time)}
        return jwt.encode(claims | {"origins": [], "payload": payload} | changed, self.key, "RS256")

    def follow(self, payload: Any, **changed: Any) -> TestResponse:
        return self.client.get(f"/gp/v/save/{self.save_token(payload, **changed)}")

    def report(self) -> Any:
        return self.client.get("/sandbox/google/report").get_json()


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture
def open_issuer(tmp_path: Path, clock: Any, key: rsa.RSAPrivateKey) -> Callable[[], Issuer]:
    public = tmp_path / "public.pem"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    settings = Settings(state=tmp_path / "state", google_public_key=public)
    return lambda: Issuer(create_app(settings, clock).test_client(), clock, key)


@pytest.fixture
def issuer(open_issuer: Callable[[], Issuer]) -> Issuer:
    return open_issuer().log_in()


@pytest.fixture
def stocked(issuer: Issuer) -> Issuer:
    """With a loyalty class and one object of it."""
    assert issuer.call("POST", "/loyaltyClass", LOYALTY_CLASS).status_code == 200
    assert issuer.call("POST", "/loyaltyObject", LOYALTY_OBJECT).status_code == 200
    return issuer


@pytest.fixture
def loyalty_class() -> dict[str, Any]:
    return dict(LOYALTY_CLASS)


@pytest.fixture
def loyalty_object() -> dict[str, Any]:
    return dict(LOYALTY_OBJECT)


@pytest.fixture
def offer_class() -> dict[str, Any]:
    return dict(OFFER_CLASS)
