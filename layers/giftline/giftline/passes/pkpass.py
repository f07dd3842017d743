"""A signed .pkpass: a ZIP of files, their hashes in a manifest, and a detached signature of that manifest."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from giftline.errors import Misconfigured
from giftline.passes.apple_pass import pass_json
from giftline.passes.apple_pictures import pictures
from giftline.passes.colours import looks
from giftline.secret import Secret
from giftline.wallet.model import Millis
from giftline.wallet.opening import OpenedPass

if TYPE_CHECKING:
    from giftline.passes.apple_signing import Identity

MEDIA_TYPE: Final = "application/vnd.apple.pkpass"
MIN_TOKEN: Final = 16
"""Characters of an authenticationToken, as Apple demands them."""
SAME_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The files of a pass have no date of their own: the same pass gives the same bytes, its signature apart."""


class PassSigner:
    """Makes passes of one pass type. The key is read on the first pass, and once: its checks take long."""

    def __init__(
        self,
        certificate_pem: str,
        key: Secret,
        intermediate_pem: str,
        pass_type_id: str,
        team_id: str,
        now: Callable[[], Millis],
    ) -> None:
        self._certificate_pem = certificate_pem
        self._key = key
        self._intermediate_pem = intermediate_pem
        self.pass_type_id = pass_type_id
        self.team_id = team_id
        self._now = now
        self._identity: Identity | None = None

    def pkpass(self, opened: OpenedPass, auth_token: str, web_service_url: str) -> bytes:
        """The file as it is sent. Misconfigured where the certificate cannot sign it now."""
        if len(auth_token) < MIN_TOKEN:
            raise Misconfigured(f"an Apple authentication token has at least {MIN_TOKEN} characters")
        content = pass_json(opened, self.pass_type_id, self.team_id, auth_token, web_service_url)
        files = {"pass.json": as_json(content), **pictures(*looks(opened.template))}
        manifest = manifest_of(files)
        return zipped({**files, "manifest.json": manifest, "signature": self.sign(manifest)})

    def sign(self, manifest: bytes) -> bytes:
        """Detached PKCS#7. Misconfigured where what is in the wallet's secret cannot sign."""
        # why: reading a device's registration signs nothing, and must not wait for cryptography
        from giftline.passes import apple_signing  # noqa: PLC0415

        if self._identity is None:
            found = apple_signing.read_identity(self._certificate_pem, self._key, self._intermediate_pem)
            apple_signing.check_subject(found.certificate, self.pass_type_id, self.team_id)
            self._identity = found
        apple_signing.check_dates(self._identity, datetime.fromtimestamp(self._now() / 1000, UTC))
        return apple_signing.signature(self._identity, manifest)


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """SHA-1 of every file by its name: the format demands it, the signature over it is of SHA-256."""
    return as_json({name: hashlib.sha1(content, usedforsecurity=False).hexdigest() for name, content in files.items()})


def as_json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode(errors="replace")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """In the order of the mapping, with no date and no owner."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, SAME_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return made.getvalue()
