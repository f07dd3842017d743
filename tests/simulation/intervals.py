"""Whether a supplier was asked sooner than its document allows, judged by the supplier's own times."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from tests.simulation.supply import LARGEST_SKEW, Exchange, Wire
from tests.simulation.world import MINUTE, SECOND

WPAY_STATUS: Final = 5 * MINUTE
"""Up to 100 cards, and a run's orders have no more (docs/protocols.md, Polling intervals)."""
IN_DOUBT: Final = 30 * SECOND
WALLEO_FIRST: Final = 2 * SECOND
WALLEO_NEXT: Final = 5 * SECOND


def asked_too_soon(name: str, wire: Wire) -> Iterator[str]:
    """Each question about a reference that came sooner than the answer before it allows."""
    by_reference: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in wire.exchanges:
        if reference := _reference(name, exchange):
            by_reference[reference].append(exchange)
    for reference, exchanges in by_reference.items():
        for at, question in enumerate(exchanges):
            last = _last_answer(exchanges[:at], question.begun_at)
            if question.method == "GET" and last and (early := _early(name, last, question)) > 0:
                since = question.begun_at - (last.answered_at or 0)
                yield f"{reference} was asked about {early} ms too soon: {since} ms after {_told(last)}"


def _last_answer(before: Sequence[Exchange], by: int) -> Exchange | None:
    """The latest answer that is stored; none where a POST of which nobody heard came after it.

    A POST begins the asking anew, whoever's clock told that it was time for it.
    """
    last = next((one for one in reversed(before) if one.method == "POST" or _was_kept(one, by)), None)
    return last if last and _was_kept(last, by) else None


def _early(name: str, last: Exchange, question: Exchange) -> int:
    """By the clocks of the workers, which may be wrong: ms before the time that the last answer allows.

    A worker that was frozen while it sent could not know of an answer that came meanwhile. What the
    supplier did not know may be sent again meanwhile, by a third worker with a clock of its own.
    """
    allowed = (last.answered_at or 0) + _interval(name, last)
    if not _is_known(last):
        return allowed - 2 * LARGEST_SKEW - question.begun_at
    return allowed + last.life.skew - (question.begun_at + question.life.skew)


def _told(exchange: Exchange) -> str:
    return f"{exchange.life.name}: {exchange.method} {exchange.answer.status} {exchange.answer.failure}"


def _was_kept(exchange: Exchange, by: int) -> bool:
    """An answer binds only once it is stored: a worker that dies before takes it along."""
    answered_at = exchange.answered_at
    return answered_at is not None and any(answered_at <= at <= by for at in exchange.life.wrote_lot_at)


def _is_known(exchange: Exchange) -> bool:
    return exchange.answer.status in (200, 201, 202) and isinstance(exchange.answer.body, dict)


def _interval(name: str, exchange: Exchange) -> int:
    if name == "walleo":
        return WALLEO_FIRST if exchange.method == "POST" or exchange.answer.status == 404 else WALLEO_NEXT
    return WPAY_STATUS if _is_known(exchange) else IN_DOUBT


def _reference(name: str, exchange: Exchange) -> str:
    """What a request is about; "" where it is no question about an order, nor an order."""
    if exchange.method == "POST":
        body = json.loads(exchange.body or b"{}")
        return str(body["refno"] if name == "wpay" else body["pull_request"]["request_id"])
    if name == "wpay" and not exchange.path.endswith("/status"):
        return ""
    return unquote(exchange.path.removesuffix("/status").rpartition("/")[2])
