"""What the Wpay door says beside the documented fields."""

from __future__ import annotations

from dataclasses import replace

from giftline.doors import wpay_answers
from giftline.orders.viewing import OrderView
from tests.fakes.house import House, line


def test_a_status_says_since_when_nobody_can_read_the_cards(house: House) -> None:
    order = house.closed(line(1))
    assert "cardsRemovedAt" not in wpay_answers.status(OrderView(order, (), {}))
    removed = replace(order, cards_removed_at=1_764_547_200_000)
    assert wpay_answers.status(OrderView(removed, (), {}))["cardsRemovedAt"] == "2025-12-01T00:00:00.000Z"
