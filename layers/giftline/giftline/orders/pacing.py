"""Keeping to the rate that a supplier account allows, whoever else is asking it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from giftline.orders.timing import SECOND

if TYPE_CHECKING:
    from giftline.orders.lot import Lot
    from giftline.orders.ports import Clock, Pace, Turn
    from giftline.suppliers.port import Status, Supplier

PATIENCE: Final = 5.0
"""Seconds for which a task waits for its turn rather than hand over to the state machine."""


def take_turn(pace: Pace, clock: Clock, account: str, wanted: int = 1, patience: float = PATIENCE) -> Turn:
    """Reserve up to `wanted` requests and wait until the first may be sent; a count of 0: come again."""
    turn = pace.reserve(account, wanted, clock.now() + round(patience * SECOND))
    if turn.count:
        pause_until(clock, turn.start)
    return turn


def pause_until(clock: Clock, at: float) -> None:
    """At once where that time (ms) has passed."""
    left = at - clock.now()
    if left > 0:
        clock.sleep(left / SECOND)


def stay_away(pace: Pace, clock: Clock, account: str, retry_after: float | None) -> None:
    """Tell everybody, where the supplier said for how many seconds it wants no request."""
    if retry_after:
        pace.hold(account, clock.now() + round(retry_after * SECOND))


def look_up(pace: Pace, clock: Clock, lot: Lot, supplier: Supplier) -> Status:
    """One look-up of the lot's reference, in its turn; everybody is told if the supplier wants no more for now."""
    status = supplier.look_up(lot.reference)
    stay_away(pace, clock, lot.supplier, status.retry_after)
    return status
