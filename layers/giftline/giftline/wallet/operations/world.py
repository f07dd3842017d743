"""The records that rows touch: as they were read, and as a step has changed them so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from giftline.wallet.model import CodeHolder, EmailHolder, Member, Pass, WalletRecord

MOST_RECORDS: Final = 97
"""One transaction holds 100 actions; the chunk and its results take two of them."""


@dataclass(slots=True)
class World:
    """Records of one tenant and one brand by their names, each with the version it has in the table."""

    members: dict[str, Member] = field(default_factory=dict)
    passes: dict[str, Pass] = field(default_factory=dict)
    codes: dict[str, CodeHolder] = field(default_factory=dict)
    emails: dict[str, EmailHolder] = field(default_factory=dict)

    def put(self, record: WalletRecord) -> None:
        if isinstance(record, Pass):
            self.passes[record.id] = record
        elif isinstance(record, Member):
            self.members[record.identifier] = record
        elif isinstance(record, CodeHolder):
            self.codes[record.code] = record
        else:
            self.emails[record.email] = record

    def has(self, record: WalletRecord) -> bool:
        """Whether something lies where this record belongs."""
        if isinstance(record, Pass):
            return record.id in self.passes
        if isinstance(record, Member):
            return record.identifier in self.members
        if isinstance(record, CodeHolder):
            return record.code in self.codes
        return record.email in self.emails

    def absorb(self, written: Iterable[WalletRecord]) -> None:
        """After a commit: the table holds these now, each a version further.

        Holders are never written again, so that theirs does not matter.
        """
        for record in written:
            is_last = isinstance(record, CodeHolder | EmailHolder)
            self.put(record if is_last else replace(record, version=record.version + 1))

    def __len__(self) -> int:
        return len(self.members) + len(self.passes) + len(self.codes) + len(self.emails)

    def __iter__(self) -> Iterator[WalletRecord]:
        yield from self.members.values()
        yield from self.passes.values()
        yield from self.codes.values()
        yield from self.emails.values()


class Draft:
    """A step in the making: later rows see what earlier rows of it did.

    A record that several rows change is written once, over the version that was read.
    """

    __slots__ = ("changed", "read")

    def __init__(self, read: World) -> None:
        self.read = read
        self.changed = World()

    def member(self, identifier: str) -> Member | None:
        return self.changed.members.get(identifier) or self.read.members.get(identifier)

    def pass_(self, pass_id: str) -> Pass | None:
        return self.changed.passes.get(pass_id) or self.read.passes.get(pass_id)

    def code(self, code: str) -> CodeHolder | None:
        return self.changed.codes.get(code) or self.read.codes.get(code)

    def email(self, email: str) -> EmailHolder | None:
        return self.changed.emails.get(email) or self.read.emails.get(email)

    def take(self, records: tuple[WalletRecord, ...]) -> bool:
        """Whether a row's records fit into the transaction; they are in it then."""
        changed = self.changed
        more = sum(not changed.has(record) for record in records)
        if len(changed) + more > MOST_RECORDS:
            return False
        for record in records:
            changed.put(record)
        return True
