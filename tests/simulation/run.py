"""One run from one seed: a small order or two, nine days, and what is wrong with what came of it."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from giftline.money import Money
from giftline.orders.accepting import merge_lines
from giftline.orders.model import Line, Order, OrderRequest
from giftline.storage.dynamodb import DynamoOrders
from tests.fakes.time import START
from tests.simulation.checks import RULES, Evidence, Rule
from tests.simulation.clients import Clients
from tests.simulation.faults import Draw
from tests.simulation.house import TABLE, TENANT, House
from tests.simulation.mixes import MIXES
from tests.simulation.supply import AMOUNTS, SUPPLIES, products_of
from tests.simulation.world import MINUTE, SECOND, Life, World

DAYS = 9
DAY = 24 * 60 * MINUTE
SWEEP_EVERY = 5 * MINUTE
JOB_TIMEOUT = 90 * SECOND
THOROUGH_EVERY = 20
CHUNK = 25
MOST_REVIEW = 0.06
"""Of all orders of a harsh run: whatever is safe but leaves more than that to people is no good."""
LEAST_SEEDS = 500
"""Too few orders tell no share."""
ROOMS = (1, 1, 1, 2, 2, 3, 6)
"""Cards of an order: few, as a further one mostly meets what the others met."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run came to; `ends` counts orders, lots and executions by how they ended."""

    seed: int
    supplier: str
    mix: str
    problems: tuple[str, ...]
    drawn: Counter[str] = field(repr=False)
    ends: Counter[str]
    steps: int
    writes: int
    virtual_ms: int

    @property
    def replay(self) -> str:
        """The command that runs this seed again, and shows it."""
        mix = "" if self.mix == "harsh" else f" --mix {self.mix}"
        return f"python -m tests.simulation --supplier {self.supplier} --seed {self.seed}{mix}"


def run_seed(
    seed: int,
    supplier: str = "wpay",
    mix: str | Mapping[str, float] = "harsh",
    rules: Sequence[Rule] = (),
    trace: Callable[[str], None] | None = None,
) -> Result:
    """`mix`: a name, or rates by fault. `rules` are judged beside RULES. `supplier`: a name of SUPPLIES."""
    rates = MIXES[mix] if isinstance(mix, str) else mix
    world = World(Draw(f"{supplier} {seed}", rates))
    world.trace = None if trace is None else partial(_timed, world, trace)
    sides = SUPPLIES[supplier]
    house = House(world, sides)
    clients = Clients(world, house, Draw(f"clients {supplier} {seed}", rates))
    play = _Play(world, house, tuple(sides), clients)
    with _captured() as logged:
        problems = play.run()
        evidence = Evidence(play.house, play.orders(), logged, thorough=seed % THOROUGH_EVERY == 0)
        problems += [problem for rule in (*RULES, *rules) for problem in rule(evidence)]
    for problem in problems:
        world.note(f"PROBLEM {problem}")
    return Result(
        seed,
        supplier,
        mix if isinstance(mix, str) else "of its own",
        tuple(problems),
        world.draw.drawn + clients.whims.drawn,
        _ends(evidence),
        world.steps,
        play.house.dynamodb.writes[TABLE],
        world.time - START,
    )


@dataclass(slots=True)
class _Play:
    """Who acts in a run: clients that order, and the schedule that sweeps."""

    world: World
    house: House
    suppliers: Sequence[str]
    clients: Clients
    wanted: int = 0

    def run(self) -> list[str]:
        """What went wrong with the run itself."""
        draw = self.world.draw
        requests = [self._request(number) for number in range(1 if draw.whole(1, 5) > 1 else 2)]
        self.wanted = len(requests)
        for number, request in enumerate(requests):
            self.world.start(
                self.clients.order, request, at=START + number * draw.whole(0, 60 * MINUTE), life=Life("client")
            )
        self.world.start(self._schedule, life=Life("schedule"))
        self.world.run(START + DAYS * DAY)
        self.world.close()
        for supplier in self.house.suppliers.values():
            supplier.catch_up()
        refused = self.wanted - len(self.clients.accepted)
        return [f"{refused} of {self.wanted} requests were never accepted"] if refused else []

    def orders(self) -> list[Order]:
        store = DynamoOrders(self.house.dynamodb, TABLE)  # type: ignore[arg-type]
        return [store.get(order_id) for order_id in self.clients.accepted.values()]

    def _request(self, number: int) -> OrderRequest:
        """1 to 3 lines of 1 to 8 cards together."""
        draw = self.world.draw
        products = products_of(self.suppliers)
        lines: list[Line] = []
        room = draw.one_of(ROOMS)
        for _ in range(draw.whole(1, 3)):
            product = draw.one_of(products)
            minor = draw.one_of([minor for minor in AMOUNTS if product.allows(minor)])
            quantity = draw.whole(1, room) if room else 0
            if quantity:
                lines.append(Line(product.sku, Money(minor, product.currency), quantity))
                room -= quantity
        return OrderRequest(TENANT, f"refno-{number}", merge_lines(lines), "api")

    def _schedule(self) -> None:
        """Each job every five minutes, skipping those at which nothing can be due."""
        while True:
            due = self.house.due()
            if not due and len(self.clients.accepted) == self.wanted and not self.clients.busy:
                return
            if not due and len(self.clients.accepted) == self.wanted:
                self.world.sleep(SWEEP_EVERY)
                continue
            job = min(due, key=due.__getitem__, default="sweep")
            earliest = max(self.world.time + 1, due.get(job, 0))
            at = -(-earliest // SWEEP_EVERY) * SWEEP_EVERY
            if len(self.clients.accepted) < self.wanted:
                at = min(at, self.world.time + SWEEP_EVERY)
            self.world.sleep(at - self.world.time)
            self.world.join(self.world.start(self._run_job, job, life=Life(job)), JOB_TIMEOUT)

    def _run_job(self, job: str) -> None:
        try:
            found = self.house.jobs()[job]()
        except Exception as error:  # noqa: BLE001 - judged by a rule
            self.house.errors.append((job, error))
        else:
            self.world.note(f"found: {found}")


def _ends(evidence: Evidence) -> Counter[str]:
    ends = Counter(f"order {order.status.value}" for order in evidence.orders)
    for lot in evidence.lots.values():
        ends[f"lot {lot.state.value}"] += 1
        if lot.slots:
            ends.update(f"card {slot.state.value}" for slot in lot.slots)
        else:
            ends[f"card {lot.state.value}"] += lot.quantity
    ends.update(f"execution {execution.status}" for execution in evidence.house.machine.executions.values())
    return ends


def _timed(world: World, trace: Callable[[str], None], text: str) -> None:
    seconds, ms = divmod(world.time - START, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    trace(f"{hours:03d}:{minutes:02d}:{seconds:02d}.{ms:03d} {text}")


class _captured(logging.Handler):  # noqa: N801 - used as a context manager
    """Every log record of a run, as text."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.getMessage()} {record.exc_info or ''}")

    def __enter__(self) -> list[str]:
        logging.getLogger().addHandler(self)
        return self.texts

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


# --- many seeds


@dataclass(slots=True)
class Summary:
    """Many runs together."""

    seeds: int = 0
    failed: list[Result] = field(default_factory=list)
    drawn: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    writes: int = 0
    cpu_seconds: float = 0.0

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.drawn.update(result.drawn)
        self.ends.update(result.ends)
        self.steps += result.steps
        self.writes += result.writes
        if result.problems:
            self.failed.append(result)

    def share(self, end: str) -> float:
        """How much of its kind ended so, from 0 to 1: "order REVIEW" of all orders."""
        kind = end.split(maxsplit=1)[0]
        return self.ends[end] / max(1, sum(count for name, count in self.ends.items() if name.startswith(f"{kind} ")))

    def merge(self, other: Summary) -> None:
        self.seeds += other.seeds
        self.failed += other.failed
        self.drawn.update(other.drawn)
        self.ends.update(other.ends)
        self.steps += other.steps
        self.writes += other.writes
        self.cpu_seconds += other.cpu_seconds


def run_many(
    seeds: Iterable[int],
    supplier: str = "wpay",
    mix: str = "harsh",
    processes: int = 1,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """All seeds; failing ones are kept in the order of their numbers."""
    summary = Summary()
    for part in _parts(_chunks(seeds), partial(run_chunk, supplier=supplier, mix=mix), processes):
        summary.merge(part)
        if progress is not None:
            progress(summary)
    summary.failed.sort(key=lambda result: result.seed)
    return summary


def run_chunk(seeds: Sequence[int], supplier: str, mix: str) -> Summary:
    """What one process does at a time."""
    summary, begun = Summary(), time.process_time()
    for seed in seeds:
        summary.add(run_seed(seed, supplier, mix))
    gc.collect()
    summary.cpu_seconds = time.process_time() - begun
    return summary


def _parts(chunks: Iterator[list[int]], work: Callable[[Sequence[int]], Summary], processes: int) -> Iterator[Summary]:
    if processes <= 1:
        yield from map(work, chunks)
        return
    with multiprocessing.get_context("spawn").Pool(processes, _prepare) as pool:
        yield from pool.imap_unordered(work, chunks)


def _prepare() -> None:
    """In a process of its own: what a run leaves behind is collected after a chunk of them, not in between."""
    logging.getLogger().addHandler(logging.NullHandler())
    gc.disable()
    gc.freeze()


def _chunks(seeds: Iterable[int]) -> Iterator[list[int]]:
    chunk: list[int] = []
    for seed in seeds:
        chunk.append(seed)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
