"""The headers of a delivery, as Standard Webhooks has them (standardwebhooks.com)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

from giftline.delivery.events import Millis
from giftline.secret import Secret

USER_AGENT: Final = "giftline-webhooks/1"


def signed_headers(event_id: str, body: str, at: Millis, secrets: Sequence[Secret]) -> dict[str, str]:
    """One `v1,` signature for each secret, so that a receiver may have the old one or the new one."""
    seconds = at // 1000
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(Webhook(secret.reveal()).sign(event_id, moment, body) for secret in secrets),
    }
