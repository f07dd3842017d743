"""What a row's plan may know, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from giftline.wallet.batch import MEMBER_NOT_FOUND, Batch, Row, RowResult
from giftline.wallet.links import Links
from giftline.wallet.model import Member, Millis, Pass, Template, WalletRecord
from giftline.wallet.operations.world import Draft

REASON: Final = "reason"
"""Where a missing row carries why it is not found."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all rows of a slice share. `template` is None where the call names none, or it is gone."""

    batch: Batch
    template: Template | None
    links: Links
    now: Millis


class Planned(NamedTuple):
    """A row's result, and the records as they are after it; none where nothing changes."""

    result: RowResult
    records: tuple[WalletRecord, ...] = ()


def refused(row: Row, reason: str) -> Planned:
    """Reported with its reason, and without effect."""
    return Planned(RowResult(row.number, shown_as(row), reason=reason))


def shown_as(row: Row) -> str:
    """Who signs up may have no identifier yet, but always an address."""
    return row.identifier or str(row.values.get("email", ""))


def done(row: Row, *records: WalletRecord) -> Planned:
    return Planned(RowResult(row.number, row.identifier), records)


def done_to(row: Row, one: Pass, *records: WalletRecord) -> Planned:
    """The status page names the pass and links to it."""
    return Planned(RowResult(row.number, row.identifier, one.id, one.code), records)


def not_found(row: Row) -> Planned:
    return refused(row, str(row.values.get(REASON, MEMBER_NOT_FOUND)))


def known_member(draft: Draft, row: Row, brand_id: str) -> Member | None:
    """The row's member, if it is one of the brand; an operation without a brand takes any."""
    member = draft.member(row.identifier)
    if member is None or (brand_id and brand_id not in member.brands):
        return None
    return member


def template_gone(terms: Terms) -> str:
    word = "coupon" if terms.batch.operation == "coupons" else "storecard"
    return f"the {word} {terms.batch.template_id} is not there any more"
