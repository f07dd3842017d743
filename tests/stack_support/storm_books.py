"""The books after a storm, each kept by somebody else: the supplier's ledger, the table, the vault, the exports."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from giftline.storage.dynamodb import DynamoPages
from tests.stack_support.door import Cards, cards_of_answer, cards_of_rows, rows_of
from tests.stack_support.orders import summary_of
from tests.stack_support.stack import Stack
from tests.stack_support.storm import Storm
from tests.stack_support.storm_ledgers import lots_of
from tests.stack_support.storm_orders import Wanted

HEAD = ("refno", "supplier", "status", "wanted", "sold", "stored", "exported", "posts", "polls", "in review")
Row = tuple[str, ...]


class Ledger(Protocol):
    """What a supplier sold; what it cancelled or called dead it did not sell."""

    def sold_to(self, order_id: str) -> Cards: ...


@dataclass(frozen=True)
class Books:
    """One order in every book."""

    stack: Stack
    wanted: Wanted
    order_id: str
    status: str
    ledger: Ledger

    @cached_property
    def lots(self) -> list[Any]:
        return lots_of(self.stack, self.order_id)

    @cached_property
    def stored(self) -> Counter[bytes]:
        """Keyed hashes of the cards in the vault, counted over every page."""
        pages = DynamoPages(self.stack.client("dynamodb"), self.stack.orders_table)
        return Counter(digest for ref in pages.refs(self.order_id) for digest in ref.digests)

    @cached_property
    def sold(self) -> Cards:
        return self.ledger.sold_to(self.order_id)

    @cached_property
    def csv(self) -> Cards:
        return cards_of_rows(rows_of(self._result("cards.csv")))

    @cached_property
    def jsonl(self) -> Cards:
        return cards_of_rows([json.loads(line) for line in self._result("cards.jsonl").splitlines()])

    def _result(self, name: str) -> str:
        return self.stack.result(f"results/demo/{self.order_id}/{name}") or ""

    @cached_property
    def by_api(self) -> Cards:
        return cards_of_answer(self.stack.door.all_cards(self.order_id))

    @cached_property
    def summary(self) -> Mapping[str, Any]:
        return summary_of(self.stack, self.order_id)

    @property
    def in_review(self) -> list[str]:
        """Lots that a person must look at, each with its reason."""
        return [f"lot {lot.number}: {lot.reason}" for lot in self.lots if lot.state == "REVIEW"]

    @property
    def is_complete(self) -> bool:
        return self.status == "COMPLETE"

    def differences(self) -> Iterator[str]:
        """What the books of a complete order do not agree about."""
        wanted, quantity = wanted_counts(self.wanted), self.wanted.quantity
        yield from differing("sold by the supplier", counts_of(self.sold), wanted)
        yield from (f"the supplier sold {number} cards twice" for number in [over(self.sold)] if number)
        yield from differing("stored", self.stored.total(), quantity)
        yield from differing("stored and distinct", len(self.stored), quantity)
        yield from differing("cards.csv", self.csv, self.sold)
        yield from differing("cards.jsonl", self.jsonl, self.sold)
        yield from differing("the cards call", self.by_api, self.sold)
        yield from differing("the summary", self.summary["delivered"], self.summary["ordered"])
        yield from differing("states of the lots", {str(lot.state) for lot in self.lots}, {"COLLECTED"})
        yield from differing("received by the lots", sum(lot.received_cards for lot in self.lots), quantity)


def wanted_counts(wanted: Wanted) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for offer, amount, quantity in wanted.lines:
        counts[offer.sku, amount] += quantity
    return counts


def counts_of(cards: Cards) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for (sku, _, _, amount), count in cards.items():
        counts[sku, amount] += count
    return counts


def over(cards: Cards) -> int:
    return sum(count > 1 for count in Counter(number for _, number, _, _ in cards.elements()).values())


def differing(book: str, found: Any, expected: Any) -> Iterator[str]:
    """Counts alone: a message must not show what a card is worth."""
    if found == expected:
        return
    if isinstance(found, Counter):
        yield f"{book}: {found.total()} for {expected.total()}, {(expected - found).total()} are missing"
    else:
        yield f"{book}: {found} and not {expected}"


def books_after(storm: Storm, ledgers: Mapping[str, Ledger]) -> list[Books]:
    """Every order's books, each with the ledger of its supplier; and on the screen a line for each."""
    books = [
        Books(
            storm.stack,
            wanted,
            storm.accepted[wanted.refno]["orderId"],
            storm.statuses[wanted.refno],
            ledgers[wanted.supplier],
        )
        for wanted in storm.orders
    ]
    sys.stdout.write(f"\n{table([HEAD, *map(row_of, books)])}\n\n{table(figures(storm, books))}\n")
    return books


def row_of(books: Books) -> Row:
    posts, polls = sum(lot.posts for lot in books.lots), sum(lot.polls for lot in books.lots)
    counts = (books.wanted.quantity, books.sold.total(), len(books.stored), books.csv.total(), posts, polls)
    return (books.wanted.refno, books.wanted.supplier, books.status, *map(str, counts), "; ".join(books.in_review))


def figures(storm: Storm, books: list[Books]) -> list[Row]:
    killed = ", ".join(f"{count} {name}" for name, count in storm.killed.most_common())
    return [
        ("orders", f"{len(books)}: {dict(Counter(one.status for one in books))}"),
        ("in REVIEW", f"{sum(bool(one.in_review) for one in books)}"),
        ("cards ordered, sold", f"{sum(b.wanted.quantity for b in books)}, {sum(b.sold.total() for b in books)}"),
        ("workers killed", f"{storm.killed.total()}: {killed}"),
        ("restarts", f"{storm.restarts}"),
        ("POSTs of the client repeated", f"{storm.repeated_posts}"),
        ("sweeps", f"{dict(storm.sweeps)}"),
        ("seconds", f"{time.monotonic() - storm.began:.0f}"),
    ]


def table(rows: Sequence[Row]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = (zip(row, widths, strict=True) for row in rows)
    return "\n".join("  ".join(cell.ljust(width) for cell, width in line).rstrip() for line in lines)
