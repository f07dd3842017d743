"""A proxy between two stacks: hands calls on, and has the accidents of a seeded plan, so many and no more.

It never hands a call on twice: whatever is bought twice behind it, somebody asked for twice.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

import requests

from tests.stack_support.foreign_server import Call, Desk, Server

SLOW_SECONDS = 0.3
LATE_SECONDS = 0.3
ANSWER_SECONDS = 60
AT_ONCE = 2
"""Calls handed on: the embedded AWS unpacks a worker for each call that finds the others busy."""
HANDED_ON = ("Authorization", "X-Api-Key", "Content-Type", "Accept")


class Fault(StrEnum):
    """What may happen to one call."""

    UNAVAILABLE = "503, not handed on"
    LATE = "connection closed, handed on a moment later"
    LOST = "handed on, the answer lost"
    CUT = "handed on, the answer's JSON cut off"
    BROKEN = "handed on, fewer bytes than announced"
    SLOW = "handed on after a while"


Plan = Mapping[str, Sequence[Fault]]
"""By the beginning of a call, as METHOD and path: what happens to such calls, each once."""
ORDERS = r"POST /v1/partner/giftcards/orders"
ORDER_STATUS = r"GET /v1/partner/giftcards/order/[^/]+/status"
ORDER_CARDS = r"GET /v1/partner/giftcards/order/[^/]+/cards"
PULLS = r"POST /partners/v1/pull_requests"
PULL_STATUS = r"GET /partners/v1/pull_requests/"
PLAN: Plan = {
    ORDERS: (Fault.UNAVAILABLE, Fault.LOST, Fault.LATE),
    ORDER_STATUS: (Fault.UNAVAILABLE, Fault.CUT, Fault.LOST),
    ORDER_CARDS: (Fault.BROKEN, Fault.CUT),
    PULLS: tuple(Fault),
    PULL_STATUS: tuple(Fault),
}


def drawn(plan: Plan, seed: int, rounds: int = 1) -> dict[str, list[Fault | None]]:
    """Each kind of call with its accidents, each once a round in the order of the seed. What is not handed on comes
    first, as it alone brings another POST for the others to happen to; and no look-up has two accidents in a row.
    """
    faults: dict[str, list[Fault | None]] = {}
    for route, kinds in plan.items():
        draw = random.Random(f"{seed}|{route}")
        drawn_rounds = [draw.sample(kinds, len(kinds)) for _ in range(rounds)]
        order = [kind for one in drawn_rounds for kind in sorted(one, key=lambda kind: kind is not Fault.UNAVAILABLE)]
        pause: list[None] = [] if route.startswith("POST") else [None]
        faults[route] = [one for kind in order for one in (kind, *pause)]
    return faults


@dataclass
class FaultyProxy:
    """`target` is who answers behind it; nobody does while that is empty, and no accident happens to anybody."""

    faults: dict[str, list[Fault | None]] = field(default_factory=dict)
    url: str = ""
    target: str = ""
    happened: Counter[tuple[str, Fault]] = field(default_factory=Counter)
    calls: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By METHOD and path without query, and status, as the other side answered; 0 where it was not asked."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    line: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))

    def begin(self, call: Call) -> Fault | None:
        """The accident of this call, which is thereby used up."""
        named = f"{call.method} {call.path}"
        with self.lock:
            route = next((route for route in self.faults if re.match(route, named)), "")
            if not self.target or not self.faults.get(route):
                return None if self.target else Fault.UNAVAILABLE
            fault = self.faults[route].pop(0)
            if fault:
                self.happened[route, fault] += 1
            return fault

    def hand_on(self, call: Call) -> tuple[int, bytes]:
        """What the other side answers."""
        headers = {name: call.headers[name] for name in HANDED_ON if name in call.headers}
        with self.line:
            answer = requests.request(
                call.method, self.target + call.path, headers=headers, data=call.text, timeout=ANSWER_SECONDS
            )
        self.note(call, answer.status_code)
        return answer.status_code, answer.content

    def note(self, call: Call, status: int) -> None:
        with self.lock:
            self.calls[f"{call.method} {call.path.partition('?')[0]}", status] += 1

    @property
    def left(self) -> dict[str, list[Fault]]:
        """What was planned and has not happened."""
        left = {route: [one for one in faults if one] for route, faults in self.faults.items()}
        return {route: faults for route, faults in left.items() if faults}


class ProxyDesk(Desk):
    """Calls as they come over the wire."""

    proxy: ClassVar[FaultyProxy]

    def serve(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(self.command, self.path, self.headers, text)
        match fault := self.proxy.begin(call):
            case Fault.UNAVAILABLE:
                self.proxy.note(call, 0)
                self.send(503, b"")
                return
            case Fault.LATE:
                self.hang_up()
                time.sleep(LATE_SECONDS)
                self.proxy.hand_on(call)
                return
            case Fault.SLOW:
                time.sleep(SLOW_SECONDS)
        status, answer = self.proxy.hand_on(call)
        self.give(fault, status, answer)

    def give(self, fault: Fault | None, status: int, answer: bytes) -> None:
        half = answer[: len(answer) // 2]
        match fault:
            case Fault.LOST:
                self.hang_up()
            case Fault.CUT:
                self.send(status, half)
            case Fault.BROKEN:
                self.send(status, half, {"Content-Length": str(len(answer))})
                self.hang_up()
            case _:
                self.send(status, answer)


@contextmanager
def serving() -> Iterator[FaultyProxy]:
    """On a free port of this machine; its target is told later, as that may have to know this address first."""
    proxy = FaultyProxy()
    server = Server(("127.0.0.1", 0), type("BoundDesk", (ProxyDesk,), {"proxy": proxy}))
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
