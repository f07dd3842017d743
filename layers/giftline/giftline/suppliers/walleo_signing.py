"""How Walleo's requests are signed (docs/protocols.md, Walleo)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from giftline.errors import Misconfigured
from giftline.secret import Secret


@dataclass(frozen=True, slots=True)
class WalleoKeys:
    """What a request is signed with. `shared_key` is in hexadecimal digits, as Walleo gives it."""

    api_key: Secret
    identifier: str
    shared_key: Secret

    def __post_init__(self) -> None:
        # Raised outside of the `except`: a chained error could show the key.
        if not _is_hex(self.shared_key.reveal()):
            raise Misconfigured("the shared key of Walleo is not in hexadecimal digits")


def authorization(keys: WalleoKeys, verb: str, url: str, payload: str, timestamp: int) -> str:
    """The header of one request; `timestamp` in seconds since 1970."""
    signed = signature(keys.shared_key.reveal(), verb, url, payload, keys.identifier, timestamp)
    return f"Bearer {keys.api_key.reveal()}, Id={keys.identifier}, Signature={signed}, Timestamp={timestamp}"


def signature(key_hex: str, verb: str, url: str, payload: str, identifier: str, timestamp: int) -> str:
    """Hex HMAC-SHA256 of the documented token; of a GET the payload is empty and its `+` stays."""
    token = f"{verb}+{url}+{payload}+{identifier}+{timestamp}"
    return hmac.digest(bytes.fromhex(key_hex), token.encode(), hashlib.sha256).hex()


def _is_hex(text: str) -> bool:
    try:
        return bool(bytes.fromhex(text))
    except ValueError:
        return False
