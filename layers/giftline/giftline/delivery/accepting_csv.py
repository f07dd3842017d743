"""Take a dropped file: an order, or a report beside which nothing was ordered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from giftline.delivery.order_csv import WrongCell, error_report, parse_order_csv
from giftline.errors import RefnoConflict
from giftline.orders.accepting import AcceptOrder
from giftline.orders.catalogue import Catalogue
from giftline.orders.model import Order
from giftline.orders.ports import Files


class Drops(Protocol):
    """The drop bucket."""

    def read(self, key: str, most: int) -> bytes:
        """The first `most` bytes of the object."""
        ...


class Reports(Files, Protocol):
    def remove(self, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AcceptCsv:
    """One file, one order (DESIGN, What a user types)."""

    drops: Drops
    files: Reports
    accept_order: AcceptOrder
    catalogue: Catalogue
    has_tenant: Callable[[str], bool]
    max_file: int

    def __call__(self, key: str) -> Order | None:
        """The order, or None where a report was written to rejected/<tenant>/<refno>.errors.csv."""
        parts = key.split("/")
        if len(parts) != 3 or parts[0] != "orders" or not parts[2].endswith(".csv"):
            expected = "orders/<tenant>/<refno>.csv"
            place = f"rejected/{'_'.join(parts[1:]) or 'unknown'}.errors.csv"
            self._report(place, [WrongCell(0, "file name", key[:200], "not a place", expected)])
            return None
        tenant, refno = parts[1], parts[2].removesuffix(".csv")
        report = f"rejected/{tenant}/{refno}.errors.csv"
        if not self.has_tenant(tenant):
            wrong = WrongCell(0, "file name", tenant[:100], "unknown tenant", "a tenant's folder")
            self._report(report, [wrong])
            return None
        return self._accept(tenant, refno, key, report)

    def _accept(self, tenant: str, refno: str, key: str, report: str) -> Order | None:
        content = self.drops.read(key, self.max_file + 1)
        parsed = parse_order_csv(tenant, refno, content, self.catalogue)
        if parsed.request is None:
            self._report(report, parsed.wrong)
            return None
        try:
            order = self.accept_order(parsed.request)
        except RefnoConflict as conflict:
            wrong = [WrongCell(0, p.field, "", p.problem, p.expected) for p in conflict.problems]
            self._report(report, wrong)
            return None
        self.files.remove(report)
        return order

    def _report(self, key: str, wrong: list[WrongCell]) -> None:
        with self.files.export(key, "text/csv; charset=utf-8") as file:
            for line in error_report(wrong):
                file.write(line)
