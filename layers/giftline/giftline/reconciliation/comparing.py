"""Compare claim and answer, purchase by purchase; pure, and in a memory that does not grow with the cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import Claim, Judged, Purchase, Total, Verdict, Window
from giftline.suppliers.port import Found
from giftline.suppliers.statements import TheirOrder

SOLD: Final = frozenset((Found.UNDER_WAY, Found.READY))


def judge(purchase: Purchase, theirs: TheirOrder | None, *, is_repeated: bool = False) -> Judged:
    """Without a readable answer our claim stands as the supplier last confirmed it, by its cards or its status.

    `is_repeated`: the supplier's order stands under another reference of ours already.
    """
    if purchase.is_missing:
        return _judge_missing(purchase, theirs)
    if purchase.is_returned:
        return _judge_returned(purchase, theirs)
    if is_repeated and purchase.claim is Claim.BOUGHT:
        return Judged(purchase, Verdict.COUNTED_TWICE, 0, theirs.word if theirs else "")
    if theirs is None or theirs.found is Found.UNREADABLE:
        return Judged(purchase, _UNASKED[purchase.claim], purchase.booked, theirs.word if theirs else "")
    return _judge_sold(purchase, theirs) if theirs.found in SOLD else _judge_gone(purchase, theirs)


_UNASKED: Final = {
    Claim.BOUGHT: Verdict.MATCHED,
    Claim.NOT_BOUGHT: Verdict.NOT_BOUGHT,
    Claim.IN_DOUBT: Verdict.IN_DOUBT,
}


def _judge_sold(purchase: Purchase, theirs: TheirOrder) -> Judged:
    sold = purchase.minor if theirs.minor is None else theirs.minor
    if purchase.claim is not Claim.BOUGHT:
        return Judged(purchase, Verdict.ONLY_THEIRS, sold, theirs.word)
    same = sold == purchase.minor
    return Judged(purchase, Verdict.MATCHED if same else Verdict.AMOUNT_DIFFERS, sold, theirs.word)


def _judge_gone(purchase: Purchase, theirs: TheirOrder) -> Judged:
    if purchase.claim is Claim.BOUGHT:
        return Judged(purchase, Verdict.ONLY_OURS, 0, theirs.word)
    is_over = purchase.claim is Claim.NOT_BOUGHT or theirs.found is Found.CANCELLED
    return Judged(purchase, Verdict.NOT_BOUGHT if is_over else Verdict.IN_DOUBT, 0, theirs.word)


def _judge_returned(purchase: Purchase, theirs: TheirOrder | None) -> Judged:
    """That it was sold once both say; its money came back unless the supplier calls it sold."""
    word = theirs.word if theirs else ""
    if purchase.minor >= 0:
        return Judged(purchase, Verdict.MATCHED, purchase.booked, word)
    if theirs is not None and theirs.found in SOLD:
        return Judged(purchase, Verdict.ONLY_OURS, 0, word)
    return Judged(purchase, Verdict.RETURNED, purchase.booked, word)


def _judge_missing(purchase: Purchase, theirs: TheirOrder | None) -> Judged:
    """Only the supplier can still say what became of it."""
    if theirs is not None and theirs.found in SOLD:
        return _judge_sold(purchase, theirs)
    return Judged(purchase, Verdict.LOT_MISSING, 0, theirs.word if theirs else "")


@dataclass(slots=True)
class Tally:
    """Sums of the purchases of a window; those whose money may have moved on the other side of a balance apart."""

    window: Window
    totals: dict[tuple[str, Verdict], Total] = field(default_factory=dict)
    booked: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    crossing_in: dict[str, Counter[int]] = field(default_factory=dict)
    crossing_out: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, judged: Judged) -> bool:
        """False where it belongs to another window."""
        purchase = judged.purchase
        if not self.window.holds(purchase.since):
            if crosses(purchase, self.window.since) and (moved := moves_by(judged)):
                self.crossing_in.setdefault(purchase.currency, Counter())[moved] += 1
            return False
        if crosses(purchase, self.window.until) and (moved := moves_by(judged)):
            self.crossing_out.setdefault(purchase.currency, Counter())[moved] += 1
        self._count(judged)
        self.booked[purchase.currency] += purchase.booked
        self.named[purchase.currency] -= judged.difference
        return True

    def _count(self, judged: Judged) -> None:
        purchase = judged.purchase
        key = (purchase.currency, judged.verdict)
        so_far = self.totals.get(key) or Total(*key, 0, 0, 0, 0)
        self.totals[key] = replace(
            so_far,
            purchases=so_far.purchases + 1,
            cards=so_far.cards + purchase.cards,
            ours=so_far.ours + purchase.booked,
            theirs=so_far.theirs + judged.sold,
        )


def crosses(purchase: Purchase, at: Millis) -> bool:
    """Sent before that instant, and perhaps debited after it."""
    return purchase.since < at < purchase.until


def moves_by(judged: Judged) -> int:
    """What is still to leave the account, or below nought to come back, should a balance be taken in between: of
    one that came to nothing its money may have left before, and come back after.
    """
    purchase = judged.purchase
    if judged.verdict is Verdict.NOT_BOUGHT and purchase.claim is Claim.NOT_BOUGHT:
        return -purchase.minor
    return judged.sold


def grouped(judged: Iterable[Judged]) -> Iterator[Judged]:
    """Single cards of one lot that match and are settled as one entry; whatever else there is, by itself."""
    kept: Judged | None = None
    for one in judged:
        if kept is not None and _alike(kept, one):
            kept = _together(kept, one)
            continue
        if kept is not None:
            yield kept
        kept = one
    if kept is not None:
        yield kept


def _alike(one: Judged, other: Judged) -> bool:
    a, b = one.purchase, other.purchase
    return (
        a.slot >= 0
        and (a.order_id, a.lot, a.currency) == (b.order_id, b.lot, b.currency)
        and one.verdict is other.verdict is Verdict.MATCHED
        and a.is_final
        and b.is_final
    )


def _together(one: Judged, other: Judged) -> Judged:
    a, b = one.purchase, other.purchase
    both = replace(
        a,
        cards=a.cards + b.cards,
        minor=a.minor + b.minor,
        since=min(a.since, b.since),
        until=max(a.until, b.until),
    )
    return Judged(both, one.verdict, one.sold + other.sold, one.word)
