"""Ask a supplier by our references about what our books are not sure of: it offers no list of a day's orders.

Claimed before it is sent and no sooner than the documented interval, as every question is: the watch over
closed orders and this one never ask twice in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from giftline.errors import StaleWrite
from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Line, Millis
from giftline.orders.pacing import stay_away, take_turn
from giftline.orders.pull_steps import Pull, questioned
from giftline.orders.slots import slot_reference
from giftline.orders.timing import FROZEN_AFTER, SECOND, Timing
from giftline.suppliers.port import Asked, Status
from giftline.suppliers.statements import Statements, TheirOrder

if TYPE_CHECKING:
    from giftline.orders.ports import Clock, Pace, Suppliers
    from giftline.orders.pulls import Pulls
    from giftline.reconciliation.ports import Lots, StatementsOf

DOUBTFUL: Final = frozenset((LotState.REVIEW, LotState.FAILED, LotState.PARTIAL))
EVERYTHING: Final = DOUBTFUL | {LotState.COLLECTED}
MOST_ANSWERS: Final = 20_000
"""Kept of one report, so that its memory does not grow with the cards."""


@dataclass(slots=True)
class Answers:
    """What was told, by reference; and when to stop asking."""

    until: float
    told: dict[str, TheirOrder] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return len(self.told) >= MOST_ANSWERS


@dataclass(frozen=True, slots=True)
class AskByReference:
    """Only about lots that are closed: the others are being asked about by the order's own way."""

    lots: Lots
    statements: StatementsOf
    suppliers: Suppliers
    clock: Clock
    timing: Timing
    pace: Pace
    pulls: Callable[[], Pulls]
    new_nonce: Callable[[], str]

    def __call__(self, lot: Lot, states: frozenset[LotState], answers: Answers) -> None:
        """What is not due, not in its turn or moved by somebody else stays unasked."""
        if not lot.state.is_closed or answers.is_full or self.clock.elapsed() > answers.until:
            return
        try:
            if lot.slots:
                self._ask_slots(lot, states, answers)
            elif lot.state in states and lot.posts:
                self._ask_lot(lot, answers)
        except StaleWrite:
            return

    def unclaimed(self, supplier: str, reference: str, lines: tuple[Line, ...], answers: Answers) -> None:
        """What has no record of its own to claim: a lot that only the day's list knows, a reference called dead."""
        if reference in answers.told or answers.is_full or self.clock.elapsed() > answers.until:
            return
        if take_turn(self.pace, self.clock, supplier).count:
            told = self.statements(supplier).order(reference, lines)
            stay_away(self.pace, self.clock, supplier, told.retry_after)
            answers.told[reference] = told

    def _ask_lot(self, lot: Lot, answers: Answers) -> None:
        supplier = self.suppliers(lot.supplier)
        now, interval = self.clock.now(), self.timing.poll_interval(supplier, lot)
        if now < max(lot.ask_at, (lot.ready_at or 0) + interval) or lot.reference in answers.told:
            return
        if not take_turn(self.pace, self.clock, lot.supplier).count:
            return
        later = now + round(FROZEN_AFTER * SECOND) + interval
        self.lots.save_lot(replace(lot, polls=lot.polls + 1, ask_at=later, nonce=self.new_nonce()))
        told = self.statements(lot.supplier).order(lot.reference, lot.lines)
        stay_away(self.pace, self.clock, lot.supplier, told.retry_after)
        answers.told[lot.reference] = told

    def _ask_slots(self, lot: Lot, states: frozenset[LotState], answers: Answers) -> None:
        asked = [slot.state in states and slot.posts > 0 for slot in lot.slots]
        if any(asked):
            supplier = self.suppliers(lot.supplier)
            step = WitnessStep(
                self.statements(lot.supplier), supplier, self.timing, states - {LotState.PARTIAL}, answers
            )
            self.pulls().watch(lot, step)


@dataclass(frozen=True, slots=True)
class WitnessStep:
    """One GET for each slot; its answer is kept for the report, and the slot stays as it is."""

    statements: Statements
    supplier: Asked
    timing: Timing
    states: frozenset[LotState]
    answers: Answers

    def claim(self, slot: Slot, now: Millis) -> Slot:
        return questioned(slot, now, self.timing, self.supplier.poll_interval(1))

    def counted(self, lot: Lot, requests: int) -> Lot:
        return replace(lot, polls=lot.polls + requests)

    def ask(self, pull: Pull) -> Status:
        return self.statements.order(pull.reference, (pull.line,))

    def retry_after(self, answer: Status) -> float | None:
        return answer.retry_after

    def learn(self, lot: Lot, answers: Mapping[int, Status], now: Millis) -> Mapping[int, Slot]:  # noqa: ARG002
        for position, answer in answers.items():
            if isinstance(answer, TheirOrder):
                self.answers.told[slot_reference(lot, position)] = answer
        return {position: lot.slots[position] for position in answers}
