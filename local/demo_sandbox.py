"""The sandbox's own ledgers: it shares no code with the stack, so it cannot err with it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import requests

from local.demo_door import session
from local.demo_ledger import Ledger
from local.demo_lots import FAILED, LotResult
from local.demo_results import Result
from local.errors import LocalError

SECONDS = 20.0
UNDER_INTERVAL = "under_interval"


class Sandbox:
    """Its `/sandbox` pages, for whoever may look behind the counter."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = session()

    def close(self) -> None:
        self._session.close()

    def ask(self, page: str) -> dict[str, Any] | None:
        """None where the supplier has never heard of it."""
        try:
            response = self._session.get(f"{self._url}/sandbox/{page}", timeout=SECONDS)
            if response.status_code == requests.codes.not_found:
                return None
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
        except requests.RequestException as error:
            raise LocalError(f"The sandbox does not answer: {error}") from error
        return answer

    def wpay(self, results: Iterable[Result]) -> Ledger:
        """Every reference that the summaries name is asked for."""
        ledger = Ledger("wpay")
        for lot in (lot for result in results for lot in result.lots if lot.supplier == ledger.supplier):
            sale = self.ask(f"orders/{quote(lot.reference)}")
            listed = self.ask(f"cards/{quote(lot.reference)}") if sale else None
            add_order(ledger, lot, sale, listed["cards"] if listed else [])
        return ledger

    def walleo(self, results: Sequence[Result]) -> Ledger:
        """Everything that it sold to these orders, whatever the summaries name."""
        ledger = Ledger("walleo")
        listed, report = self.ask("walleo/cards") or {"cards": []}, self.ask("walleo/report") or {}
        add_pulls(ledger, results, listed["cards"])
        ledger.hasty_polls = report.get("gets_under_interval", 0)
        return ledger


def add_order(ledger: Ledger, lot: LotResult, sale: dict[str, Any] | None, cards: Iterable[dict[str, Any]]) -> None:
    """A lot at Wpay. What it refused it need not know."""
    if sale is None:
        if lot.state != FAILED:
            ledger.differences.append(f"it does not know {lot.reference}")
        return
    ledger.hasty_polls += sum(poll["kind"] == UNDER_INTERVAL for poll in sale["polls"])
    if sale["status"] == "COMPLETE":
        ledger.charge(sale["currency"], Decimal(sale["amount"]) / 100)
        ledger.worth |= {card["cardNumber"]: Decimal(card["amount"]) for card in cards}


def add_pulls(ledger: Ledger, results: Iterable[Result], cards: Sequence[dict[str, Any]]) -> None:
    """Single cards at Walleo. One that is still being pulled is sold as well: nobody will fetch it any more."""
    for result in results:
        ours = f"GL-{result.order_id}-"
        for card in cards:
            if card["request_id"].startswith(ours):
                amount = Decimal(card["amount"])
                ledger.charge(result.currency, amount)
                ledger.worth[card["code"]] = amount
