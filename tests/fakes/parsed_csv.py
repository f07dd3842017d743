"""An order file that is in memory already, read as a dropped one is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from giftline.delivery.order_csv import OrderRows, read_order_csv
from giftline.delivery.wrong_cells import WrongCell
from giftline.orders.catalogue import Catalogue
from giftline.orders.model import OrderRequest


@dataclass(slots=True)
class Parsed:
    """The order, or what is wrong with the file; never both."""

    request: OrderRequest | None = None
    wrong: list[WrongCell] = field(default_factory=list)


def parse_order_csv(tenant: str, refno: str, content: bytes, catalogue: Catalogue) -> Parsed:
    """With its recipients in memory, too. Never raises for content."""
    with OrderRows() as rows:
        request = read_order_csv(tenant, refno, [content], catalogue, rows)
        if request is None:
            return Parsed(wrong=list(rows.wrong))
        return Parsed(replace(request, recipients=tuple(request.recipients)))
