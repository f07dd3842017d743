"""How a new pass comes to be: the same id, code and link whoever applies its row."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from giftline.wallet.batch import Row
from giftline.wallet.links import DAY, LINK_DAYS, links_end, pass_id_of, token_hash
from giftline.wallet.model import CodeHolder, Member, Millis, Pass, PassKind, Template, WalletRecord
from giftline.wallet.operations.planned import Planned, Terms, done_to, refused, template_gone
from giftline.wallet.operations.world import Draft

CODE_DIGITS: Final = 16


def new_pass(terms: Terms, template: Template, row: Row, *, code: str, starts_on: str = "", points: int = 0) -> Pass:
    """A pass of the batch's template as the row wants it; the template fills in what the row leaves out."""
    pass_id = pass_id_of(terms.batch.id, row.number)
    expires_on = row.values.get("expiration_date") or _last_day(terms.now, template.valid_days)
    return Pass(
        id=pass_id,
        tenant=terms.batch.tenant,
        brand_id=terms.batch.brand_id,
        template_id=template.id,
        kind=template.kind,
        identifier=row.identifier,
        code=code or derived_code(pass_id),
        title=row.values.get("pass_title") or template.title,
        created_at=terms.now,
        updated_at=terms.now,
        link_hash=token_hash(terms.links.token(pass_id, 1)),
        link_expires_at=max(terms.now + LINK_DAYS * DAY, links_end(expires_on)),
        points=points,
        starts_on=starts_on,
        expires_on=expires_on,
    )


def new_storecard(
    terms: Terms, draft: Draft, row: Row, member: Member, *, code: str = "", starts_on: str = "", points: int = 0
) -> Planned:
    """A storecard under a code that no other one of the brand shows; the member's first of a brand is remembered."""
    if terms.template is None:
        return refused(row, template_gone(terms))
    made = new_pass(terms, terms.template, row, code=code, starts_on=starts_on, points=points)
    known = draft.pass_(made.id)
    if known is not None:
        return done_to(row, known)
    if draft.code(made.code) is not None:
        return refused(row, f"the code {made.code} is taken by another storecard of this brand")
    holder = CodeHolder(made.tenant, made.brand_id, made.code, made.id)
    records: tuple[WalletRecord, ...] = (made, holder)
    if made.brand_id not in member.storecards:
        records = (*records, replace(member, storecards={**member.storecards, made.brand_id: made.id}))
    return done_to(row, made, *records)


def derived_code(pass_id: str) -> str:
    """Digits only, an even number of them: short as Code 128 too."""
    made = int.from_bytes(hashlib.sha256(f"code|{pass_id}".encode()).digest()[:8], "big")
    return f"{made % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def is_of(one: Pass, terms: Terms) -> bool:
    """Whether a pass is a storecard of the batch's template."""
    batch = terms.batch
    return (
        one.tenant == batch.tenant
        and one.brand_id == batch.brand_id
        and one.kind == PassKind.STORECARD
        and one.template_id == batch.template_id
    )


def _last_day(now: Millis, valid_days: int) -> str:
    if not valid_days:
        return ""
    return (datetime.fromtimestamp(now / 1000, tz=UTC).date() + timedelta(days=valid_days)).isoformat()
