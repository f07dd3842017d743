"""Page the cards of one lot into the vault."""

from typing import Any

from giftline import bootstrap

fetch_cards = bootstrap.fetch_cards()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return fetch_cards(event["order_id"], event["lot"]).as_state()
