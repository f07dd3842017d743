"""Remove an order's cards once the tenant's days are over; what the books need of them stays.

The first write takes the cards out of everybody's reach: from then on the order answers that they are gone
(docs/security.md). Files go, pages are written anew without secrets, and with the last write the order loses its
data key, so that a copy of a page alone opens no more; a backup of the whole table does, as long as it is kept
(docs/operations.md). A run may stop anywhere: the order stays listed until all is done.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

from giftline.errors import BrokenSeal, NotFound, StaleWrite
from giftline.orders.closing import results_keys
from giftline.orders.lot import LotState
from giftline.orders.model import Card, Millis, Order, PageRef, Watch
from giftline.orders.pages import open_page
from giftline.orders.retention_ports import CardRecord, Removal, RetentionRule
from giftline.orders.retention_setting import DAY
from giftline.orders.timing import MINUTE, Timing
from giftline.rounds import visit_each

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Orders, Pages, Vault
    from giftline.orders.retention_ports import FileVersions, KeptOrders, RetentionRules

REMOVAL_LIMIT: Final = 200
"""Orders in one run; the rest stays due."""
LEASE: Final[Millis] = 10 * MINUTE
"""For so long an order is left to the run that took it. One that fails waits as long, behind the others."""
DROPPED_SOURCE: Final = "csv"


@dataclass(frozen=True, slots=True)
class ApplyRetention:
    """Safe twice at once, and again after a stop at any step: an order is taken by one conditional write.

    `dropped` is the drop bucket, where files still name for whom the cards were.
    """

    orders: Orders
    kept: KeptOrders
    pages: Pages
    vault: Vault
    files: FileVersions
    rules: RetentionRules
    clock: Clock
    timing: Timing
    dropped: FileVersions | None = None

    def __call__(self) -> dict[str, int]:
        """How many orders were found due (at most 200 a run), and of how many the cards are gone now."""
        until = self.clock.elapsed() + self.timing.task_budget
        due: list[tuple[str, RetentionRule | None]] = [(one, None) for one in self._begun()]
        due += self._over()[: REMOVAL_LIMIT - len(due)]
        removed = visit_each("retention", due, lambda one: self._visit(*one, until), lambda one: one[0])
        return {"due": len(due), "removed": removed}

    def _begun(self) -> list[str]:
        """Those that an earlier run left halfway: whatever the rule says now, some of their cards are lost already."""
        return self.orders.due(self.clock.now(), REMOVAL_LIMIT, Watch.REMOVING)

    def _over(self) -> list[tuple[str, RetentionRule | None]]:
        """Orders past their tenant's days, the tenants in turn: none has to wait for another's thousands."""
        by_tenant = [
            [(one, rule) for one in self.kept.kept(rule.tenant, self.clock.now() - self._days(rule), REMOVAL_LIMIT)]
            for rule in self.rules.all()
            if rule.days is not None
        ]
        return [one for one in chain(*zip_longest(*by_tenant)) if one]

    def _days(self, rule: RetentionRule) -> Millis:
        return self.timing.scaled((rule.days or 0) * DAY)

    def _visit(self, order_id: str, rule: RetentionRule | None, until: float) -> int:
        if self.clock.elapsed() > until:
            return 0
        order = self.orders.get(order_id)
        try:
            taken = self._go_on(order) if rule is None else self._begin(order, rule)
        except StaleWrite:
            return 0  # somebody else took it
        return self._finish(taken, until) if taken else 0

    def _begin(self, order: Order, rule: RetentionRule) -> Order | None:
        """Judged by the order itself: the index that named it may be late."""
        now = self.clock.now()
        if not order.keeps_cards or order.closed_at is None or rule.days is None:
            return None
        if (until := order.closed_at + self._days(rule)) > now:
            return None
        if any(lot.state is LotState.REVIEW for lot in self.orders.lots(order.id)):
            self._hand_back(order)
            return None
        removal = Removal(
            order.id,
            order.tenant,
            rule.days,
            rule.set_by,
            until,
            now,
            files_with_secrets(order),
            dropped_files(order) if self.dropped else (),
        )
        return self.kept.begin(replace(order, cards_removed_at=now, due_at=self._lease(now)), removal)

    def _hand_back(self, order: Order) -> None:
        """Be it only that a supplier was asked to take a lot back: somebody may have to look at its cards. The watch
        has it closed as REVIEW, so that it is listed there, and no more among those whose time is over.
        """
        self.orders.save(replace(order, due_at=self.clock.now()))

    def _go_on(self, order: Order) -> Order | None:
        now = self.clock.now()
        if order.watch is not Watch.REMOVING or (order.due_at or 0) > now:
            return None
        return self.orders.save(replace(order, due_at=self._lease(now)))

    def _lease(self, now: Millis) -> Millis:
        return now + self.timing.scaled(LEASE)

    def _finish(self, order: Order, until: float) -> int:
        """Again and again without harm; 0 where the time is over before the pages are."""
        begun = self.kept.removal(order.id)
        if begun is None:
            raise NotFound(f"order {order.id} has no record of the removal that was begun")
        self._erase(begun)
        for ref in self.kept.sealed_pages(order.id):
            if self.clock.elapsed() > until:
                return 0
            self.kept.strip(ref, self._records(order, ref))
        refs = self.pages.refs(order.id)
        cards = sum(len(ref.digests) + ref.flawed for ref in refs)
        done = replace(begun, finished_at=self.clock.now(), pages=len(refs), cards=cards)
        self.kept.finish(replace(order, wrapped_key=b"", due_at=None, recipients_key=""), done)
        return 1

    def _erase(self, begun: Removal) -> None:
        for key in begun.files:
            self.files.erase(key)
        if self.dropped:
            for key in begun.dropped:
                self.dropped.erase(key)

    def _records(self, order: Order, ref: PageRef) -> tuple[CardRecord, ...]:
        """None of a page that its key does not open: it tells nobody anything, and must not keep the rest here."""
        try:
            cards = open_page(self.vault.seal(order), order, self.pages.get(ref))
        except BrokenSeal as error:
            logging.getLogger(__name__).warning("removed unread: %s", error)
            return ()
        return tuple(map(card_record, cards))


def card_record(card: Card) -> CardRecord:
    """What the books need of it: neither number nor PIN, barcode, activation data."""
    return CardRecord(card.sku, card.amount_minor, card.supplier_card_id, card.flaw)


def files_with_secrets(order: Order) -> tuple[str, ...]:
    """The exports, and whatever says for whom the cards were; the summary has no secrets, and stays."""
    exports = [key for name, key in results_keys(order).items() if name != "summary.json"]
    people = [order.recipients_key] if order.recipients_key else []
    if order.source == DROPPED_SOURCE:
        people.append(f"rejected/{order.tenant}/{order.refno}.errors.csv")
    return (*exports, *people)


def dropped_files(order: Order) -> tuple[str, ...]:
    """The file that the order came as, in the drop bucket."""
    return (f"orders/{order.tenant}/{order.refno}.csv",) if order.source == DROPPED_SOURCE else ()
