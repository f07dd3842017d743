"""Google Wallet's documents and its sandbox, read as the client.

The documents `google_*.json` are written after Google's public reference (developers.google.com/wallet/reference/rest
for the resources and errors, developers.google.com/identity/protocols/oauth2/service-account for the tokens): shapes
and codes are Google's, values and sentences are ours. None was recorded from an account of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import urllib3
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from giftline.clock import SystemClock
from giftline.errors import Misconfigured
from giftline.passes.google_account import GoogleUnavailable
from giftline.passes.google_wallet import LONGEST_LINK, SAVE_URL, GoogleWallet
from giftline.secret import Secret
from giftline.suppliers.http import HttpClient
from giftline.wallet.opening import OpenedPass
from local.google_keys import private_key, public_key_file
from sandbox.server import start
from sandbox.settings import GOOGLE_ACCOUNT, GOOGLE_ISSUER_ID, Settings
from tests.fakes.opened import coupon, storecard
from tests.fakes.time import FakeClock

pytestmark = pytest.mark.enable_socket

DOCUMENTS = Path(__file__).parent / "documents"
API = "/walletobjects/v1"
KINDS = [pytest.param(storecard, "loyalty", id="storecard"), pytest.param(coupon, "offer", id="coupon")]
Make = Callable[..., OpenedPass]


def document(name: str) -> Any:
    return json.loads((DOCUMENTS / f"google_{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("google")
    public_key_file(folder)
    return folder


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return "127.0.0.1", 0


def google_at(url: str, keys: Path, clock: Any, key: str = "") -> GoogleWallet:
    return GoogleWallet(
        HttpClient(""),
        issuer_id=GOOGLE_ISSUER_ID,
        account_email=GOOGLE_ACCOUNT,
        key=lambda: Secret(key or private_key(keys)),
        link_key=lambda: Secret("link key"),
        clock=clock,
        origins=("https://passes.example",),
        logo_url="https://acme.example/logo.png",
        token_url=f"{url}/token",
        api_url=url,
        save_url=f"{url}/gp/v/save" if url else SAVE_URL,
    )


class Recorded:
    """Answers with the documents, in the order in which they are named, and keeps what was asked."""

    def __init__(self, server: HTTPServer, keys: Path) -> None:
        self.clock = FakeClock()
        self.google = google_at(server.url_for("").rstrip("/"), keys, self.clock)
        self.asked: list[tuple[str, str, Any]] = []
        self.forms: list[dict[str, list[str]]] = []
        self.answers: list[tuple[int, str]] = []
        self.token = (200, "token")
        self.milliseconds = 0
        server.expect_request("/token").respond_with_handler(self._give_token)
        server.expect_request(re.compile("/walletobjects/.*")).respond_with_handler(self._answer)

    def _give_token(self, request: Request) -> Response:
        self.forms.append(parse_qs(request.get_data(as_text=True)))
        return _response(*self.token)

    def _answer(self, request: Request) -> Response:
        assert request.headers["Authorization"] == f"Bearer {document('token')['access_token']}"
        self.clock.pass_(self.milliseconds)
        self.asked.append((request.method, request.path, request.get_json()))
        return _response(*self.answers.pop(0))

    def calls(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _ in self.asked]


def _response(status: int, name: str) -> Response:
    return Response(json.dumps(document(name)), status, mimetype="application/json")


@pytest.fixture
def recorded(httpserver: HTTPServer, keys: Path) -> Recorded:
    return Recorded(httpserver, keys)


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_class_and_object_are_inserted_as_the_documents_have_them(recorded: Recorded, make: Make, kind: str) -> None:
    recorded.answers = [(200, f"{kind}_class"), (200, f"{kind}_object")]
    recorded.google.save(make())
    assert recorded.asked == [
        ("POST", f"{API}/{kind}Class", document(f"{kind}_class_request")),
        ("POST", f"{API}/{kind}Object", document(f"{kind}_object_request")),
    ]


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_what_is_there_already_is_written_over(recorded: Recorded, make: Make, kind: str) -> None:
    taken = (409, "already_exists")
    recorded.answers = [taken, (200, f"{kind}_class"), taken, (200, f"{kind}_object")]
    recorded.google.save(make())
    named, shown = document(f"{kind}_class_request")["id"], document(f"{kind}_object_request")["id"]
    assert recorded.calls() == [
        ("POST", f"{API}/{kind}Class"),
        ("PUT", f"{API}/{kind}Class/{named}"),
        ("POST", f"{API}/{kind}Object"),
        ("PUT", f"{API}/{kind}Object/{shown}"),
    ]
    assert recorded.asked[1][2] == recorded.asked[0][2]


def test_the_token_is_asked_for_as_the_document_says(recorded: Recorded, keys: Path) -> None:
    recorded.answers = [(200, "loyalty_class"), (200, "loyalty_object")]
    recorded.google.save(storecard())
    (form,) = recorded.forms
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    public = public_key_file(keys).read_text()
    unchecked: Any = {"verify_exp": False, "verify_aud": False, "verify_iat": False}
    claims = jwt.decode(form["assertion"][0], public, algorithms=["RS256"], options=unchecked)
    now = recorded.clock.now() // 1_000
    assert claims == {
        "iss": GOOGLE_ACCOUNT,
        "scope": "https://www.googleapis.com/auth/wallet_object.issuer",
        "aud": recorded.google.token_url,
        "iat": now,
        "exp": now + 3_600,
    }


def test_one_token_serves_until_shortly_before_its_end(recorded: Recorded) -> None:
    for milliseconds, tokens in ((0, 1), (3_400_000, 1), (100_000, 2)):
        recorded.clock.pass_(milliseconds)
        recorded.answers = [(200, "loyalty_class"), (200, "loyalty_object")]
        recorded.google.save(storecard())
        assert len(recorded.forms) == tokens


def test_a_token_that_is_taken_no_more_is_renewed_once(recorded: Recorded) -> None:
    recorded.answers = [(401, "unauthenticated"), (200, "loyalty_class"), (200, "loyalty_object")]
    recorded.google.save(storecard())
    assert len(recorded.forms) == 2
    recorded.answers = [(401, "unauthenticated"), (401, "unauthenticated")]
    with pytest.raises(GoogleUnavailable, match="401 UNAUTHENTICATED"):
        recorded.google.save(storecard())
    assert recorded.answers == []


@pytest.mark.parametrize(("status", "name", "words"), [(400, "invalid", "400 invalidResource"), (200, "token", "200")])
def test_an_answer_that_is_no_proof_is_told_without_googles_text(
    recorded: Recorded, status: int, name: str, words: str
) -> None:
    recorded.answers = [(status, name)]
    with pytest.raises(GoogleUnavailable) as caught:
        recorded.google.save(storecard())
    assert str(caught.value) == f"Google Wallet did not take the pass: {words}"


def test_a_refused_assertion_is_told_by_its_code(recorded: Recorded) -> None:
    recorded.token = (400, "token_refused")
    with pytest.raises(GoogleUnavailable) as caught:
        recorded.google.save(storecard())
    assert str(caught.value) == "Google gave no access token: 400 invalid_grant"
    assert recorded.asked == []


def test_an_update_writes_the_object_only_and_says_whether_google_has_it(recorded: Recorded) -> None:
    recorded.answers = [(200, "loyalty_object"), (404, "not_found")]
    assert recorded.google.update(storecard()) is True
    assert recorded.google.update(storecard()) is False
    assert [method for method, _ in recorded.calls()] == ["PUT", "PUT"]


def test_a_redirect_is_not_followed(recorded: Recorded, httpserver: HTTPServer) -> None:
    httpserver.clear()
    httpserver.expect_request("/token").respond_with_data("", 302, {"Location": httpserver.url_for("/elsewhere")})
    with pytest.raises(GoogleUnavailable, match="Google gave no access token: 302 not json"):
        recorded.google.save(storecard())
    assert [request.path for request, _ in httpserver.log] == ["/token"]


def test_a_server_that_is_away_is_told_without_its_address(keys: Path) -> None:
    google = google_at("http://127.0.0.1:9", keys, SystemClock())
    with pytest.raises(GoogleUnavailable) as caught:
        google.save(storecard())
    assert str(caught.value) == "Google gave no access token: 0 connection"
    assert caught.value.__cause__ is None


def test_a_key_that_is_none_is_told_without_the_key(keys: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        google_at("", keys, FakeClock(), key="no key at all").save_link(storecard())
    assert "no key at all" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_all_requests_of_a_save_have_one_deadline(recorded: Recorded) -> None:
    recorded.milliseconds = 21_000
    recorded.answers = [(200, "loyalty_class")]
    with pytest.raises(GoogleUnavailable, match="Google Wallet took too long"):
        recorded.google.save(storecard())
    assert len(recorded.asked) == 1


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_the_save_link_holds_ids_only_and_is_short(keys: Path, make: Make, kind: str) -> None:
    clock = FakeClock()
    link = google_at("", keys, clock).save_link(make())
    assert link.startswith("https://pay.google.com/gp/v/save/")
    assert len(link) < LONGEST_LINK
    public = public_key_file(keys).read_text()
    claims = jwt.decode(link.rpartition("/")[2], public, algorithms=["RS256"], audience="google")
    assert claims == {
        "iss": GOOGLE_ACCOUNT,
        "aud": "google",
        "typ": "savetowallet",
        "iat": clock.now() // 1_000,
        "origins": ["https://passes.example"],
        "payload": {f"{kind}Objects": [{"id": f"{GOOGLE_ISSUER_ID}.{make().held.id}"}]},
    }


@pytest.fixture
def sandbox(tmp_path: Path, keys: Path) -> Iterator[str]:
    with start(Settings(state=tmp_path, google_public_key=public_key_file(keys))) as running:
        yield running.url


def ask(method: str, url: str) -> tuple[int, str]:
    pools = urllib3.PoolManager(retries=False)
    answer = pools.request(method, url)
    return answer.status, answer.data.decode()


def resource(sandbox: str, kind: str) -> Any:
    (one,) = json.loads(ask("GET", f"{sandbox}/sandbox/google/report")[1])["resources"][kind]
    return one


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_the_sandbox_takes_what_we_send_and_its_page_shows_the_pass(
    sandbox: str, keys: Path, make: Make, kind: str
) -> None:
    google = google_at(sandbox, keys, SystemClock())
    google.save(make())
    google.save(make())
    status, page = ask("GET", google.save_link(make()))
    assert status == 200
    assert "Saved to the sandbox's Google Wallet" in page
    assert "CODE-4711" in page
    assert resource(sandbox, f"{kind}Object")["hasUsers"] is True


def test_the_sandbox_shows_points_as_they_are_after_an_update(sandbox: str, keys: Path) -> None:
    google = google_at(sandbox, keys, SystemClock())
    assert google.update(storecard()) is False
    google.save(storecard())
    for points, shown in ((7, {"int": 7}), (10**12, {"string": "1000000000000"}), (-1, {"int": -1})):
        assert google.update(storecard(points=points)) is True
        assert resource(sandbox, "loyaltyObject")["loyaltyPoints"]["balance"] == shown


def test_tokens_that_the_sandbox_ended_are_renewed(sandbox: str, keys: Path) -> None:
    google = google_at(sandbox, keys, SystemClock())
    google.save(storecard())
    assert ask("POST", f"{sandbox}/sandbox/google/end-tokens")[0] == 200
    google.save(storecard(points=5))
    assert resource(sandbox, "loyaltyObject")["loyaltyPoints"]["balance"] == {"int": 5}


def test_a_link_to_a_pass_that_was_never_put_there_shows_nothing(sandbox: str, keys: Path) -> None:
    assert ask("GET", google_at(sandbox, keys, SystemClock()).save_link(storecard()))[0] == 400


def test_another_key_gets_no_token(sandbox: str, keys: Path, tmp_path: Path) -> None:
    google = google_at(sandbox, keys, SystemClock(), key=private_key(tmp_path / "other"))
    with pytest.raises(GoogleUnavailable, match="Google gave no access token: 400 invalid_grant"):
        google.save(storecard())
