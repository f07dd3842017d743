"""What the sandbox supplier's own ledger says; Giftline has no part in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.stack_support.door import Cards, cards_of_answer

SECONDS = 30


def lot_reference(order_id: str, lot: int = 1) -> str:
    """Under which refno the supplier is asked for a lot."""
    return f"GL-{order_id}-{lot}-1"


@dataclass(frozen=True, slots=True)
class SandboxView:
    url: str

    def report(self) -> Mapping[str, Any]:
        return self._get("report") or {}

    def order(self, order_id: str, lot: int = 1) -> Mapping[str, Any] | None:
        """A lot as the supplier knows it; None where it sold nothing under that reference."""
        return self._get(f"orders/{lot_reference(order_id, lot)}")

    def cards(self, order_id: str, lot: int = 1) -> Cards:
        found = self._get(f"cards/{lot_reference(order_id, lot)}")
        return cards_of_answer(found["cards"] if found else [])

    def numbers(self, order_id: str, lot: int = 1) -> frozenset[bytes]:
        """The card numbers alone, as bytes to search for."""
        return frozenset(number.encode() for _, number, _, _ in self.cards(order_id, lot))

    def walleo(self) -> Mapping[str, Any]:
        return self._get("walleo/report") or {}

    def walleo_cards(self, order_id: str) -> Cards:
        """What Walleo sold under references of that order."""
        sold = (card for card in self._walleo_sold() if order_id in card["request_id"])
        return Cards((card["gift_card_code"], card["code"], card["pin_code"], f"{card['amount']}.00") for card in sold)

    def walleo_numbers(self) -> frozenset[bytes]:
        """Of every card that Walleo sold, to whichever order."""
        return frozenset(card["code"].encode() for card in self._walleo_sold())

    def _walleo_sold(self) -> list[dict[str, Any]]:
        cards = (self._get("walleo/cards") or {"cards": []})["cards"]
        return [card for card in cards if card["status"] == "success"]

    def _get(self, path: str) -> dict[str, Any] | None:
        answer = requests.get(f"{self.url}/sandbox/{path}", timeout=SECONDS)
        return answer.json() if answer.status_code == 200 else None
