"""A certificate authority for development, standing in for Apple's: passes are signed as they are in production.

No phone trusts it. The authority's own keys are forgotten as soon as they have signed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from local.outputs import write_privately

PASS_TYPE_ID: Final = "pass.dev.giftline"  # noqa: S105  # a name
TEAM_ID: Final = "GIFTLINE00"
KEYS_FILE: Final = "apple.json"
AUTHORITY_FILE: Final = "apple-ca.pem"
BITS: Final = 2048
"""As Apple's own."""
GOOD_FOR: Final = timedelta(days=825)
RENEWED_BEFORE: Final = timedelta(days=30)
SKEW: Final = timedelta(hours=1)


class Issuer(NamedTuple):
    """Who signs the next certificate."""

    name: x509.Name
    key: rsa.RSAPrivateKey


def apple_keys(folder: Path, now: datetime | None = None) -> dict[str, str]:
    """The texts for the wallet's secret: those of the last start, or new ones where none are good any more.

    The root certificate lies beside them in `apple-ca.pem`, for `openssl smime -verify -CAfile`.
    """
    now = now or datetime.now(UTC)
    kept = _read(folder / KEYS_FILE)
    if kept is not None and (folder / AUTHORITY_FILE).exists() and _is_good(kept, now + RENEWED_BEFORE):
        return kept
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made, authority = make_keys(now)
    (folder / AUTHORITY_FILE).write_text(authority)
    write_privately(folder / KEYS_FILE, made)
    return made


def make_keys(now: datetime) -> tuple[dict[str, str], str]:
    """(texts for the secret, the root certificate): root, an authority under it, and a pass type's certificate."""
    root = Issuer(_named("Giftline Development Root"), _key())
    between = Issuer(_named("Giftline Development Pass Authority"), _key())
    own = Issuer(_pass_type_name(), _key())
    root_certificate = _certificate(root, root, now, path_length=1)
    between_certificate = _certificate(between, root, now, path_length=0)
    texts = {
        "apple_certificate": _pem(_certificate(own, between, now, path_length=None)),
        "apple_key": own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "apple_intermediate": _pem(between_certificate),
        "apple_pass_type_id": PASS_TYPE_ID,
        "apple_team_id": TEAM_ID,
    }
    return texts, _pem(root_certificate)


def _certificate(subject: Issuer, issuer: Issuer, now: datetime, path_length: int | None) -> x509.Certificate:
    """`path_length` is None for a certificate that signs passes and no other certificates."""
    is_authority = path_length is not None
    public = subject.key.public_key()
    builder = x509.CertificateBuilder(
        issuer.name, subject.name, public, x509.random_serial_number(), now - SKEW, now + GOOD_FOR
    )
    builder = builder.add_extension(x509.BasicConstraints(is_authority, path_length), critical=True)
    builder = builder.add_extension(_usage(is_authority=is_authority), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return builder.add_extension(above, critical=False).sign(issuer.key, SHA256())


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pass_type_name() -> x509.Name:
    """As Apple writes it: the pass type in UID, the team in OU."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, PASS_TYPE_ID),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Pass Type ID: {PASS_TYPE_ID}"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, TEAM_ID),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Giftline Development"),
        ]
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=BITS)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _read(file: Path) -> dict[str, str] | None:
    try:
        kept: dict[str, str] = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return kept


def _is_good(kept: dict[str, str], until: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(kept["apple_certificate"].encode())
    except (KeyError, ValueError):
        return False
    return certificate.not_valid_after_utc > until
