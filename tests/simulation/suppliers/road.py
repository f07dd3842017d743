"""The way between the client and a simulated supplier, on which requests and answers are lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from heapq import heappop, heappush
from typing import Any, Final

from giftline.suppliers.http import Answer, read_answer
from tests.simulation.faults import Draw

Reply = tuple[int, bytes]
Deed = Callable[[int], Reply]
"""What the supplier does with a request at that moment (ms), and what it answers."""
Later = Callable[[int, Callable[[], None]], object]
"""Does something at a moment (ms) to come."""

NOTHING_DONE: Final = ("lost before", "500 before", "503", "429")
DONE_OR_NOT: Final = ("html", "redirect")
ON_REQUESTS: Final = (*NOTHING_DONE, *DONE_OR_NOT, "lost after", "500 after", "truncated", "slow")
ON_SALES: Final = (*ON_REQUESTS, "late commit")

FLIGHTS: Final = ((1_000, 30_000), (30_000, 300_000), (300_000, 3_600_000))
HTML: Final = b"<html><body><h1>We will be back soon</h1></body></html>"
TELLS_RETRY_AFTER: Final = any(field.name == "retry_after" for field in fields(Answer))


class Road:
    """`errors`: the supplier's own bodies for 429, 500 and 503. `later`: calls at a time; where nobody
    does, what is under way arrives with the next request.
    """

    def __init__(
        self,
        now: Callable[[], int],
        wait: Callable[[float], None],
        draw: Draw,
        errors: Mapping[int, bytes],
        later: Later | None = None,
    ) -> None:
        self._now = now
        self._wait = wait
        self._draw = draw
        self._errors = errors
        self._later = later
        self._under_way: list[tuple[int, int, Deed]] = []
        self._delayed = 0

    def carry(self, deed: Deed, seconds: float, accidents: tuple[str, ...] = ON_REQUESTS) -> Answer:
        """One request. Nothing is half done while `wait` lets others run, or ends the caller."""
        accident = next(filter(self._draw.happens, accidents), "")
        if accident == "late commit":
            self._delay(deed)
            return self._time_out(seconds)
        if accident in NOTHING_DONE or (accident in DONE_OR_NOT and self._draw.whole(0, 1)):
            return self._answer(accident, (0, b""), seconds)
        return self._answer(accident, deed(self._now()), seconds)

    def catch_up(self) -> None:
        """What was under way for long and has arrived by now is done, at the moment when it arrived."""
        while self._under_way and self._under_way[0][0] <= self._now():
            at, _, deed = heappop(self._under_way)
            deed(at)

    def _delay(self, deed: Deed) -> None:
        self._delayed += 1  # keeps two of the same moment in order
        flight = self._draw.whole(*self._draw.one_of(FLIGHTS))
        arrival = self._now() + flight
        heappush(self._under_way, (arrival, self._delayed, deed))
        if self._later is not None:
            self._later(arrival, self.catch_up)

    def _answer(self, accident: str, reply: Reply, seconds: float) -> Answer:
        status, text = reply
        match accident:
            case "lost before" | "lost after":
                return self._lose(seconds)
            case "429":
                return self._send_away(429)
            case "503" if self._draw.whole(0, 1):
                return self._send_away(503)
            case "500 before" | "500 after" | "503":
                status = int(accident[:3])
                text = self._errors[status]
            case "html":
                status, text = self._draw.one_of((200, 202, 502)), HTML
            case "redirect":
                status, text = self._draw.one_of((301, 302, 307, 308)), b""
            case "truncated":
                text = text[: self._draw.whole(0, len(text) - 1)]
            case "slow":
                self._wait(seconds * self._draw.whole(1, 95) / 100)
        return read_answer(status, text)

    def _lose(self, seconds: float) -> Answer:
        if self._draw.whole(0, 1):
            return Answer(status=0, failure="connection")
        return self._time_out(seconds)

    def _time_out(self, seconds: float) -> Answer:
        self._wait(seconds)
        return Answer(status=0, failure="timeout")

    def _send_away(self, status: int) -> Answer:
        told: dict[str, Any] = {"retry_after": float(self._draw.whole(1, 120))}
        return replace(read_answer(status, self._errors[status]), **told if TELLS_RETRY_AFTER else {})


def header(headers: Mapping[str, str], name: str) -> str:
    """By its name in lower case, as servers read them."""
    for key, value in headers.items():
        if key.lower() == name:
            return value
    return ""
