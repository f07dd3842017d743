"""What every simulated supplier is made of; it stands in the place of an HttpClient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from tests.simulation.faults import Draw
from tests.simulation.suppliers.ledger import CardPrinter, Ledger
from tests.simulation.suppliers.road import Later, Road


class SimulatedSupplier:
    """`unique` False: a second POST under one reference sells again."""

    errors: ClassVar[Mapping[int, bytes]]
    brand: ClassVar[int]

    def __init__(
        self,
        now: Callable[[], int],
        wait: Callable[[float], None],
        draw: Draw,
        *,
        unique: bool = True,
        later: Later | None = None,
    ) -> None:
        self.ledger = Ledger()
        self._now = now
        self._draw = draw
        self._unique = unique
        self._road = Road(now, wait, draw, self.errors, later)
        self._printer = CardPrinter(draw, self.brand)
        self._open()

    def catch_up(self) -> None:
        """Whatever was committed late and is due by now stands in the ledger."""
        self._road.catch_up()

    def _open(self) -> None:
        """What this supplier has besides: its shelves, empty."""
        raise NotImplementedError
