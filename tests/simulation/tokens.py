"""The words of one expression, from left to right: what both of the simulation's languages are read by."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(slots=True)
class Tokens:
    """`keywords`, in capitals, are the same in any case."""

    text: str
    words: list[str]
    keywords: frozenset[str] = frozenset()
    at: int = 0

    @property
    def next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    @property
    def next_word(self) -> str:
        upper = self.next.upper()
        return upper if upper in self.keywords else self.next

    def take(self) -> str:
        word = self.next
        self.at += 1
        return word

    def took(self, word: str) -> bool:
        if self.next_word != word:
            return False
        self.at += 1
        return True

    def need(self, word: str) -> None:
        if not self.took(word):
            raise NotImplementedError(f"{self.text!r}: {word!r} was expected before {self.next!r}")

    def need_end(self) -> None:
        if self.next:
            raise NotImplementedError(f"{self.text!r}: {self.next!r} is not understood here")


def words_in(text: str, token: re.Pattern[str]) -> list[str]:
    """Its first groups, one after the other; NotImplementedError where none fits."""
    words, at = [], 0
    while at < len(text):
        match = token.match(text, at)
        if match is None:
            raise NotImplementedError(f"{text!r}: {text[at:]!r} is not understood here")
        words.append(match[1])
        at = match.end()
    return words
