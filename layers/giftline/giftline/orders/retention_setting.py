"""For how long a tenant's cards are kept, and what was removed since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from giftline.errors import FieldProblem, InvalidRequest, NotFound
from giftline.orders.model import Millis, is_refno
from giftline.orders.retention_ports import Removal, RetentionRule
from giftline.orders.timing import HOUR, Timing

if TYPE_CHECKING:
    from giftline.orders.ports import Clock
    from giftline.orders.retention_ports import KeptOrders, RetentionRules

DAY: Final[Millis] = 24 * HOUR
MAX_DAYS: Final = 3_650
MAX_COUNTED: Final = 200


@dataclass(frozen=True, slots=True)
class RetentionSet:
    """`due`: orders whose cards the next runs remove by this rule; with `is_more` there are more than were counted."""

    rule: RetentionRule
    due: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class SetRetention:
    """An operator's act: for how many days after closing a tenant's cards are kept."""

    rules: RetentionRules
    kept: KeptOrders
    has_tenant: Callable[[str], bool]
    clock: Clock
    timing: Timing

    def __call__(self, tenant: str, days: int | None, who: str, *, dry_run: bool = False) -> RetentionSet:
        """With `dry_run` nothing is set, and `due` tells what it would remove. NotFound, InvalidRequest."""
        if not self.has_tenant(tenant):
            raise NotFound(f"no tenant is called {tenant!r:.80}")
        if problems := days_problems(days):
            raise InvalidRequest(problems)
        rule, due = RetentionRule(tenant, days, self.clock.now(), who), 0
        if days is not None:
            before = self.clock.now() - self.timing.scaled(days * DAY)
            due = len(self.kept.kept(tenant, before, MAX_COUNTED + 1))
        if not dry_run:
            self.rules.save(rule)
        return RetentionSet(rule, min(due, MAX_COUNTED), due > MAX_COUNTED)


@dataclass(frozen=True, slots=True)
class ViewRemoval:
    """A tenant's proof that an order's cards are gone."""

    kept: KeptOrders

    def __call__(self, tenant: str, order_id: str) -> Removal:
        """NotFound alike for unknown and foreign orders, and for one whose cards are kept."""
        removal = self.kept.removal(order_id) if is_refno(order_id) else None
        if removal is None or removal.tenant != tenant:
            raise NotFound(f"no cards were removed of an order with id {order_id!r:.80}")
        return removal


def days_problems(days: object) -> Sequence[FieldProblem]:
    """What is wrong with a number of days; None is good, and keeps the cards."""
    if days is None:
        return ()
    is_whole = isinstance(days, int) and not isinstance(days, bool)
    if is_whole and 1 <= days <= MAX_DAYS:  # type: ignore[operator]
        return ()
    return (FieldProblem("days", f"{days!r:.40}", f"a whole number from 1 to {MAX_DAYS}, or null to keep the cards"),)
