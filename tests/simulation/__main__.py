"""python -m tests.simulation: orders in a world where everything goes wrong, many thousand times."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "layers" / "giftline"))  # as pytest does by its settings

from tests.simulation.mixes import MIXES
from tests.simulation.run import Summary, run_many, run_seed
from tests.simulation.supply import SIDES

SHOWN = 10


def main() -> int:
    given = _arguments()
    if given.seed is not None:
        return _replay(given)
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    begun = time.monotonic()

    def progress(so_far: Summary) -> None:
        rate = so_far.seeds / (time.monotonic() - begun)
        line = f"\r{so_far.seeds} of {given.seeds} seeds, {rate:.0f} a second, {len(so_far.failed)} failed "
        sys.stderr.write(line)
        sys.stderr.flush()

    summary = run_many(seeds, given.supplier, given.mix, given.processes, progress)
    sys.stderr.write("\n")
    _print_summary(summary, time.monotonic() - begun)
    return 1 if summary.failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--supplier", choices=[*SIDES, "both"], default="wpay")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seed", type=int, help="one seed again")
    parser.add_argument("--verbose", action="store_true", help="with --seed: everything that happens, as it happens")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--mix", choices=list(MIXES), default="harsh")
    return parser.parse_args()


def _replay(given: argparse.Namespace) -> int:
    trace = _print if given.verbose else None
    result = run_seed(given.seed, given.supplier, given.mix, trace=trace)
    _print(f"seed {result.seed}: {_counted(result.ends)}")
    _print(f"drawn: {_counted(result.drawn)}")
    for problem in result.problems:
        _print(f"PROBLEM {problem}")
    return 1 if result.problems else 0


def _print_summary(summary: Summary, seconds: float) -> None:
    runs = max(1, summary.seeds)
    _print(f"{summary.seeds} seeds in {seconds:.1f} s, {1000 * summary.cpu_seconds / runs:.2f} ms CPU a run")
    _print(f"{summary.steps / runs:.0f} steps and {summary.writes / runs:.1f} write units a run")
    _print("\nended as")
    for kind in ("order", "lot", "execution"):
        ends = {name: count for name, count in summary.ends.items() if name.startswith(f"{kind} ")}
        for name, count in sorted(ends.items()):
            _print(f"  {name:<40} {count:>9}  {100 * count / sum(ends.values()):6.2f} %")
    _print("\ndrawn")
    for name, count in summary.drawn.most_common():
        _print(f"  {name:<40} {count:>9}")
    for result in summary.failed[:SHOWN]:
        _print(f"\nFAILED seed {result.seed}: {result.replay} --verbose")
        for problem in result.problems[:SHOWN]:
            _print(f"  {problem}")
    if summary.failed:
        _print(f"\n{len(summary.failed)} of {summary.seeds} seeds failed")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
