"""Take a dropped file: an order, or a report beside which nothing was ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from giftline.delivery.csv_records import too_large
from giftline.delivery.drops import Drop, Drops, report_key, report_key_of
from giftline.delivery.file_progress import FileProgress, FollowedReading
from giftline.delivery.order_csv import OrderRows, read_order_csv
from giftline.delivery.wrong_cells import WrongCell, error_report
from giftline.errors import AMOUNT_FIELD, FieldProblem, InvalidRequest
from giftline.orders.accepting import AcceptOrder
from giftline.orders.catalogue import Catalogue
from giftline.orders.model import Order, OrderRequest
from giftline.orders.ports import Files


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
    progress: FileProgress | None = None

    def __call__(self, key: str) -> Order | None:
        """The order, or None where a report was written to rejected/<tenant>/<refno>.errors.csv."""
        parts = key.split("/")
        if len(parts) != 3 or parts[0] != "orders" or not parts[2].endswith(".csv"):
            expected = "orders/<tenant>/<refno>.csv"
            place = report_key_of("_".join(parts[1:]) or "unknown")
            self._report(place, [WrongCell(0, "file name", key[:200], "not a place", expected)])
            return None
        tenant, refno = parts[1], parts[2].removesuffix(".csv")
        if not self.has_tenant(tenant):
            wrong = WrongCell(0, "file name", tenant[:100], "unknown tenant", "a tenant's folder")
            self._report(report_key(tenant, refno), [wrong])
            return None
        return self._accept(FollowedReading(self.progress, self.accept_order.clock, tenant, refno), key)

    def _accept(self, followed: FollowedReading, key: str) -> Order | None:
        with OrderRows() as rows:
            with self.drops.open(key) as drop:
                request = self._read(drop, followed, rows)
            # why: of two drops under one name the later counts, however long the first one takes to read
            if self.drops.is_replaced(key, drop.tag):
                return None
            followed.rows = rows.read
            order = self._ordered(request, rows)
            # why: it may have come while this one was ordered, and been faster: then the report is about that one
            if not self.drops.is_replaced(key, drop.tag):
                self._tell(order, rows, report_key(followed.tenant, followed.refno))
            if order is None:
                followed.refused(len(rows.wrong))
            else:
                followed.accepted(order.id)
        return order

    def _tell(self, order: Order | None, rows: OrderRows, report: str) -> None:
        if order is None:
            self._report(report, rows.wrong)
        else:
            self.files.remove(report)

    def _read(self, drop: Drop, followed: FollowedReading, rows: OrderRows) -> OrderRequest | None:
        followed.size, followed.dropped_at = drop.size, drop.dropped_at
        if drop.size > self.max_file:
            rows.wrong.add(too_large(drop.size, self.max_file))
            return None
        parts = followed.counted(drop.parts)
        return read_order_csv(
            followed.tenant, followed.refno, parts, self.catalogue, rows, followed.tell, self.max_file
        )

    def _ordered(self, request: OrderRequest | None, rows: OrderRows) -> Order | None:
        """What only the whole order can break, as its funds, is said of row 0."""
        if request is None:
            return None
        try:
            return self.accept_order(request)
        except InvalidRequest as refusal:
            rows.wrong.extend(map(_of_the_whole, refusal.problems))
            return None

    def _report(self, key: str, wrong: Iterable[WrongCell]) -> None:
        with self.files.export(key, "text/csv; charset=utf-8") as file:
            for line in error_report(wrong):
                file.write(line)


def _of_the_whole(problem: FieldProblem) -> WrongCell:
    column = "amount" if problem.field == AMOUNT_FIELD else problem.field
    return WrongCell(0, column, "", problem.problem, problem.expected)
