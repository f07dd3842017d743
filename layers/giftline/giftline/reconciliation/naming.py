"""Names for what differs: single purchases as they were judged, and a balance with what would explain it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from giftline.money import Money, known_currency
from giftline.reconciliation.comparing import crosses
from giftline.reconciliation.model import (
    WHOLE_LOT,
    Bridge,
    Claim,
    Finding,
    Judged,
    Kind,
    TakenBalance,
    TopUp,
    Verdict,
    Window,
)

MINUS: Final = "\N{MINUS SIGN}"
MOST_FINDINGS: Final = 100
MOST_HINTS: Final = 5
MOST_CARDS: Final = 10
"""A difference is told as so many cards too many or too few, not more."""
_WORDS: Final = {
    Verdict.ONLY_OURS: "bought by our books ({evidence}), and the supplier says {word}",
    Verdict.ONLY_THEIRS: "sold at the supplier ({word}), and not bought by our books ({evidence})",
    Verdict.AMOUNT_DIFFERS: "{ours} by our books, {theirs} at the supplier",
    Verdict.COUNTED_TWICE: "the supplier's order {order} stands in our books under another reference already",
    Verdict.LOT_MISSING: "sent for {value}, and no record of ours has it any more",
    Verdict.IN_DOUBT: "{value}, of which nobody knows whether it was sold ({evidence})",
}


def shown(minor: int, currency: str) -> str:
    """An amount with its currency, and its sign where it is below nought."""
    return f"{MINUS if minor < 0 else ''}{Money(abs(minor), known_currency(currency)).decimal:,} {currency}"


def plain(minor: int, currency: str) -> str:
    """The amount alone, for programs and spreadsheets: -5.00 is a number, and no formula."""
    return f"{'-' if minor < 0 else ''}{Money(abs(minor), known_currency(currency))}"


class Likely(IntEnum):
    """How likely a hint is: the first kind before the others."""

    DOUBTED = 1  # a purchase that our books do not count is worth just that
    WHOLE = 2
    CARDS = 3  # so many cards of some lot are worth just that


@dataclass(slots=True)
class Findings:
    """The first so many, each purchase by name; and hints at what `unexplained` balances may be."""

    window: Window
    unexplained: Mapping[str, int] = field(default_factory=dict)
    kept: list[Finding] = field(default_factory=list)
    more: int = 0
    _hints: dict[tuple[str, Likely], list[str]] = field(default_factory=dict)

    def look_at(self, judged: Judged) -> None:
        """Of this window or not: what explains a balance may have been sent the day before."""
        rest = self.unexplained.get(judged.purchase.currency, 0)
        if rest and (hint := _hint(judged, rest)):
            likely, words = hint
            kept = self._hints.setdefault((judged.purchase.currency, likely), [])
            if len(kept) < (MOST_HINTS if likely is not Likely.CARDS else 1):
                kept.append(words)

    def hints(self, currency: str) -> list[str]:
        """Where a purchase that our books are not sure of explains all, others that are worth as much are left out."""
        doubted = self._hints.get((currency, Likely.DOUBTED), [])
        whole, cards = (self._hints.get((currency, likely), []) for likely in (Likely.WHOLE, Likely.CARDS))
        return doubted or [*whole, *cards]

    def add(self, judged: Judged) -> None:
        if judged.verdict in _WORDS:
            self._keep(finding_of(judged))
        if crosses(judged.purchase, self.window.until) and judged.sold:  # what came to nothing is no news
            self._keep(_crossing(judged))

    def _keep(self, finding: Finding) -> None:
        """A drift is kept before what is only to be known."""
        if len(self.kept) < MOST_FINDINGS:
            self.kept.append(finding)
            return
        self.more += 1
        if finding.kind.is_drift:
            at = next((at for at, one in enumerate(self.kept) if not one.kind.is_drift), None)
            if at is not None:
                self.kept[at] = finding


def finding_of(judged: Judged) -> Finding:
    purchase = judged.purchase
    words = _WORDS[judged.verdict].format(
        evidence=purchase.evidence or "nothing",
        word=judged.word or "nothing",
        ours=shown(purchase.booked, purchase.currency),
        theirs=shown(judged.sold, purchase.currency),
        order=purchase.supplier_order_id or "of that name",
        value=shown(purchase.minor, purchase.currency),
    )
    return Finding(
        Kind(judged.verdict.value),
        purchase.currency,
        judged.difference,
        words,
        purchase.reference,
        purchase.order_id,
        purchase.lot,
        purchase.slot,
    )


def _crossing(judged: Judged) -> Finding:
    purchase = judged.purchase
    done = "sent" if purchase.minor > 0 else "to be taken back"
    words = f"{shown(abs(judged.sold), purchase.currency)} was {done} just before the closing balance was taken"
    return replace(finding_of(replace(judged, verdict=Verdict.IN_DOUBT)), kind=Kind.CROSSING, difference=0, words=words)


def _hint(judged: Judged, rest: int) -> tuple[Likely, str] | None:
    """What this purchase would explain of a balance that is higher (above nought) or lower than it should be."""
    purchase, size = judged.purchase, abs(rest)
    if purchase.minor <= 0:
        return None
    if purchase.minor == size:
        return _hint_at_whole(judged, is_higher=rest > 0)
    per_card, uneven = divmod(purchase.minor, purchase.cards)
    if uneven or not per_card or size % per_card or size // per_card > MOST_CARDS or not purchase.booked:
        return None
    count, more = size // per_card, "too few" if rest > 0 else "too many"
    cards = "card" if count == 1 else "cards"
    each = shown(per_card, purchase.currency)
    return Likely.CARDS, f"{count} {cards} {more} of {each} each, as in {purchase.reference}"


def _hint_at_whole(judged: Judged, *, is_higher: bool) -> tuple[Likely, str] | None:
    purchase = judged.purchase
    if is_higher:
        came_back = f"{purchase.reference} was not debited, or its money came back"
        return (Likely.WHOLE, came_back) if judged.sold else None
    if purchase.is_missing:
        return Likely.DOUBTED, f"{purchase.reference}, which our records have lost, was sold"
    if purchase.claim is Claim.BOUGHT:
        return Likely.WHOLE, f"{purchase.reference} was debited twice"
    was = "proven not bought" if purchase.claim is Claim.NOT_BOUGHT else "in doubt"
    return Likely.DOUBTED, f"{purchase.reference}, {was} by our books, was sold"


def balance_finding(
    bridge: Bridge,
    hints: Iterable[str],
    top_ups: Iterable[TopUp],
    window: Window,
    sold_by_them: int | None,
    crossed: int = 0,
) -> Finding | None:
    """What is left over of a bridge; `sold_by_them` is what they say was sold in all, where they say so, `crossed` what
    may have moved on the other side of the closing balance.
    """
    rest = bridge.unexplained
    if not rest:
        return None
    told = [*_top_up_hints(rest, bridge.currency, top_ups, window), *hints]
    if sold_by_them is not None:
        told.insert(0, _told_by_outstanding(bridge, rest, sold_by_them))
    if crossed:
        part = shown(crossed, bridge.currency)
        told.insert(0, f"up to {part} of it was on its way as the day ended: the next day's report tells how much")
    amount = shown(abs(rest), bridge.currency)
    if rest > 0:
        words = f"the balance is {amount} higher than our books explain: money came in, or less was sold"
    else:
        words = f"the balance is {amount} lower than our books explain: money went out, or more was sold"
    kind = Kind.BALANCE_HIGHER if rest > 0 else Kind.BALANCE_LOWER
    return Finding(
        kind, bridge.currency, rest, words, slot=WHOLE_LOT, hints=tuple(one for one in told if one)[:MOST_HINTS]
    )


def _told_by_outstanding(bridge: Bridge, rest: int, sold_by_them: int) -> str:
    """What they sold against what our books, with all that is named, say was sold in the window."""
    ours = bridge.bought - bridge.named + bridge.carried_in - (bridge.carried_out or 0)
    if sold_by_them == ours:
        return (
            "the supplier sold just what our books say, so it is not an order: a payment or a fee that we do not know"
        )
    if ours - sold_by_them == rest:
        amount = shown(sold_by_them, bridge.currency)
        return f"the supplier says that it sold {amount} in all, so it is an order, not a payment"
    return ""


def _top_up_hints(rest: int, currency: str, top_ups: Iterable[TopUp], window: Window) -> list[str]:
    hints = []
    for top_up in top_ups:
        if top_up.currency != currency:
            continue
        is_inside = window.holds(top_up.at)
        if is_inside and top_up.minor == -rest:
            hints.append(f"the top-up {top_up.reference} did not come")
        if not is_inside and top_up.minor == rest:
            hints.append(f"the top-up {top_up.reference} of another day came on this one")
    if rest > 0 and not hints:
        hints.append("a top-up that nobody recorded")
    return hints


def sold_by_them(opening: TakenBalance | None, closing: TakenBalance | None) -> int | None:
    """Their account owes as much more as they sold, where they say what it owes."""
    if opening is None or closing is None or opening.outstanding is None or closing.outstanding is None:
        return None
    return closing.outstanding - opening.outstanding
