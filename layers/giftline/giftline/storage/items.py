"""Orders and their parts as DynamoDB items, and back.

| item | pk | sk |
|---|---|---|
| order | ORDER#id | ORDER |
| lot | ORDER#id | LOT#0001 |
| page | ORDER#id | PAGE#0001#000500#000 |
| refno | REF#tenant#refno | REF |

An order that is looked after carries `open` (its Watch) and `due_at`, the keys of the sparse index. One that nobody
looks after any more, with its cards, carries `kept` (its tenant) beside `closed_at`, the keys of retention's index.
"""

from __future__ import annotations

import json
from dataclasses import astuple, fields
from functools import lru_cache
from typing import Any, Final

from giftline.money import Money, known_currency
from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Act, Line, Order, OrderStatus, Page, PageRef
from giftline.storage.attributes import Item, marshal, unmarshal
from giftline.storage.slots import pack_slots, unpack_slots

DIGEST_SIZE: Final = 8
PAGE_REF: Final = "pk, sk, digests, flawed"
"""What is read of a page without its cards."""
KEPT: Final = 64
"""Lines that were read or written lately: an order's never change, and stand in each of its writes."""
_WRITTEN_OTHERWISE: Final = {
    Order: ("lines", "status", "acts"),
    Lot: ("lines", "state", "slots", "acts", "was"),
}
# Keys of a dict, not a set: in their order, and as fast to look up.
_PLAIN: Final[dict[type, dict[str, None]]] = {
    kind: {field.name: None for field in fields(kind) if field.name not in others}
    for kind, others in _WRITTEN_OTHERWISE.items()
}
_EMPTY: Final = ("", b"", None)
_encoder: Final = json.JSONEncoder(separators=(",", ":"))


def order_key(order_id: str) -> Item:
    return marshal({"pk": f"ORDER#{order_id}", "sk": "ORDER"})


def lot_key(order_id: str, number: int) -> Item:
    return marshal({"pk": f"ORDER#{order_id}", "sk": f"LOT#{number:04d}"})


def page_key(ref: PageRef) -> Item:
    sk = f"{page_prefix(ref.lot)}{ref.offset:06d}#{ref.version:03d}"
    return marshal({"pk": f"ORDER#{ref.order_id}", "sk": sk})


def page_prefix(lot: int | None) -> str:
    return "PAGE#" if lot is None else f"PAGE#{lot:04d}#"


def refno_key(tenant: str, refno: str) -> Item:
    return marshal({"pk": f"REF#{tenant}#{refno}", "sk": "REF"})


def order_to_item(order: Order) -> Item:
    values = _plain(order)
    values |= {"status": order.status.value, "lines": _lines_text(order.lines)}
    if order.acts:
        values["acts"] = _acts_text(order.acts)
    if order.due_at is not None and order.watch is not None:
        values["open"] = order.watch.value
    if order.keeps_cards:
        values["kept"] = order.tenant
    return order_key(order.id) | marshal(values)


def order_from_item(item: Item) -> Order:
    values = unmarshal(item)
    return Order(
        **_known(Order, values),
        acts=_acts_from(values.get("acts", "")),
        lines=_lines_from(values["lines"]),
        status=OrderStatus(values["status"]),
    )


def lot_to_item(lot: Lot) -> Item:
    values = _plain(lot)
    values |= {"state": lot.state.value, "lines": _lines_text(lot.lines)}
    if lot.was is not None:
        values["was"] = lot.was.value
    if lot.slots:
        values["slots"] = pack_slots(lot.slots)
    if lot.acts:
        values["acts"] = _acts_text(lot.acts)
    return lot_key(lot.order_id, lot.number) | marshal(values)


def lot_from_item(item: Item) -> Lot:
    values = unmarshal(item)
    return Lot(
        **_known(Lot, values),
        lines=_lines_from(values["lines"]),
        state=LotState(values["state"]),
        slots=unpack_slots(values["slots"]) if "slots" in values else (),
        acts=_acts_from(values.get("acts", "")),
        was=LotState(values["was"]) if "was" in values else None,
    )


def page_to_item(page: Page) -> Item:
    ref = page.ref
    values = {"sealed": page.sealed, "digests": b"".join(ref.digests)}
    if ref.flawed:
        values["flawed"] = b"".join(ref.flawed_digests)
    return page_key(ref) | marshal(values)


def page_ref_from_item(item: Item) -> PageRef:
    values = unmarshal(item)
    _, lot, offset, version = values["sk"].split("#")
    order_id = values["pk"].removeprefix("ORDER#")
    digests, flawed = _split(values["digests"]), _split(values.get("flawed", b""))
    return PageRef(order_id, int(lot), int(offset), int(version), digests, flawed)


def _split(joined: bytes) -> tuple[bytes, ...]:
    return tuple(bytes(joined[at : at + DIGEST_SIZE]) for at in range(0, len(joined), DIGEST_SIZE))


def _plain(record: Order | Lot) -> dict[str, Any]:
    """Fields that say something: an empty one is left out and read back as its default."""
    names = _PLAIN[type(record)]
    return {name: value for name in names if (value := getattr(record, name)) not in _EMPTY}


def _known(kind: type[Order | Lot], values: dict[str, Any]) -> Any:
    names = _PLAIN[kind]
    return {name: value for name, value in values.items() if name in names}


def _acts_text(acts: tuple[Act, ...]) -> str:
    return _encoder.encode([astuple(act) for act in acts])


def _acts_from(text: str) -> tuple[Act, ...]:
    return tuple(Act(*act) for act in json.loads(text)) if text else ()


@lru_cache(maxsize=KEPT)
def _lines_text(lines: tuple[Line, ...]) -> str:
    rows = [[line.sku, line.amount.minor, line.quantity, *([line.code] if line.code else [])] for line in lines]
    return _encoder.encode([lines[0].amount.currency.code, rows])


@lru_cache(maxsize=KEPT)
def _lines_from(text: str) -> tuple[Line, ...]:
    code, rows = json.loads(text)
    currency = known_currency(code)
    return tuple(Line(sku, Money(minor, currency), quantity, *code) for sku, minor, quantity, *code in rows)
