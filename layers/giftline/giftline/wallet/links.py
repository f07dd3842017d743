"""Download links: an unguessable token a pass, derived from a key, so that it is stored nowhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from giftline.orders.timing import NEVER
from giftline.secret import Secret
from giftline.wallet.model import Millis, Pass

TOKEN_BYTES: Final = 32
LINK_DAYS: Final = 400
"""How long a link opens its pass after it was made."""
DAYS_AFTER_EXPIRY: Final = 30
DAY: Final[Millis] = 86_400_000


@dataclass(frozen=True, slots=True)
class Links:
    """`key` is asked when it is needed; `base_url` is where passes are served, without the slash at the end."""

    key: Callable[[], Secret]
    base_url: str

    def url(self, one: Pass) -> str:
        return self.url_of(one.id, one.link_generation)

    def url_of(self, pass_id: str, generation: int) -> str:
        return f"{self.base_url}/p/{pass_id}.{self.token(pass_id, generation)}"

    def token(self, pass_id: str, generation: int) -> str:
        """43 characters that carry 256 bits."""
        return derived(self.key(), "link", pass_id, str(generation))

    def apple_token(self, pass_id: str) -> str:
        """What the phone shows to Apple's web service for as long as it has the pass."""
        return derived(self.key(), "apple", pass_id)

    def opens(self, one: Pass, token: str, now: Millis) -> bool:
        """Whether a token opens a pass now: the right one, not expired, not revoked.

        Both of the key as it is now and as it was written: whoever knows a key that was replaced opens nothing.
        """
        derived_now = self.token(one.id, one.link_generation).encode()
        right = hmac.compare_digest(derived_now, token.encode(errors="replace"))
        right &= hmac.compare_digest(token_hash(token), one.link_hash)
        return right and one.revoked_at is None and now < one.link_expires_at


def derived(key: Secret, *parts: str) -> str:
    """HMAC-SHA256 of the parts under the key, in base64url without padding."""
    made = hmac.new(key.reveal().encode(), "|".join(parts).encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made[:TOKEN_BYTES]).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def with_new_link(one: Pass, links: Links, now: Millis) -> Pass:
    """Another link to the same pass: the old one opens nothing any more."""
    generation = one.link_generation + 1
    return replace(
        one,
        link_generation=generation,
        link_hash=token_hash(links.token(one.id, generation)),
        link_expires_at=max(now + LINK_DAYS * DAY, links_end(one.expires_on)),
        revoked_at=None,
        updated_at=max(now, one.updated_at + 1),
    )


@lru_cache(maxsize=1_000)
def links_end(expires_on: str) -> Millis:
    """A pass that is good for long keeps its link for as long, and a while after; 0 where it never expires."""
    if not expires_on:
        return 0
    last = date.fromisoformat(expires_on)
    midnight = datetime(last.year, last.month, last.day, tzinfo=UTC)
    return min(int(midnight.timestamp() * 1000) + (1 + DAYS_AFTER_EXPIRY) * DAY, NEVER)


def pass_id_of(batch_id: str, row: int) -> str:
    """The same pass whoever applies the row, and how often."""
    made = hashlib.sha256(f"{batch_id}|{row}".encode()).digest()
    return base64.b32encode(made[:15]).decode()
