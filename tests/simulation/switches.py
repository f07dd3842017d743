"""The protective rules of buying, each with the switch that turns it off for a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from unittest import mock

from giftline.orders import placing, planning, protocol, pull_steps, pulls
from giftline.orders.collecting import FetchCards, PageReader
from giftline.orders.keeping import CardStore
from giftline.orders.lot import Lot, LotState
from giftline.orders.model import Card, Line
from giftline.orders.planning import lot_reference
from giftline.orders.pulls import Pulls
from giftline.orders.verdict import Verdict
from giftline.orders.watching import WatchOrders
from giftline.storage import transactions
from giftline.suppliers.port import CardsPage, Fetched, Outcome, Placed, PullSupplier, Uniqueness
from giftline.suppliers.wpay import Wpay
from tests.simulation.house import Wiring

Real = Callable[..., Any]
NEVER_FROZEN: Final = 1e9


class Edit(NamedTuple):
    """What stands in the place of `name` of `owner`: `instead` makes it of what stood there before."""

    owner: object
    name: str
    instead: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Switch:
    """`off`: what Giftline does without the rule. `where`: the supplies in which that could matter."""

    off: str
    where: tuple[str, ...]
    edits: tuple[Edit, ...]


@contextmanager
def switched_off(*rules: str) -> Iterator[None]:
    """Within it, the rules of these names do not hold."""
    with ExitStack() as stack:
        for owner, name, instead in (edit for rule in rules for edit in SWITCHES[rule].edits):
            stack.enter_context(mock.patch.object(owner, name, instead(getattr(owner, name))))
        yield


# --- what an answer proves


def _absence_counts_at_once(_real: Real) -> Real:
    return lambda bought, _timing, _supplier: bought.posting_at or 0


def _each_refusal_counts(real: Real) -> Real:
    def apply_answer(bought: Any, *given: Any) -> Any:
        return replace(real(replace(bought, posts=1), *given), posts=bought.posts)

    return apply_answer


def _first_refusal_is_final(real: Real) -> Real:
    def apply_answer(bought: Any, answer: Placed, *given: Any) -> Any:
        if answer.outcome is Outcome.NOT_COMMITTED and bought.posts == 1:
            return protocol.failed(bought, f"refused: {answer.detail}")
        return real(bought, answer, *given)

    return apply_answer


def _taken_means_nothing(real: Real) -> Real:
    return lambda bought, answer, *given: real(bought, replace(answer, taken=False), *given)


def _absence_wants_a_new_reference(real: Real) -> Real:
    def absent(*given: Any) -> Any:
        after = real(*given)
        if after.state is not LotState.ABSENT:
            return after
        again = protocol.again_under_new_reference(after)
        if isinstance(again, Lot):
            return replace(again, reference=lot_reference(again.order_id, again.number, again.attempt))
        return again

    return absent


def _every_supplier_is_unique(real: Real) -> Real:
    def absent(bought: Any, now: int, timing: Any, supplier: Any) -> Any:
        unique = mock.Mock(wraps=supplier, terms=replace(supplier.terms, uniqueness=Uniqueness.ENFORCED))
        return real(bought, now, timing, unique)

    return absent


# --- who sends, and who writes


def _sends_however_late(_real: float) -> float:
    return NEVER_FROZEN


def _every_intent_is_alike(_real: Real) -> Real:
    return lambda _self: "nonce"


def _any_write_wins(_real: str) -> str:
    return "attribute_exists(pk)"


# --- after an end


def _doubt_counts_as_not_bought(real: Real) -> Real:
    def not_bought(lot: Lot) -> list[Line]:
        if lot.slots:
            slots = [replace(s, state=LotState.FAILED) if s.state is LotState.REVIEW else s for s in lot.slots]
            lot = replace(lot, slots=tuple(slots))
        state = LotState.FAILED if lot.state is LotState.REVIEW else lot.state
        lines: list[Line] = real(replace(lot, state=state))
        return lines

    return not_bought


def _nobody_asks_again(_real: Real) -> Real:
    return lambda _self, lot, *, passed_on: lot


# --- cards


def _remember_total(real: Real) -> Real:
    def call(self: Any, *given: Any) -> Any:
        answer = real(self, *given)
        if isinstance(answer.body, dict) and "total_cards" in answer.body:
            self.told = answer.body["total_cards"]
        return answer

    return call


def _remember_end(real: Real) -> Real:
    def fetch(self: Any, order_id: str, offset: int, limit: int, needs_pin: Mapping[str, bool]) -> CardsPage:
        page: CardsPage = real(self, order_id, offset, limit, needs_pin)
        if page.fetched is Fetched.CARDS and len(page.cards) < limit:
            self.told = 0
        return page

    return fetch


def _stop_once_told(real: Real) -> Real:
    def missing_offsets(self: PageReader) -> Iterator[int]:
        for offset in real(self):
            if not _is_told_complete(self.store.stored, self.supplier):
                yield offset

    return missing_offsets


def _complete_once_told(real: Real) -> Real:
    def close_round(self: FetchCards, lot: Lot, stored: Any, supplier: Any) -> Verdict:
        if _is_told_complete(stored, supplier):
            return self._save(replace(lot, state=LotState.COLLECTED, reason=""))
        verdict: Verdict = real(self, lot, stored, supplier)
        return verdict

    return close_round


def _is_told_complete(stored: Any, supplier: Any) -> bool:
    """Some cards, and by what the supplier told of its pages there are no more."""
    return bool(stored.sound) and stored.sound >= getattr(supplier, "told", stored.sound + 1)


def _keep_all(_real: Real) -> Real:
    def keep(self: CardStore, lot: Lot, offset: int, cards: Iterable[Card]) -> None:
        self._add(lot, offset, list(cards))

    return keep


class _Later:
    """A CardStore that writes only once the slots are written."""

    def __init__(self, store: CardStore) -> None:
        self._store = store
        self._cards: list[tuple[Lot, list[Card]]] = []

    @property
    def stored(self) -> Any:
        waiting = sum(not card.flaw for _, cards in self._cards for card in cards)
        return replace(self._store.stored, sound=self._store.stored.sound + waiting)

    def keep_next(self, lot: Lot, cards: Iterable[Card]) -> None:
        self._cards.append((lot, list(cards)))

    def write(self) -> None:
        for lot, cards in self._cards:
            self._store.keep_next(lot, cards)


def _slots_before_cards(real: Real) -> Real:
    def take(self: Pulls, lot: Lot, supplier: PullSupplier, store: CardStore, needs_pin: Mapping[str, bool]) -> Verdict:
        later = _Later(store)
        verdict: Verdict = real(self, lot, supplier, later, needs_pin)
        later.write()
        return verdict

    return take


def _answers(instead: Callable[[Any], Any]) -> tuple[Edit, ...]:
    return Edit(placing, "apply_answer", instead), Edit(pull_steps, "apply_answer", instead)


_TOLD: Final = (
    Edit(PageReader, "missing_offsets", _stop_once_told),
    Edit(FetchCards, "_close_round", _complete_once_told),
)
SWITCHES: Final[Mapping[str, Switch]] = {
    "settle": Switch(
        "absence is believed at once",
        ("wpay", "both", "both-loose"),
        (Edit(protocol, "_settled_at", _absence_counts_at_once),),
    ),
    "later refusal": Switch(
        "the refusal of a second post counts like that of the first",
        ("wpay", "both"),
        _answers(_each_refusal_counts),
    ),
    "confirmed refusal": Switch(
        "a first refusal is believed without a look-up",
        ("wpay", "both"),
        _answers(_first_refusal_is_final),
    ),
    "no failover in doubt": Switch(
        "what is in doubt goes to the next supplier",
        ("both", "both-loose"),
        (Edit(planning, "not_bought", _doubt_counts_as_not_bought),),
    ),
    "same reference": Switch(
        "after one absence a new reference is used",
        ("wpay", "walleo"),
        (Edit(protocol, "_absent", _absence_wants_a_new_reference),),
    ),
    "nonce": Switch(
        "all workers' intents look alike",
        ("wpay", "wpay-loose"),
        (Edit(Wiring, "_new_nonce", _every_intent_is_alike),),
    ),
    "count of cards": Switch(
        "a lot is complete when total_cards says so",
        ("wpay", "wpay-paged"),
        (Edit(Wpay, "_call", _remember_total), *_TOLD),
    ),
    "past short pages": Switch(
        "a short page is the last one",
        ("wpay", "wpay-paged"),
        (Edit(Wpay, "fetch", _remember_end), *_TOLD),
    ),
    "capability": Switch(
        "every supplier is taken for one that refuses a used reference",
        ("wpay-loose", "walleo-loose"),
        (Edit(protocol, "_absent", _every_supplier_is_unique),),
    ),
    "frozen": Switch(
        "a worker sends, however long its intent took",
        ("wpay", "both", "wpay-loose"),
        (Edit(placing, "FROZEN_AFTER", _sends_however_late), Edit(pulls, "FROZEN_AFTER", _sends_however_late)),
    ),
    "version": Switch(
        "any write wins, whatever was read",
        ("wpay", "wpay-loose"),
        (Edit(transactions, "IS_AS_READ", _any_write_wins),),
    ),
    "watch": Switch(
        "nobody asks for seven days about what was not bought or is in review",
        ("wpay", "both", "wpay-loose"),
        (Edit(WatchOrders, "_ask", _nobody_asks_again),),
    ),
    "taken": Switch(
        "'already used' counts as no answer",
        ("wpay", "walleo"),
        _answers(_taken_means_nothing),
    ),
    "distinct cards": Switch(
        "a page is stored without looking for duplicates",
        ("wpay", "wpay-paged"),
        (Edit(CardStore, "keep", _keep_all),),
    ),
    "cards first": Switch(
        "a slot counts as collected before its card is stored",
        ("walleo",),
        (Edit(Pulls, "take", _slots_before_cards),),
    ),
}
