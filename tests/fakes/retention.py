"""Retention's ports in memory, with the same promises as the tables and buckets they stand for."""

from __future__ import annotations

import base64
import contextlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from giftline.errors import NotFound
from giftline.orders.model import Order, Page, PageRef
from giftline.orders.retention_ports import CardRecord, Removal, RetentionRule
from tests.fakes.storage import FakeFiles, FakeOrders, FakePages


@dataclass
class FakeRetentionRules:
    kept: dict[str, RetentionRule] = field(default_factory=dict)

    def save(self, rule: RetentionRule) -> None:
        self.kept[rule.tenant] = rule

    def all(self) -> list[RetentionRule]:
        return [self.kept[tenant] for tenant in sorted(self.kept)]


@dataclass
class FakeKeptOrders:
    """On the fake orders and pages; `late` are ids that the index still names though it should not."""

    orders: FakeOrders
    pages: FakePages
    removals: dict[str, Removal] = field(default_factory=dict)
    stripped: dict[PageRef, tuple[CardRecord, ...]] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)

    def kept(self, tenant: str, closed_before: int, limit: int) -> list[str]:
        found = [o for o in self.orders.records.values() if o.keeps_cards and o.tenant == tenant]
        found.sort(key=lambda order: order.closed_at or 0)
        return [*self.late, *(o.id for o in found if (o.closed_at or 0) <= closed_before)][:limit]

    def begin(self, order: Order, removal: Removal) -> Order:
        after = self.orders.save(order)
        self.removals[order.id] = removal
        return after

    def finish(self, order: Order, removal: Removal) -> None:
        self.orders.save(order)
        self.removals[order.id] = removal

    def removal(self, order_id: str) -> Removal | None:
        return self.removals.get(order_id)

    def sealed_pages(self, order_id: str) -> list[PageRef]:
        return [page.ref for place, page in sorted(self.pages.kept.items()) if place[0] == order_id and page.sealed]

    def strip(self, ref: PageRef, records: Sequence[CardRecord]) -> None:
        place = (ref.order_id, ref.lot, ref.offset, ref.version)
        if place not in self.pages.kept:
            raise NotFound(f"page {place} is not there")
        if self.pages.kept[place].sealed:
            self.pages.kept[place] = Page(ref, b"")
            self.stripped[ref] = tuple(records)

    def records(self, ref: PageRef) -> tuple[CardRecord, ...]:
        return self.stripped.get(ref, ())


@dataclass
class FakeFileVersions:
    files: FakeFiles

    def erase(self, key: str) -> None:
        self.files.kept.pop(key, None)
        self.files.people.pop(key, None)


@dataclass
class FakeDropped:
    """The drop bucket: names of files that are there."""

    kept: set[str] = field(default_factory=set)

    def erase(self, key: str) -> None:
        self.kept.discard(key)


def traces_of(stored: bytes, secrets: Iterable[str]) -> list[str]:
    """Which of the secrets are stored: raw, in base64 at any place, in hex, URL-encoded, or compressed by zlib."""
    texts = [stored, *_inflated(stored)]
    return sorted(secret for secret in secrets if any(_is_in(secret.encode(), text) for text in texts))


def _is_in(secret: bytes, text: bytes) -> bool:
    dressed = [secret, secret.hex().encode(), secret.hex().upper().encode()]
    dressed += [quote(secret).encode(), b"".join(b"%%%02X" % byte for byte in secret)]
    for shift in range(3):
        whole = base64.b64encode(b"x" * shift + secret)
        # why: the first and the last group of four hold bytes of the neighbours, too
        dressed.append(whole[4 if shift else 0 : -4])
    return any(one in text for one in dressed)


def _inflated(stored: bytes) -> Iterator[bytes]:
    at = -1
    while (at := stored.find(b"\x78\xda", at + 1)) >= 0:
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(stored[at:])
