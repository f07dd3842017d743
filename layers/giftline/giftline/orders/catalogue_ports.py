"""What changes to the catalogue need of the world; storage, the suppliers' adapters and fakes implement these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from giftline.orders.catalogue import Product
    from giftline.orders.model import Millis
    from giftline.suppliers.listing import Listing


@dataclass(frozen=True, slots=True)
class Edition:
    """The whole catalogue as somebody last wrote it; version 0: nobody has written it whole yet."""

    products: tuple[Product, ...] = ()
    version: int = 0
    at: Millis = 0
    by: str = ""


class Products(Protocol):
    """One catalogue, read whole and written whole: no reader ever sees half of a change."""

    def read(self) -> Edition: ...

    def replace(self, before: Edition, products: Iterable[Product], at: Millis, by: str) -> Edition:
        """StaleWrite where somebody has written since `before` was read; Unwritable where it is too large."""
        ...


class CatalogueSource(Protocol):
    """A supplier that tells what it sells."""

    def gift_cards(self) -> Listing:
        """Never raises for an answer."""
        ...
