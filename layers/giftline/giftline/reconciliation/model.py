"""The nouns of a reconciliation: what we say was bought, what the supplier says, and where the two differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from giftline.reconciliation.days import Millis

WHOLE_LOT: Final = -1
"""The slot of a purchase that is a lot under one reference."""


class Claim(StrEnum):
    """What our own records say about one reference that was sent to the supplier."""

    BOUGHT = "BOUGHT"
    NOT_BOUGHT = "NOT_BOUGHT"  # proven: refused, cancelled, or dead
    IN_DOUBT = "IN_DOUBT"  # under way without an answer, or a person must look


class Verdict(StrEnum):
    """Our claim and the supplier's answer together."""

    MATCHED = "MATCHED"
    ONLY_OURS = "ONLY_OURS"  # bought by our books, and the supplier does not know it, or cancelled it
    ONLY_THEIRS = "ONLY_THEIRS"  # sold at the supplier, and not bought by our books
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    COUNTED_TWICE = "COUNTED_TWICE"  # one order of the supplier stands under two references of ours
    LOT_MISSING = "LOT_MISSING"  # it was sent, and our records have lost it
    IN_DOUBT = "IN_DOUBT"
    NOT_BOUGHT = "NOT_BOUGHT"  # both say so
    RETURNED = "RETURNED"  # taken back by the supplier, and both say so

    @property
    def is_drift(self) -> bool:
        return self in _DRIFT


_DRIFT: Final = frozenset(
    (
        Verdict.ONLY_OURS,
        Verdict.ONLY_THEIRS,
        Verdict.AMOUNT_DIFFERS,
        Verdict.COUNTED_TWICE,
        Verdict.LOT_MISSING,
    )
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """One reference that was sent: a lot, or one slot of it. Its money left the account between `since` and
    `until`, if it did. `evidence` says in our words what the claim rests on; nothing of a card stands here.
    One that was taken back later `is_returned`, and its money's way back is a purchase below nought.
    """

    order_id: str
    lot: int
    slot: int
    reference: str
    cards: int
    minor: int
    currency: str
    claim: Claim
    since: Millis
    until: Millis
    supplier_order_id: str = ""
    evidence: str = ""
    is_final: bool = False
    is_missing: bool = False
    is_returned: bool = False

    @property
    def booked(self) -> int:
        """What our books say that it cost."""
        return self.minor if self.claim is Claim.BOUGHT else 0


@dataclass(frozen=True, slots=True)
class Judged:
    """`sold` is what it cost by the supplier, as far as anybody knows; `word` the supplier's own, if it was asked."""

    purchase: Purchase
    verdict: Verdict
    sold: int
    word: str = ""

    @property
    def difference(self) -> int:
        """Theirs less ours."""
        return self.sold - self.purchase.booked


@dataclass(frozen=True, slots=True)
class Window:
    """From one balance to the next: the instants at which they were taken, so a day to within seconds."""

    since: Millis
    until: Millis

    def holds(self, at: Millis) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class TakenBalance:
    """What the supplier said about our account at the end of `day` (UTC), asked at `at`."""

    supplier: str
    day: date
    at: Millis
    currency: str
    available: int
    outstanding: int | None = None


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money that was paid into the account at the supplier, or out of it (below nought), by its own reference;
    `at` is when the supplier has it, `recorded_at` when we were told.
    """

    supplier: str
    reference: str
    currency: str
    minor: int
    at: Millis
    recorded_at: Millis = 0
    note: str = ""


class Status(StrEnum):
    EQUAL = "EQUAL"
    UNEQUAL = "UNEQUAL"
    INCOMPLETE = "INCOMPLETE"  # nothing differs, and a balance is missing


@dataclass(frozen=True, slots=True)
class Total:
    """Purchases of one verdict in one currency."""

    currency: str
    verdict: Verdict
    purchases: int
    cards: int
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class Bridge:
    """From the opening balance to the closing one; minor units, None where a balance is missing.

    `bought` by our books, `named` what the differences of single purchases move the balance by, `carried_in` what was
    sent before the opening balance and debited after it, `carried_out` the same at the closing one.
    """

    currency: str
    opening: int | None
    top_ups: int
    bought: int
    carried_in: int
    closing: int | None
    named: int
    carried_out: int | None = None
    unexplained: int | None = None

    @property
    def expected(self) -> int | None:
        """What the supplier should have by our books."""
        if self.opening is None:
            return None
        return self.opening + self.top_ups - self.bought - self.carried_in + (self.carried_out or 0)

    @property
    def difference(self) -> int | None:
        """Theirs less what is expected."""
        expected = self.expected
        return None if expected is None or self.closing is None else self.closing - expected


class Kind(StrEnum):
    """What a finding is about; the first ones are those of `Verdict`."""

    ONLY_OURS = "ONLY_OURS"
    ONLY_THEIRS = "ONLY_THEIRS"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    COUNTED_TWICE = "COUNTED_TWICE"
    LOT_MISSING = "LOT_MISSING"
    BALANCE_HIGHER = "BALANCE_HIGHER"  # more money is there than anything explains
    BALANCE_LOWER = "BALANCE_LOWER"
    IN_DOUBT = "IN_DOUBT"  # to be known, no difference
    CROSSING = "CROSSING"  # sent before a balance was taken, debited after it: to be known, no difference

    @property
    def is_drift(self) -> bool:
        return self not in (Kind.IN_DOUBT, Kind.CROSSING)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know, named; `difference` is theirs less ours, of the balance where it is
    about that. `hints` are what would explain it, in our words.
    """

    kind: Kind
    currency: str
    difference: int
    words: str
    reference: str = ""
    order_id: str = ""
    lot: int = 0
    slot: int = WHOLE_LOT
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """What an earlier day's report said about a lot, and what our books say now."""

    day: date
    order_id: str
    lot: int
    currency: str
    was: int
    now: int
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One day at one supplier. `version` counts how often it was made; `unsettled` lots may still change,
    `unasked` purchases in doubt were not asked about this time; `more` findings stand in the CSV file only.
    """

    supplier: str
    day: date
    made_at: Millis
    window: Window
    status: Status
    version: int = 0
    is_provisional: bool = False
    lots: int = 0
    unsettled: int = 0
    asked: int = 0
    unasked: int = 0
    totals: tuple[Total, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    findings: tuple[Finding, ...] = ()
    more: int = 0
    corrections: tuple[Correction, ...] = ()
    missing: tuple[str, ...] = ()
    is_first: bool = False

    @property
    def is_alarming(self) -> bool:
        """Also where nobody could compare. The first day of all has no opening balance, and nobody can help that; where
        its closing one is missing, the supplier does not answer.
        """
        return self.status is Status.UNEQUAL or (self.status is Status.INCOMPLETE and not self.is_first)
