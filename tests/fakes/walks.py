"""The state machine's tasks as calls of a house's use cases, for walks that need no handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from giftline.orders.verdict import Verdict
from tests.fakes.state_machine import Task, Walk
from tests.fakes.time import FakeClock

OnLot = Callable[[str, int], Verdict]


class Wired(Protocol):
    """A House of any kind of storage: use cases by the names of their functions."""

    @property
    def clock(self) -> FakeClock: ...

    @property
    def plan_order(self) -> Callable[[str], list[int]]: ...

    @property
    def create_order(self) -> OnLot: ...

    @property
    def get_order_status(self) -> OnLot: ...

    @property
    def fetch_cards(self) -> OnLot: ...

    @property
    def close_order(self) -> Callable[[str, dict[int, str]], Any]: ...


def tasks_of(house: Wired) -> dict[str, Task]:
    """Each what functions/<name>/app.py does; the use case is made anew for each call."""

    def plan(event: dict[str, Any]) -> Any:
        order_id = event["order_id"]
        return {"lots": [{"order_id": order_id, "lot": number} for number in house.plan_order(order_id)]}

    def close(event: dict[str, Any]) -> Any:
        parked = {lot["lot"]: lot["parked"] for lot in event["lots"] if "parked" in lot}
        closed = house.close_order(event["order_id"], parked)
        return {"status": closed.status.value, "next": "plan" if closed.planned else "end"}

    def on_lot(name: str) -> Task:
        return lambda event: getattr(house, name)(event["order_id"], event["lot"]).as_state()

    lot_tasks = {name: on_lot(name) for name in ("create_order", "get_order_status", "fetch_cards")}
    return {"plan_order": plan, "close_order": close, **lot_tasks}


def walked(house: Wired, order_id: str, most_transitions: int = 5_000) -> Walk:
    """One execution from its start to its end."""
    walk = Walk(tasks_of(house), house.clock, most_transitions=most_transitions)
    walk.run(order_id)
    return walk
