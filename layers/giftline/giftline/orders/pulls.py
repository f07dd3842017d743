"""Work through a lot of single cards: as many as fit one invocation, several requests at once.

A block of slots is claimed by one conditional write before its requests are sent, and what they
brought is written with the next block's claim. So a claim that was never followed by answers leaves
slots in doubt, never slots that would be bought again unasked (docs/protocols.md, Lots of single cards).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Final

from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Line, Millis
from giftline.orders.pacing import pause_until, stay_away, take_turn
from giftline.orders.protocol import may_post, spent
from giftline.orders.pull_steps import LookUpStep, PlaceStep, Pull, Step, T, TakeStep
from giftline.orders.slots import slot_lines, slot_reference, when_to_ask, with_slots
from giftline.orders.timing import FROZEN_AFTER, Timing
from giftline.orders.verdict import Found, Verdict, too_early, verdict
from giftline.suppliers.port import PullSupplier, Status

if TYPE_CHECKING:
    from giftline.orders.keeping import CardStore
    from giftline.orders.ports import Clock, Crew, Orders, Pace, Turn

BLOCK: Final = 200
"""Slots of one claim: many, so that writes are few; few, so that an accident leaves few in doubt."""


@dataclass(frozen=True, slots=True)
class Pulls:
    """The three tasks' work on a lot whose cards are single orders at the supplier."""

    orders: Orders
    clock: Clock
    timing: Timing
    pace: Pace
    crew: Crew
    new_nonce: Callable[[], str]

    def place(self, lot: Lot, supplier: PullSupplier) -> Verdict:
        """Send what is NEW or ABSENT; MORE where some is left."""
        supplier.prepare()
        step = PlaceStep(supplier, self.timing)
        judged = [
            slot if slot.state not in step.states or may_post(slot, supplier) else spent(slot) for slot in lot.slots
        ]
        if judged != list(lot.slots):
            lot = self.orders.save_lot(with_slots(lot, judged))
        lot, come_again = self._work(lot, step)
        if lot.state is LotState.NEW:
            return Verdict(Found.MORE, come_again or self.clock.now())
        return self._verdict(lot, supplier)

    def resolve(self, lot: Lot, supplier: PullSupplier) -> Verdict:
        """Look up what is in doubt; a card that is ready is taken by `take`, which has the vault."""
        before = lot
        lot, come_again = self._work(lot, LookUpStep(supplier, self.timing))
        now = self.clock.now()
        if any(slot.state is LotState.PLACED and slot.ask_at <= now for slot in lot.slots) and come_again <= now:
            return Verdict(Found.READY, now)
        if lot is before and lot.state in (LotState.POSTING, LotState.PLACED) and lot.ask_at > now:
            return too_early(lot, now)
        return self._verdict(lot, supplier, come_again)

    def take(self, lot: Lot, supplier: PullSupplier, store: CardStore, needs_pin: Mapping[str, bool]) -> Verdict:
        """Ask for the cards of what is PLACED, and keep those that came."""
        lot, come_again = self._work(lot, TakeStep(supplier, self.timing, store, needs_pin))
        return self._verdict(lot, supplier, come_again)

    def watch(self, lot: Lot, step: Step[Status]) -> Lot:
        """Ask again about what is closed, as `step` wants it."""
        return self._work(lot, step)[0]

    def _verdict(self, lot: Lot, supplier: PullSupplier, come_again: Millis = 0) -> Verdict:
        if lot.state in (LotState.POSTING, LotState.PLACED):
            interval = self.timing.scaled(supplier.poll_interval(1))
            return Verdict(Found.PENDING, max(come_again, when_to_ask(lot, interval)))
        return verdict(lot)

    def _work(self, lot: Lot, step: Step[T]) -> tuple[Lot, Millis]:
        """Block after block until nothing is due or the time is over. The lot as stored, and when to
        come again where others have their turn first.
        """
        started, come_again, learned = self.clock.elapsed(), 0, False
        while due := self._due(lot, step):
            left = self.timing.task_budget - (self.clock.elapsed() - started)
            turn = take_turn(self.pace, self.clock, lot.supplier, min(len(due), BLOCK), left) if left > 0 else None
            if turn is None or not turn.count:
                come_again = turn.start if turn else 0
                break
            chosen = due[: turn.count]
            claimed = self._claim(lot, chosen, step)
            lot, learned = self._ask(claimed, lot, chosen, turn, step), True
        return (self.orders.save_lot(lot) if learned else lot), come_again

    def _due(self, lot: Lot, step: Step[T]) -> list[int]:
        now = self.clock.now()
        return [at for at, slot in enumerate(lot.slots) if slot.state in step.states and slot.ask_at <= now]

    def _claim(self, lot: Lot, chosen: Sequence[int], step: Step[T]) -> Lot:
        """One conditional write for the block, and for what the block before brought."""
        now, slots = self.clock.now(), list(lot.slots)
        for position in chosen:
            slots[position] = step.claim(slots[position], now)
        claimed = step.counted(with_slots(lot, slots), len(chosen))
        first = lot.first_posted_at or now
        return self.orders.save_lot(replace(claimed, nonce=self.new_nonce(), first_posted_at=first))

    def _ask(self, claimed: Lot, before: Lot, chosen: Sequence[int], turn: Turn, step: Step[T]) -> Lot:
        """The block's requests at their times; a slot that was not asked stands as it did before."""
        lines: list[Line] = slot_lines(claimed)
        since, start = self.clock.elapsed(), self.clock.now()
        turned_away = Event()

        def ask(index: int) -> T | None:
            pause_until(self.clock, start + index * turn.gap)
            if turned_away.is_set() or self.clock.elapsed() - since > FROZEN_AFTER:
                return None
            answer = step.ask(Pull(slot_reference(claimed, chosen[index]), lines[chosen[index]]))
            if step.retry_after(answer):
                turned_away.set()
            return answer

        found = self.crew.each(ask, len(chosen))
        answers = {position: answer for position, answer in zip(chosen, found, strict=True) if answer is not None}
        for seconds in {step.retry_after(answer) for answer in answers.values()}:
            stay_away(self.pace, self.clock, claimed.supplier, seconds)
        slots = list(claimed.slots)
        for position in chosen:
            slots[position] = before.slots[position]
        now = self.clock.now()
        for position, slot in step.learn(claimed, answers, now).items():
            slots[position] = slot
        after = with_slots(claimed, slots)
        return replace(after, ready_at=now) if after.state.is_closed else after
