"""The sandbox's own ledger beside ours: it shares no code with the stack, so it cannot err with it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import requests

from local.demo_door import session
from local.demo_results import Result
from local.errors import LocalError

SECONDS = 20.0
UNDER_INTERVAL = "under_interval"


@dataclass(slots=True)
class Comparison:
    """What the supplier sold under our references."""

    currency: str
    cards: int = 0
    minor: int = 0
    purchases: int = 0
    hasty_polls: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor) / 100

    @property
    def agreed(self) -> str:
        bought = "1 purchase" if self.purchases == 1 else f"{self.purchases} purchases"
        return f"{self.cards:,} cards, {self.currency} {self.amount:,.2f}, {bought}, 0 polls under the interval"


def compare(results: list[Result], sandbox: str) -> Comparison:
    """Ask the sandbox about every reference that the summaries name."""
    comparison = Comparison(results[0].currency)
    with session() as web:
        for result in results:
            for lot in result.lots:
                add_sale(comparison, lot.reference, ask(web, f"{sandbox}/sandbox/orders/{quote(lot.reference)}"))
    judge(comparison, results)
    return comparison


def ask(web: requests.Session, url: str) -> dict[str, Any] | None:
    """None where the supplier has never heard of it."""
    try:
        response = web.get(url, timeout=SECONDS)
        if response.status_code == requests.codes.not_found:
            return None
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
    except requests.RequestException as error:
        raise LocalError(f"The sandbox supplier does not answer: {error}") from error
    return answer


def add_sale(comparison: Comparison, reference: str, sale: dict[str, Any] | None) -> None:
    if sale is None:
        comparison.differences.append(f"it does not know {reference}")
        return
    comparison.hasty_polls += sum(poll["kind"] == UNDER_INTERVAL for poll in sale["polls"])
    if sale["status"] == "COMPLETE":
        comparison.cards += sale["quantity"]
        comparison.minor += sale["amount"]
        comparison.purchases += 1


def judge(comparison: Comparison, results: list[Result]) -> None:
    """Cards and money to the last one, and no poll too early."""
    cards, amount = sum(r.received for r in results), sum(r.delivered_amount for r in results)
    if comparison.cards != cards:
        comparison.differences.append(f"it sold {comparison.cards:,} cards, and {cards:,} were delivered")
    if comparison.amount != amount:
        comparison.differences.append(f"it charged {comparison.amount:,.2f}, and {amount:,.2f} was delivered")
    if comparison.hasty_polls:
        comparison.differences.append(f"it was polled {comparison.hasty_polls} times before its interval was over")
