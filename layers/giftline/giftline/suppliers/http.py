"""HTTP to suppliers: one try, no redirects, one deadline, a bounded answer, and no text kept.

What goes wrong becomes a short word of ours. An exception's text carries URLs and headers, and
so tokens: it is never kept, raised on, or logged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from giftline.suppliers.deadline import deadline, watched_pools

MAX_ANSWER: Final = 16 * 1024 * 1024
CONNECT_SECONDS: Final = 5.0
MOST_AT_ONCE: Final = 16
"""Connections kept: as many as the crew that asks for single cards."""
CHUNK: Final = 64 * 1024
LONGEST_RETRY_AFTER: Final = 300.0
"""Seconds; a supplier that asks for more is asked again by then."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0 where none came whole; `body` is the JSON, None where it is not JSON.

    `failure` is a word of ours: "timeout", "connection", "unsendable", "too large", "not json".
    `retry_after`: seconds for which a 429 or 503 asks us to stay away; None where it names none.
    """

    status: int
    body: Any = field(default=None, repr=False)
    failure: str = ""
    retry_after: float | None = None


class HttpClient:
    """Connections to one supplier. Numbers with a point are read as Decimal."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._pools = watched_pools(maxsize=MOST_AT_ONCE)

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        seconds: float,
        body: bytes | None = None,
    ) -> Answer:
        """One request, done within `seconds`. Never raises for what the other side does."""
        with deadline(seconds) as limit:
            try:
                return self._send(method, path, headers, seconds, body)
            except (HTTPError, OSError):
                return Answer(0, failure="timeout" if limit.left <= 0 else "connection")
            except ValueError:  # a header that cannot be sent: its text would show the key
                return Answer(0, failure="unsendable")

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        seconds: float,
        body: bytes | None,
    ) -> Answer:
        response = self._pools.request(
            method,
            self._base_url + path,
            body=body,
            headers=headers,
            timeout=Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds),
            redirect=False,
            preload_content=False,
        )
        try:
            text = bytearray()
            for chunk in response.stream(CHUNK, decode_content=True):
                text += chunk
                if len(text) > MAX_ANSWER:
                    response.close()
                    return Answer(response.status, failure="too large")
        finally:
            response.release_conn()
        answer = read_answer(response.status, bytes(text))
        if response.status in (429, 503):
            return replace(answer, retry_after=read_retry_after(response.headers.get("Retry-After")))
        return answer


def read_retry_after(text: str | None) -> float | None:
    """Seconds (RFC 9110, 10.2.3); a date is not read, as it would trust the supplier's clock."""
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return min(float(text), LONGEST_RETRY_AFTER)


def read_answer(status: int, text: bytes) -> Answer:
    """JSON of an answer. Too deep, too large a number, not UTF-8, NaN, or not JSON at all: "not json"."""
    try:
        body = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError):
        return Answer(status, failure="not json")
    return Answer(status, body)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
