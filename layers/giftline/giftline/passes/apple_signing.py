"""What signs an Apple pass: a pass type's certificate with its key, checked before a phone would refuse it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7
from cryptography.x509 import Certificate, load_pem_x509_certificate
from cryptography.x509.oid import NameOID

from giftline.errors import Misconfigured
from giftline.secret import Secret


class Identity(NamedTuple):
    """A pass type's certificate, its key, and the authority between it and Apple's root."""

    certificate: Certificate
    key: RSAPrivateKey
    intermediate: Certificate


def signature(own: Identity, manifest: bytes) -> bytes:
    """Detached PKCS#7 in DER with SHA-256 and the time of signing, as phones want it."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(own.certificate, own.key, SHA256()).add_certificate(own.intermediate)
    options = (pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoCapabilities)
    return builder.sign(Encoding.DER, options)


def read_identity(certificate_pem: str, key: Secret, intermediate_pem: str) -> Identity:
    """Misconfigured for what cannot be read, or does not belong together; no part of the key is ever shown."""
    try:
        certificate = load_pem_x509_certificate(certificate_pem.encode())
        intermediate = load_pem_x509_certificate(intermediate_pem.encode())
        private = load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError):
        raise Misconfigured("the wallet's secret holds no readable Apple certificate and key (PEM)") from None
    if not isinstance(private, RSAPrivateKey) or certificate.public_key() != private.public_key():
        raise Misconfigured("the key in the wallet's secret is not the RSA key of the Apple certificate")
    return Identity(certificate, private, intermediate)


def check_subject(certificate: Certificate, pass_type_id: str, team_id: str) -> None:
    """A phone refuses a pass whose names are not its certificate's: better said here."""
    wanted = (
        (NameOID.USER_ID, "apple_pass_type_id", pass_type_id),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "apple_team_id", team_id),
    )
    for oid, name, value in wanted:
        found = [str(part.value) for part in certificate.subject.get_attributes_for_oid(oid)]
        if value not in found:
            raise Misconfigured(f"{name} is {value!r}, but the Apple certificate is for {', '.join(found) or 'none'}")


def check_dates(own: Identity, now: datetime) -> None:
    """An expired certificate makes passes that no phone takes."""
    for one in (own.certificate, own.intermediate):
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            dates = f"from {one.not_valid_before_utc:%Y-%m-%d} to {one.not_valid_after_utc:%Y-%m-%d}"
            raise Misconfigured(f"the Apple certificate of {one.subject.rfc4514_string()} is good {dates}")
