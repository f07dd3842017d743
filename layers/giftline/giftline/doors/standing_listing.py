"""Which standing orders a call asks for: by id, or a page of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from giftline.doors.calls import whole_number, wrong
from giftline.errors import InvalidRequest, NotFound

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 50
ID_LENGTH: Final = 26


@dataclass(frozen=True, slots=True)
class PageRequest:
    limit: int
    after: str


def parse_page(query: Mapping[str, Any]) -> PageRequest:
    """InvalidRequest names every wrong parameter."""
    problems = []
    limit, after = whole_number(query.get("limit", str(DEFAULT_LIMIT))), query.get("next") or ""
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        problems.append(wrong("limit", query.get("limit"), f"a whole number from 1 to {MAX_LIMIT}"))
    if after and not is_standing_id(after):
        problems.append(wrong("next", after, "what the answer before gave as next"))
    if problems or limit is None:
        raise InvalidRequest(problems)
    return PageRequest(limit, after)


def checked_id(standing_id: str) -> str:
    """An id of no standing order's form is as unknown as any."""
    if not is_standing_id(standing_id):
        raise NotFound(f"no standing order with id {standing_id!r:.80}")
    return standing_id


def is_standing_id(text: str) -> bool:
    """26 capital letters and digits."""
    return len(text) == ID_LENGTH and text.isascii() and text.isalnum() and text.upper() == text
