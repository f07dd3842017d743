"""Read the lots of a window one at a time, ask about them where that is wanted, and judge what was sent of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from giftline.errors import NotFound
from giftline.orders.lot import Lot, LotState
from giftline.orders.slots import slot_lines, slot_reference
from giftline.orders.timing import MINUTE, Timing
from giftline.reconciliation.asking import Answers, AskByReference
from giftline.reconciliation.comparing import judge
from giftline.reconciliation.days import day_of, days_between
from giftline.reconciliation.model import WHOLE_LOT, Claim, Judged, Purchase, Window
from giftline.reconciliation.purchases import missing_purchase, purchases_of
from giftline.reconciliation.sent import SentLot

if TYPE_CHECKING:
    from giftline.reconciliation.ports import Lots, SentLots

SETTLE: Final = 5 * MINUTE
"""As long as a POST may be under way (docs/protocols.md, Buying exactly once)."""


class LotOfDay(NamedTuple):
    """A lot with all that was sent of it, judged; most of it, or some, may belong to another window."""

    sent: SentLot
    judged: list[Judged]


@dataclass(frozen=True, slots=True)
class ReadLots:
    """Each call reads them anew: memory does not grow with them."""

    sent_lots: SentLots
    lots: Lots
    ask: AskByReference
    timing: Timing

    def __call__(
        self, supplier: str, window: Window, answers: Answers, states: frozenset[LotState] | None = None
    ) -> Iterator[LotOfDay]:
        """Those of the window, and of the day before: what was sent then may have been debited now. About those in
        `states` the supplier is asked on the way.
        """
        days = days_between(day_of(window.since) - timedelta(days=1), day_of(max(window.since, window.until)))
        seen: dict[str, str] = {}
        for sent in self.sent_lots.sent(supplier, days):
            purchases = list(self._purchases(supplier, sent, window, answers, states))
            judged = []
            for purchase in purchases:
                name = purchase.supplier_order_id if purchase.claim is Claim.BOUGHT else ""
                is_repeated = bool(name) and seen.setdefault(name, purchase.reference) != purchase.reference
                judged.append(judge(purchase, answers.told.get(purchase.reference), is_repeated=is_repeated))
            yield LotOfDay(sent, judged)

    def _purchases(
        self, supplier: str, sent: SentLot, window: Window, answers: Answers, states: frozenset[LotState] | None
    ) -> Iterator[Purchase]:
        settle = self.timing.scaled(SETTLE)
        try:
            lot = self.lots.lot(sent.order_id, sent.lot)
        except NotFound:
            if states and not sent.is_single:
                self.ask.unclaimed(supplier, sent.reference, (), answers)
            yield missing_purchase(sent, settle)
            return
        purchases = list(purchases_of(lot, settle, sent))
        if states and any(window.holds(purchase.since) for purchase in purchases):
            self.ask(lot, states, answers)
            self._ask_for_dead(lot, purchases, answers)
        yield from purchases

    def _ask_for_dead(self, lot: Lot, purchases: Sequence[Purchase], answers: Answers) -> None:
        """References of single cards that were given up for another: they may have been sold all the same."""
        for one in purchases:
            if one.slot != WHOLE_LOT and one.reference != slot_reference(lot, one.slot):
                self.ask.unclaimed(lot.supplier, one.reference, (slot_lines(lot)[one.slot],), answers)
