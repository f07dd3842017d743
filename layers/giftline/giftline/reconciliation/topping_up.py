"""Record money that was paid into an account at a supplier, so that its balance can be explained."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from giftline.errors import NotFound
from giftline.reconciliation.model import TopUp

if TYPE_CHECKING:
    from giftline.reconciliation.ports import Books


@dataclass(frozen=True, slots=True)
class RecordTopUp:
    """Once a reference. The reports of its day are made anew by whoever wants them, or by the next round."""

    books: Books
    suppliers: Collection[str]

    def __call__(self, top_up: TopUp) -> TopUp:
        """As the first call recorded it. NotFound for a supplier that nobody knows; ReferenceConflict for another move
        under that reference.
        """
        if top_up.supplier not in self.suppliers:
            raise NotFound(f"no supplier is called {top_up.supplier!r:.40}")
        return self.books.add_top_up(top_up)
