"""The service account that speaks to Google for us: what it signs, and the access tokens that it is given.

RFC 7523 as Google has it (docs/protocols.md, Google Wallet).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import jwt

from giftline.errors import GiftlineError, Misconfigured
from giftline.orders.ports import Clock
from giftline.secret import Secret
from giftline.suppliers.reading import Http, as_object, detail

GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE: Final = "https://www.googleapis.com/auth/wallet_object.issuer"
ASSERTION_SECONDS: Final = 3_600
"""The most that Google takes."""
RENEWED_BEFORE: Final = 120.0
"""Seconds before its end at which a token is used no more."""
ALGORITHM: Final = "RS256"
CODE: Final = re.compile(r"[A-Za-z_]{1,40}")


class GoogleUnavailable(GiftlineError):
    """Google Wallet did not do what it was asked; later it may."""


class GoogleAccount:
    """`key` gives the private key as PEM; it is asked when it is needed, so that a new one is used."""

    def __init__(self, http: Http, email: str, key: Callable[[], Secret], clock: Clock, token_url: str) -> None:
        self.email = email
        self._http = http
        self._key = key
        self._clock = clock
        self._token_url = token_url
        self._token = Secret("")
        self._good_until = 0.0

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT; PyJWT's own words about a wrong key are not passed on."""
        try:
            return jwt.encode(dict(claims), self._key().reveal(), algorithm=ALGORITHM)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Misconfigured("the key of the Google service account is no private RSA key in PEM") from None

    def token(self, seconds: float) -> Secret:
        """The access token that we have, or a new one, asked for within `seconds`."""
        if not self._token or self._clock.elapsed() >= self._good_until:
            self._renew(seconds)
        return self._token

    def forget(self) -> None:
        """Google took the token no more."""
        self._token = Secret("")

    def _renew(self, seconds: float) -> None:
        asked_at = self._clock.elapsed()
        form = urlencode({"grant_type": GRANT, "assertion": self._assertion()})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = self._http.request("POST", self._token_url, headers, seconds, form.encode())
        body = as_object(answer.body)
        token, lasts = body.get("access_token"), body.get("expires_in")
        if answer.status != 200 or not isinstance(token, str) or not is_token(token) or not isinstance(lasts, int):
            raise GoogleUnavailable(f"Google gave no access token: {detail(answer, error_code(body.get('error')))}")
        self._token = Secret(token)
        self._good_until = asked_at + lasts - RENEWED_BEFORE

    def _assertion(self) -> str:
        now = self._clock.now() // 1_000
        times = {"iat": now, "exp": now + ASSERTION_SECONDS}
        return self.sign({"iss": self.email, "scope": SCOPE, "aud": self._token_url} | times)


def is_token(token: str) -> bool:
    """Fit for a header."""
    return token.isascii() and token.isprintable() and " " not in token and token != ""


def error_code(word: object) -> str:
    """A code of Google's for the log; anything that is not one, such as a sentence that names a person, is left out."""
    return word if isinstance(word, str) and CODE.fullmatch(word) else ""
