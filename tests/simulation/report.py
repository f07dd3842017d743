"""What many runs came to, as Markdown for people to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.simulation.run import Summary

KINDS = ("order", "lot", "card", "execution")


@dataclass(slots=True)
class Part:
    """One supplier's runs under one mix."""

    supplier: str
    mix: str
    summary: Summary = field(default_factory=Summary)
    seconds: float = 0.0


def markdown(parts: Sequence[Part]) -> str:
    """Totals by supplier and mix, how everything ended, and how often each fault was drawn."""
    lines = [*_totals(parts), "", *_ends(parts), "", *_faults(parts), "", *_failures(parts)]
    return "\n".join(lines).rstrip() + "\n"


def _totals(parts: Sequence[Part]) -> Iterator[str]:
    yield "| supplier | mix | seeds | failed | seconds | seeds a second | orders in REVIEW | cards in REVIEW |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|"
    for part in parts:
        summary = part.summary
        review = [f"{100 * summary.share(f'{kind} REVIEW'):.2f} %" for kind in ("order", "card")]
        rate = f"{summary.seeds / max(part.seconds, 0.001):.0f}"
        counts = [f"{summary.seeds:,}", f"{len(summary.failed):,}", f"{part.seconds:.1f}", rate]
        yield _row([part.supplier, part.mix, *counts, *review])


def _ends(parts: Sequence[Part]) -> Iterator[str]:
    ends = sorted(
        {end for part in parts for end in part.summary.ends}, key=lambda end: (KINDS.index(end.split()[0]), end)
    )
    yield from _table("ended as", parts, ends, [part.summary.ends for part in parts])


def _faults(parts: Sequence[Part]) -> Iterator[str]:
    together: Counter[str] = Counter()
    for part in parts:
        together.update(part.summary.drawn)
    names = [name for name, _ in together.most_common()]
    yield from _table("drawn", parts, names, [part.summary.drawn for part in parts])


def _table(title: str, parts: Sequence[Part], names: Sequence[str], counts: Sequence[Counter[str]]) -> Iterator[str]:
    yield _row([title, *(f"{part.supplier}, {part.mix}" for part in parts)])
    yield "|---|" + "--:|" * len(parts)
    for name in names:
        yield _row([name, *(f"{count[name]:,}" for count in counts)])


def _failures(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        for result in part.summary.failed:
            yield f"- `{result.replay}`: {'; '.join(result.problems)}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
