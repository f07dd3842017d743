"""A .pkpass holds what Apple's format wants: files, their hashes, a signature, and fields that phones understand."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from giftline.errors import Misconfigured
from giftline.passes.apple_pass import barcode_keys, pass_json, rgb
from giftline.passes.apple_pictures import SIZES, pictures
from giftline.passes.pkpass import PassSigner
from giftline.secret import Secret
from giftline.wallet.links import pass_id_of, with_new_link
from giftline.wallet.model import BarcodeFormat
from giftline.wallet.opening import OpenedPass
from local.wallet_keys import PASS_TYPE_ID, TEAM_ID, apple_keys, make_keys
from tests.fakes.passes import LINKS, STORECARD, coupon, held_pass, opened
from tests.fakes.time import START

TODAY = datetime.fromtimestamp(START / 1000, UTC)
URL = "https://passes.example.com/apple"
TOKEN = LINKS.apple_token(held_pass().id)
MEMBERS = ["pass.json", *SIZES, "manifest.json", "signature"]
SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SHA_256 = bytes.fromhex("0609608648016503040201")


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    return make_keys(TODAY)[0]


def signer(texts: dict[str, str], at: datetime = TODAY) -> PassSigner:
    return PassSigner(
        texts["apple_certificate"],
        Secret(texts["apple_key"]),
        texts["apple_intermediate"],
        texts["apple_pass_type_id"],
        texts["apple_team_id"],
        lambda: int(at.timestamp() * 1000),
    )


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def shown(one: OpenedPass) -> dict[str, Any]:
    return pass_json(one, PASS_TYPE_ID, TEAM_ID, TOKEN, URL)


def field(made: dict[str, Any], style: str, key: str) -> dict[str, Any]:
    everywhere = [one for part in made[style].values() for one in part]
    return next(one for one in everywhere if one["key"] == key)


def test_the_package_has_every_file_in_the_same_order(keys: dict[str, str]) -> None:
    assert list(files_of(signer(keys).pkpass(opened(), TOKEN, URL))) == MEMBERS


def test_the_manifest_names_every_file_but_itself_and_the_signature(keys: dict[str, str]) -> None:
    files = files_of(signer(keys).pkpass(opened(), TOKEN, URL))
    manifest = json.loads(files["manifest.json"])
    assert manifest == {name: hashlib.sha1(files[name]).hexdigest() for name in MEMBERS[:-2]}  # noqa: S324


def test_the_same_pass_gives_the_same_files(keys: dict[str, str]) -> None:
    one = signer(keys)
    first, second = (files_of(one.pkpass(opened(), TOKEN, URL)) for _ in range(2))
    assert first["manifest.json"] == second["manifest.json"]


def test_the_signature_holds_its_time_its_digest_and_both_certificates(keys: dict[str, str]) -> None:
    files = files_of(signer(keys).pkpass(opened(), TOKEN, URL))
    signature = files["signature"]
    assert SIGNING_TIME in signature
    assert MESSAGE_DIGEST in signature
    assert SHA_256 in signature
    assert hashlib.sha256(files["manifest.json"]).digest() in signature
    assert files["manifest.json"] not in signature  # detached
    assert b"Pass Type ID: " + PASS_TYPE_ID.encode() in signature
    assert b"Giftline Development Pass Authority" in signature


def test_pass_json_names_who_makes_the_pass_and_how_it_is_kept_up_to_date() -> None:
    made = shown(opened())
    assert made["formatVersion"] == 1
    assert (made["passTypeIdentifier"], made["teamIdentifier"]) == (PASS_TYPE_ID, TEAM_ID)
    assert made["serialNumber"] == held_pass().id
    assert (made["organizationName"], made["description"]) == ("Café Müller", "Loyal card, Café Müller")
    assert (made["webServiceURL"], made["authenticationToken"]) == (URL, TOKEN)
    assert (made["backgroundColor"], made["foregroundColor"]) == ("rgb(31, 58, 95)", "rgb(255, 255, 255)")
    assert "voided" not in made
    assert "expirationDate" not in made


def test_a_storecard_shows_points_as_a_number_that_speaks_when_it_changes() -> None:
    points = field(shown(opened(held_pass(points=-5))), "storeCard", "points")
    assert (points["value"], points["changeMessage"]) == (-5, "You now have %@ points")


def test_a_coupon_shows_its_days_and_no_points() -> None:
    made = shown(coupon(starts_on="2026-01-05", expires_on="2026-02-28"))
    assert "headerFields" not in made["coupon"]
    assert field(made, "coupon", "starts")["value"] == "2026-01-05T12:00:00Z"
    assert field(made, "coupon", "expires")["value"] == "2026-02-28T12:00:00Z"
    assert made["expirationDate"] == "2026-02-28T23:59:59-12:00"


def test_a_revoked_pass_is_voided() -> None:
    assert shown(opened(held_pass(revoked_at=START)))["voided"] is True


def test_keys_of_fields_are_unique() -> None:
    made = shown(coupon(starts_on="2026-01-05", expires_on="2026-02-28"))
    keys = [one["key"] for part in made["coupon"].values() for one in part]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("code", "wanted", "expected"),
    [
        ("ABC-1", BarcodeFormat.QR, [("QR", "iso-8859-1")]),
        ("ABC-1", BarcodeFormat.CODE_128, [("Code128", "iso-8859-1"), ("QR", "iso-8859-1")]),
        ("MÜLLER", BarcodeFormat.CODE_128, [("QR", "iso-8859-1")]),
        ("A" * 60, BarcodeFormat.CODE_128, [("QR", "iso-8859-1")]),
        ("字", BarcodeFormat.QR, [("QR", "utf-8")]),
    ],
)
def test_a_barcode_is_one_that_the_code_fits_in(code: str, wanted: BarcodeFormat, expected: list[Any]) -> None:
    made = barcode_keys(code, wanted)
    found = [(one["format"].removeprefix("PKBarcodeFormat"), one["messageEncoding"]) for one in made["barcodes"]]
    assert found == expected
    assert {one["message"] for one in made["barcodes"]} == {one["altText"] for one in made["barcodes"]} == {code}
    assert made["barcode"]["format"] == "PKBarcodeFormatQR"  # phones before iOS 9 know no Code 128


def test_a_pass_with_no_code_has_no_barcode() -> None:
    assert not {"barcode", "barcodes"} & set(shown(opened(held_pass(code=""))))


def test_colours_that_cannot_be_read_are_as_on_the_page() -> None:
    made = shown(opened(template=replace(STORECARD, background="#eeeeee", foreground="#ffffff")))
    assert (made["backgroundColor"], made["foregroundColor"]) == ("rgb(238, 238, 238)", "rgb(0, 0, 0)")


def test_long_texts_are_shortened_in_front_and_whole_on_the_back() -> None:
    long = "A title that goes on " * 20
    made = shown(opened(held_pass(title=long)))
    assert len(field(made, "storeCard", "title")["value"]) <= 100
    assert len(made["description"]) <= 200
    assert field(made, "storeCard", "whole_title")["value"] == long


def test_words_that_are_json_or_markup_stay_words(keys: dict[str, str]) -> None:
    odd = 'He said "hi" </title> \\ \u2028 🎁'
    files = files_of(signer(keys).pkpass(opened(held_pass(title=odd)), TOKEN, URL))
    assert field(json.loads(files["pass.json"]), "storeCard", "title")["value"] == odd


def test_colours_are_written_as_apple_reads_them() -> None:
    assert rgb("#0a0B0c") == "rgb(10, 11, 12)"


@pytest.mark.parametrize("name", SIZES)
def test_pictures_are_square_pngs_in_the_colours_of_the_template(name: str) -> None:
    png = pictures("#1f3a5f", "#ffffff")[name]
    chunks = dict(chunks_of(png))
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (SIZES[name], SIZES[name])
    assert chunks[b"PLTE"] == bytes.fromhex("ffffff1f3a5f")
    lines = zlib.decompress(chunks[b"IDAT"])
    assert len(lines) == SIZES[name] * (SIZES[name] + 1)
    assert set(lines) == {0, 1}


def chunks_of(png: bytes) -> list[tuple[bytes, bytes]]:
    at, found = 8, []
    while at < len(png):
        size = struct.unpack(">I", png[at : at + 4])[0]
        body = png[at + 4 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(body)
        found.append((body[:4], body[4:]))
        at += 12 + size
    return found


def test_a_pass_keeps_its_serial_number_and_no_other_gets_it() -> None:
    first = held_pass(0)
    revoked = replace(first, revoked_at=START)
    renewed = with_new_link(revoked, LINKS, START)
    assert {shown(opened(one))["serialNumber"] for one in (first, revoked, renewed)} == {first.id}
    others = {pass_id_of(batch * 26, row) for batch in "BC" for row in range(2_000)}
    assert len(others) == 4_000  # one each, whatever batch and row
    assert first.id == pass_id_of("B" * 26, 0)  # the same row applied again is the same pass


def test_a_certificate_that_has_expired_signs_nothing(keys: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="is good from"):
        signer(keys, TODAY + timedelta(days=900)).pkpass(opened(), TOKEN, URL)


def test_a_certificate_that_expires_while_the_function_is_warm_stops_too(keys: dict[str, str]) -> None:
    time = [START]
    texts = (keys["apple_certificate"], Secret(keys["apple_key"]), keys["apple_intermediate"])
    one = PassSigner(*texts, PASS_TYPE_ID, TEAM_ID, lambda: time[0])
    one.pkpass(opened(), TOKEN, URL)
    time[0] += 900 * 86_400_000
    with pytest.raises(Misconfigured):
        one.pkpass(opened(), TOKEN, URL)


@pytest.mark.parametrize(
    "changes",
    [
        {"apple_pass_type_id": "pass.of.somebody.else"},
        {"apple_team_id": "OTHERTEAM0"},
        {"apple_certificate": "not a certificate"},
        {"apple_intermediate": ""},
        {"apple_key": "not a key"},
    ],
)
def test_what_does_not_belong_together_is_named_and_shows_no_key(keys: dict[str, str], changes: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as caught:
        signer({**keys, **changes}).pkpass(opened(), TOKEN, URL)
    assert "PRIVATE" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_key_of_another_certificate_is_refused(keys: dict[str, str]) -> None:
    other = rsa.generate_private_key(65_537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Misconfigured, match="is not the RSA key"):
        signer({**keys, "apple_key": other.decode()}).pkpass(opened(), TOKEN, URL)


def test_a_short_authentication_token_is_refused(keys: dict[str, str]) -> None:
    with pytest.raises(Misconfigured):
        signer(keys).pkpass(opened(), "short", URL)


def test_the_development_keys_are_made_once_and_belong_to_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "wallet"
    made = apple_keys(folder, TODAY)
    assert apple_keys(folder, TODAY) == made
    assert (folder / "apple.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "PRIVATE" not in (folder / "apple-ca.pem").read_text()


def test_development_keys_that_expire_soon_are_made_anew(tmp_path: Path) -> None:
    made = apple_keys(tmp_path, TODAY)
    assert apple_keys(tmp_path, TODAY + timedelta(days=800)) != made
