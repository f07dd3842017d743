"""What a call on webhooks asks for: every wrong field at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from giftline.delivery.events import EventState, Millis
from giftline.doors.calls import read_object, unknown_fields, whole_number
from giftline.errors import FieldProblem, InvalidRequest

MAX_BODY: Final = 4 * 1024
MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 50
FIELDS: Final = ("from", "to", "next")
TIME: Final = "a time with its offset, such as 2026-11-21T00:00:00Z"
EVENT_ID: Final = re.compile(r"evt_[0-9a-f]{28}")


@dataclass(frozen=True, slots=True)
class ListRequest:
    """From `start` to before `end`; `state` None means any."""

    start: Millis
    end: Millis
    state: EventState | None
    limit: int
    after: str


@dataclass(frozen=True, slots=True)
class RangeRequest:
    """From `start` to before `end`."""

    start: Millis
    end: Millis
    after: str


def parse_list(query: Mapping[str, Any], now: Millis) -> ListRequest:
    """InvalidRequest names every wrong parameter; without times, everything until now."""
    state, limit = query.get("state"), whole_number(query.get("limit", str(DEFAULT_LIMIT)))
    start, end = _time(query.get("from")), _time(query.get("to"))
    problems = [*_time_problems(query, start, end), *_next_problems(query.get("next"))]
    if state is not None and state not in list(EventState):
        problems.append(FieldProblem("state", f"{state!r:.40} is no state", f"one of {', '.join(EventState)}"))
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        expected = f"a whole number from 1 to {MAX_LIMIT}"
        problems.append(FieldProblem("limit", f"{query.get('limit')!r:.40}", expected))
    if problems or limit is None:
        raise InvalidRequest(problems)
    return ListRequest(
        start or 0,
        now + 1 if end is None else end,
        EventState(state) if state else None,
        limit,
        query.get("next") or "",
    )


def parse_range(text: str) -> RangeRequest:
    """TooLarge, or InvalidRequest naming every wrong field. Both times are asked for: a resend is no slip."""
    body = read_object(text, MAX_BODY, "a JSON object with from and to")
    start, end = _time(body.get("from")), _time(body.get("to"))
    problems = [FieldProblem(name, "missing", TIME) for name in ("from", "to") if body.get(name) is None]
    problems += [*_time_problems(body, start, end), *_next_problems(body.get("next"))]
    problems += unknown_fields(body, FIELDS)
    if problems or start is None or end is None:
        raise InvalidRequest(problems)
    return RangeRequest(start, end, body.get("next") or "")


def _time(text: Any) -> Millis | None:
    """None for what is no time, has no offset, or lies before 1970."""
    if not isinstance(text, str):
        return None
    try:
        # In a query a plus sign may have become the space that it stands for there.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        at = round(moment.timestamp() * 1000) if moment.tzinfo else -1
    except (ValueError, OverflowError):
        return None
    return at if at >= 0 else None


def _time_problems(given: Mapping[str, Any], start: Millis | None, end: Millis | None) -> Iterator[FieldProblem]:
    for name, at in (("from", start), ("to", end)):
        if given.get(name) is not None and at is None:
            yield FieldProblem(name, f"{given[name]!r:.40} is no time", TIME)
    if start is not None and end is not None and start >= end:
        yield FieldProblem("to", "not after from", "a later time")


def _next_problems(text: Any) -> Iterator[FieldProblem]:
    if text is not None and not (isinstance(text, str) and EVENT_ID.fullmatch(text)):
        yield FieldProblem("next", f"{text!r:.40}", "what the answer before gave as next")
