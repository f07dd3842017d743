"""Google Wallet's REST API: the pass is put there before the person is sent to save it (docs/protocols.md).

The link that a person follows then holds ids only. Google's answers are never kept: what went wrong becomes
the HTTP status and Google's own code.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from giftline.orders.ports import Clock
from giftline.passes.google_account import GoogleAccount, GoogleUnavailable, error_code
from giftline.passes.google_objects import FAMILIES, Body, GoogleObjects
from giftline.secret import Secret
from giftline.suppliers.http import Answer
from giftline.suppliers.reading import Http, as_object, detail
from giftline.wallet.opening import OpenedPass

TOKEN_URL: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
API_URL: Final = "https://walletobjects.googleapis.com"
SAVE_URL: Final = "https://pay.google.com/gp/v/save"
REQUEST_SECONDS: Final = 8.0
SAVE_SECONDS: Final = 20.0
"""For all requests of one save: API Gateway waits 29 s, and somebody in front of a phone less."""
LONGEST_LINK: Final = 1_800
"""Characters; Google warns that browsers cut longer ones."""


@dataclass(frozen=True, slots=True)
class GoogleWallet:
    """`http` takes whole URLs: `HttpClient("")`. `origins` are the sites that may show the link.

    `link_key` is the key of the download links; see `GoogleObjects` for what it and `logo_url` are for.
    """

    http: Http
    issuer_id: str
    account_email: str
    key: Callable[[], Secret]
    link_key: Callable[[], Secret]
    clock: Clock
    origins: tuple[str, ...] = ()
    logo_url: str = ""
    token_url: str = TOKEN_URL
    api_url: str = API_URL
    save_url: str = SAVE_URL
    account: GoogleAccount = field(init=False, repr=False)

    def __post_init__(self) -> None:
        account = GoogleAccount(self.http, self.account_email, self.key, self.clock, self.token_url)
        object.__setattr__(self, "account", account)

    def save(self, opened: OpenedPass) -> None:
        """Class and object as they are now; GoogleUnavailable where one of them could not be written."""
        family, bodies, until = FAMILIES[opened.held.kind], self._objects(), self._until()
        self._put(family.classes, bodies.class_body(opened), until)
        self._put(family.objects, bodies.object_body(opened, self.clock.now()), until)

    def update(self, opened: OpenedPass) -> bool:
        """The object as it is now, where Google has it: False where nobody ever saved this pass."""
        body = self._objects().object_body(opened, self.clock.now())
        answer = self._send("PUT", f"{FAMILIES[opened.held.kind].objects}/{body['id']}", body, self._until())
        if answer.status == 404:
            return False
        _check(answer, body)
        return True

    def save_link(self, opened: OpenedPass) -> str:
        """Ids only: whoever sees the link learns neither name, nor points, nor code."""
        claims = {
            "iss": self.account_email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": self.clock.now() // 1_000,
            "origins": list(self.origins),
            "payload": {FAMILIES[opened.held.kind].payload: [{"id": self._objects().object_id(opened.held)}]},
        }
        return f"{self.save_url}/{self.account.sign(claims)}"

    def _objects(self) -> GoogleObjects:
        return GoogleObjects(self.issuer_id, self.logo_url, self.link_key())

    def _until(self) -> float:
        return self.clock.elapsed() + SAVE_SECONDS

    def _put(self, resource: str, body: Body, until: float) -> None:
        """Insert; what is there already is written over whole, so that nothing of before stays."""
        answer = self._send("POST", resource, body, until)
        if answer.status == 409:
            answer = self._send("PUT", f"{resource}/{body['id']}", body, until)
        _check(answer, body)

    def _send(self, method: str, path: str, body: Body, until: float) -> Answer:
        """A token that Google takes no more is renewed once."""
        answer = self._send_once(method, path, body, until)
        if answer.status == 401:
            self.account.forget()
            answer = self._send_once(method, path, body, until)
        return answer

    def _send_once(self, method: str, path: str, body: Body, until: float) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.account.token(self._seconds(until)).reveal()}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        url = f"{self.api_url}/walletobjects/v1/{path}"
        return self.http.request(method, url, headers, self._seconds(until), json.dumps(body).encode())

    def _seconds(self, until: float) -> float:
        left = until - self.clock.elapsed()
        if left <= 0:
            raise GoogleUnavailable("Google Wallet took too long")
        return min(left, REQUEST_SECONDS)


def _check(answer: Answer, sent: Body) -> None:
    """The resource itself is the proof: a 200 with anything else comes from somebody between us and Google."""
    if answer.status != 200 or as_object(answer.body).get("id") != sent["id"]:
        raise GoogleUnavailable(f"Google Wallet did not take the pass: {detail(answer, _code(answer))}")


def _code(answer: Answer) -> str:
    """Google's status word, or the reason of its first error: answers of the wallet have the one or the other."""
    error = as_object(as_object(answer.body).get("error"))
    errors = error.get("errors")
    reason = as_object(errors[0]).get("reason") if isinstance(errors, list) and errors else ""
    return error_code(error.get("status")) or error_code(reason)
