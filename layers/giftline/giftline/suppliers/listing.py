"""What a supplier says it sells, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amounts:
    """In whole major units: `fixed` ones if there are any, else `least` to `most` in `step`s."""

    fixed: tuple[int, ...] = ()
    least: int = 0
    most: int = 0
    step: int = 1


@dataclass(frozen=True, slots=True)
class ListedCard:
    """`amounts` None: it is listed, and how it is sold cannot be read."""

    code: str
    name: str
    has_pin: bool
    amounts: Amounts | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that is sold; with a `problem`, a word of ours, nothing can be told from it."""

    cards: tuple[ListedCard, ...] = ()
    problem: str = ""
    retry_after: float | None = None
