"""From what was read to what is said: counts, sums, findings in their order, and one word for the day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from giftline.reconciliation.asking import Answers
from giftline.reconciliation.bridging import missing_currencies
from giftline.reconciliation.comparing import Tally
from giftline.reconciliation.model import Bridge, Claim, Finding, Judged, Kind, Report, Status, TopUp, Verdict
from giftline.reconciliation.naming import Findings, balance_finding


@dataclass(slots=True)
class Counted:
    """What a report says about its lots."""

    lots: int = 0
    unsettled: int = 0
    asked: int = 0
    unasked: int = 0

    def add(self, judged: Iterable[Judged], answers: Answers) -> None:
        self.lots += 1
        purchases = [one.purchase for one in judged]
        self.unsettled += not all(one.is_final for one in purchases)
        self.asked += sum(one.reference in answers.told for one in purchases)
        self.unasked += sum(one.claim is not Claim.BOUGHT and one.reference not in answers.told for one in purchases)


def named(
    bridge: Bridge, findings: Findings, top_ups: Sequence[TopUp], tally: Tally, sold: int | None
) -> Finding | None:
    """What is left over of a bridge, with its hints; those that were looked for with another figure, before something
    moved, are left out. `sold` is what the supplier says that it sold in all, where it does.
    """
    same = findings.unexplained.get(bridge.currency) == bridge.unexplained
    hints = findings.hints(bridge.currency) if same else []
    crossed = sum(abs(minor) * count for minor, count in tally.crossing_out.get(bridge.currency, {}).items())
    return balance_finding(bridge, hints, top_ups, tally.window, sold, 0 if bridge.carried_out else crossed)


def concluded(
    draft: Report,
    tally: Tally,
    found: tuple[Bridge, ...],
    balances: list[Finding],
    findings: Findings,
    count: Counted,
) -> Report:
    """The draft with all that the last reading brought."""
    differs = bool(balances) or any(total.verdict.is_drift for total in tally.totals.values())
    missing = draft.missing or missing_currencies(found)
    status = Status.UNEQUAL if differs else Status.INCOMPLETE if missing else Status.EQUAL
    single = sorted(findings.kept, key=lambda one: (not one.kind.is_drift, list(Kind).index(one.kind)))
    return replace(
        draft,
        status=status,
        lots=count.lots,
        unsettled=count.unsettled,
        asked=count.asked,
        unasked=count.unasked,
        totals=tuple(sorted(tally.totals.values(), key=lambda one: (one.currency, list(Verdict).index(one.verdict)))),
        bridges=found,
        findings=(*balances, *single),
        more=findings.more,
        missing=missing,
    )
