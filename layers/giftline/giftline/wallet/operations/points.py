"""POST /bulk/points: points are added to a storecard that is there; none is created."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from giftline.wallet.batch import Row
from giftline.wallet.model import Pass
from giftline.wallet.operations.new_passes import is_of
from giftline.wallet.operations.planned import Planned, Terms, done_to, known_member, not_found, refused
from giftline.wallet.operations.world import Draft

MOST_POINTS: Final = 10**12
NO_STORECARD: Final = "the member has no storecard of this brand"


def plan_points(terms: Terms, draft: Draft, row: Row) -> Planned:
    """By its code, or the member's first storecard of the brand (docs/protocols.md, points)."""
    member = known_member(draft, row, terms.batch.brand_id)
    if member is None:
        return not_found(row)
    code = row.values.get("qr_code", "")
    if code:
        holder = draft.code(code)
        if holder is None:
            return refused(row, f"no storecard of this brand has the code {code}")
        return plan_change(terms, draft, row, holder.pass_id)
    first = member.storecards.get(terms.batch.brand_id)
    return refused(row, NO_STORECARD) if first is None else plan_change(terms, draft, row, first)


def plan_change(terms: Terms, draft: Draft, row: Row, pass_id: str, starts_on: str = "") -> Planned:
    """A revoked link changes nothing about the points: the card is still the member's."""
    one = draft.pass_(pass_id)
    if one is None:
        return refused(row, "the storecard is not there any more")
    if one.identifier != row.identifier:
        return refused(row, f"the storecard {one.code} is another member's")
    if not is_of(one, terms):
        return refused(row, f"the pass {one.code} is not of the storecard {terms.batch.template_id}")
    points = one.points + row.values["points"]
    if abs(points) > MOST_POINTS:
        return refused(row, f"{one.points} points and {row.values['points']} more are beyond ±{MOST_POINTS}")
    after = changed(one, points, starts_on or one.starts_on, terms)
    return done_to(row, one) if after is None else done_to(row, after, after)


def changed(one: Pass, points: int, starts_on: str, terms: Terms) -> Pass | None:
    """None where all stays as it is: nothing is written, and no phone is woken."""
    if points == one.points and starts_on == one.starts_on:
        return None
    return replace(one, points=points, starts_on=starts_on, updated_at=max(terms.now, one.updated_at + 1))
