"""What signs a pass is believed by openssl, under the development authority, and not where a byte was changed."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from giftline.passes.pkpass import PassSigner
from giftline.secret import Secret
from local.wallet_keys import AUTHORITY_FILE, PASS_TYPE_ID, TEAM_ID, apple_keys
from tests.fakes.passes import LINKS, opened

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="the openssl command is not installed")

SMIME = ("smime", "-verify", "-inform", "DER")
CMS = ("cms", "-verify", "-inform", "DER", "-binary")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked pass, and beside it the authority."""
    made = tmp_path_factory.mktemp("pass")
    texts = apple_keys(made / "keys")
    one = opened()
    signer = PassSigner(
        texts["apple_certificate"],
        Secret(texts["apple_key"]),
        texts["apple_intermediate"],
        PASS_TYPE_ID,
        TEAM_ID,
        lambda: int(datetime.now(UTC).timestamp() * 1000),
    )
    content = signer.pkpass(one, LINKS.apple_token(one.held.id), "https://passes.example.com/apple")
    zipfile.ZipFile(io.BytesIO(content)).extractall(made / "pass")
    return made


def verify(folder: Path, manifest: Path, *how: str, command: Sequence[str] = SMIME) -> subprocess.CompletedProcess[str]:
    authority = folder / "keys" / AUTHORITY_FILE
    signature = str(folder / "pass" / "signature")
    arguments = [*command, "-in", signature, "-content", str(manifest), "-CAfile", str(authority), *how]
    return subprocess.run([str(OPENSSL), *arguments], capture_output=True, text=True, check=False, timeout=30)


@pytest.mark.parametrize("command", [SMIME, CMS], ids=["smime", "cms"])
@pytest.mark.parametrize("how", [(), ("-purpose", "any"), ("-no-CApath", "-no-CAstore")], ids=" ".join)
def test_openssl_believes_the_signature(folder: Path, command: Sequence[str], how: Sequence[str]) -> None:
    answer = verify(folder, folder / "pass" / "manifest.json", *how, command=command)
    assert answer.returncode == 0, answer.stderr
    assert "successful" in answer.stderr


@pytest.mark.parametrize("command", [SMIME, CMS], ids=["smime", "cms"])
def test_a_changed_manifest_is_not_believed(folder: Path, tmp_path: Path, command: Sequence[str]) -> None:
    changed = json.loads((folder / "pass" / "manifest.json").read_text()) | {"pass.json": "0" * 40}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(changed))
    answer = verify(folder, manifest, command=command)
    assert answer.returncode != 0
    assert "successful" not in answer.stderr
    assert "verif" in answer.stderr  # this, and not a file that is missing


def test_a_changed_file_does_not_fit_the_manifest(folder: Path) -> None:
    manifest = json.loads((folder / "pass" / "manifest.json").read_text())
    digest = subprocess.run(
        [str(OPENSSL), "dgst", "-sha1", "-r", folder / "pass" / "pass.json"], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    assert manifest["pass.json"] == digest
    changed = (folder / "pass" / "pass.json").read_bytes().replace(b"120", b"999")
    other = subprocess.run([str(OPENSSL), "dgst", "-sha1", "-r"], input=changed, capture_output=True, check=True).stdout
    assert other.split()[0].decode() != digest


def test_another_authority_does_not_vouch_for_it(folder: Path, tmp_path: Path) -> None:
    apple_keys(tmp_path / "keys")
    shutil.copytree(folder / "pass", tmp_path / "pass")
    assert verify(tmp_path, tmp_path / "pass" / "manifest.json").returncode != 0


def test_the_signature_names_its_time_and_two_certificates(folder: Path) -> None:
    signature = folder / "pass" / "signature"
    printed = subprocess.run(
        [str(OPENSSL), "cms", "-cmsout", "-print", "-inform", "DER", "-in", signature],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for part in ("signingTime", "messageDigest", "sha256", "eContent: <ABSENT>"):
        assert part in printed
    assert "S/MIME Capabilities" not in printed
    assert printed.count("d.certificate:") == 2
