"""Two small pictures of a report: what is matched and what is not, and the way from one balance to the next."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from giftline.reconciliation.model import Bridge, Total, Verdict
from giftline.reconciliation.naming import shown

WIDTH: Final = 640
BAR: Final = 24
ROW: Final = 34
LEFT: Final = 112
RIGHT: Final = 196
THINNEST: Final = 3.0
"""So that a single card beside 25,000 can be seen."""
PARTS: Final = (
    ("matched", "good", (Verdict.MATCHED,)),
    ("only ours", "bad", (Verdict.ONLY_OURS, Verdict.COUNTED_TWICE)),
    ("only theirs", "bad", (Verdict.ONLY_THEIRS, Verdict.LOT_MISSING)),
    ("other amount", "bad", (Verdict.AMOUNT_DIFFERS,)),
    ("in doubt", "wait", (Verdict.IN_DOUBT,)),
)


def parts_picture(totals: Sequence[Total]) -> str:
    """By the number of cards; empty where nothing was bought."""
    counted = [(name, css, sum(one.cards for one in totals if one.verdict in kinds)) for name, css, kinds in PARTS]
    found = [part for part in counted if part[2]]
    if not found:
        return ""
    widths = _widths([cards for _, _, cards in found])
    x, bars, words = 0.0, [], []
    for (name, css, cards), width in zip(found, widths, strict=True):
        bars.append(f'<rect class="{css}" x="{x:.1f}" y="0" width="{max(1.0, width - 1):.1f}" height="{BAR}" rx="3"/>')
        words.append(f"{name} {cards:,}")
        x += width
    label = f"Cards: {', '.join(words)}"
    text = f'<text class="soft" x="0" y="{BAR + 20}">{escape(" · ".join(words))} cards</text>'
    return _svg(BAR + 28, label, "".join(bars) + text)


def _widths(counts: Sequence[int]) -> list[float]:
    raw = [max(THINNEST, WIDTH * count / sum(counts)) for count in counts]
    return [width * WIDTH / sum(raw) for width in raw]


def bridge_picture(bridge: Bridge) -> str:
    """A waterfall: each step begins where the one before ended. Empty where a balance is missing."""
    if bridge.opening is None or bridge.closing is None or bridge.expected is None:
        return ""
    bought = bridge.bought + bridge.carried_in - (bridge.carried_out or 0)
    after_top_ups = bridge.opening + bridge.top_ups
    steps = [
        ("opening", "idle", 0, bridge.opening),
        ("top-ups", "good", bridge.opening, after_top_ups),
        ("bought", "wait", after_top_ups, bridge.expected),
        ("expected", "idle", 0, bridge.expected),
        ("theirs", "bad" if bridge.difference else "good", 0, bridge.closing),
    ]
    values = {"top-ups": bridge.top_ups, "bought": -bought}
    least = min(0, *(min(start, end) for _, _, start, end in steps))
    span = max(max(start, end) for _, _, start, end in steps) - least or 1
    rows = [
        _step(
            at, name, css, (start - least) / span, (end - least) / span, shown(values.get(name, end), bridge.currency)
        )
        for at, (name, css, start, end) in enumerate(steps)
    ]
    label = ", ".join(f"{name} {shown(values.get(name, end), bridge.currency)}" for name, _, _, end in steps)
    return _svg(ROW * len(steps), f"Balance: {label}", "".join(rows))


def _step(at: int, name: str, css: str, start: float, end: float, amount: str) -> str:
    room = WIDTH - LEFT - RIGHT
    x, width, y = LEFT + room * min(start, end), max(THINNEST, room * abs(end - start)), at * ROW
    return (
        f'<text x="0" y="{y + 20}">{escape(name)}</text>'
        f'<rect class="{css}" x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="{ROW - 10}" rx="3"/>'
        f'<text x="{WIDTH}" y="{y + 20}" text-anchor="end">{escape(amount)}</text>'
    )


def _svg(height: int, label: str, inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}"'
        f' viewBox="0 0 {WIDTH} {height}">{inside}</svg>'
    )
