"""Take each supplier's balance as the day ends: its documents offer none of an earlier hour."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from giftline.errors import GiftlineError
from giftline.reconciliation.days import Millis, day_of
from giftline.reconciliation.model import TakenBalance
from giftline.rounds import visit_each

if TYPE_CHECKING:
    from giftline.orders.ports import Clock
    from giftline.reconciliation.ports import Books, StatementsOf


@dataclass(frozen=True, slots=True)
class TakeBalances:
    """Scheduled for midnight (UTC). Again without harm: the first balance of a day stays."""

    suppliers: Sequence[str]
    books: Books
    statements: StatementsOf
    clock: Clock

    def __call__(self) -> dict[str, int]:
        """How many suppliers have a balance of yesterday now; GiftlineError names those that gave none."""
        return {"balances": visit_each("the taking of balances", self.suppliers, self._take)}

    def _take(self, supplier: str) -> int:
        now = self.clock.now()
        day = day_of(now) - timedelta(days=1)
        if self.books.balance(supplier, day) is None:
            taken = ask_balance(self.statements, supplier, day, now)
            if taken is None:
                raise GiftlineError(f"{supplier} gave no balance")
            self.books.keep_balance(taken)
        return 1


def ask_balance(statements: StatementsOf, supplier: str, day: date, now: Millis) -> TakenBalance | None:
    """None where no answer tells it; why stands in the log."""
    told = statements(supplier).balance()
    if told.problem:
        logging.getLogger(__name__).warning("%s gave no balance: %s", supplier, told.problem)
        return None
    return TakenBalance(supplier, day, now, told.currency, told.available, told.outstanding)
