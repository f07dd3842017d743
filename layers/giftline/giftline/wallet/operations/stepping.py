"""As many rows as one transaction holds, planned one after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from giftline.wallet.batch import Operation, Row, RowResult
from giftline.wallet.model import WalletRecord
from giftline.wallet.operations.coupons import plan_coupon
from giftline.wallet.operations.licenseplates import plan_licenseplates
from giftline.wallet.operations.members import plan_member
from giftline.wallet.operations.passes import plan_pass
from giftline.wallet.operations.planned import Planned, Terms, not_found, refused
from giftline.wallet.operations.points import plan_points
from giftline.wallet.operations.signups import plan_signup
from giftline.wallet.operations.storecards import plan_storecard
from giftline.wallet.operations.world import Draft, World

STEP_ROWS: Final = 100
"""No step has more, so that its results are one small item and easily found."""

PLANS: Final[dict[Operation, Callable[[Terms, Draft, Row], Planned]]] = {
    Operation.COUPONS: plan_coupon,
    Operation.STORECARDS: plan_storecard,
    Operation.POINTS: plan_points,
    Operation.SIGNUPS: plan_signup,
    Operation.MEMBERS: plan_member,
    Operation.LICENSEPLATES: plan_licenseplates,
    Operation.PASSES: plan_pass,
}


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """The records to write together, and a result for each row that was taken, at least one."""

    records: tuple[WalletRecord, ...]
    results: tuple[RowResult, ...]


def plan_step(terms: Terms, rows: Sequence[Row], world: World, most: int = STEP_ROWS) -> PlannedStep:
    """The rows from the first one on, until the next would not fit."""
    draft, results = Draft(world), []
    for row in rows[: min(most, STEP_ROWS)]:
        planned = plan_row(terms, draft, row)
        if not draft.take(planned.records):
            break
        results.append(planned.result)
    return PlannedStep(tuple(draft.changed), tuple(results))


def plan_row(terms: Terms, draft: Draft, row: Row) -> Planned:
    """A row that brings its plan down is reported and stops no other."""
    if row.missing:
        return not_found(row)
    try:
        return PLANS[terms.batch.operation](terms, draft, row)
    except Exception as error:  # noqa: BLE001 - one row's trouble is not the others'
        where, what = f"batch {terms.batch.id}, row {row.number}", type(error).__name__
        logging.getLogger(__name__).error("%s: its plan failed with %s", where, what)  # noqa: TRY400 - a trace shows data
        return refused(row, "could not be applied")
