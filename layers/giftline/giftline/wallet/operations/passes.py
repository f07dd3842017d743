"""POST /bulk/passes: points for a storecard, which is created where it is not there."""

from __future__ import annotations

from giftline.wallet.batch import Row
from giftline.wallet.operations.new_passes import new_storecard
from giftline.wallet.operations.planned import Planned, Terms, known_member, not_found, refused
from giftline.wallet.operations.points import MOST_POINTS, plan_change
from giftline.wallet.operations.world import Draft


def plan_pass(terms: Terms, draft: Draft, row: Row) -> Planned:
    """By its code, or the member's first storecard of the brand; a new one begins with the row's points."""
    member = known_member(draft, row, terms.batch.brand_id)
    if member is None:
        return not_found(row)
    code = row.values.get("pass_code", "")
    starts_on = row.values.get("start_date", "")
    if code:
        holder = draft.code(code)
        there = holder.pass_id if holder else None
    else:
        there = member.storecards.get(terms.batch.brand_id)
    if there is not None:
        return plan_change(terms, draft, row, there, starts_on)
    points = row.values["points"]
    if abs(points) > MOST_POINTS:
        return refused(row, f"{points} points are beyond ±{MOST_POINTS}")
    return new_storecard(terms, draft, row, member, code=code, starts_on=starts_on, points=points)
