"""HTTP answers, and the one table from an error to its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from giftline.errors import (
    Cancelled,
    CardsRemoved,
    Forbidden,
    GiftlineError,
    InvalidRequest,
    NotFound,
    NotReady,
    Refused,
    StaleWrite,
    TooLarge,
    Unanswered,
    Unauthenticated,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` may hold cards: its repr shows nothing."""

    status: int
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: {"Cache-Control": "no-store"})

    @property
    def text(self) -> str:
        """Half of a surrogate pair, which JSON can name and an error may tell back, is no text that could be sent."""
        return json.dumps(self.body, ensure_ascii=False).encode(errors="replace").decode()


MAX_SHOWN: Final = 1_000
"""Wrong fields in one answer: more would outgrow what a function may answer."""

OUR_SIDE: Final = "something went wrong on our side"
"""All that a stranger is told: our own words would name secrets and settings."""

STATUS_OF: Final[Mapping[type[GiftlineError], tuple[int, str]]] = {
    InvalidRequest: (400, "5000"),
    Unauthenticated: (401, "401"),
    Forbidden: (403, "403"),
    NotFound: (404, "5320"),
    NotReady: (409, "409"),
    Cancelled: (410, "410"),
    CardsRemoved: (410, "410"),
    TooLarge: (413, "413"),
    Refused: (409, "409"),
    StaleWrite: (503, "503"),
    Unanswered: (503, "503"),
    GiftlineError: (500, "500"),
}
"""Status and code by type of error; a subclass answers as the nearest type that stands here."""


def error_reply(error: GiftlineError) -> Reply:
    """Code, message, and for wrong fields every one of them."""
    kind = next(k for k in type(error).__mro__ if k in STATUS_OF)
    status, code = STATUS_OF[kind]
    problems = error.problems if isinstance(error, InvalidRequest) else ()
    codes = {p.code for p in problems if p.code}
    if len(codes) == 1:
        code = codes.pop()
    body = {
        "code": int(code),
        "message": OUR_SIDE if status == 500 else str(error)[:2_000],
        "messages": [{"field": p.field, "problem": p.problem, "expected": p.expected} for p in problems[:MAX_SHOWN]],
    }
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "1"} if status == 503 else {})
    return Reply(status, body, headers)
