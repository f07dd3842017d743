"""python -m tests.simulation.ablation: each protective rule switched off, alone and in pairs, and what comes of it."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2] / "layers" / "giftline"))  # as pytest does by its settings

from giftline.suppliers import walleo, wpay
from giftline.suppliers.port import Outcome
from tests.simulation.checks import Evidence
from tests.simulation.run import Result, run_seed
from tests.simulation.switches import SWITCHES, switched_off


class Cell(NamedTuple):
    """Rules that are off, and in which supply; no rule: Giftline as it is."""

    rules: tuple[str, ...]
    supplier: str
    mix: str = "harsh"

    @property
    def base(self) -> Cell:
        return self._replace(rules=())

    def __str__(self) -> str:
        where = self.supplier if self.mix == "harsh" else f"{self.supplier}, {self.mix}"
        return f"{' + '.join(self.rules) or 'nothing'} off in {where}"


RARE: Final = (
    Cell(("settle",), "both", "lagging"),
    Cell(("confirmed refusal",), "both", "lagging"),
    Cell(("later refusal",), "both", "late"),
    Cell(("no failover in doubt",), "both-loose", "late"),
    Cell(("nonce",), "wpay-loose", "twins"),
    Cell(("watch",), "wpay-loose", "late"),
    Cell(("frozen",), "wpay", "frozen"),
)
"""What these are for is rare in the harsh mix: each in a mix that has more of it."""
HEALED: Final = (
    Cell(("settle", "watch"), "wpay", "lagging"),
    Cell(("confirmed refusal", "watch"), "wpay", "lagging"),
    Cell(("later refusal", "watch"), "wpay", "late"),
)
"""Where only one supplier sells it, the watch finds what was wrongly given up; so both are off."""
MANNERS: Final = ("too soon",)
"""Problems that are about neither cards nor money nor time: they would hide those that are."""


@dataclass(slots=True)
class Tally:
    """Seeds up to the first that fails, and what their orders came to."""

    seeds: int = 0
    first: int | None = None
    problem: str = ""
    counts: Counter[str] = field(default_factory=Counter)


def try_seeds(cell: Cell, seeds: Iterable[int]) -> Tally:
    """It stops at the first seed that fails."""
    tally = Tally()
    with switched_off(*cell.rules), _answers_counted(tally.counts):
        for seed in seeds:
            result = run_seed(seed, cell.supplier, cell.mix, rules=(partial(_count, tally.counts),))
            tally.seeds += 1
            if harm := harm_of(result):
                tally.first, tally.problem = seed, harm[0]
                break
    return tally


def harm_of(result: Result) -> list[str]:
    return [problem for problem in result.problems if not any(words in problem for words in MANNERS)]


def _count(counts: Counter[str], evidence: Evidence) -> Iterator[str]:
    """A rule of the run that never finds anything."""
    counts["orders"] += len(evidence.orders)
    counts["review"] += sum(order.status.value == "REVIEW" for order in evidence.orders)
    counts["polls"] += sum(lot.polls for lot in evidence.lots.values())
    yield from ()


@contextmanager
def _answers_counted(counts: Counter[str]) -> Iterator[None]:
    """Purchases that the suppliers refused, for whatever reason."""

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def read_placed(*given: Any) -> Any:
            placed = real(*given)
            counts["refused"] += placed.taken or placed.outcome is Outcome.NOT_COMMITTED
            return placed

        return read_placed

    with (
        mock.patch.object(wpay, "read_placed", counted(wpay.read_placed)),
        mock.patch.object(walleo, "read_placed", counted(walleo.read_placed)),
    ):
        yield


# --- all of them


def singles() -> list[Cell]:
    return [*(Cell((name,), supplier) for name, switch in SWITCHES.items() for supplier in switch.where), *RARE]


def pairs(tried: Mapping[Cell, Tally]) -> list[Cell]:
    """Of the rules that no supply catches alone, wherever one of the two could matter; and HEALED."""
    caught = {cell.rules[0] for cell, tally in tried.items() if tally.first is not None}
    return [
        Cell((one, other), supplier)
        for one, other in combinations([name for name in SWITCHES if name not in caught], 2)
        for supplier in dict.fromkeys((*SWITCHES[one].where, *SWITCHES[other].where))
    ] + list(HEALED)


def try_cells(cells: Sequence[Cell], seeds: int, processes: int) -> dict[Cell, Tally]:
    """Each cell as a whole in one process, progress on stderr."""
    work, begun, tried = partial(try_seeds, seeds=range(seeds)), time.monotonic(), {}
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for cell, tally in zip(cells, pool.imap(work, cells), strict=True):
            tried[cell] = tally
            found = f"seed {tally.first}" if tally.first is not None else f"not in {tally.seeds}"
            done = f"{len(tried)} of {len(cells)}, {time.monotonic() - begun:.0f} s"
            sys.stderr.write(f"{done}: {cell}: {found}\n")
    return tried


# --- the table

HEAD: Final = (
    "| off | supply | caught by | problem | REVIEW, % of orders | refused purchases | polls |",
    "|---|---|---|---|---|---|---|",
)
"""Three last columns: with the rule / without it; the last two for 1,000 orders."""


def row(cell: Cell, tally: Tally, base: Tally) -> str:
    told = str(cell).split(" off in ")
    if tally.first is not None:
        told += [f"seed {tally.first}", _general(tally.problem), "", "", ""]
    else:
        told += [f"none of {tally.seeds}", "", *_measured(base.counts, tally.counts)]
    return f"| {' | '.join(told)} |".replace("  ", " ")


def _measured(with_rule: Counter[str], without: Counter[str]) -> Iterator[str]:
    for name, among, places in (("review", 100, 1), ("refused", 1000, 0), ("polls", 1000, 0)):
        shares = [among * counts[name] / max(1, counts["orders"]) for counts in (with_rule, without)]
        yield " / ".join(f"{share:.{places}f}" for share in shares)


def _general(problem: str) -> str:
    """Without the names of the one order that it happened to."""
    words = [word for word in problem.split() if "ORDER0" not in word]
    return " ".join(words).removeprefix("order ").split("; lots:")[0].split(": {")[0]


def main() -> int:
    given = _arguments()
    tried = try_cells(singles(), given.seeds, given.processes)
    tried |= try_cells(pairs(tried), given.seeds, given.processes)
    bases = try_cells(list(dict.fromkeys(cell.base for cell in tried)), given.seeds, given.processes)
    lines = [*HEAD, *(row(cell, tally, bases[cell.base]) for cell, tally in tried.items())]
    failed = [f"seed {tally.first}, {cell}: {tally.problem}" for cell, tally in bases.items() if tally.problem]
    sys.stdout.write("\n".join([*lines, *failed, ""]))
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.ablation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="for each rule or pair in each supply")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
