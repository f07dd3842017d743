"""POST /bulk/licenseplates: plates are added to a member's, in the order they came."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from giftline.wallet.batch import Row
from giftline.wallet.operations.planned import Planned, Terms, done, known_member, not_found, refused
from giftline.wallet.operations.world import Draft

MOST_PLATES: Final = 200


def plan_licenseplates(terms: Terms, draft: Draft, row: Row) -> Planned:
    """A plate that the member has already is not added again."""
    member = known_member(draft, row, terms.batch.brand_id)
    if member is None:
        return not_found(row)
    plates = tuple(dict.fromkeys((*member.licenseplates, *row.values.get("licenseplates", ()))))
    if len(plates) > MOST_PLATES:
        return refused(row, f"the member would have {len(plates)} licence plates; at most {MOST_PLATES} are kept")
    return done(row) if plates == member.licenseplates else done(row, replace(member, licenseplates=plates))
