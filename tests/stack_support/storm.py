"""A storm over one stack: orders come in while its workers are killed and all of it is stopped and started again.

The moments are drawn from a seed. Only processes that descend from this stack's own embedded AWS are ever killed.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests
from botocore.exceptions import BotoCoreError, ClientError

from local import deployment, emulator, processes
from local.errors import StepFailed
from tests.stack_support.stack import Stack, start_stack, stop_stack
from tests.stack_support.storm_orders import Wanted, draw_orders
from tests.stack_support.waiting import wait_for

OPEN = ("PENDING", "PROCESSING")
CLIENTS = 2
"""The embedded AWS unpacks the layers for each new worker, one after the other; warm ones take a second an order."""
PAUSES = (0.05, 0.8)
"""Seconds between two events: the draw of a moment, nothing waits for them to be over."""
SWEEP_SECONDS = 2.0
AWAITED = 10.0
"""Seconds in which a step's worker is looked for: a cold start of the embedded AWS takes some of them."""
STEPS = ("HandleBulkRequest", "PlanOrder", "CreateOrder", "GetOrderStatus", "FetchCards", "CloseOrder")
WORKER = re.compile(r"ministack-lambda-(?:giftline-)?([A-Za-z]+)[^/]*/_worker")


@dataclass(frozen=True, slots=True)
class Size:
    """How long the storm lasts and how hard it blows."""

    orders: int
    restarts: int
    kills: int
    cards: int
    seed: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Size:
        """STORM_ORDERS, STORM_RESTARTS, STORM_KILLS, STORM_CARDS (in the largest order), STORM_SEED."""
        defaults = cls(orders=4, restarts=1, kills=2, cards=40, seed=1)
        given = {name: environ.get(f"STORM_{name.upper()}", "").strip() for name in cls.__slots__}
        return cls(**{name: int(text) if text else getattr(defaults, name) for name, text in given.items()})

    @property
    def seconds(self) -> float:
        """How long one order may take."""
        return 150 + 0.2 * self.cards


@dataclass
class Storm:
    """`stack` is the one of the last start; `accepted` what each POST answered at last."""

    stack: Stack
    size: Size
    accepted: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    repeated_posts: int = 0
    sweeps: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self.orders = draw_orders(self.size.seed, self.size.orders, self.size.cards)
        self._random = random.Random(f"{self.size.seed}|weather")

    def blow(self) -> None:
        """From the first order to the end of the last one."""
        self.say(f"storm: {self.size}")
        sweeping = threading.Thread(target=self._sweep, daemon=True)
        sweeping.start()
        try:
            with ThreadPoolExecutor(CLIENTS) as clients:
                for followed in self._events(clients):
                    followed.result()
        finally:
            self._over.set()
            sweeping.join()
        self.say("all orders are at their end")

    def _events(self, clients: ThreadPoolExecutor) -> list[Future[None]]:
        """Each at a drawn moment after the one before; an order waits until a client is free for it, and nothing
        waits for its acceptance: the POST itself may meet what comes next.
        """
        waiting = iter(self.orders)
        followed: list[Future[None]] = []
        for event in self._drawn_events():
            time.sleep(self._random.uniform(*PAUSES))
            match event:
                case "order":
                    wait_for(lambda: is_free(followed) or None, 2 * self.size.seconds, "a free client")
                    followed.append(clients.submit(self._place_and_follow, next(waiting)))
                case "kill":
                    self._kill()
                case "restart":
                    self._restart()
        return followed

    def _drawn_events(self) -> list[str]:
        """Every kill and restart comes right after an order, so that there is something to spoil."""
        after: list[list[str]] = [[] for _ in self.orders]
        for event in ["kill"] * self.size.kills + ["restart"] * self.size.restarts:
            self._random.choice(after[min(1, len(after) - 1) :]).append(event)
        return [event for bad in after for event in ("order", *bad)]

    def _place_and_follow(self, order: Wanted) -> None:
        """As a client does: the same POST until its answer comes, then its status until the end."""
        self._place(order)
        body = wait_for(lambda: self._ended(order.refno), self.size.seconds, f"the end of {order.refno}")
        self.statuses[order.refno] = body["status"]
        self.say(f"{order.refno} is {body['status']}: {order.quantity} of {order.supplier}; {len(self.statuses)} ended")

    def _place(self, order: Wanted) -> None:
        deadline = time.monotonic() + self.size.seconds
        while True:
            answer = self._ask(lambda: self.stack.door.post(order.body))
            if answer is not None and answer.ok:
                self.accepted[order.refno] = answer.json()
                return
            said = "no answer" if answer is None else answer.text
            assert answer is None or answer.status_code != 400, f"{order.refno} is refused: {said}"
            assert time.monotonic() < deadline, f"{order.refno} was never accepted: {said}"
            self.repeated_posts += 1
            time.sleep(0.3)

    def _ended(self, refno: str) -> dict[str, Any] | None:
        answer = self._ask(lambda: self.stack.door.status(refno))
        if answer is None or not answer.ok:
            return None
        body: dict[str, Any] = answer.json()
        return None if body["status"] in OPEN else body

    def _ask(self, call: Callable[[], requests.Response]) -> requests.Response | None:
        try:
            return call()
        except requests.RequestException:
            return None

    def _kill(self) -> None:
        """A worker of a drawn step of the orders' way, some moment after it is there; of any where none comes."""
        target = self._random.choice(STEPS)
        pause = self._random.uniform(0, 0.5)
        deadline = time.monotonic() + AWAITED
        while not (workers := workers_of(self.stack, target)) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(pause)
        workers = workers_of(self.stack, target) or workers_of(self.stack)
        if not workers:
            self.killed["nobody was there"] += 1
            return
        pid = self._random.choice(sorted(workers))
        os.kill(pid, signal.SIGKILL)
        self.killed[workers[pid]] += 1
        self.say(f"killed a worker of {workers[pid]}")

    def _restart(self) -> None:
        stop_stack(self.stack)
        log = self.stack.settings.log_folder / "emulator.log"
        shutil.copy(log, log.with_name(f"emulator-{self.restarts + 1}.log"))
        self.say(f"stopped with {len(self.accepted) - len(self.statuses)} orders open")
        self.stack = start_stack(self.stack.settings.state, **self.stack.environ)
        self.restarts += 1
        self.say("started again")

    def _sweep(self) -> None:
        """The rules' minutes are a thousandth here, the schedule's are not: it is helped along."""
        while not self._over.wait(SWEEP_SECONDS):
            try:
                deployment.invoke(self.stack.settings, "RunScheduleFunction", {"job": "sweep"})
                self.sweeps["done"] += 1
            except (StepFailed, ClientError, BotoCoreError) as error:
                self.sweeps[type(error).__name__] += 1

    def say(self, what: str) -> None:
        sys.stdout.write(f"{time.monotonic() - self.began:7.1f} s  {what}\n")
        sys.stdout.flush()


def is_free(followed: list[Future[None]]) -> bool:
    """Whether a client has nothing to follow; what went wrong for one is said at once."""
    for done in followed:
        if done.done():
            done.result()
    return sum(not one.done() for one in followed) < CLIENTS


def workers_of(stack: Stack, function: str = "") -> dict[int, str]:
    """Lambda workers of this stack's own embedded AWS, by pid: the name of their function. Of one function, or all."""
    daemon = emulator.running(stack.settings)
    if daemon is None:
        return {}
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    children = {int(row[0]): row[2] for row in rows if len(row) == 3 and int(row[1]) == daemon.pid}
    # Listed before, looked at again: the parent that was named is still the one that we started.
    if not processes.is_running(daemon):
        return {}
    names = {pid: found[1] for pid, arguments in children.items() if (found := WORKER.search(arguments))}
    return {pid: name for pid, name in names.items() if name.startswith(function)}
