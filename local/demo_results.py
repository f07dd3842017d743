"""What came of an order, read as its owner reads it: by the links of the status answer."""

import csv
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import requests

from local.demo_door import Answer, session
from local.demo_lots import LotResult, read_lot, supplier_seconds
from local.demo_orders import DroppedFile
from local.errors import LocalError

SECONDS = 60.0
MASKED_PIN = "••••"


@dataclass(frozen=True, slots=True)
class MaskedCard:
    """A card as a screen may show it."""

    sku: str
    currency: str
    amount: str
    number: str
    pin: str
    name: str


@dataclass(slots=True)
class Result:
    """One order: its summary, and what its cards.csv holds. `worth`: card number to amount."""

    file: DroppedFile
    order_id: str
    currency: str
    ordered: int
    ordered_amount: Decimal
    received: int
    delivered_amount: Decimal
    seconds: float
    lots: tuple[LotResult, ...]
    links: dict[str, str] = field(repr=False)
    worth: dict[str, Decimal] = field(default_factory=dict, repr=False)
    samples: dict[str, MaskedCard] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def supplier_seconds(self) -> float:
        return supplier_seconds(self.lots)

    @property
    def giftline_seconds(self) -> float:
        """Everything that was not the supplier's, from the drop on."""
        return max(self.seconds - self.supplier_seconds, 0.0)


def read_result(file: DroppedFile, answer: Answer) -> Result:
    """The summary and, where there are cards, a look through the whole of cards.csv."""
    with closing(session()) as web:
        result = read_summary(file, answer, fetch(web, answer.files["summary.json"], "summary.json").json())
        if "cards.csv" in answer.files:
            response = fetch(web, answer.files["cards.csv"], "cards.csv")
            check_cards(result, csv.DictReader(response.content.decode("utf-8-sig").splitlines(keepends=True)))
    return result


def fetch(web: requests.Session, link: str, name: str) -> requests.Response:
    try:
        response = web.get(link, timeout=SECONDS)
        response.raise_for_status()
    except requests.RequestException as error:
        answered = error.response.text[:300] if error.response is not None else error
        raise LocalError(f"The status answer's link to {name} cannot be opened: {answered}") from error
    return response


def read_summary(file: DroppedFile, answer: Answer, summary: dict[str, Any]) -> Result:
    return Result(
        file=file,
        order_id=answer.order_id,
        currency=summary["currency"],
        ordered=summary["ordered"]["cards"],
        ordered_amount=Decimal(summary["ordered"]["amount"]),
        received=summary["delivered"]["cards"],
        delivered_amount=Decimal(summary["delivered"]["amount"]),
        seconds=datetime.fromisoformat(summary["closedAt"]).timestamp() - file.dropped_at,
        lots=tuple(map(read_lot, summary["lots"])),
        links=answer.files,
    )


def check_cards(result: Result, rows: Iterator[dict[str, str]]) -> None:
    """As many different cards, and as much money, as the summary says. One card of each sku is kept, masked."""
    count, amount = 0, Decimal(0)
    for row in rows:
        result.worth[row["card_number"]] = Decimal(row["amount"])
        count, amount = count + 1, amount + Decimal(row["amount"])
        keep(result.samples, masked(row))
    told = (result.received, result.received, result.delivered_amount)
    if (count, len(result.worth), amount) != told:
        result.problems.append(
            f"cards.csv of {result.file.refno} holds {count:,} cards, {len(result.worth):,} of them different, "
            f"worth {amount:,}; its summary says {result.received:,} worth {result.delivered_amount:,}"
        )


def masked(row: dict[str, str]) -> MaskedCard:
    """The last four digits tell cards apart; they buy nothing."""
    number = f"•••• •••• •••• {row['card_number'][-4:]}"
    pin = MASKED_PIN if row["pin"] else "none"
    return MaskedCard(row["sku"], row["currency"], row["amount"], number, pin, row["name"])


def keep(samples: dict[str, MaskedCard], card: MaskedCard) -> None:
    """The first card of each sku, or better the first one that is for somebody."""
    known = samples.get(card.sku)
    if known is None or (card.name and not known.name):
        samples[card.sku] = card
