"""What the adapters share in talking to a supplier: what they ask of HTTP, and how they read an answer's values.

Whatever is not of the documented type reads as nothing, and raises nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from giftline.suppliers.http import Answer


class Http(Protocol):
    """One request, one answer; no exception for what the other side does."""

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        seconds: float,
        body: bytes | None = None,
    ) -> Answer: ...


def as_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str:
    """Strings and whole numbers as text; anything else is nothing.

    So is half of a surrogate pair: JSON can write it, but nothing that seals, hashes or exports can.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    try:
        text.encode()
    except UnicodeEncodeError:
        return ""
    return text


def is_name(value: Any) -> bool:
    """Fit to be kept as a supplier's name for something, and to be shown."""
    return isinstance(value, str) and len(value) <= 100 and value.isprintable() and not value.isspace() and value != ""


def printable(word: str) -> str:
    return "".join(c for c in word[:40] if c.isprintable())


def detail(answer: Answer, *words: str) -> str:
    """For the log: the HTTP status, what failed, and codes; never a supplier's text."""
    return " ".join(filter(None, (str(answer.status), answer.failure, *words)))
