"""A lot of single cards, seen as a whole: what its slots make of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from giftline.orders.lot import Lot, LotState, Quantities, Slot
from giftline.orders.model import Line, Millis

_FIRST_OPEN = (LotState.NEW, LotState.ABSENT, LotState.POSTING, LotState.PLACED)


def slot_reference(lot: Lot, position: int) -> str:
    """A slot's own reference, derived from what is stored and never drawn anew."""
    return f"{lot.reference}-{position}-{lot.slots[position].attempt}"


def slot_lines(lot: Lot) -> list[Line]:
    """For each slot its line, of one card."""
    return [single for line in lot.lines for single in [replace(line, quantity=1)] * line.quantity]


def with_slots(lot: Lot, slots: Sequence[Slot]) -> Lot:
    """The lot with these slots: its state, its next question and its reason follow from them."""
    state = group_state(slots)
    waiting = [slot.ask_at for slot in slots if not slot.state.is_closed]
    return replace(
        lot,
        slots=tuple(slots),
        state=state,
        ask_at=min(waiting, default=lot.ask_at),
        received_cards=sum(slot.state is LotState.COLLECTED for slot in slots),
        reason=_reason(slots) if state.is_closed else "",
    )


def group_state(slots: Iterable[Slot]) -> LotState:
    """The least advanced slot that is still open says it; else what became of them together."""
    states = {slot.state for slot in slots}
    for state in _FIRST_OPEN:
        if state in states:
            return LotState.NEW if state is LotState.ABSENT else state
    if LotState.REVIEW in states:
        return LotState.REVIEW
    return states.pop() if len(states) == 1 else LotState.PARTIAL


def when_to_ask(lot: Lot, interval: Millis) -> Millis:
    """Slots that are due within one interval of the first are asked about together."""
    waiting = [slot.ask_at for slot in lot.slots if not slot.state.is_closed]
    first = min(waiting, default=lot.ask_at)
    return min(max(waiting, default=first), first + interval)


def slots_in(lot: Lot, *states: LotState) -> Quantities:
    """Cards by sku and amount whose slots are in one of these states."""
    counted: Quantities = Counter()
    for line, slot in zip(slot_lines(lot) if lot.slots else (), lot.slots, strict=True):
        if slot.state in states:
            counted[line.sku, line.amount.minor] += 1
    return counted


def _reason(slots: Iterable[Slot]) -> str:
    """The reasons of what was not delivered, most frequent first: ours, without card data."""
    reasons = Counter(slot.reason for slot in slots if slot.reason and slot.state is not LotState.COLLECTED)
    return "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common(3))
