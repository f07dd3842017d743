"""A picture of a pass to keep: the barcode large on white between bands of the brand's colour, the code below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from giftline.passes import dot_font
from giftline.passes.barcodes import Symbol, symbol
from giftline.passes.colours import looks, rgb
from giftline.passes.png import Canvas
from giftline.wallet.opening import OpenedPass

WIDTH: Final = 720
BAND: Final = 128
FOOT: Final = 24
MARGIN: Final = 48
QR_SIDE: Final = 520
BAR_HEIGHT: Final = 260
MOST_LINES: Final = 8
MOST_TEXT: Final = 22
"""Characters in a line that are still large enough to be typed off at a till."""
MOST_SMALL_TEXT: Final = 38
BLACK, BACKGROUND, FOREGROUND = 1, 2, 3


@dataclass(frozen=True, slots=True)
class _Text:
    lines: Sequence[str]
    dot: int

    @property
    def line_height(self) -> int:
        return self.dot * (dot_font.HEIGHT + 3)

    @property
    def height(self) -> int:
        return self.line_height * len(self.lines)


def picture(opened: OpenedPass) -> bytes:
    """A PNG. It shows what stays as it is: points and dates change, and a picture does not."""
    made = symbol(opened.held.code, opened.template.barcode)
    text = _fitted(opened.held.code, MOST_TEXT, MOST_LINES, 5)
    bars = _bars_height(made)
    background, foreground = looks(opened.template)
    height = BAND + MARGIN + bars + (MARGIN // 2 + text.height if text.lines else 0) + MARGIN + FOOT
    canvas = Canvas(WIDTH, height, ((255, 255, 255), (0, 0, 0), rgb(background), rgb(foreground)))
    _bands(canvas, opened.brand.name)
    if made:
        _bars(canvas, made, BAND + MARGIN)
    _write(canvas, text, BAND + MARGIN + bars + MARGIN // 2, BLACK)
    return canvas.png()


def _bands(canvas: Canvas, name: str) -> None:
    """The brand's name stands in the upper band where every letter of it can be written."""
    canvas.fill(0, 0, WIDTH, BAND, BACKGROUND)
    canvas.fill(0, canvas.height - FOOT, WIDTH, FOOT, BACKGROUND)
    text = _fitted(name, MOST_TEXT, 1, 5) if len(name) <= MOST_TEXT else _fitted(name, MOST_SMALL_TEXT, 1, 3)
    _write(canvas, text, (BAND - text.height) // 2 + text.dot, FOREGROUND)


def _bars_height(made: Symbol | None) -> int:
    if made is None:
        return 0
    return BAR_HEIGHT if made.is_line else made.width * _module(made)


def _bars(canvas: Canvas, made: Symbol, top: int) -> None:
    module = _module(made)
    left = (WIDTH - made.width * module) // 2
    canvas.stamp(left, top, made.modules, module, BAR_HEIGHT if made.is_line else module, BLACK)


def _module(made: Symbol) -> int:
    """A whole number of pixels, so that every module is as wide as the next."""
    return max(1, (WIDTH if made.is_line else QR_SIDE) // made.width)


def _fitted(text: str, width: int, most: int, dot: int) -> _Text:
    """In lines as wide as they may be; none where a character is missing or it is too long: half a code is no code."""
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return _Text(lines if dot_font.can_write(text) and len(lines) <= most else (), dot)


def _write(canvas: Canvas, text: _Text, top: int, ink: int) -> None:
    for number, line in enumerate(text.lines):
        left = (WIDTH - (len(line) * dot_font.ADVANCE - 1) * text.dot) // 2
        canvas.stamp(left, top + number * text.line_height, dot_font.dots(line), text.dot, text.dot, ink)
