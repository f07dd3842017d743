"""What became of the parts of an order, and who delivered what somebody else refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class LotResult:
    """A lot as the summary tells it. `instead_of`: the lot whose refused part it took over, 0 where none."""

    number: int
    supplier: str
    reference: str
    state: str
    received: int
    supplier_seconds: float
    instead_of: int
    reason: str


def read_lot(lot: dict[str, Any]) -> LotResult:
    return LotResult(
        number=lot["lot"],
        supplier=lot["supplier"],
        reference=lot["reference"],
        state=lot["state"],
        received=lot["cards"]["received"],
        supplier_seconds=lot["supplierSeconds"] or 0.0,
        instead_of=lot["insteadOf"] or 0,
        reason=lot["reason"],
    )


def supplier_seconds(lots: Sequence[LotResult]) -> float:
    """Lots are bought side by side, so the slowest counts; one that takes over begins after the refused one."""
    by_number = {lot.number: lot for lot in lots}

    def seconds(lot: LotResult) -> float:
        before = by_number.get(lot.instead_of)
        return lot.supplier_seconds + (seconds(before) if before else 0.0)

    return max(map(seconds, lots), default=0.0)


def takeovers(lots: Sequence[LotResult]) -> Iterator[str]:
    """A line for each lot that brought what another supplier had refused."""
    by_number = {lot.number: lot for lot in lots}
    for lot in lots:
        if lot.instead_of and lot.received:
            refused = by_number[lot.instead_of]
            cards, them = ("1 card", "it") if lot.received == 1 else (f"{lot.received:,} cards", "them")
            why = f"after {said(refused.supplier)} refused {them} ({refused.reason})"
            yield f"{cards} came from {said(lot.supplier)} {why}"


def said(supplier: str) -> str:
    """As the supplier writes itself: the summary knows it by its key, such as wpay."""
    return supplier.capitalize()
