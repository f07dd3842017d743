"""A queue in the world: each message comes at least once, at times twice or late, a few times if it fails."""

# ruff: noqa: N803 - the arguments have the names of boto3
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.simulation.world import MINUTE, SECOND, Crashed, Life, World

VISIBLE_AGAIN = 3 * MINUTE
MOST_RECEIVES = 5
LATEST = 15 * MINUTE

Handler = Callable[[dict[str, Any]], object]


class MemorySqs:
    """`handler` is given each message's JSON; `report` is told of its errors."""

    def __init__(self, world: World, handler: Handler, report: Callable[[str, BaseException], None]) -> None:
        self.bodies: list[str] = []
        self.dead: list[str] = []
        self._world = world
        self._handler = handler
        self._report = report

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> dict[str, Any]:
        draw = self._world.draw
        self.bodies.append(MessageBody)
        late = draw.whole(MINUTE, LATEST) if draw.happens("message late") else SECOND
        for number in range(2 if draw.happens("message twice") else 1):
            self._deliver(MessageBody, 1, late + number)
        return {"MessageId": f"{QueueUrl} {len(self.bodies)}"}

    def _deliver(self, body: str, receives: int, delay: int) -> None:
        life = Life(f"message {len(self.bodies)}")
        self._world.start(self._receive, body, receives, at=self._world.time + delay, life=life)

    def _receive(self, body: str, receives: int) -> None:
        try:
            self._handler(json.loads(body))
        except (Exception, Crashed) as error:  # noqa: BLE001 - whatever it was, the message comes again
            if not isinstance(error, Crashed):
                self._report("handle_bulk_request", error)
            if receives == MOST_RECEIVES:
                self.dead.append(body)
            else:
                self._deliver(body, receives + 1, VISIBLE_AGAIN)
