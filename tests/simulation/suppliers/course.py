"""The course of a sale after its commit: when look-ups know it, when it ends, and the words for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.simulation.faults import Draw

LONGEST_LAG = 60_000


@dataclass(frozen=True, slots=True)
class Course:
    """Moments in ms. `words`: of the first fifth, of the rest, and of the end."""

    begun: int
    known: int
    done: int
    words: tuple[str, str, str]

    def is_done(self, at: int) -> bool:
        return at >= self.done

    def word(self, at: int, draw: Draw, strange: Sequence[str]) -> str:
        """What a look-up at that moment tells."""
        stage = 2 if at >= self.done else int(5 * (at - self.begun) >= self.done - self.begun)
        if stage and draw.happens("stale status"):
            return self.words[draw.whole(0, stage - 1)]
        if draw.happens("strange status"):
            return draw.one_of(strange)
        return self.words[stage]


def begin(draw: Draw, at: int, spans: Sequence[tuple[int, int]], words: tuple[str, str, str]) -> Course:
    """`spans`: ranges of processing times in ms, each as likely as the others."""
    lag = draw.whole(1, LONGEST_LAG) if draw.happens("lookup lag") else 0
    return Course(at, at + lag, at + draw.whole(*draw.one_of(spans)), words)
