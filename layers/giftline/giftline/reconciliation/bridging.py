"""From one balance to the next by what our books know of; what is left over is a difference with an exact value."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from giftline.reconciliation.comparing import Tally
from giftline.reconciliation.days import Millis
from giftline.reconciliation.model import Bridge, Report, TakenBalance, TopUp, Window

MOST_STEPS: Final = 2_000_000
"""Of the search for a sum: beyond it, whatever is not more than all together is taken for one."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What the reports beside this one say of money that was sent before a balance and moved after it, by currency.

    `known_in` None: there is no report before that could tell. Its `doubtful` currencies have an unexplained rest, so
    that what crossed may be hidden in it. `seen_after` is what the report after this one found.
    """

    known_in: Mapping[str, int] | None = None
    doubtful: frozenset[str] = frozenset()
    seen_after: Mapping[str, int] = field(default_factory=dict)


def bridges(
    tally: Tally,
    opening: TakenBalance | None,
    closing: TakenBalance | None,
    top_ups: Iterable[TopUp],
    carried: Carried,
) -> tuple[Bridge, ...]:
    """One for each currency that was bought in, or that the balance is in."""
    paid: Counter[str] = Counter()
    for top_up in top_ups:
        if tally.window.holds(top_up.at):
            paid[top_up.currency] += top_up.minor
    known = {balance.currency for balance in (opening, closing) if balance}
    currencies = sorted(known | paid.keys() | {currency for currency, _ in tally.totals})
    drafts = (_draft(currency, tally, opening, closing, paid[currency], carried) for currency in currencies)
    return tuple(_explained(draft, tally, carried) for draft in drafts)


def _draft(
    currency: str,
    tally: Tally,
    opening: TakenBalance | None,
    closing: TakenBalance | None,
    paid: int,
    carried: Carried,
) -> Bridge:
    return Bridge(
        currency,
        opening.available if opening and opening.currency == currency else None,
        paid,
        tally.booked[currency],
        (carried.known_in or {}).get(currency, 0),
        closing.available if closing and closing.currency == currency else None,
        tally.named[currency],
    )


def _explained(bridge: Bridge, tally: Tally, carried: Carried) -> Bridge:
    """Nothing is left over; or what crossed the one balance or the other explains it; or what the day after found."""
    if bridge.difference is None:
        return bridge
    currency, rest = bridge.currency, bridge.difference - bridge.named
    before, after = (crossed.get(currency, Counter()) for crossed in (tally.crossing_in, tally.crossing_out))
    may_guess = carried.known_in is None or currency in carried.doubtful
    if rest and may_guess and is_sum_of(bridge.carried_in - rest, before):
        return replace(bridge, carried_in=bridge.carried_in - rest, carried_out=0, unexplained=0)
    seen = carried.seen_after.get(currency, 0)
    out = next((sum_ for sum_ in (rest, seen) if sum_ and rest and is_sum_of(sum_, after)), 0)
    return replace(bridge, carried_out=out, unexplained=rest - out)


def is_sum_of(wanted: int, values: Counter[int]) -> bool:
    """Whether some of the values of its sign make up the sum exactly. A wrong yes lasts a day: what is carried over
    must show in the next day's balance.
    """
    if not wanted:
        return True
    sign = 1 if wanted > 0 else -1
    wanted, values = abs(wanted), Counter({v * sign: n for v, n in values.items() if v * sign > 0})
    if wanted > sum(v * n for v, n in values.items()):
        return False
    unit = math.gcd(*values)
    if not unit or wanted % unit:
        return False
    steps = wanted // unit
    if steps > MOST_STEPS:
        return True
    reached, limit = 1, (1 << (steps + 1)) - 1
    for value, count in values.items():
        for part in _parts(count):
            reached |= (reached << (value // unit * part)) & limit
    return bool(reached >> steps & 1)


def _parts(count: int) -> Iterable[int]:
    """1, 2, 4, … and a rest: some of them make any number up to `count`."""
    part = 1
    while count > 0:
        yield min(part, count)
        count -= part
        part *= 2


def missing_ends(window: Window, opening: TakenBalance | None, closing: TakenBalance | None) -> tuple[str, ...]:
    """What is missing for a bridge, in words."""
    missing = []
    if opening is None:
        missing.append("no balance was taken at the end of any day before")
    if closing is None:
        missing.append("no balance was taken at the end of this day")
    if opening and closing and opening.currency != closing.currency:
        missing.append(f"the balance was in {opening.currency}, and is in {closing.currency}")
    if window.until <= window.since:
        missing.append("the day has not begun")
    return tuple(missing)


def missing_currencies(found: Iterable[Bridge]) -> tuple[str, ...]:
    """Money that moved in a currency of which no balance tells, in words: nobody has compared it."""
    return tuple(
        f"no balance in {one.currency} was told, in which our books have something"
        for one in found
        if one.difference is None and (one.bought or one.named or one.top_ups)
    )


def carried_into(before: Report | None, opening: TakenBalance | None, after: Report | None, until: Millis) -> Carried:
    """By the report that ended with the opening balance, and the one that began with the closing one."""
    seen = {one.currency: one.carried_in for one in after.bridges} if after and after.window.since == until else {}
    if before is None or opening is None or before.window.until != opening.at:
        return Carried(seen_after=seen)
    if any(bridge.carried_out is None for bridge in before.bridges):
        return Carried(seen_after=seen)
    known = {bridge.currency: bridge.carried_out or 0 for bridge in before.bridges}
    return Carried(known, frozenset(one.currency for one in before.bridges if one.unexplained), seen)


def disagree(before: Report | None, after: Report) -> bool:
    """Whether two reports say otherwise about what was carried over the balance between them."""
    if before is None or before.window.until != after.window.since:
        return False
    out = {bridge.currency: bridge.carried_out for bridge in before.bridges}
    return any(out.get(one.currency, 0) not in (None, one.carried_in) for one in after.bridges)
