"""The kinds of work on single cards: sending, looking up what is in doubt, taking the card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from giftline.orders.lot import Lot, LotState, Slot
from giftline.orders.model import Card, Line, Millis
from giftline.orders.protocol import FETCH_ROUNDS, apply_answer, apply_status, intend, into_review
from giftline.orders.slots import slot_lines
from giftline.orders.timing import FROZEN_AFTER, SECOND, Timing
from giftline.suppliers.port import Found, Placed, Pulled, PullSupplier, Status

if TYPE_CHECKING:
    from giftline.orders.keeping import CardStore

T = TypeVar("T", Placed, Status, Pulled)


class Pull(NamedTuple):
    """One single card as the supplier is asked for it."""

    reference: str
    line: Line


class Step(Protocol[T]):
    """One kind of work on slots: which ones, and how they are claimed, asked and understood."""

    @property
    def states(self) -> frozenset[LotState]: ...

    def claim(self, slot: Slot, now: Millis) -> Slot: ...

    def counted(self, lot: Lot, requests: int) -> Lot:
        """The lot with so many more requests on its record."""
        ...

    def ask(self, pull: Pull) -> T: ...

    def retry_after(self, answer: T) -> float | None: ...

    def learn(self, lot: Lot, answers: Mapping[int, T], now: Millis) -> Mapping[int, Slot]:
        """The slots as the answers leave them, by position."""
        ...


@dataclass(frozen=True, slots=True)
class PlaceStep:
    """One POST for each slot that was not sent, or is proven not to have arrived."""

    supplier: PullSupplier
    timing: Timing
    states: frozenset[LotState] = frozenset((LotState.NEW, LotState.ABSENT))

    def claim(self, slot: Slot, now: Millis) -> Slot:
        return intend(slot, now, self.timing, self.supplier)

    def counted(self, lot: Lot, requests: int) -> Lot:
        return replace(lot, posts=lot.posts + requests)

    def ask(self, pull: Pull) -> Placed:
        return self.supplier.place(pull.reference, (pull.line,))

    def retry_after(self, answer: Placed) -> float | None:
        return answer.retry_after

    def learn(self, lot: Lot, answers: Mapping[int, Placed], now: Millis) -> Mapping[int, Slot]:
        return {
            position: apply_answer(lot.slots[position], answer, now, self.timing, self.supplier)
            for position, answer in answers.items()
        }


def questioned(slot: Slot, now: Millis, timing: Timing, pause: Millis) -> Slot:
    """The question may go out as late as a frozen worker may: only then begins the interval."""
    return replace(slot, ask_at=now + round(FROZEN_AFTER * SECOND) + timing.scaled(pause))


@dataclass(frozen=True, slots=True)
class AskStep:
    """What all looking up has in common: one GET a slot, of which no card is kept."""

    supplier: PullSupplier
    timing: Timing

    def counted(self, lot: Lot, requests: int) -> Lot:
        return replace(lot, polls=lot.polls + requests)

    def ask(self, pull: Pull) -> Status:
        return self.supplier.look_up(pull.reference)

    def retry_after(self, answer: Status) -> float | None:
        return answer.retry_after


@dataclass(frozen=True, slots=True)
class LookUpStep(AskStep):
    """One GET for each slot whose POST has no clear answer."""

    states: frozenset[LotState] = frozenset((LotState.POSTING,))

    def claim(self, slot: Slot, now: Millis) -> Slot:
        return questioned(slot, now, self.timing, self.supplier.terms.lookup_after)

    def learn(self, lot: Lot, answers: Mapping[int, Status], now: Millis) -> Mapping[int, Slot]:
        return {
            position: apply_status(lot.slots[position], answer, now, self.timing, self.supplier)
            for position, answer in answers.items()
        }


@dataclass(frozen=True, slots=True)
class TakeStep:
    """One GET for each slot that the supplier has; the cards that came go into the vault at once."""

    supplier: PullSupplier
    timing: Timing
    store: CardStore
    needs_pin: Mapping[str, bool]
    states: frozenset[LotState] = frozenset((LotState.PLACED,))

    def claim(self, slot: Slot, now: Millis) -> Slot:
        return questioned(slot, now, self.timing, self.supplier.poll_interval(1))

    def counted(self, lot: Lot, requests: int) -> Lot:
        return replace(lot, polls=lot.polls + requests)

    def ask(self, pull: Pull) -> Pulled:
        return self.supplier.pull(pull.reference, pull.line, needs_pin=self.needs_pin.get(pull.line.sku, True))

    def retry_after(self, answer: Pulled) -> float | None:
        return answer.status.retry_after

    def learn(self, lot: Lot, answers: Mapping[int, Pulled], now: Millis) -> Mapping[int, Slot]:
        """Cards first: a slot counts as collected only after its card lies in the vault."""
        lines = slot_lines(lot)
        cards = {
            at: _judged(lines[at], a.card) for at, a in answers.items() if a.card and a.status.found is Found.READY
        }
        self.store.keep_next(lot, cards.values())
        after = {at: self._after(lot.slots[at], answer, cards.get(at), now) for at, answer in answers.items()}
        return after | self._without_a_card(lot, after)

    def _without_a_card(self, lot: Lot, after: Mapping[int, Slot]) -> dict[int, Slot]:
        """One card for two slots fills one of them: the other is not asked again, unless by a person."""
        filled = [at for at, slot in after.items() if slot.state is LotState.COLLECTED]
        surplus = max(0, lot.received_cards + len(filled) - self.store.stored.sound)
        return {
            at: into_review(replace(lot.slots[at], fetch_rounds=FETCH_ROUNDS), "another slot has the same card")
            for at in filled[len(filled) - surplus :]
        }

    def _after(self, slot: Slot, answer: Pulled, card: Card | None, now: Millis) -> Slot:
        if card is None:
            return apply_status(slot, answer.status, now, self.timing, self.supplier)
        if not card.flaw:
            return replace(slot, state=LotState.COLLECTED, reason="")
        if slot.fetch_rounds + 1 >= FETCH_ROUNDS:
            return into_review(slot, f"its card is quarantined: {card.flaw}")
        again = self.timing.next_poll(self.supplier, slot, now)
        return replace(slot, fetch_rounds=slot.fetch_rounds + 1, ask_at=again)


def _judged(line: Line, card: Card) -> Card:
    """The card under our own name for the sku; flawed where it is not what this slot ordered."""
    ours = card.sku in (line.sku, line.supplier_code) and card.amount_minor == line.amount.minor
    if not card.flaw and not ours:
        return replace(card, flaw="sku or amount was not ordered")
    return replace(card, sku=line.sku)
