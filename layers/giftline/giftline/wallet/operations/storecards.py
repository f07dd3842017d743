"""POST /bulk/storecards: a storecard for each row."""

from __future__ import annotations

from giftline.wallet.batch import Row
from giftline.wallet.operations.new_passes import new_storecard
from giftline.wallet.operations.planned import Planned, Terms, known_member, not_found
from giftline.wallet.operations.world import Draft


def plan_storecard(terms: Terms, draft: Draft, row: Row) -> Planned:
    """A member may hold several."""
    member = known_member(draft, row, terms.batch.brand_id)
    if member is None:
        return not_found(row)
    return new_storecard(terms, draft, row, member, code=row.values.get("qr_code", ""))
