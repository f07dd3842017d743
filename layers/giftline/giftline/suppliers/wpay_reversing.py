"""Wpay's reversal of a whole order, as its client (docs/protocols.md, Wpay)."""

from __future__ import annotations

import json
from typing import Final

from giftline.suppliers.http import Answer
from giftline.suppliers.port import Reversed
from giftline.suppliers.reading import as_object, as_text

PATH: Final = "/v1/partner/giftcards/orders/reverse"
SECONDS: Final = 8.0
"""Less than a status call may take: a client waits for the answer."""
CANCELLED_WORDS: Final = frozenset(("CANCELED", "CANCELLED"))


def reversal_body(reference: str) -> bytes:
    return json.dumps({"refno": reference}).encode()


def read_reversed(answer: Answer, reference: str) -> Reversed:
    """Taken back only where the answer names our refno and says so; refused only by a 400 with a code."""
    body = as_object(answer.body)
    word = as_text(body.get("status")).upper()
    if answer.status in (200, 201) and body.get("refno") == reference and word in CANCELLED_WORDS:
        return Reversed.REVERSED
    refused = answer.status == 400 and as_text(body.get("code")) != ""
    return Reversed.REFUSED if refused else Reversed.UNKNOWN
