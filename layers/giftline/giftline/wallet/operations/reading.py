"""What must be read before rows are planned: in bulks, for many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar

from giftline.wallet.batch import Batch, Operation, Row
from giftline.wallet.links import pass_id_of
from giftline.wallet.operations.new_passes import derived_code
from giftline.wallet.operations.signups import email_of, identifier_of
from giftline.wallet.operations.world import World
from giftline.wallet.ports import Wallets

T = TypeVar("T")

CODE_FIELDS: Final = {Operation.STORECARDS: "qr_code", Operation.POINTS: "qr_code", Operation.PASSES: "pass_code"}
MAKERS: Final = frozenset({Operation.COUPONS, Operation.STORECARDS, Operation.PASSES})
CHANGERS: Final = frozenset({Operation.POINTS, Operation.PASSES})


def read_world(wallets: Wallets, batch: Batch, rows: Sequence[Row], world: World, *, closely: bool = False) -> None:
    """Bring into `world` what these rows touch, as it is now.

    `closely` after a write was refused: also the ids and codes that are made up for new passes. They are
    as good as never taken, so that nobody asks for them the first time.
    """
    live = [row for row in rows if not row.missing]
    if batch.operation is Operation.SIGNUPS:
        _read_signups(wallets, batch, live, world)
        return
    identifiers = list(dict.fromkeys(row.identifier for row in live))
    _refresh(world.members, identifiers, lambda names: wallets.members(batch.tenant, names))
    made = [pass_id_of(batch.id, row.number) for row in live] if closely and batch.operation in MAKERS else []
    codes = _codes(batch, live) + ([derived_code(pass_id) for pass_id in made] if _has_codes(batch) else [])
    _refresh(world.codes, codes, lambda names: wallets.codes(batch.tenant, batch.brand_id, names))
    if batch.operation in CHANGERS:
        made += _passes(world, batch, identifiers, codes)
    _refresh(world.passes, made, wallets.passes)


def _has_codes(batch: Batch) -> bool:
    return batch.operation in CODE_FIELDS


def _codes(batch: Batch, rows: Sequence[Row]) -> list[str]:
    name = CODE_FIELDS.get(batch.operation)
    return [row.values[name] for row in rows if row.values.get(name)] if name else []


def _passes(world: World, batch: Batch, identifiers: list[str], codes: list[str]) -> list[str]:
    """The passes behind the codes, and the first storecards."""
    members = [world.members[name] for name in identifiers if name in world.members]
    first = [member.storecards[batch.brand_id] for member in members if batch.brand_id in member.storecards]
    return first + [world.codes[code].pass_id for code in codes if code in world.codes]


def _read_signups(wallets: Wallets, batch: Batch, rows: Sequence[Row], world: World) -> None:
    emails = [email_of(row) for row in rows]
    _refresh(world.emails, emails, lambda names: wallets.emails(batch.tenant, names))
    holders = [world.emails[email].identifier for email in emails if email in world.emails]
    wanted = [identifier_of(batch.tenant, row) for row in rows if email_of(row) not in world.emails]
    _refresh(world.members, holders + wanted, lambda names: wallets.members(batch.tenant, names))


def _refresh(known: dict[str, T], names: Sequence[str], read: Callable[[Collection[str]], dict[str, T]]) -> None:
    """What was there before and is not any more is forgotten."""
    unique = list(dict.fromkeys(names))
    if not unique:
        return
    for name in unique:
        known.pop(name, None)
    known.update(read(unique))
