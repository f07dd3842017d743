"""The accidents of the simulated suppliers by their names, and how often each is worth having."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ACCIDENTS: Final[Mapping[str, str]] = {
    # any request; at most one of these, the first that is drawn
    "lost before": "nothing done, no answer: the connection breaks at once, or the time runs out",
    "500 before": "nothing done, 500",
    "503": "nothing done, 503, half of them with Retry-After",
    "429": "nothing done, 429 with Retry-After",
    "lost after": "done, no answer: the connection breaks at once, or the time runs out",
    "500 after": "done, 500",
    "html": "done or not, a page of HTML with 200, 202 or 502",
    "redirect": "done or not, 301, 302, 307 or 308",
    "truncated": "done, the answer ends in the middle",
    "slow": "done, the answer takes up to 95 % of the time that the client allows",
    # a POST
    "late commit": "no answer; the request arrives only 1 s to 1 h later, if its reference is still free then",
    "refused": "a documented refusal, nothing sold; also where the reference is taken",
    "refused after commit": "sold, and answered with a documented refusal",
    # a look-up
    "lookup lag": "once a sale: unknown to look-ups for up to 60 s after the commit",
    "stale status": "an earlier status",
    "strange status": "a word that no document knows",
    "other order": "an answer about another reference",
    # Wpay
    "cancelled": "once a sale: it ends as CANCELED, no card is sold",
    "not yet": "409 for cards that are ready",
    "short page": "the page lacks cards at its end, even all of them",
    "repeated page": "the page before the wanted one",
    "wrong page": "cards from another offset, whatever it is",
    "reordered": "the cards of the page in another order",
    "repeated card": "one card of the page stands in the place of another",
    "card without pin": "one card lacks its PIN, the first time that it is shown",
    "card used": "a reversal is refused, and the sale stands",
    "wrong total_cards": "1, as in the document, or any number",
    # Walleo
    "error status": "once a sale: it ends in `error`, no card is sold",
}

HARSH: Final[Mapping[str, float]] = {
    "lost before": 0.04,
    "500 before": 0.03,
    "503": 0.03,
    "429": 0.04,
    "lost after": 0.06,
    "500 after": 0.05,
    "html": 0.03,
    "redirect": 0.03,
    "truncated": 0.03,
    "slow": 0.05,
    "late commit": 0.08,
    "refused": 0.04,
    "refused after commit": 0.005,
    "lookup lag": 0.10,
    "stale status": 0.08,
    "strange status": 0.05,
    "other order": 0.005,
    "cancelled": 0.03,
    "not yet": 0.05,
    "short page": 0.08,
    "repeated page": 0.05,
    "wrong page": 0.05,
    "reordered": 0.10,
    "repeated card": 0.04,
    "card without pin": 0.03,
    "card used": 0.15,
    "wrong total_cards": 0.10,
    "error status": 0.08,
}
"""The harshest mix worth simulating: about two answers of five to a POST are spoilt, and orders still end."""

GENTLE: Final[Mapping[str, float]] = {name: rate / 10 for name, rate in HARSH.items()}
