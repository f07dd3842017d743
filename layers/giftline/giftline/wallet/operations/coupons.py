"""POST /bulk/coupons: a coupon for each row."""

from __future__ import annotations

from giftline.wallet.batch import Row
from giftline.wallet.operations.new_passes import new_pass
from giftline.wallet.operations.planned import (
    Planned,
    Terms,
    done_to,
    known_member,
    not_found,
    refused,
    template_gone,
)
from giftline.wallet.operations.world import Draft


def plan_coupon(terms: Terms, draft: Draft, row: Row) -> Planned:
    """Coupons may share a code: it is often one for everybody."""
    if known_member(draft, row, terms.batch.brand_id) is None:
        return not_found(row)
    if terms.template is None:
        return refused(row, template_gone(terms))
    made = new_pass(terms, terms.template, row, code=row.values.get("qr_code", ""))
    known = draft.pass_(made.id)
    return done_to(row, known) if known is not None else done_to(row, made, made)
