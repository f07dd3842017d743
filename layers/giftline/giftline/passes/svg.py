"""A symbol as inline SVG: sharp at any size, black on white in light and dark, and nothing to fetch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

from giftline.passes.barcodes import Symbol

SIDE: Final = 240
"""CSS pixels that a square symbol is about as wide as."""
LINE_WIDTH: Final = 316
LINE_HEIGHT: Final = 104


def barcode_svg(symbol: Symbol, code: str) -> str:
    """A whole number of pixels a module where there is room for it; a narrower screen scales it down."""
    rows = len(symbol.modules)
    scale = max(1, (LINE_WIDTH if symbol.is_line else SIDE) // symbol.width)
    width, height = scale * symbol.width, LINE_HEIGHT if symbol.is_line else scale * rows
    stretch = ' preserveAspectRatio="none"' if symbol.is_line else ""
    return (
        f'<svg class="{symbol.format.value}" xmlns="http://www.w3.org/2000/svg" role="img"'
        f' aria-label="{symbol.name} {escape(code)}" width="{width}" height="{height}"'
        f' viewBox="0 0 {symbol.width} {rows}"{stretch} shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{symbol.width}v{rows}H0z"/><path fill="#000" d="{path(symbol.modules)}"/></svg>'
    )


def fine_width(symbol: Symbol) -> float:
    """CSS pixels on a screen with two pixels to one: there a module may be a pixel and a half."""
    return max(1.0, 2 * LINE_WIDTH // symbol.width / 2) * symbol.width


def path(modules: Sequence[Sequence[bool]]) -> str:
    """Each run of dark modules as one rectangle."""
    return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in _runs(modules))


def _runs(modules: Sequence[Sequence[bool]]) -> Iterator[tuple[int, int, int]]:
    for y, row in enumerate(modules):
        x = 0
        for dark, run in groupby(row):
            length = sum(1 for _ in run)
            if dark:
                yield x, y, length
            x += length
