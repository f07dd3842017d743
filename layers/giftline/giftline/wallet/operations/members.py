"""PUT /bulk/members: the given fields of members who are there; none is created."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from giftline.wallet.batch import Row
from giftline.wallet.operations.planned import Planned, Terms, done, known_member, not_found
from giftline.wallet.operations.world import Draft

CHANGEABLE: Final = (
    "first_name",
    "last_name",
    "phone_number",
    "birth_day",
    "street",
    "house_number",
    "postcode",
    "city",
    "country",
)


def plan_member(terms: Terms, draft: Draft, row: Row) -> Planned:
    """A field that the row leaves out stays as it is."""
    member = known_member(draft, row, terms.batch.brand_id)
    if member is None:
        return not_found(row)
    given = {name: row.values[name] for name in CHANGEABLE if name in row.values}
    if all(getattr(member, name) == value for name, value in given.items()):
        return done(row)
    return done(row, replace(member, **given))
