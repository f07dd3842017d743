"""python -m tests.simulation: orders in a world where everything goes wrong, many thousand times."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "layers" / "giftline"))  # as pytest does by its settings

from tests.simulation.mixes import MIXES
from tests.simulation.report import KINDS, Part, markdown
from tests.simulation.run import LEAST_SEEDS, MOST_REVIEW, Summary, run_many, run_seed
from tests.simulation.supply import SUPPLIES

SHOWN = 10
ALL = ("wpay", "walleo", "both")


def main() -> int:
    given = _arguments()
    if given.seed is not None:
        return _replay(given)
    suppliers = ALL if given.supplier == "all" else (given.supplier,)
    parts = [_run(given, supplier, mix) for supplier in suppliers for mix in given.mix.split(",")]
    if given.report:
        given.report.write_text(markdown(parts), encoding="utf-8")
    return 1 if any(part.summary.failed or _is_too_doubtful(part) for part in parts) else 0


def _run(given: argparse.Namespace, supplier: str, mix: str) -> Part:
    part, begun = Part(supplier, mix), time.monotonic()

    def progress(so_far: Summary) -> None:
        passed = time.monotonic() - begun
        rate, left = so_far.seeds / passed, given.seeds - so_far.seeds
        line = f"{supplier}, {mix}: {so_far.seeds} of {given.seeds} seeds, {rate:.0f} a second, "
        sys.stderr.write(f"\r{line}{_clock(left / rate)} left, {len(so_far.failed)} failed ")
        sys.stderr.flush()

    seeds = range(given.first_seed, given.first_seed + given.seeds)
    part.summary = run_many(seeds, supplier, mix, given.processes, progress)
    part.seconds = time.monotonic() - begun
    sys.stderr.write("\n")
    _print_summary(part)
    return part


def _is_too_doubtful(part: Part) -> bool:
    """A few orders are too few to tell."""
    return part.summary.seeds >= LEAST_SEEDS and part.summary.share("order REVIEW") > MOST_REVIEW


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--supplier", choices=[*SUPPLIES, "all"], default="wpay", help="all: wpay, walleo, and both")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many of each supplier and mix")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seed", type=int, help="one seed again")
    parser.add_argument("--verbose", action="store_true", help="with --seed: everything that happens, as it happens")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--mix", default="harsh", help=f"of {', '.join(MIXES)}; several with commas between")
    parser.add_argument("--report", type=Path, help="write the summary to this file, as Markdown")
    given = parser.parse_args()
    if unknown := set(given.mix.split(",")) - set(MIXES):
        parser.error(f"no such mix: {', '.join(sorted(unknown))}")
    return given


def _replay(given: argparse.Namespace) -> int:
    trace = _print if given.verbose else None
    result = run_seed(given.seed, given.supplier, given.mix, trace=trace)
    _print(f"seed {result.seed}: {_counted(result.ends)}")
    _print(f"drawn: {_counted(result.drawn)}")
    for problem in result.problems:
        _print(f"PROBLEM {problem}")
    return 1 if result.problems else 0


def _print_summary(part: Part) -> None:
    summary, seconds = part.summary, part.seconds
    runs = max(1, summary.seeds)
    _print(f"{part.supplier}, {part.mix}")
    _print(f"{summary.seeds} seeds in {seconds:.1f} s, {1000 * summary.cpu_seconds / runs:.2f} ms CPU a run")
    _print(f"{summary.steps / runs:.0f} steps and {summary.writes / runs:.1f} write units a run")
    _print("\nended as")
    for kind in KINDS:
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
    if _is_too_doubtful(part):
        _print(f"\nFAILED: {100 * summary.share('order REVIEW'):.2f} % of the orders are in REVIEW")
    if summary.failed:
        _print(f"\n{len(summary.failed)} of {summary.seeds} seeds failed")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
