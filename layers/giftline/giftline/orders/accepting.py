"""Accept an order once: the same refno with the same content is the same order."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from giftline.errors import FieldProblem, RefnoConflict, Refused
from giftline.orders.model import Line, Order, OrderRequest
from giftline.orders.timing import SWEEP_AFTER, Timing

if TYPE_CHECKING:
    from giftline.orders.model import Recipient
    from giftline.orders.ports import Clock, Messages, Orders

_compact: Final = json.JSONEncoder(separators=(",", ":"))


class RequestFiles(Protocol):
    """Where those lie for whom an order is."""

    def save_recipients(self, key: str, recipients: Iterable[Recipient]) -> None: ...

    def remove(self, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AcceptOrder:
    """Records the order and its refno in one write, then announces its id."""

    orders: Orders
    files: RequestFiles
    messages: Messages
    clock: Clock
    timing: Timing
    new_id: Callable[[], str]

    def __call__(self, request: OrderRequest) -> Order:
        """The order, new or known. RefnoConflict names every difference."""
        print_ = fingerprint(request)
        known = self.orders.find(request.tenant, request.refno)
        if known is None:
            known = self._added(self._record(request, print_))
        if known.fingerprint != print_:
            raise RefnoConflict(differences(known, request))
        if known.status.is_open and known.executions == 0:
            self.messages.announce(known.id)
        return known

    def _added(self, order: Order) -> Order:
        """Whom it is for stays on file only with its order. A refusal proves that there is none; after anything else
        that is raised there may be one.
        """
        try:
            known = self.orders.add(order)
        except Refused:
            self._forget_recipients(order)
            raise
        if known.id != order.id:
            self._forget_recipients(order)
        return known

    def _forget_recipients(self, order: Order) -> None:
        if not order.recipients_key:
            return
        try:
            self.files.remove(order.recipients_key)
        except Exception as error:  # noqa: BLE001 - the caller is to hear of the refusal, not of what is left behind
            said = "the recipients of order %s, which is none, were not removed: %s"
            logging.getLogger(__name__).warning(said, order.id, type(error).__name__)

    def _record(self, request: OrderRequest, print_: str) -> Order:
        now = self.clock.now()
        order = Order(
            id=self.new_id(),
            tenant=request.tenant,
            refno=request.refno,
            lines=request.lines,
            fingerprint=print_,
            source=request.source,
            created_at=now,
            due_at=now + self.timing.scaled(SWEEP_AFTER),
            webhook_url=request.webhook_url,
            at_once=request.at_once,
        )
        if not request.recipients:
            return order
        key = f"requests/{request.tenant}/{order.id}.jsonl"
        self.files.save_recipients(key, request.recipients)
        return replace(order, recipients_key=key)


def fingerprint(request: OrderRequest) -> str:
    """A hash of what is ordered and for whom; how it came in, and whom its end is told, does not count:
    the `webhook_url` of the first request stays.
    """
    lines = sorted((line.sku, line.amount.minor, line.quantity) for line in request.lines)
    head = _compact.encode([request.currency.code, lines]).removesuffix("]")
    content, before = hashlib.sha256(head.encode()), ",["
    # why: row by row, though it stands for one JSON list: 50,000 rows are too much to have at once
    for r in request.recipients:
        person = (r.sku, r.amount_minor, r.quantity, r.name, r.email, r.mobile, r.message, r.reference)
        content.update((before + _compact.encode(person)).encode())
        before = ","
    content.update(b"]]" if request.recipients else b",[]]")
    return content.hexdigest()


def merge_lines(lines: list[Line]) -> tuple[Line, ...]:
    """Lines of one sku and amount become one, in the order of their first mention."""
    merged: dict[tuple[str, int], Line] = {}
    for line in lines:
        key = (line.sku, line.amount.minor)
        before = merged.get(key)
        merged[key] = replace(line, quantity=before.quantity + line.quantity) if before else line
    return tuple(merged.values())


def differences(known: Order, request: OrderRequest) -> list[FieldProblem]:
    """What the known order has otherwise, line by line."""
    before = {(line.sku, line.amount.minor): line for line in known.lines}
    after = {(line.sku, line.amount.minor): line for line in request.lines}
    as_first = f"as first ordered under refno {known.refno}"
    problems = [
        FieldProblem(
            "products",
            f"{_quantity(after, key)} of {line.sku} at {line.amount}",
            f"{_quantity(before, key)}, {as_first}",
            "5313",
        )
        for key, line in (after | before).items()
        if _quantity(after, key) != _quantity(before, key)
    ]
    if known.currency != request.currency:
        problems.append(FieldProblem("currency", request.currency.code, f"{known.currency.code}, {as_first}", "5313"))
    return problems or [FieldProblem("recipients", "other recipients than before", f"those {as_first}", "5313")]


def _quantity(lines: dict[tuple[str, int], Line], key: tuple[str, int]) -> int:
    return lines[key].quantity if key in lines else 0
