"""Who sends a request, by the Authorization header (docs/protocols.md, Walleo, authentication and signature)."""

import hmac
import json
from dataclasses import dataclass

from sandbox.settings import Settings
from sandbox.walleo.refusals import InvalidSignature, StaleTimestamp, Unauthorized
from sandbox.walleo.requests import read_body

# Seconds of this machine, as the client signs with the time of its own.
TOLERANCE = 300
LONGEST_TIMESTAMP = 12


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came: `url` is what the client called, whole and not decoded."""

    verb: str
    url: str
    body: bytes
    authorization: str


@dataclass(frozen=True, slots=True)
class Authorization:
    key: str
    identifier: str
    signature: str
    timestamp: str


def check(sent: Sent, settings: Settings, now: float) -> None:
    """Raises Unauthorized for a wrong key or id, InvalidSignature for anything else that does not fit."""
    given = read_authorization(sent.authorization)
    if not (_same(given.key, settings.walleo_api_key) and _same(given.identifier, settings.walleo_id)):
        raise Unauthorized
    token = build_token(sent, given)
    if not _same(given.signature, sign(token, settings.walleo_shared_key)):
        raise InvalidSignature
    if not abs(now - _seconds(given.timestamp)) <= TOLERANCE:
        raise StaleTimestamp


def read_authorization(header: str) -> Authorization:
    """`Bearer KEY, Id=IDENTIFIER, Signature=SIG, Timestamp=UTC_SECONDS`; what is missing is empty."""
    scheme, _, rest = header.partition(" ")
    key, *parts = (part.strip() for part in rest.split(","))
    fields = dict(part.split("=", 1) for part in parts if "=" in part)
    return Authorization(
        key=key if scheme == "Bearer" else "",
        identifier=fields.get("Id", ""),
        signature=fields.get("Signature", ""),
        timestamp=fields.get("Timestamp", ""),
    )


def build_token(sent: Sent, given: Authorization) -> str:
    return "+".join((sent.verb, sent.url, payload(sent.body), given.identifier, given.timestamp))


def payload(body: bytes) -> str:
    """Compact, keys sorted at every level, characters outside ASCII as themselves; empty where nothing was sent."""
    if not body:
        return ""
    return json.dumps(read_body(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sign(token: str, shared_key: str) -> str:
    return hmac.digest(bytes.fromhex(shared_key), token.encode(), "sha256").hex()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _seconds(timestamp: str) -> float:
    """Never within the tolerance where it is no number."""
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP
    return int(timestamp) if is_number else float("nan")
