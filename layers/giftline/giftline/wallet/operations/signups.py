"""POST /bulk/signups: members by their e-mail address; one who is there is not changed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Final

from giftline.wallet.batch import Row, RowResult
from giftline.wallet.model import EmailHolder, Member, WalletRecord
from giftline.wallet.operations.planned import Planned, Terms, refused
from giftline.wallet.operations.world import Draft

NAMESPACE: Final = uuid.UUID("2d7d2c1e-6a0b-4f0a-9c53-5f2f8a1f7b11")
GIVEN: Final = ("first_name", "last_name", "unsubscribed", "subscribed_at")


def plan_signup(terms: Terms, draft: Draft, row: Row) -> Planned:
    """Names apply only where the member is new (docs/protocols.md, /bulk/signups)."""
    tenant, email = terms.batch.tenant, email_of(row)
    wanted = identifier_of(tenant, row)
    holder = draft.email(email)
    if holder is None:
        return _first_signup(terms, draft, row, EmailHolder(tenant, email, wanted))
    member = draft.member(holder.identifier)
    if member is None:
        return refused(row, f"the member {holder.identifier} of this e-mail address is not there any more")
    if row.identifier and row.identifier != holder.identifier:
        return refused(row, f"the e-mail address belongs to another member than {row.identifier}")
    return _joined(row, member, terms.batch.brand_id)


def email_of(row: Row) -> str:
    return str(row.values["email"]).lower()


def identifier_of(tenant: str, row: Row) -> str:
    """The given one, or one that follows from the address, the same whoever applies the row."""
    return row.identifier or str(uuid.uuid5(NAMESPACE, f"{tenant}|{email_of(row)}"))


def _first_signup(terms: Terms, draft: Draft, row: Row, holder: EmailHolder) -> Planned:
    there = draft.member(holder.identifier)
    if there is None:
        given = {name: row.values[name] for name in GIVEN if name in row.values}
        brands = (terms.batch.brand_id,)
        member = Member(holder.tenant, holder.identifier, email=holder.email, brands=brands, **given)
        return Planned(RowResult(row.number, member.identifier), (member, holder))
    if there.email != holder.email:
        return refused(row, f"the identifier {holder.identifier} belongs to another e-mail address")
    return _joined(row, there, terms.batch.brand_id, holder)


def _joined(row: Row, member: Member, brand_id: str, *also: WalletRecord) -> Planned:
    result = RowResult(row.number, member.identifier)
    if brand_id in member.brands:
        return Planned(result, also)
    return Planned(result, (replace(member, brands=(*member.brands, brand_id)), *also))
