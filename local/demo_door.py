"""The status door, asked as a customer asks it: over HTTP, with the tenant's token."""

from dataclasses import dataclass, field
from typing import Any

import requests

SECONDS = 20.0
OPEN = ("PENDING", "PROCESSING")

# From the least advanced lot of an order to the word for the whole.
WORDS = {
    "NEW": "planned",
    "POSTING": "buying",
    "ABSENT": "buying again",
    "PLACED": "waiting for supplier",
    "READY": "fetching cards",
}
NEXT_SUPPLIER = "asking next supplier"
"""Instead of those, as soon as a lot takes over what another supplier refused."""
CLOSED = {
    "COMPLETE": "complete",
    "PARTIAL": "closed with a part",
    "FAILED": "failed",
    "REVIEW": "needs a person",
    "CANCELED": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the status door says of one order. `files`: file name to a link that ends after 15 minutes; `asked`:
    the cards of all lots, more than were ordered once a second supplier is asked for what the first one refused.
    """

    order_id: str
    status: str
    ordered: int
    received: int
    lots: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict, repr=False)
    asked: int = 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def words(self) -> str:
        """Where it stands, in words."""
        if not self.is_open:
            return CLOSED.get(self.status, self.status.lower())
        if not self.lots:
            return "accepted"
        word = next((word for state, word in WORDS.items() if state in self.lots), None)
        if word is None:
            return "exporting" if self.received == self.ordered else "settling the rest"
        return NEXT_SUPPLIER if self.asked > self.ordered else word


class Door:
    """The Wpay document's status call, served by our own stack."""

    def __init__(self, api_url: str, token: str) -> None:
        self._orders = f"{api_url}/v1/partner/giftcards/order"
        self._session = session()
        self._session.headers["X-Api-Key"] = token

    def close(self) -> None:
        self._session.close()

    def status(self, refno: str) -> Answer | None:
        """None until the dropped file has become an order. RequestException where nobody answers well."""
        response = self._session.get(f"{self._orders}/{refno}/status", timeout=SECONDS)
        if response.status_code == requests.codes.not_found:
            return None
        response.raise_for_status()
        return read_answer(response.json())


def session() -> requests.Session:
    """For this machine's own addresses: no proxy has a say."""
    made = requests.Session()
    made.trust_env = False
    return made


def read_answer(body: dict[str, Any]) -> Answer | None:
    """None for a file that is being read, or was refused: it is no order."""
    progress = body["progress"]
    if "lots" not in progress:
        return None
    lots = progress["lots"]
    return Answer(
        order_id=body["orderId"],
        status=body["status"],
        ordered=progress["cards"]["ordered"],
        received=progress["cards"]["received"],
        lots=tuple(lot["state"] for lot in lots),
        reasons=tuple(lot["reason"] for lot in lots if lot["reason"]),
        files=body.get("results", {}).get("files", {}),
        asked=sum(lot["cards"]["ordered"] for lot in lots),
    )
