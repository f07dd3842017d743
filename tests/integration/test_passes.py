"""Passes on the stack: what a download link opens, on phones and off, and when it opens nothing any more."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from giftline.passes.words import points_in_words
from local.wallet_keys import AUTHORITY_FILE, PASS_TYPE_ID
from tests.stack_support.screenshots import codes_in
from tests.stack_support.stack import Stack
from tests.stack_support.wallet import WalletDoor, batch_of, identified, people
from tests.stack_support.wallet_books import WalletBooks

pytestmark = pytest.mark.stack

NewName = Callable[[], str]
SECONDS = 60
FORMS = ("", "/pass.png", "/pass.pkpass", "/google")
PUSH_TOKEN = "ab" * 32
OF_ONE_ANSWER = {"date", "x-amzn-requestid", "x-amz-request-id"}


@dataclass(frozen=True, slots=True)
class GivenPass:
    """A pass as the status page hands it out."""

    id: str
    code: str
    link: str
    identifier: str

    def get(self, form: str = "") -> requests.Response:
        return opened(self.link + form)


def opened(url: str) -> requests.Response:
    return requests.get(url, timeout=SECONDS, allow_redirects=False)


def given(wallet: WalletDoor, name: str, kind: str = "storecards", **values: str) -> GivenPass:
    """A new member's own, made by the documented calls."""
    users = people(name, 1)
    wallet.finished("signups", batch_of(wallet.signups(users)))
    call = {"coupons": wallet.coupons, "storecards": wallet.storecards}[kind]
    rows = identified(users, qr_code=f"CODE-{name}", **values)
    (one,) = wallet.finished(kind, batch_of(call(rows)))["passes"]
    return GivenPass(one["walletapp_code"], one["qr_code"], one["download_link"], one["identifier"])


def add_points(wallet: WalletDoor, one: GivenPass, points: int) -> None:
    answer = wallet.points([{"identifier": one.identifier, "points": points}])
    assert wallet.finished("points", batch_of(answer))["counts"]["done"] == 1


def pass_json(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        read: dict[str, Any] = json.loads(archive.read("pass.json"))
    return read


def test_a_link_opens_the_pass_with_its_points_and_buttons(wallet: WalletDoor, new_name: NewName) -> None:
    one = given(wallet, new_name())
    add_points(wallet, one, 1_250)

    page = one.get()

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for shown in ("Corner Coffee", points_in_words(1_250), one.code, "pass.pkpass", "/google", "pass.png"):
        assert shown in page.text


def test_a_coupon_shows_its_own_title_and_until_when_it_is_good(wallet: WalletDoor, new_name: NewName) -> None:
    one = given(wallet, new_name(), "coupons", pass_title="Two espressi", expiration_date="2031-12-24")

    page = one.get().text

    assert "Two espressi" in page
    assert "2031" in page


def test_the_picture_reads_back_to_the_code(wallet: WalletDoor, new_name: NewName) -> None:
    one = given(wallet, new_name())

    picture = one.get("/pass.png")

    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert [text for _, text in codes_in(picture.content)] == [one.code]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
def test_openssl_believes_the_pass_as_it_came(
    stack: Stack, wallet: WalletDoor, new_name: NewName, tmp_path: Path
) -> None:
    one = given(wallet, new_name())

    file = one.get("/pass.pkpass")
    zipfile.ZipFile(io.BytesIO(file.content)).extractall(tmp_path)
    signature, manifest = tmp_path / "signature", tmp_path / "manifest.json"
    authority = stack.settings.state / AUTHORITY_FILE
    command = ["openssl", *["smime", "-verify", "-inform", "DER", "-in"], str(signature), "-content", str(manifest)]
    verified = subprocess.run(
        [*command, "-CAfile", str(authority)], capture_output=True, text=True, timeout=30, check=False
    )

    assert file.headers["Content-Type"] == "application/vnd.apple.pkpass"
    assert verified.returncode == 0, verified.stderr
    made = pass_json(file.content)
    assert (made["serialNumber"], made["passTypeIdentifier"]) == (one.id, PASS_TYPE_ID)
    assert made["webServiceURL"] == f"{stack.outputs['PassesUrl']}/apple"
    assert one.code in {barcode["message"] for barcode in made["barcodes"]}


@dataclass(frozen=True, slots=True)
class Phone:
    """Apple's calls for one pass, as its own file says how to make them."""

    service: str
    serial: str
    token: str
    device: str

    def register(self) -> requests.Response:
        return self.call("POST", f"devices/{self.device}/registrations/{PASS_TYPE_ID}/{self.serial}")

    def unregister(self) -> requests.Response:
        return self.call("DELETE", f"devices/{self.device}/registrations/{PASS_TYPE_ID}/{self.serial}")

    def updated(self, since: str = "") -> requests.Response:
        query = f"?passesUpdatedSince={since}" if since else ""
        return self.call("GET", f"devices/{self.device}/registrations/{PASS_TYPE_ID}{query}")

    def fetch(self, since: str = "") -> requests.Response:
        headers = {"If-Modified-Since": since} if since else {}
        return self.call("GET", f"passes/{PASS_TYPE_ID}/{self.serial}", headers)

    def call(self, method: str, path: str, headers: Mapping[str, str] | None = None) -> requests.Response:
        sent = {"Authorization": f"ApplePass {self.token}", **(headers or {})}
        body = json.dumps({"pushToken": PUSH_TOKEN}) if method == "POST" else None
        return requests.request(method, f"{self.service}/v1/{path}", headers=sent, data=body, timeout=SECONDS)


def test_a_phone_hears_of_new_points_and_fetches_them(wallet: WalletDoor, new_name: NewName) -> None:
    one = given(wallet, new_name())
    made = pass_json(one.get("/pass.pkpass").content)
    phone = Phone(made["webServiceURL"], made["serialNumber"], made["authenticationToken"], f"phone-{one.identifier}")

    assert [phone.register().status_code, phone.register().status_code] == [201, 200]
    add_points(wallet, one, 77)
    listed = phone.updated().json()
    fetched = phone.fetch()

    assert listed["serialNumbers"] == [one.id]
    assert one.id in phone.updated(listed["lastUpdated"]).json()["serialNumbers"]
    assert "77" in json.dumps(pass_json(fetched.content)["storeCard"])
    assert fetched.headers["Last-Modified"].endswith("GMT")
    assert phone.fetch(format_datetime(datetime.now(UTC), usegmt=True)).status_code == 304
    assert phone.fetch("Sat, 01 Jan 2022 00:00:00 GMT").status_code == 200
    assert [phone.unregister().status_code, phone.updated().status_code] == [200, 204]


def test_another_passs_token_registers_nothing(wallet: WalletDoor, new_name: NewName) -> None:
    one, other = given(wallet, new_name()), given(wallet, new_name())
    made = pass_json(one.get("/pass.pkpass").content)
    phone = Phone(made["webServiceURL"], other.id, made["authenticationToken"], "a-thief")

    assert [phone.register().status_code, phone.fetch().status_code] == [401, 401]
    assert phone.updated().status_code == 204


def test_the_button_leads_to_google_which_shows_the_values(wallet: WalletDoor, new_name: NewName) -> None:
    one = given(wallet, new_name())
    add_points(wallet, one, 4_711)

    sent_on = one.get("/google")
    saved = opened(sent_on.headers["Location"])

    assert (sent_on.status_code, saved.status_code) == (302, 200)
    assert sent_on.headers["Cache-Control"] == "no-store"
    for shown in (one.code, "4711"):
        assert shown in saved.text


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_an_old_link_opens_nothing_just_as_a_wrong_one(method: str, wallet: WalletDoor, new_name: NewName) -> None:
    one = given(wallet, new_name())

    changed = wallet.call(method, f"v1/passes/{one.id}/link").json()["data"]

    assert_nothing_there(one.link)
    assert changed["walletapp_code"] == one.id
    if method == "POST":
        assert replace(one, link=changed["download_link"]).get().status_code == 200
    else:
        assert changed["download_link"] is None


def test_an_expired_link_opens_nothing_just_as_a_wrong_one(
    wallet: WalletDoor, wallet_books: WalletBooks, new_name: NewName
) -> None:
    one = given(wallet, new_name())
    held = wallet_books.wallets.passes([one.id])[one.id]
    wallet_books.wallets.save_pass(replace(held, link_expires_at=held.created_at))

    assert_nothing_there(one.link)


def test_another_tenant_renews_no_link(wallet: WalletDoor, hooked: WalletDoor, new_name: NewName) -> None:
    one = given(wallet, new_name())

    assert hooked.call("POST", f"v1/passes/{one.id}/link").status_code == 404
    assert one.get().status_code == 200


def assert_nothing_there(link: str) -> None:
    """In each form, the same answer as for a link that never was; told apart by nothing but the time."""
    base, _, _ = link.rpartition("/")
    never_was = f"{base}/{'A' * 24}.{'B' * 43}"
    expected = answer_of(opened(never_was))
    assert expected[0] == 404
    for form in FORMS:
        for url in (link, never_was, link[:-1] + ("A" if link[-1] != "A" else "B")):
            assert answer_of(opened(url + form)) == expected, form


def answer_of(answer: requests.Response) -> tuple[int, dict[str, str], bytes]:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return answer.status_code, {n: v for n, v in headers.items() if n not in OF_ONE_ANSWER}, answer.content
