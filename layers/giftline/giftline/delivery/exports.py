"""cards.csv and cards.jsonl, written card by card as the pages are opened."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Protocol

from giftline.money import Money
from giftline.orders.model import Card, Order, Recipient

COLUMNS: Final = (
    "sku",
    "amount",
    "currency",
    "card_number",
    "pin",
    "barcode",
    "activation_code",
    "activation_url",
    "validity",
    "issued",
    "name",
    "email",
    "mobile",
    "message",
    "reference",
)
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class Sink(Protocol):
    def write(self, text: bytes) -> None: ...


def write_cards(
    order: Order,
    cards: Iterable[Card],
    recipients: Iterable[Recipient],
    csv_file: Sink,
    lines_file: Sink,
) -> Counter[tuple[str, int]]:
    """Write both files in one pass. Returns the number of cards by sku and amount (minor units)."""
    waiting = Waiting(recipients)
    written: Counter[tuple[str, int]] = Counter()
    csv_line = csv_writer()
    csv_file.write(("\ufeff" + ",".join(COLUMNS) + "\r\n").encode())
    for card in cards:
        row = card_row(order, card, waiting.next_for(card))
        csv_file.write(csv_line(row.values()))
        lines_file.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
        written[card.sku, card.amount_minor] += 1
    return written


class Waiting:
    """The rows of the request, handed out card by card in their order."""

    def __init__(self, recipients: Iterable[Recipient]) -> None:
        self._queues: dict[tuple[str, int], deque[list[Any]]] = {}
        for recipient in recipients:
            queue = self._queues.setdefault((recipient.sku, recipient.amount_minor), deque())
            queue.append([recipient, recipient.quantity])

    def next_for(self, card: Card) -> Recipient | None:
        queue = self._queues.get((card.sku, card.amount_minor))
        if not queue:
            return None
        entry = queue[0]
        entry[1] -= 1
        if entry[1] == 0:
            queue.popleft()
        recipient: Recipient = entry[0]
        return recipient


def card_row(order: Order, card: Card, recipient: Recipient | None) -> dict[str, str]:
    """One row by COLUMNS, secrets in the clear: it goes into the export and nowhere else."""
    values = {
        "sku": card.sku,
        "amount": str(Money(card.amount_minor, order.currency)),
        "currency": order.currency.code,
        "card_number": card.number.reveal(),
        "pin": card.pin.reveal(),
        "barcode": card.barcode.reveal(),
        "activation_code": card.activation_code.reveal(),
        "activation_url": card.activation_url.reveal(),
        "validity": card.validity,
        "issued": card.issued,
    }
    for name in COLUMNS[len(values) :]:
        values[name] = getattr(recipient, name) if recipient else ""
    return values


def neutral(cell: str) -> str:
    """A cell that a spreadsheet shows and never runs: a leading formula sign gets a quote.

    Cells of digits alone are left as they are; what a formula could start with is not.
    """
    return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell


def csv_rows(rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """CSV lines (RFC 4180) with every cell neutralised."""
    return map(csv_writer(), rows)


def csv_writer() -> Callable[[Iterable[str]], bytes]:
    """What makes a line of a row; one for all rows, as there may be very many."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def line(row: Iterable[str]) -> bytes:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([neutral(cell) for cell in row])
        return buffer.getvalue().encode()

    return line
