"""A key pair for the sandbox's Google Wallet: the stack signs with it, the sandbox checks. Good for nothing else."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

BITS = 2048


def private_key(folder: Path) -> str:
    """The private key as PEM; made once, so that links and tokens stay good over a restart."""
    file = folder / "google-private.pem"
    if not file.exists():
        made = rsa.generate_private_key(public_exponent=65_537, key_size=BITS)
        _write(file, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file.read_text(encoding="ascii")


def public_key_file(folder: Path) -> Path:
    """Where the sandbox finds the other half, for its option --google-public-key."""
    key = load_pem_private_key(private_key(folder).encode("ascii"), None)
    file = folder / "google-public.pem"
    _write(file, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, and for nobody else to read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as open_file:
        open_file.write(content)
    draft.replace(file)
